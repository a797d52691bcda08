"""Volume notes of a department, its source and a user, for tests."""

import numpy as np

from schemas.note import Note, VolumeNote

START = 1_772_409_600.0  # Monday, 2026-03-02
HOUR = 3600.0


def volume(h: int, count: int, scope: str, name: str, lane: str = "ehr/0/0", ts: float = 0.0) -> VolumeNote:
    """A count of the hour h after START, told when it is over."""
    fields = {"hour_ts": START + h * HOUR, "scope": scope, "name": name, "lane": lane, "count": count}
    return VolumeNote.model_validate(fields | {"ts": ts or START + (h + 1) * HOUR + 5})


def volumes(days: int, lanes: int = 2) -> list[Note]:
    """A department and its source, told hour by hour by several lanes."""
    rng = np.random.default_rng(1)
    notes: list[Note] = []
    for h in range(days * 24):
        ts = START + (h + 1) * HOUR + 5
        for lane in range(lanes):
            count = int(rng.poisson(10 + 20 * (8 <= h % 24 < 18)))
            for scope, name in (("source", "ehr"), ("department", "Surgery"), ("entity", "u1")):
                told = count if scope != "entity" else count // 10
                if told:
                    notes.append(volume(h, told, scope, name, f"ehr/0/{lane}", ts))
    return notes

"""What a hospital's alerts were, in the order in which they were told, each with the truth about it."""

import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from benchmarks.quality.hospitals.judging import judge
from benchmarks.quality.hospitals.playing import lists_of
from benchmarks.quality.hospitals.raised import Raised
from benchmarks.quality.hospitals.setting import Setting
from pipeline.engine.engine import EngineConfig
from pipeline.ingest.reader import Parsed
from pipeline.runtime.line import Plan
from pipeline.runtime.scan import Scan
from pipeline.simulator import Emitted, Hospital
from pipeline.simulator.playbill import story_kinds
from schemas.dead_letter import DeadLetter
from schemas.note import FindingNote

_CHUNK = 2000


@dataclass
class Told:
    """One hospital: notes as they came, and what each alert was about: story, confounder or nothing."""

    setting: Setting
    notes: list[FindingNote] = field(default_factory=list)
    truth: dict[str, str] = field(default_factory=dict)


def play(setting: Setting, kept: Path | None = None) -> Told:
    """Play a hospital through the engine and the grouping, or read what an earlier run kept of it in this folder."""
    name = f"told-{setting.seed}-{setting.staff}-{setting.hours:g}-{setting.each}-{setting.records:d}.pickle"
    if kept is not None and (kept / name).exists():
        return cast(Told, pickle.loads((kept / name).read_bytes()))  # noqa: S301  (our own file)
    # A third of the kinds each, so that most alerts are none of a story, as in life.
    kinds = sorted(story_kinds())[setting.seed % 3 :: 3]
    hospital = Hospital(stories=setting.stories(kinds), **setting.hospital)
    told, tags = Told(setting), {}
    scan = Scan(
        Plan(EngineConfig(), lists_of(setting), None, 0), "played", _CHUNK, on_letter=_refuse,
        on_note=lambda n: told.notes.append(n) if isinstance(n, FindingNote) else None,
    )  # fmt: skip
    for event in hospital.events(setting.seconds):
        tag = event.label or event.oddity
        if tag is not None:
            tags[_event_id(event)] = tag
        scan.add(Parsed(event.source, event.ts, event.key, event.value))
    scan.finish()
    latest = list({note.alert_id: note for note in told.notes}.values())
    judged = judge((_raised(note) for note in latest), hospital.labels(), tags)
    told.truth = {note.alert_id: j.kind for note, j in zip(latest, judged, strict=True)}
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        (kept / name).write_bytes(pickle.dumps(told))
    return told


def _event_id(event: Emitted) -> str:
    at = event.value.index(b'"event_id":"') + 12
    return event.value[at : at + 32].decode()


def _refuse(letter: DeadLetter) -> None:
    raise RuntimeError(f"a record of the simulator was refused: {letter.reason}")


def _raised(note: FindingNote) -> Raised:
    return Raised(
        note.detector, (note.detector,), note.entity, frozenset({note.entity, *(o.value for o in note.observables)}),
        note.first_ts, note.last_ts, note.count, tuple(e.event_id for e in note.evidence), note.message, note.severity,
    )  # fmt: skip

"""The baseline every record system offers: who opened the most charts today, which provider sent the most claims."""

from collections import defaultdict

import orjson

from benchmarks.quality.hospitals.peers import Peer
from benchmarks.quality.hospitals.raised import Raised
from benchmarks.quality.hospitals.setting import DAY_S, Setting
from pipeline.detectors.catalogue import catalogue
from pipeline.simulator import Emitted

# So many alerts a day per 1,000 staff are raised, as many as ours may: those with the highest numbers of the span.
BUDGET = 5.0


def budget(setting: Setting) -> int:
    """Alerts a peer may raise on one side (accesses, claims) over the whole span."""
    return max(1, round(BUDGET * setting.days * setting.staff / 1000))


def fits(room: str) -> tuple[str, ...]:
    """Every detector of a room: the peer is credited with whatever any of them should find."""
    return tuple(i for i in catalogue() if i.startswith(room + "."))


class VolumeOnly(Peer):
    """Different charts by user and day, claims by provider and day. Chosen after the whole span is known, which a
    stream cannot do: flattering."""

    name = "volume only"
    sources = ("ehr", "claims")

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._things: dict[tuple[str, str, int], set[str]] = defaultdict(set)

    def see(self, event: Emitted) -> None:
        doc = orjson.loads(event.value)
        thing = doc.get("patient") if event.source == "ehr" else doc.get("claim_id")
        if thing:
            self._things[event.source, event.key, int(event.ts // DAY_S)].add(thing)

    def finish(self) -> list[Raised]:
        raised = []
        for source in self.sources:
            days = [(len(seen), who, day) for (kind, who, day), seen in self._things.items() if kind == source]
            for count, who, day in sorted(days, reverse=True)[: budget(self._setting)]:
                said = f"{who}: {count} in a day"
                room = "ehr" if source == "ehr" else "claims"
                raised.append(
                    Raised(f"{room}.volume_only", fits(room), who, frozenset({who}), day * DAY_S,
                           (day + 1) * DAY_S - 1, count, (), said)
                )  # fmt: skip
        return raised

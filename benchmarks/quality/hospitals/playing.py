"""Plays one hospital through the engine and the grouping, as a worker would, and through the peers."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from benchmarks.quality.hospitals.ledger import Ledger
from benchmarks.quality.hospitals.peers import Peer
from benchmarks.quality.hospitals.raised import Raised, of_alert
from benchmarks.quality.hospitals.setting import Setting
from benchmarks.quality.hospitals.strains import readdressed, renamed, strained
from benchmarks.quality.hospitals.wire_addresses import both_versions
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists
from pipeline.ingest.reader import Parsed
from pipeline.runtime.line import Plan
from pipeline.runtime.lists.files import indexed
from pipeline.runtime.relay.relay import FEEDS
from pipeline.runtime.scan import Scan
from pipeline.simulator import Emitted, Hospital, StoryLabel
from pipeline.simulator.playbill import story_kinds
from pipeline.simulator.verbs.price_list import CODE_PAIRS
from pipeline.simulator.world.world import World
from pipeline.sinks.clickhouse import ClickHouse
from schemas.alert import Alert
from schemas.dead_letter import DeadLetter

_CHUNK = 8000
_WITHDRAWN = 4  # status of an alert of which nothing is left (OCSF: resolved)


@dataclass
class Play:
    """What happened in one hospital."""

    setting: Setting
    labels: list[StoryLabel] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    """Event id → story or oddity it belongs to."""
    raised: list[Raised] = field(default_factory=list)
    by_peer: dict[str, list[Raised]] = field(default_factory=dict)
    events: int = 0
    wall_s: float = 0.0
    ledger: Ledger | None = None
    """Why charts were opened, where the record side is played."""


def chosen_detectors(prefixes: Sequence[str]) -> set[str]:
    """Ids that a prefix names: a room (`network`) or one detector; all for no prefix."""
    return {i for i in catalogue() if not prefixes or any(i == p or i.startswith(p + ".") for p in prefixes)}


def fitting_kinds(enabled: set[str]) -> list[str]:
    """Kinds of stories that one of these detectors should find."""
    return sorted(kind for kind, story in story_kinds().items() if set(story.expected) & enabled)


def play(
    setting: Setting, kinds: Sequence[str], enabled: set[str], peers: Sequence[Peer] = (), difficulty: str | None = None
) -> Play:
    """Simulate, score, collect."""
    began = time.perf_counter()
    hospital = Hospital(stories=setting.stories(kinds, difficulty), **setting.hospital)
    out = Play(setting)
    lists = Lists() if setting.bare else lists_of(setting)
    config = EngineConfig(disabled=tuple(i for i in catalogue() if i not in enabled))
    out.ledger = Ledger(out.tags, [peer for peer in peers if "judged" in peer.sources])
    scan = Scan(
        Plan(config, lists, None, 0), "played", _CHUNK, on_letter=_refuse, on_alert=lambda a: _collect(out, a),
        database=cast(ClickHouse, out.ledger) if setting.records else None,
    )  # fmt: skip
    wanted = setting.hospital["sources"] or _read_for({catalogue()[i].source for i in enabled})
    for event in _counted(_strained(hospital.events(setting.seconds), setting), out):
        for peer in peers:
            if event.source in peer.sources:
                peer.see(event)
        if event.source in wanted:
            scan.add(Parsed(event.source, event.ts, event.key, event.value))
    scan.finish()
    out.labels = _labels(hospital, setting)
    out.by_peer = {peer.name: peer.finish() for peer in peers}
    out.wall_s = time.perf_counter() - began
    return out


def _strained(events: Iterator[Emitted], setting: Setting) -> Iterator[Emitted]:
    return strained(events, setting.strains) if setting.strains else events


def _labels(hospital: Hospital, setting: Setting) -> list[StoryLabel]:
    """With their actors by the names that they have here."""
    return [
        replace(x, entities={sort: _here(sort, values, x, setting) for sort, values in x.entities.items()})
        for x in hospital.labels()
    ]


def _here(sort: str, values: tuple[str, ...], label: StoryLabel, setting: Setting) -> tuple[str, ...]:
    if sort == "user" and "numbered" in setting.strains:
        return tuple(map(renamed, values))
    if sort != "ip":
        return values
    both = (f(v) for v in values for f in ((str, both_versions) if "dual_stack" in setting.strains else (str,)))
    return tuple(
        dict.fromkeys(readdressed(v, ts, setting.strains) for v in both for ts in (label.first_ts, label.last_ts))
    )


def _read_for(sources: Iterable[str]) -> set[str]:
    """What has to be read so that these sources have all they are made of."""
    return {fed for s in sources for fed in (_read_for(FEEDS[s]) if s in FEEDS else {s})}


def _collect(out: Play, alert: Alert) -> None:
    if alert.status_id != _WITHDRAWN:
        out.raised.append(of_alert(alert))


def _refuse(letter: DeadLetter) -> None:
    raise RuntimeError(f"a record of the simulator was refused: {letter.reason}")


def lists_of(setting: Setting) -> Lists:
    """What the hospital's people would tell: their devices, the scanner they own, whom they watch over, whom and what
    the payers' lists name."""
    world = World(setting.seed, setting.start_ts, setting.start_ts + setting.seconds, **setting.size)
    devices: dict[str, dict[str, str]] = {}
    for m in world.devices:
        ip = readdressed(m.host.ip, setting.start_ts, setting.strains)
        row = {
            "mac": m.host.mac or "", "ip": ip, "class": m.cls.name, "vendor": m.cls.vendor, "model": m.model,
            "firmware": m.firmware, "segment": m.host.ip.rsplit(".", 1)[0] + ".0/24",
        }  # fmt: skip
        devices[row["mac"]] = devices[row["ip"]] = row
    scanner = readdressed(world.servers["scan1"].ip, setting.start_ts, setting.strains)
    rows: dict[str, list[dict[str, str]]] = {
        "scanners": [] if "unnamed_scanner" in setting.strains else [{"value": scanner}],
        "vip": [{"patient": p.id} for p in world.patient_like("vip")],
        "excluded_providers": [{"npi": npi, "excldate": "20200101"} for npi in world.excluded],
        "code_pairs": [{"column1": a, "column2": b, "modifier_allowed": m} for a, b, m in CODE_PAIRS],
    }
    return Lists({name: indexed(name, given, None) for name, given in rows.items()}, devices)


def _counted(events: Iterator[Emitted], out: Play) -> Iterator[Emitted]:
    for event in events:
        out.events += 1
        tag = event.label or event.oddity
        if tag is not None:
            at = event.value.index(b'"event_id":"') + 12
            out.tags[event.value[at : at + 32].decode()] = tag
        yield event

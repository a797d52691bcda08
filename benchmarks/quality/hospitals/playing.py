"""Plays one hospital through the engine and the grouping, as a worker would, and through the peers."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.quality.hospitals.peers import Peer
from benchmarks.quality.hospitals.raised import Raised, of_alert
from benchmarks.quality.hospitals.setting import Setting
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists, UserList
from pipeline.runtime.line import Line, Plan
from pipeline.simulator import Emitted, Hospital, StoryLabel
from pipeline.simulator.playbill import story_kinds
from pipeline.simulator.world.world import World

_CHUNK = 8000


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
    hospital = Hospital(
        seed=setting.seed, start_ts=setting.start_ts, events_per_s=setting.events_per_s,
        stories=setting.stories(kinds, difficulty), **setting.size,
    )  # fmt: skip
    out = Play(setting)
    sources = {catalogue()[i].source for i in enabled}
    lists = Lists() if setting.bare else lists_of(setting)
    config = EngineConfig(disabled=tuple(i for i in catalogue() if i not in enabled))
    lines = {source: Line(source, Plan(config, lists, None, 0)) for source in sorted(sources)}
    _feed(_counted(hospital.events(setting.seconds), out), lines, peers)
    out.labels = hospital.labels()
    for line in lines.values():
        out.raised += [of_alert(alert) for alert in line.grouper.drain()]
    out.by_peer = {peer.name: peer.finish() for peer in peers}
    out.wall_s = time.perf_counter() - began
    return out


def lists_of(setting: Setting) -> Lists:
    """What the hospital's people would tell: their devices and the scanner they own."""
    world = World(setting.seed, setting.start_ts, setting.start_ts + setting.seconds, **setting.size)
    devices: dict[str, dict[str, str]] = {}
    for m in world.devices:
        row = {
            "mac": m.host.mac or "", "ip": m.host.ip, "class": m.cls.name, "vendor": m.cls.vendor, "model": m.model,
            "firmware": m.firmware, "segment": m.host.ip.rsplit(".", 1)[0] + ".0/24",
        }  # fmt: skip
        devices[row["mac"]] = devices[row["ip"]] = row
    scanner = world.servers["scan1"].ip
    return Lists({"scanners": UserList({scanner: ({"value": scanner},)})}, devices)


def _counted(events: Iterator[Emitted], out: Play) -> Iterator[Emitted]:
    for event in events:
        out.events += 1
        tag = event.label or event.oddity
        if tag is not None:
            at = event.value.index(b'"event_id":"') + 12
            out.tags[event.value[at : at + 32].decode()] = tag
        yield event


def _feed(events: Iterator[Emitted], lines: dict[str, Line], peers: Sequence[Peer]) -> None:
    waiting: dict[str, list[bytes]] = {source: [] for source in lines}
    offsets = dict.fromkeys(lines, 0)

    def score(source: str) -> None:
        documents, waiting[source] = waiting[source], []
        first = offsets[source]
        offsets[source] += len(documents)
        product = lines[source].process(documents, source, 0, np.arange(first, offsets[source], dtype=np.int64))
        if product.refused:
            raise RuntimeError(f"a record of the simulator was refused: {product.refused[0].reason}")

    for event in events:
        if peers and event.source == "network":
            for peer in peers:
                peer.see(event)
        if event.source in waiting:
            waiting[event.source].append(event.value)
            if len(waiting[event.source]) >= _CHUNK:
                score(event.source)
    for source in waiting:
        if waiting[source]:
            score(source)

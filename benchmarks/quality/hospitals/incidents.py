"""Plays a hospital into notes, notes into incidents, and holds these against the stories."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from benchmarks.quality.hospitals.judging import Judged, judge
from benchmarks.quality.hospitals.playing import chosen_detectors, fitting_kinds, lists_of
from benchmarks.quality.hospitals.raised import Raised
from benchmarks.quality.hospitals.setting import DAY_S, Setting
from pipeline.engine.engine import EngineConfig
from pipeline.incidents.correlator import Correlator
from pipeline.incidents.group import Group
from pipeline.incidents.member import Member
from pipeline.incidents.options import IncidentOptions
from pipeline.ingest.reader import Parsed
from pipeline.learning.assessor import Assessor
from pipeline.runtime.line import Plan
from pipeline.runtime.lists.assets import asset_of
from pipeline.runtime.relay.notes import AnyNote
from pipeline.runtime.scan import Scan
from pipeline.simulator import Hospital, StoryLabel
from schemas.dead_letter import DeadLetter
from schemas.note import NOTES, FindingNote

_CHUNK = 2000
_TOGETHER = 50
"""Notes taken between two looks at the incidents."""


@dataclass
class Notes:
    """What one hospital had for the topic `findings`, and what was true."""

    setting: Setting
    notes: list[AnyNote]
    labels: list[StoryLabel]
    tags: dict[str, str]
    """Event id → story or oddity it belongs to."""


@dataclass
class Told:
    """How its incidents compare with the stories."""

    stories: int = 0
    with_alert: int = 0
    in_incident: int = 0
    incidents: int = 0
    false: int = 0
    """Incidents none of whose alerts belongs to a story."""
    parts: int = 0
    """Incidents that hold a part of a story, summed over stories."""
    alerts: int = 0
    pure: int = 0
    """Alerts of incidents with a story that belong to the story most of its alerts belong to."""
    largest: int = 0
    watched: int = 0
    days: list[int] = field(default_factory=list)
    """Incidents told first on each day."""
    missed: list[str] = field(default_factory=list)
    false_of: dict[str, int] = field(default_factory=dict)
    """Detectors of false incidents."""


def notes_of(setting: Setting, *, stories: bool, keep: Path | None = None) -> Notes:
    """Play a hospital, or read back what was kept of the same one."""
    when = f"{setting.hours:g}-{setting.weekday}-{setting.begins_h:g}"
    name = f"{setting.seed}-{setting.staff}-{when}-{'stories' if stories else 'quiet'}"
    path = None if keep is None else keep / f"{name}.jsonl"
    if path is not None and path.exists():
        head, *lines = path.read_bytes().splitlines()
        truth = orjson.loads(head)
        labels = [
            StoryLabel(**{k: tuple(v) if isinstance(v, list) else v for k, v in x.items()}) for x in truth["labels"]
        ]
        return Notes(setting, [NOTES.validate_json(line) for line in lines], labels, truth["tags"])
    played = _play(setting, stories)
    if path is not None:
        head = orjson.dumps({"labels": [asdict(x) for x in played.labels], "tags": played.tags})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\n".join([head, *(n.to_json() for n in played.notes)]))
    return played


def _play(setting: Setting, stories: bool) -> Notes:
    kinds = fitting_kinds(chosen_detectors(())) if stories else []
    hospital = Hospital(stories=setting.stories(kinds), **setting.hospital)
    out = Notes(setting, [], [], {})
    scan = Scan(
        Plan(EngineConfig(), lists_of(setting), None, 0),
        "played",
        _CHUNK,
        on_letter=_refuse,
        on_note=out.notes.append,
    )
    for event in hospital.events(setting.seconds):
        tag = event.label or event.oddity
        if tag is not None:
            at = event.value.index(b'"event_id":"') + 12
            out.tags[event.value[at : at + 32].decode()] = tag
        scan.add(Parsed(event.source, event.ts, event.key, event.value))
    scan.finish()
    out.labels = hospital.labels()
    return out


def _refuse(letter: DeadLetter) -> None:
    raise RuntimeError(f"a record of the simulator was refused: {letter.reason}")


def told(played: Notes, options: IncidentOptions) -> Told:
    """Correlate as the agent does, without any verdict, and judge what it told."""
    first: dict[str, float] = {}
    groups = _correlated(played, options, first)
    about = _truth(played)
    out = Told(stories=sum(not x.kind.startswith("benign:") for x in played.labels))
    found = Counter(j.about for j in about.values() if j.kind == "story")
    out.with_alert = len(found)
    held: Counter[str] = Counter()
    for group, members in groups:
        if not group.is_incident:
            out.watched += 1
            continue
        _count(out, held, members, about)
    begin = played.setting.start_ts
    by_day = Counter(int((first[g.uid] - begin) // DAY_S) for g, _ in groups if g.uid in first)
    out.days = [by_day[d] for d in range(int(-(-played.setting.days // 1)))]
    out.in_incident = len(held)
    out.parts = sum(held.values())
    out.missed = sorted(set(found) - set(held))
    return out


def _count(out: Told, held: Counter[str], members: Sequence[Member], about: Mapping[str, Judged]) -> None:
    out.incidents += 1
    out.largest = max(out.largest, len(members))
    judged = [about[m.alert_id] for m in members if m.alert_id in about]
    stories = Counter(j.about for j in judged if j.kind == "story")
    if not stories:
        out.false += 1
        for detector in {m.detector for m in members}:
            out.false_of[detector] = out.false_of.get(detector, 0) + 1
        return
    held.update(dict.fromkeys(stories, 1))
    out.alerts += len(judged)
    out.pure += max(stories.values())


def _correlated(played: Notes, options: IncidentOptions, first: dict[str, float]) -> list[tuple[Group, list[Member]]]:
    assessor = Assessor()
    correlator = Correlator(options, asset_of(lists_of(played.setting)), assessor.assess)
    clock = 0.0
    for number, note in enumerate(played.notes, start=1):
        assessor.take(note)
        correlator.take(note)
        clock = max(clock, note.ts)
        if number % _TOGETHER == 0:
            for document in correlator.documents():
                first.setdefault(document.unmapped.incident_id, clock)
    for document in correlator.documents():
        first.setdefault(document.unmapped.incident_id, clock)
    return list(correlator.groups())


def _truth(played: Notes) -> dict[str, Judged]:
    last = {n.alert_id: n for n in played.notes if isinstance(n, FindingNote)}
    judged = judge([_raised(n) for n in last.values()], played.labels, played.tags)
    return dict(zip(last, judged, strict=True))


def _raised(note: FindingNote) -> Raised:
    values = frozenset({note.entity, *(o.value for o in note.observables)})
    events = tuple(e.event_id for e in note.evidence)
    return Raised(
        note.detector, (note.detector,), note.entity, values, note.first_ts, note.last_ts, note.count, events,
        note.message, note.severity,
    )  # fmt: skip

"""What is sent: a simulated hospital under attack, with records in between that nobody can read."""

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import orjson

from benchmarks.faults.hostile import HOSTILE_LINES
from pipeline.simulator import Hospital
from schemas.device import Device

_START_TS = 1.79e9
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Record:
    """One message: the source whose topic it goes to, Kafka's key and value."""

    source: str
    key: bytes | None
    value: bytes | None


def hostile_records() -> list[Record]:
    """Nothing of this is an event, on topics of events."""
    odd = [*HOSTILE_LINES, b"", None, b'{"kind":"flow"}', b'{"ts":1,"event_id":"","format":"f","kind":"flow"}']
    sources = ("network", "logs", "ehr", "claims")
    return [Record(sources[i % 4], f"hostile{i}".encode() if i % 3 else None, v) for i, v in enumerate(odd)]


def hospital_records(events: int, span_s: float = 600.0, hostile: Iterable[Record] | None = None) -> list[Record]:
    """About `events` events within `span_s` seconds of event time, `hostile` spread evenly among them.

    Devices come first: the inventory counts from when it is known, as a file given at the start does.
    """
    hospital = Hospital(seed=3, start_ts=_START_TS, events_per_s=events / span_s)
    every = [Record(e.source, e.key.encode(), e.value) for e in hospital.events(span_s)]
    devices = [r for r in every if r.source == "devices"]
    rest = [r for r in every if r.source != "devices"]
    strange = list(hostile_records() if hostile is None else hostile)
    step = len(rest) // (len(strange) + 1)
    for i, record in enumerate(strange):
        rest.insert((i + 1) * step + i, record)
    return devices + rest


def shuffled_by_hour(records: Iterable[Record], seed: int) -> list[Record]:
    """The same records with those of each hour of event time in any order: up to an hour early or late."""
    hours: dict[int, list[Record]] = {}
    for record in records:
        hours.setdefault(int(_event_ts(record) // _HOUR_S), []).append(record)
    rng = random.Random(seed)
    for hour in hours.values():
        rng.shuffle(hour)
    return [r for _, hour in sorted(hours.items()) for r in hour]


def _event_ts(record: Record) -> float:
    return 0.0 if record.source == "devices" else float(orjson.loads(record.value or b"")["ts"])


def parts(records: list[Record], count: int) -> list[list[Record]]:
    """The records in order, in `count` runs of nearly equal length."""
    ends = [len(records) * i // count for i in range(count + 1)]
    return [records[a:b] for a, b in pairwise(ends)]


def write_inventory(records: Iterable[Record], path: Path) -> Path:
    """The device events among the records, as the file that a user would give."""
    devices = [Device.model_validate_json(r.value or b"") for r in records if r.source == "devices"]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["mac", "ip", "class", "vendor", "model", "firmware", "segment"])
        for d in devices:
            writer.writerow([d.mac, d.ip, d.device_class, d.vendor, d.model, d.firmware, d.segment])
    return path

"""A flood: a thousand machines scan at once, and tens of thousands of addresses are seen a single time."""

from collections.abc import Iterator

import orjson

from benchmarks.faults.records import Record, hospital_records, parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

_SCANNERS, _PORTS = 1000, 20
"""Machines, and closed ports that each tries; 15 are a scan."""
_PASSERS_BY = 20_000
_START_TS = 1.79e9
_APART_S = 0.004


class AlertFlood(Scenario):
    """State stays bounded by forgetting in the order of the log, so a restart forgets the same; no alert is lost."""

    name = "alert-flood"
    title = f"{_SCANNERS} scanners and {_PASSERS_BY} passing addresses, kill -9 meanwhile"
    faults = 5
    short = 1
    settings = {"chunk_records": 500}
    controls = (Control("restart without checkpoints", "alerts", ("checkpoints",), faults=2),)

    def records(self, faults: int) -> list[Record]:
        """The flood, and an ordinary day's beginning after it."""
        return [*_flood(), *hospital_records(2000)]

    def play(self, act: Act) -> int:
        """A part of the events, a kill in the middle of it; again."""
        *most, last = parts(act.records, act.faults + 1)
        for part in most:
            worker = act.worker(*PATIENCE)
            act.send(part)
            act.pause(0, 1.5)
            act.kill(worker)
        act.bench.send(last)
        act.finish(*PATIENCE)
        assert act.control is not None or len(act.bench.told()) > _SCANNERS / 2
        return act.faults


def _flood() -> Iterator[Record]:
    every = max(_PASSERS_BY // (_SCANNERS * _PORTS), 1)
    number = 0
    for port in range(_PORTS):
        for scanner in range(_SCANNERS):
            yield _flow(number, f"10.30.{scanner >> 8}.{scanner & 255}", 7000 + port)
            number += 1
            for _ in range(every):
                yield _flow(number, f"10.{100 + (number >> 16)}.{number >> 8 & 255}.{number & 255}", 443)
                number += 1


def _flow(number: int, source: str, port: int) -> Record:
    """A connection to which nobody answered."""
    event = {
        "ts": _START_TS + number * _APART_S,
        "event_id": f"flood{number}",
        "format": "zeek.conn",
        "src_ip": source,
        "src_port": 40_000 + number % 20_000,
        "dst_ip": "10.20.1.12",
        "dst_port": port,
        "proto": "tcp",
        "kind": "flow",
        "bytes_out": 0,
        "bytes_in": 0,
        "conn_state": "S0",
    }
    return Record("network", source.encode(), orjson.dumps(event))

"""What befalls sensors and shippers at a moment: they stop, start late, set their clocks, send once more."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks.quality.hospitals.drawn import drawn, other_id
from benchmarks.quality.hospitals.setting import MONDAY
from benchmarks.quality.hospitals.wire_addresses import both_versions, speaks_six

Document = dict[str, Any]

_DAY_S, _HOUR_S = 86_400.0, 3600.0
_BEGINS_H = 6.0  # of Monday: so late is the first record of a hospital that begins to be watched
_GAP_H = (4.0, 5.0)  # of every day
_AHEAD_S, _AHEAD_H, _AHEAD = 300.0, (5.0, 7.0), 0.5  # half of the connections pass the sensor whose clock jumps
_EVERY_H = 3  # logs of every third hour are sent once more, an hour later


def _hour(ts: float) -> float:
    return ts % _DAY_S / _HOUR_S


def _sensor_gap(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    if source != "network" or not _GAP_H[0] <= _hour(d["ts"]) < _GAP_H[1]:
        yield d["ts"], d


def _sensor_clock(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    jumps = source == "network" and _AHEAD_H[0] <= _hour(d["ts"]) < _AHEAD_H[1]
    ahead = jumps and drawn(str(d.get("uid") or d["event_id"])) < _AHEAD
    yield d["ts"], d | {"ts": round(d["ts"] + _AHEAD_S, 6)} if ahead else d


def _shipped_twice(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    yield d["ts"], d
    if source == "logs" and int(d["ts"] // _HOUR_S) % _EVERY_H == 0:
        yield d["ts"] + _HOUR_S, d | {"event_id": other_id(d["event_id"], "again")}


def _late_start(_: str, d: Document) -> Iterator[tuple[float, Document]]:
    if d["ts"] >= MONDAY + _BEGINS_H * _HOUR_S:
        yield d["ts"], d


def _dual_stack(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    six = source == "network" and d["kind"] not in ("dhcp", "arp") and speaks_six(str(d.get("uid") or d["event_id"]))
    named = [k for k in ("src_ip", "dst_ip") if six and k in d]
    yield d["ts"], d | {k: both_versions(d[k]) for k in named}


MOMENTS: Mapping[str, Callable[[str, Document], Iterator[tuple[float, Document]]]] = {
    "sensor_gap": _sensor_gap,
    "sensor_clock": _sensor_clock,
    "shipped_twice": _shipped_twice,
    "late_start": _late_start,
    "dual_stack": _dual_stack,
}
"""By name: of one event, what arrives, and when."""

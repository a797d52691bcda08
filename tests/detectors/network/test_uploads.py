"""Uploads count once where two sensors tell of them, and a source that speaks for many is no single machine."""

import numpy as np

from detectors.documents import GROUPS
from detectors.played import START, decoded, played
from pipeline.detectors.network.exfiltration import Exfiltration
from pipeline.detectors.network.slow_exfiltration import SlowExfiltration
from pipeline.detectors.network.uploads import MANY, Gates, Uploads

UPLOAD = {
    "kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443, "src_port": 50_000,
    "bytes_out": 30_000, "bytes_in": 900, "uid": "C1",
}  # fmt: skip
HOUR_S = 3600.0
Document = dict[str, object]


def _usual(days: float = 1.0) -> list[Document]:
    """A machine that uploads a little every hour."""
    return [
        UPLOAD | {"ts": START + HOUR_S * h, "src_port": 20_000 + h, "uid": f"U{h}", "bytes_out": 80_000 + h % 7 * 9000}
        for h in range(int(24 * days))
    ]


def _places(count: int, each_s: float = 1500.0) -> list[Document]:
    """It uploads to so many places."""
    return [
        UPLOAD | {"ts": START + each_s * k, "dst_ip": f"198.51.{k}.7", "src_port": 30_000 + k, "uid": f"P{k}"}
        for k in range(count)
    ]


def _feed(begin_s: float, pieces: int = 24, each: int = 5_000_000) -> list[Document]:
    """A new place is fed every half hour."""
    return [
        UPLOAD | {"ts": START + begin_s + 1800.0 * k, "dst_ip": "192.0.2.50", "src_port": 40_000 + k, "uid": f"F{k}",
                  "bytes_out": each}
        for k in range(pieces)
    ]  # fmt: skip


def test_what_a_second_sensor_tells_is_no_second_upload() -> None:
    once = UPLOAD | {"ts": START}
    docs = [
        once,
        once | {"ts": START + 0.001, "uid": "D1"},  # the other sensor
        once | {"ts": START + 0.002, "uid": "D2", "src_port": 50_001},  # another connection
        once | {"ts": START + 120.0, "uid": "D3"},  # the port was given away again
    ]
    assert Uploads(GROUPS).rows(decoded("network", docs)).tolist() == [0, 2, 3]


def test_copies_do_not_make_an_amount_unusual() -> None:
    leak = [UPLOAD | {"ts": START + 25 * HOUR_S, "dst_ip": "192.0.2.50", "bytes_out": 15_000_000, "uid": "L"}]
    copy = [d | {"ts": START + 25 * HOUR_S + 0.001, "uid": "M"} for d in leak]
    twice = [d | {"src_port": 50_001, "uid": "N"} for d in copy]
    assert np.nanmax(played(Exfiltration, [*_usual(), *leak, *copy])) < 0.5
    assert np.nanmax(played(Exfiltration, [*_usual(), *leak, *twice])) >= 0.5


def test_who_uploads_to_many_places_speaks_for_others() -> None:
    batch = decoded("network", _places(int(2 * MANY)))
    marked = Gates(GROUPS).mark(batch, np.arange(batch.n))
    assert not marked[: int(MANY) - 8].any() and marked[int(MANY) + 8 :].all()


def test_a_gateway_feeds_a_new_place_for_more_than_one() -> None:
    day = 13 * HOUR_S
    alone = [*_usual(0.5), *_feed(day)]
    assert np.nanmax(played(SlowExfiltration, alone)) >= 0.5
    gate = [*_places(2 * int(MANY)), *alone]
    gate.sort(key=lambda d: float(str(d["ts"])))
    assert np.nanmax(played(SlowExfiltration, gate)) < 0.5
    much = [*_places(2 * int(MANY)), *_usual(0.5), *_feed(day, each=30_000_000)]
    much.sort(key=lambda d: float(str(d["ts"])))
    assert np.nanmax(played(SlowExfiltration, much)) >= 0.5

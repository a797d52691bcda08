"""What carries no data is not modelled, and a scan in between does not drown what is odd."""

import numpy as np

from detectors.played import START, played
from pipeline.detectors.network.flow_anomaly import FlowAnomaly

FLOW = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443,
        "service": "ssl", "conn_state": "SF"}  # fmt: skip


def _usual(n: int) -> list[dict[str, object]]:
    rng = np.random.default_rng(7)
    out, back = rng.lognormal(6.5, 0.6, n).astype(int), rng.lognormal(8.5, 0.8, n).astype(int)
    return [
        FLOW | {"ts": START + i, "bytes_out": int(out[i]), "bytes_in": int(back[i]), "duration_s": 0.5,
                "packets_out": 4 + int(out[i]) // 900, "packets_in": 4 + int(back[i]) // 900}
        for i in range(n)
    ]  # fmt: skip


ODD = FLOW | {"ts": START + 1e6, "bytes_out": 800_000_000, "bytes_in": 9000, "duration_s": 4000.0,
              "service": "ssh", "dst_port": 22, "packets_out": 600_000, "packets_in": 99}  # fmt: skip


def test_warms_up_then_finds_what_is_odd() -> None:
    scores = played(FlowAnomaly, [*_usual(1000), ODD])
    assert np.isnan(scores[:256]).all() and not np.isnan(scores[320:]).any()
    assert scores[-1] > 0.995 and np.median(scores[320:-1]) < 0.8


def test_a_scan_is_neither_scored_nor_learned() -> None:
    scan = [FLOW | {"ts": START + 2000 + i / 100, "dst_port": i % 9000, "bytes_out": 0, "bytes_in": 0}
            for i in range(5000)]  # fmt: skip
    scores = played(FlowAnomaly, [*_usual(1000), *scan, ODD])
    assert np.isnan(scores[1000:6000]).all()
    np.testing.assert_array_equal(scores[-1:], played(FlowAnomaly, [*_usual(1000), ODD])[-1:])


def test_directions_are_told_apart() -> None:
    other = [e | {"src_ip": "203.0.113.9", "dst_ip": "10.0.0.9"} for e in _usual(10)]
    assert np.isnan(played(FlowAnomaly, [*_usual(1000), *other])[1000:]).all(), "a direction never seen warms up"

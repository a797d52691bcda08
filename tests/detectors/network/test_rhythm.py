"""Rhythm is found with jitter, missed beats and slow beats; people, common services and like machines are not."""

import numpy as np
import pytest

from detectors.documents import GROUPS
from detectors.played import START, decoded, played
from pipeline.detectors.detector import Setup
from pipeline.detectors.network.rhythm import Rhythm
from pipeline.features.lists import Lists

FLOW = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443}


def _beats(gaps: np.ndarray, sent: np.ndarray | float = 300, got: np.ndarray | float = 150, **more: object):  # type: ignore[no-untyped-def]
    n = len(gaps)
    times = START + np.cumsum(gaps)
    columns = zip(times.tolist(), np.broadcast_to(sent, n).tolist(), np.broadcast_to(got, n).tolist(), strict=True)
    return [FLOW | {"ts": t, "bytes_out": int(a), "bytes_in": int(b)} | more for t, a, b in columns]


@pytest.mark.parametrize(("period_s", "n"), [(10, 90), (60, 60), (900, 48), (3600, 24)])
@pytest.mark.parametrize("jitter", [0.0, 0.2, 0.5])
def test_beats_are_found_whatever_period_and_jitter(period_s: float, n: int, jitter: float) -> None:
    rng = np.random.default_rng(int(period_s) + int(10 * jitter))
    gaps = period_s * (1 + jitter * rng.uniform(-1, 1, n))
    assert np.nanmax(played(Rhythm, _beats(gaps))) >= 0.5


def test_a_visit_of_several_tries_is_one_beat() -> None:
    """A program whose controller is away tries thrice, half a second apart, and waits; no pause hides in a visit."""
    starts = START + 2.1 * np.arange(240)
    times = (starts[:, None] + np.array([0.0, 0.52, 1.04])).ravel().tolist()
    knocks = [FLOW | {"ts": t, "dst_port": 5888, "conn_state": "REJ", "bytes_out": 0, "bytes_in": 0} for t in times]
    assert np.nanmax(played(Rhythm, knocks)) >= 0.5


def test_parts_of_a_long_connection_are_no_beats() -> None:
    parts = _beats(np.full(60, 60.0), conn_state="OTH")
    assert np.isnan(played(Rhythm, parts)).all()


def test_missed_beats_do_not_hide_it() -> None:
    rng = np.random.default_rng(3)
    gaps = 60.0 * np.where(rng.random(80) < 0.15, 2, 1)
    assert np.nanmax(played(Rhythm, _beats(gaps))) >= 0.5


@pytest.mark.parametrize("seed", range(10))
def test_chance_is_quiet_even_with_equal_sizes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert np.nanmax(played(Rhythm, _beats(rng.exponential(60.0, 300)))) < 0.5


def test_sizes_that_vary_count_against_it() -> None:
    rng = np.random.default_rng(5)
    gaps = np.full(60, 60.0)
    same = np.nanmax(played(Rhythm, _beats(gaps)))
    varied = np.nanmax(played(Rhythm, _beats(gaps, rng.lognormal(8, 1.5, 60), rng.lognormal(9, 1.5, 60))))
    assert varied < same - 0.2


def test_a_destination_of_many_machines_scores_lower() -> None:
    alone = _beats(np.full(40, 60.0))
    others = [e | {"src_ip": f"10.0.{k}.1"} for e in alone for k in range(1, 200)]
    events = sorted([*alone, *others], key=lambda e: e["ts"])
    assert np.nanmax(played(Rhythm, events)) < np.nanmax(played(Rhythm, alone))
    assert np.nanmax(played(Rhythm, events)) < 0.5


@pytest.mark.parametrize(
    "other",
    [
        {"proto": "udp", "dst_port": 123},
        {"proto": "udp", "dst_port": 53, "service": "dns"},
        {"dst_ip": "239.255.255.250", "dst_port": 1900, "proto": "udp"},
        {"proto": "icmp", "dst_port": 0},
    ],
)
def test_what_is_periodic_by_design_is_not_looked_at(other: dict[str, object]) -> None:
    assert np.isnan(played(Rhythm, _beats(np.full(60, 60.0), **other))).all()


def test_inside_when_asked() -> None:
    events = _beats(np.full(60, 60.0), dst_ip="10.0.0.4")
    assert np.nanmax(played(Rhythm, events)) == 0.0
    assert np.nanmax(played(Rhythm, events, internal=True)) >= 0.5


def _work(hosts: int = 1) -> list[dict[str, object]]:
    """Four hours in which machines use what they always use."""
    return [
        FLOW | {"ts": START + 97.0 * i, "src_ip": f"10.0.{i % hosts}.9", "dst_ip": f"10.0.0.{i % 7}"}
        for i in range(150)
    ]


def test_inside_a_sudden_rhythm_counts() -> None:
    """An implant that reports to a neighbour, on a machine known for hours; a new machine's polling does not."""
    later = {"dst_ip": "10.0.9.77", "dst_port": 8443}
    beats = [e | {"ts": e["ts"] + 4 * 3600.0} for e in _beats(np.full(60, 60.0), **later)]  # type: ignore[operator]
    assert np.nanmax(played(Rhythm, [*_work(), *beats])) >= 0.5
    assert np.nanmax(played(Rhythm, [*_work(), *(e | {"src_ip": "10.0.0.77"} for e in beats)])) == 0.0


def test_who_begins_to_call_somewhere_is_seen_beside_much_telemetry() -> None:
    """Telemetry of every machine, each to a place of its own; one machine begins to call somewhere hours later."""
    telemetry = [
        FLOW | {"ts": START + 120.0 * i + k, "src_ip": f"10.0.{k}.9", "dst_ip": f"203.0.113.{k}", "bytes_out": 900}
        for i in range(150)
        for k in range(100)
    ]
    begun = [
        FLOW | {"ts": START + 7300.0 + 60.0 * i, "dst_ip": "198.51.100.7", "src_ip": "10.0.3.9"} for i in range(60)
    ]
    events = sorted([*telemetry, *begun], key=lambda e: e["ts"])  # type: ignore[arg-type, return-value]
    scores = played(Rhythm, events)
    assert max(s for e, s in zip(events, scores, strict=True) if e["dst_ip"] == "198.51.100.7") >= 0.5


def test_strangers_that_call_on_a_public_host_are_not_its_implants() -> None:
    strangers = [FLOW | {"ts": START + k, "src_ip": f"198.{k}.100.9"} for k in range(100)]
    calls = _beats(np.full(60, 60.0), src_ip="198.51.100.9")
    assert np.isnan(played(Rhythm, [*strangers, *calls])[-50:]).all()
    assert np.nanmax(played(Rhythm, calls)) >= 0.5


def test_what_has_been_told_for_days_fades() -> None:
    scores = played(Rhythm, _beats(np.full(24 * 14, 3600.0)))
    assert scores[24] >= 0.5 > scores[-1] > 0.0


def _sudden_score(gaps: np.ndarray, known_s: float, spread: float = 0.0) -> float:
    """Of a place that a machine begins to use when it has been known for so long, beside everyday work."""
    rng = np.random.default_rng(7)
    sent, got = (base * np.exp(spread * rng.normal(size=len(gaps))) for base in (700.0, 900.0))
    begins = FLOW | {"ts": START - known_s, "dst_ip": "10.0.0.1"}
    return float(np.nanmax(played(Rhythm, [begins, *_beats(gaps, sent, got)])))


def test_a_page_that_is_opened_and_closed_is_no_implant() -> None:
    """It asks for news every half a minute, for 25 minutes at a time; a program does so all the time."""
    page = np.where(np.arange(400) % 50 == 49, 2400.0, 31.0)
    assert _sudden_score(page, 7200.0, 0.8) < 0.5 <= _sudden_score(np.full(400, 31.0), 7200.0)


def test_a_rhythm_is_new_only_where_its_beat_was_due_before() -> None:
    """Every two hours, of a machine known for 1.5 hours and for ten."""
    sudden = []
    for known_s in (5400.0, 36_000.0):
        begins = FLOW | {"ts": START - known_s, "dst_ip": "10.0.0.1"}
        detector = Rhythm(Setup(GROUPS, Lists()))
        scores = detector.score(decoded("network", [begins, *_beats(np.full(11, 7200.0))]))
        sudden.append(scores.evidence["sudden"][-1])
    assert sudden == [0.0, 1.0]


def test_servers_of_a_widely_known_maker_are_a_service_by_whatever_they_were_named() -> None:
    gaps = np.full(60, 60.0)
    plain, hello = _beats(gaps), FLOW | {"kind": "tls", "ts": START}
    assert np.nanmax(played(Rhythm, [hello | {"sni": "Update.ESET.com"}, *plain])) < 0.5
    assert np.nanmax(played(Rhythm, [e | {"kind": "http", "host": "update.eset.com"} for e in plain])) < 0.5
    assert np.nanmax(played(Rhythm, [hello | {"sni": "eset.com.example.net"}, *plain])) >= 0.5
    elsewhere = hello | {"sni": "update.eset.com", "dst_ip": "203.0.113.10"}
    assert np.nanmax(played(Rhythm, [elsewhere, *plain])) >= 0.5
    assert np.nanmax(played(Rhythm, [*plain, hello | {"sni": "update.eset.com", "ts": START + 1e5}])) >= 0.5


def test_records_of_one_flow_that_lasts_are_no_beats() -> None:
    """Exporters tell of a flow every few minutes anew, whoever it is of."""
    slices = _beats(np.full(60, 300.0), conn_state="SF", duration_s=300.0, src_port=50_000)
    assert np.isnan(played(Rhythm, slices)[1:]).all()
    apart = [flow | {"src_port": 50_000 + i} for i, flow in enumerate(slices)]
    assert np.nanmax(played(Rhythm, apart)) >= 0.5


def test_several_programs_behind_one_address_are_no_single_beat() -> None:
    """Two that poll every minute, until one of them ends: more visits than the beat that is left allows."""
    gaps = np.concatenate((np.tile([7.0, 53.0], 60), np.full(30, 60.0)))
    alone = np.full(90, 60.0)
    one, two = (played(Rhythm, _beats(g))[-1] for g in (alone, gaps))
    assert one >= 0.5 and two < 0.9 * one


def test_tunnels_through_a_proxy_have_no_sizes_that_are_alike() -> None:
    asked = {"kind": "http", "dst_port": 3128, "method": "CONNECT", "host": "c2.example", "dst_ip": "203.0.113.7"}
    gaps = np.full(60, 60.0)
    told, untold = (np.nanmax(played(Rhythm, _beats(gaps, 0, got, **asked))) for got in (900, 0))
    assert untold < told - 0.05
    assert np.nanmax(played(Rhythm, _beats(np.full(400, 60.0), 0, 0, **asked))) >= 0.5


def _requests(hosts: list[str]) -> list[dict[str, object]]:
    """Each a connection and the request in it, as a sensor that reads both tells them."""
    out: list[dict[str, object]] = []
    for flow, host in zip(_beats(np.full(len(hosts), 60.0), dst_port=80), hosts, strict=True):
        asked = {"kind": "http", "method": "GET", "host": host, "uri": "/x", "ts": float(flow["ts"]) + 0.01}
        out += [flow | {"service": "http"}, flow | asked]
    return out


def test_a_visit_that_is_told_twice_is_one_rhythm_by_its_name() -> None:
    scores = played(Rhythm, _requests(["c2.example"] * 60))
    assert np.nanmax(scores[1::2]) >= 0.5 and np.isnan(scores[2::2]).all()


def test_another_name_each_time_hides_nothing() -> None:
    scores = played(Rhythm, _requests([f"{k}.example" for k in range(60)]))
    assert np.nanmax(scores[0::2]) >= 0.5

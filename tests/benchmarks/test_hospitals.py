"""The judge of the simulated hospitals: who is credited with what; and what the beacon score of the peer measures."""

import numpy as np
import orjson
import pyarrow as pa

from benchmarks.quality.hospitals.beacon_scores import beacon_score
from benchmarks.quality.hospitals.judging import LAG_S, NOTHING, found_by, judge
from benchmarks.quality.hospitals.ledger import Ledger
from benchmarks.quality.hospitals.naive import NaiveThresholds
from benchmarks.quality.hospitals.raised import Raised
from benchmarks.quality.hospitals.setting import RECORD_REPORT, RECORD_TUNING, REPORT, TUNING, Setting
from benchmarks.quality.hospitals.strains import RECORD_STRAINS, SHARE, renamed, strained
from benchmarks.quality.hospitals.volume_only import VolumeOnly
from pipeline.simulator import Emitted, StoryLabel

STORY = StoryLabel(
    "port_scan-1", "port_scan", "easy", ("T1046",), {"ip": ("10.0.0.9",)}, 1000.0, 2000.0, 5, ("network.port_scan",)
)
ODDITY = StoryLabel(
    "benign:night_backup-1", "benign:night_backup", "medium", (), {"ip": ("10.0.0.7",)}, 1000.0, 2000.0, 5, ()
)
TAGS = {"a": "port_scan-1", "b": "benign:night_backup-1"}


def alert(entity: str, *events: str, ts: float = 1500.0, detector: str = "network.port_scan") -> Raised:
    """One alert."""
    return Raised(detector, (detector,), entity, frozenset({entity}), ts, ts, 1, events, "")


def test_an_alert_is_about_what_it_stands_on() -> None:
    raised = [alert("10.0.0.1", "b", "a"), alert("10.0.0.1", "b"), alert("10.0.0.1", "x"), alert("10.0.0.9", "x"),
              alert("10.0.0.7", "x"), alert("10.0.0.9", "x", ts=2001.0 + LAG_S)]  # fmt: skip
    judged = judge(raised, [ODDITY, STORY], TAGS)
    assert [j.about for j in judged] == [
        "port_scan-1", "benign:night_backup-1", NOTHING, "port_scan-1", NOTHING, NOTHING,
    ]  # fmt: skip
    assert [j.kind for j in judged] == ["story", "confounder", NOTHING, "story", NOTHING, NOTHING]


def test_a_story_is_found_by_a_fitting_detector_within_its_time() -> None:
    raised = [alert("10.0.0.9", detector="network.dga"), alert("10.0.0.8"), alert("10.0.0.9", ts=500.0)]
    assert found_by(STORY, judge(raised, [STORY], TAGS), TAGS) == []
    good = [alert("10.0.0.8", "a"), alert("10.0.0.9")]
    assert found_by(STORY, judge(good, [STORY], TAGS), TAGS) == good


def test_hospitals_of_the_report_are_not_those_to_tune_on() -> None:
    assert not {s.seed for s in (*TUNING, *RECORD_TUNING)} & {s.seed for s in (*REPORT, *RECORD_REPORT)}


def test_even_intervals_and_sizes_score_high_and_people_do_not() -> None:
    draws = np.random.default_rng(7)
    even = beacon_score(np.arange(0.0, 86_400.0, 60.0), np.full(1440, 300.0))
    people = beacon_score(np.cumsum(draws.lognormal(4, 2, 400)), draws.lognormal(7, 1.5, 400))
    assert even > 0.85
    assert people < 0.6 < even


def test_naive_thresholds_count_within_a_window() -> None:
    def seen(ports: range, step_s: float) -> list[Raised]:
        naive = NaiveThresholds()
        for place, port in enumerate(ports):
            ts = 6000.0 + place * step_s
            value = b'{"ts":%f,"kind":"flow","src_ip":"10.0.0.1","dst_ip":"10.0.0.2","dst_port":%d}' % (ts, port)
            naive.see(Emitted("network", ts, "10.0.0.1", value, None))
        return naive.finish()

    assert [r.detector for r in seen(range(1, 25), 1.0)] == ["naive.ports"]
    assert seen(range(1, 25), 60.0) == []


def chart_rows(*rows: tuple[int, str, str, str]) -> pa.Table:
    """Rows of `scored_events` by offset, source, event id and reason."""
    n = len(rows)
    return pa.table({
        "offset": [r[0] for r in rows], "source": [r[1] for r in rows], "event_id": [r[2] for r in rows],
        "reason": [r[3] for r in rows], "kind": ["access"] * n, "user": ["u"] * n,
        "ts": pa.array([10**12] * n, pa.timestamp("us", "UTC")), "raw": ['{"ts":1.0,"role":"nurse"}'] * n,
    })  # fmt: skip


def test_the_last_row_of_an_access_counts_and_attacks_do_not() -> None:
    attack, oddity = "a" * 32, "b" * 32
    ledger = Ledger({attack: "snooping-1", oddity: "benign:cross_cover-1"})
    ledger.insert("alerts", chart_rows((0, "charts", "x", "none")))
    ledger.insert("scored_events", chart_rows((1, "charts", "c" * 32, "none"), (2, "charts", attack, "none")))
    ledger.insert("scored_events", chart_rows((1, "charts", "c" * 32 + "-late", "order"), (5, "ehr", "d" * 32, "")))
    ledger.insert("scored_events", chart_rows((3, "charts", oddity, "none")))
    assert ledger.reasons(0.0) == {"order": 1, "none": 1}
    assert ledger.unexplained_roles(0.0) == {"nurse": 1}
    assert ledger.reasons(2e6).total() == 0


def test_volume_only_raises_the_busiest_within_its_budget() -> None:
    peer = VolumeOnly(Setting(1, staff=200, hours=24.0, records=True))
    for user, charts in (("u1", 3), ("u2", 9), ("u3", 4)):
        for chart in range(charts):
            peer.see(Emitted("ehr", 50.0 + chart, user, b'{"patient":"p%d"}' % chart, None))
    assert [r.entity for r in peer.finish()] == ["u2"]


def record(source: str, ts: float, **fields: object) -> Emitted:
    return Emitted(source, ts, "u1", orjson.dumps({"ts": ts, "event_id": "e", "format": "f"} | fields), None)


def test_strained_records_lack_what_they_are_named_after() -> None:
    visits = [record("context", 60.0 * k, kind="order", encounter=f"v{k}", patient="p") for k in range(200)]
    look = record("ehr", 7.5, kind="access", user="u1", role="nurse", department="Surgery", patient="p", action="read")
    kept = list(strained(visits, ["visits_missing"]))
    assert abs(len(kept) / len(visits) - (1 - SHARE)) < 0.1
    assert next(iter(strained([*visits, look], ["no_care"]))).source == "ehr"
    for name, lost in (("no_role", "role"), ("no_department", "department"), ("least", "role")):
        told = orjson.loads(next(strained([look], [name])).value)
        assert lost not in told and told["user"] == "u1"
    numbered = orjson.loads(next(strained([look], ["numbered"])).value)
    assert numbered["user"] == renamed("u1") and numbered["user"].isdecimal()
    assert set(RECORD_STRAINS) >= {"late", "minutes"}


def test_what_comes_late_comes_in_order_and_is_complete() -> None:
    visits = [record("context", 600.0 * k, kind="order", encounter=f"v{k}", patient="p") for k in range(200)]
    late = list(strained(visits, ["late"]))
    times = [e.ts for e in late]
    assert len(late) == len(visits) and times == sorted(times) and times[-1] > visits[-1].ts
    assert all(orjson.loads(e.value)["ts"] == e.ts for e in late)

"""The part: hours close by the lanes, twice is once, and its rows fit the tables and views."""

import random
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from forecast.notes import HOUR, START, volume, volumes
from pipeline.errors import CheckpointError
from pipeline.forecast.forecaster import Forecaster
from pipeline.sinks.clickhouse import ClickHouse
from schemas.finding import Feature
from schemas.note import FindingNote, Note, VolumeNote


def among(notes: list[Note], *findings: FindingNote) -> list[Note]:
    """Findings told in their time."""
    return sorted([*findings, *notes], key=lambda note: note.ts)


def finding(h: float, count: int = 1, alert: str = "a1", **more: object) -> FindingNote:
    """An alert about u1, told at hour h."""
    ts = START + h * HOUR
    fields = {
        "alert_id": alert, "ts": ts, "first_ts": START, "last_ts": ts, "count": count, "detector": "ehr.x",
        "title": "t", "severity": 4, "source": "ehr", "entity": "u1", "entity_type": "user", "group_key": "u1",
        "score": 0.9, "threshold": 0.5, "message": "m", "model_version": "v",
        "features": [Feature(name="department", value="Surgery")],
    }  # fmt: skip
    return FindingNote.model_validate(fields | more)


def gathered(part: Forecaster, notes: Iterable[Note]) -> dict[str, pa.Table]:
    """All rows of some notes."""
    for note in notes:
        part.take(note)
    return part.tables()


def risk(tables: dict[str, pa.Table], scope: str = "entity") -> dict[int, float]:
    """Risk observed, by hour after START, of one scope."""
    rows = tables["observed_hours"].to_pylist()
    start_h = int(START // HOUR)
    return {
        int(r["hour"].timestamp() // HOUR) - start_h: round(r["value"], 3)
        for r in rows if r["what"] == "risk" and r["scope"] == scope and r["value"]
    }  # fmt: skip


def test_counts_of_lanes_add_up_and_repeated_notes_do_not() -> None:
    notes = volumes(3)
    once = gathered(Forecaster(), notes)
    twice = gathered(Forecaster(), [n for note in notes for n in (note, note)])
    replayed = gathered(Forecaster(), [*notes[:200], *notes[100:]])
    assert once["observed_hours"].equals(twice["observed_hours"])
    assert once["observed_hours"].equals(replayed["observed_hours"])
    total = sum(n.count for n in notes if isinstance(n, VolumeNote) and n.scope == "source" and n.hour_ts == START)
    first = once["observed_hours"].to_pylist()
    assert next(r["value"] for r in first if r["scope"] == "source") == total


def test_the_order_of_lanes_does_not_matter() -> None:
    notes = volumes(3, lanes=3)
    lanes: dict[str, list[Note]] = {}
    for note in notes:
        lanes.setdefault(note.lane, []).append(note)  # type: ignore[union-attr]
    draw = random.Random(3)
    mixed: list[Note] = []
    while any(lanes.values()):
        # No lane is more than three hours ahead of another.
        ready = [
            lane
            for lane in lanes.values()
            if lane and lane[0].ts < min(x[0].ts for x in lanes.values() if x) + 3 * HOUR
        ]
        mixed.append(draw.choice(ready).pop(0))
    a, b = gathered(Forecaster(), notes)["observed_hours"], gathered(Forecaster(), mixed)["observed_hours"]
    order = [("hour", "ascending"), ("scope", "ascending")]
    size = min(len(a), len(b)) - 12
    assert a.sort_by(order)[:size].equals(b.sort_by(order)[:size])


def test_risk_counts_what_is_new_of_an_alert() -> None:
    told = among(volumes(2), finding(20.5), finding(20.7), finding(21.5, count=4), finding(22.5, count=4))
    tables = gathered(Forecaster(), told)
    assert risk(tables) == {20: 27.0, 21: 13.5}
    assert risk(tables, "department") == risk(tables, "source") == risk(tables)


def test_what_becomes_known_late_counts_when_it_is_known() -> None:
    notes = volumes(2)
    tables = gathered(Forecaster(), [*notes[:200], finding(3.0), *notes[200:]])
    hours = risk(tables)
    assert list(hours.values()) == [27.0]
    assert min(hours) > 20


def test_what_is_withdrawn_or_allowed_is_no_risk() -> None:
    notes = among(volumes(2), finding(22.5), finding(23.0, withdrawn=1), finding(22.6, alert="a2", allowed=True))
    assert risk(gathered(Forecaster(), notes)) == {}


def test_risk_is_forecast_from_the_first_finding_on() -> None:
    tables = gathered(Forecaster(), among(volumes(5), finding(80.5)))
    told = [r for r in tables["forecasts"].to_pylist() if r["what"] == "risk" and r["scope"] == "entity"]
    assert told
    first = told[0]
    assert first["from_ts"].timestamp() < START + 90 * HOUR
    assert 0 < first["expected"] < 27.0
    assert first["last_week"] in (None, 0.0)


def test_a_class_comes_from_the_inventory() -> None:
    class Pump:
        department, device_class = "ICU", "infusion_pump"

    part = Forecaster(assets=lambda kind, value: Pump() if (kind, value) == ("user", "u1") else None)
    tables = gathered(part, among(volumes(2), finding(20.5)))
    assert risk(tables, "device_class") == {20: 27.0}
    assert {r["name"] for r in tables["observed_hours"].to_pylist() if r["what"] == "risk"} == {
        "u1", "ICU", "infusion_pump", "ehr",
    }  # fmt: skip


def test_state_goes_on_where_it_was() -> None:
    notes = among(volumes(4), finding(10.5), finding(60.5, count=9))
    whole = Forecaster()
    first = gathered(whole, notes[:350])
    parted = Forecaster()
    parted.load(whole.state())
    assert first
    a, b = gathered(whole, notes[350:]), gathered(parted, notes[350:])
    assert a.keys() == b.keys() == {"forecasts", "observed_hours"}
    assert all(a[name].equals(b[name]) for name in a)
    parted.load({})
    fresh = Forecaster().state()
    assert all(np.array_equal(a, fresh[name]) for name, a in parted.state().items())
    with pytest.raises(CheckpointError, match="cannot be read"):
        parted.load({"kept": np.zeros(3, np.uint8)})


def test_a_lane_with_a_wrong_clock_closes_nothing() -> None:
    part = Forecaster()
    wrong = VolumeNote(ts=START + 9e6, hour_ts=START, lane="ehr/0/7", scope="source", name="ehr", count=1)
    right = gathered(part, [*volumes(1, 3)[:60], wrong, *volumes(1, 3)[60:]])
    hours = [r["hour"] for r in right["observed_hours"].to_pylist() if r["scope"] == "source"]
    assert 15 <= len(hours) < 24


def test_names_without_end_stay_bounded() -> None:
    part = Forecaster(capacity=40)
    for h in range(30):
        for k in range(60):
            part.take(volume(h, 1, "entity", f"u{h}-{k}"))
    assert sum(a.nbytes for a in part.state().values()) < 40 * 15_000 + 100_000


def test_rows_fit_the_tables_and_the_views_judge_them(tmp_path: Path) -> None:
    with_db = ClickHouse.embedded(tmp_path)
    try:
        with_db.migrate()
        for name, rows in gathered(Forecaster(), volumes(17)).items():
            with_db.insert(name, rows)
        current = with_db.query(
            "SELECT scope, count(), min(to_ts - from_ts), max(to_ts - from_ts), min(low_95 <= low AND high <= high_95)"
            " FROM current_forecasts GROUP BY scope ORDER BY scope"
        )
        assert current == [
            ("department", 32, 3600, 604_800, 1),
            ("entity", 2, 86_400, 604_800, 1),
            ("source", 32, 3600, 604_800, 1),
        ]
        judged = with_db.query(
            "SELECT sum(forecasts), avg(inside_80), avg(error_ratio) FROM forecast_accuracy "
            "WHERE scope = 'source' AND span_h = 1"
        )[0]
        assert judged[0] > 1000
        assert 0.7 < judged[1] < 0.9
        assert judged[2] < 0.9
        truth = with_db.query(
            "SELECT count(), max(abs(j.actual - h.value)) FROM judged_forecasts j JOIN observed_hours h ON "
            "h.scope = j.scope AND h.name = j.name AND h.what = j.what AND h.hour = j.from_ts WHERE j.span_h = 1"
        )[0]
        assert truth[0] > 2000
        assert truth[1] == 0
    finally:
        with_db.close()

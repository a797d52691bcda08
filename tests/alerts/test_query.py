"""The query of an alert finds the events behind it, and only those, whatever stands in a topic's name."""

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.document import certainty
from pipeline.alerts.grouper import Grouper
from pipeline.alerts.query import evidence_query
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.engine.rows import scored_rows
from pipeline.features.decode import decode
from pipeline.sinks.clickhouse import ClickHouse
from schemas.finding import Evidence

SCAN = "network.port_scan"


def test_the_query_shows_the_events(tmp_path) -> None:  # type: ignore[no-untyped-def]
    example = next(e for e in catalogue()[SCAN].examples() if e.fires)
    documents = [orjson.dumps({"format": "example", "event_id": str(i), **d}) for i, d in enumerate(example.documents)]
    batch = decode("network", documents, 8).batch
    config = EngineConfig(disabled=tuple(name for name in catalogue() if name != SCAN))
    outcome = Engine("network", config).process(batch, Origin("net'work", 3, np.arange(batch.n) + 1000))
    grouper = Grouper("1")
    grouper.add(outcome.hits)
    ((_, alert),) = grouper.changed()
    query = alert.unmapped["query"]
    assert alert.confidence == "Low" and alert.finding_info.analytic.version == outcome.model_version
    with_database = ClickHouse.embedded(tmp_path / "db")
    try:
        with_database.migrate()
        with_database.insert("scored_events", scored_rows(outcome))
        rows = with_database.query(query)
    finally:
        with_database.close()
    assert len(rows) == len(alert.finding_info.related_events) > 1
    assert all(SCAN in row[6] for row in rows)


def test_without_evidence_there_is_no_query() -> None:
    assert evidence_query("network", 0.0, 1.0, []) == ""


@given(st.text(max_size=20))
def test_no_topic_breaks_out_of_its_quotes(topic: str) -> None:
    text = evidence_query("network", 0.0, 1.0, [Evidence(topic=topic, partition=0, offset=1, event_id="")])
    inside = text.split("topic = ", 1)[1].rsplit(" AND partition = 0 AND offset IN (1))", 1)[0]
    assert inside[0] == inside[-1] == "'"
    assert "'" not in inside[1:-1].replace("\\\\", "").replace("\\'", "")


@pytest.mark.parametrize(
    ("score", "threshold", "sure"),
    [(0.5, 0.5, 1), (0.7, 0.5, 2), (0.9, 0.5, 3), (0.9999, 0.999, 3), (1.0, 1.0, 3), (0.9991, 0.999, 1)],
)
def test_how_sure_is_told_from_the_threshold_up(score: float, threshold: float, sure: int) -> None:
    assert certainty(score, threshold) == sure

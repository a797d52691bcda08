"""What an account did is told where the charts are that it opened: the same findings, and one alert of one case."""

from dataclasses import replace

import numpy as np
import orjson
import pytest

from pipeline.alerts.grouper import Grouper
from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.ehr.example_access import START, judged_access
from pipeline.engine.engine import Engine, EngineConfig, Outcome
from pipeline.engine.finding import Hits
from pipeline.engine.origin import Origin
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.runtime.relay.findings import MOST, findings_in, findings_of
from pipeline.runtime.relay.relay import group_name, onward
from runtime.relay.test_relay import GROUPS, outcome, read
from schemas.finding import Observable

DESK = "ehr.new_workstation"


def scored(name: str, documents: list[dict[str, object]]) -> Outcome:
    """Documents as one detector alone scores them."""
    cls = catalogue()[name]
    batch = decode(cls.source, [orjson.dumps({"format": "example"} | d) for d in documents], GROUPS).batch
    assert batch.n == len(documents)
    config = EngineConfig(GROUPS, disabled=tuple(other for other in catalogue() if other != name))
    return Engine(cls.source, config).process(batch, Origin(cls.source, 0, np.arange(batch.n)))


def example(name: str) -> Outcome:
    """The detector's own example that fires."""
    documents = next(e.documents for e in catalogue()[name].examples() if e.fires)
    return scored(name, [{"event_id": str(i), **d} for i, d in enumerate(documents)])


def arrived(found: Outcome) -> Batch:
    """What comes out of `charts` for the user, read as `judged` reads it."""
    passed = onward(outcome("charts", *read(findings_of(found, group_name, GROUPS))), GROUPS)
    assert passed is not None
    return decode("judged", [orjson.dumps(d) for d in read(passed)], GROUPS).batch


@pytest.mark.parametrize("name", sorted(name for name, cls in catalogue().items() if cls.told_in))
def test_what_arrives_is_what_was_found(name: str) -> None:
    found = example(name)
    (made,), (brought,) = found.told, findings_in(arrived(found))
    assert made.told_in == "judged" and brought.detector == name
    for column in ("groups", "keys", "ts", "scores"):
        np.testing.assert_array_equal(getattr(brought, column), getattr(made, column))
    for k in range(len(made.rows)):
        assert brought.describe(k) == made.describe(k)
        assert brought.observe(k) == {(o.type, o.value): o.name for o in made.describe(k).observables}
    assert (brought.alert_days, brought.beside) == (made.alert_days, made.beside)


def test_a_desk_and_the_charts_opened_there_are_one_alert() -> None:
    found = example(DESK)
    at = float(found.told[0].ts[0]) - START
    charts = [judged_access(at + 60.0 * i, f"p{i}", user="n1") | {"event_id": f"c{i}"} for i in range(16)]
    opened = scored("ehr.unexplained_access", charts)
    assert opened.told
    grouper = Grouper("1")
    told = grouper.add([*findings_in(arrived(found)), *opened.told])
    assert len({alert.finding_info.uid for alert in told}) == 1
    last = told[-1]
    assert last.finding_info.analytic.uid == DESK and last.message.endswith("Also: Charts opened without a reason.")
    assert last.severity_id == catalogue()["ehr.unexplained_access"].severity
    assert set(last.unmapped["beside"]) == {"ehr.unexplained_access"}
    assert [e.type for e in last.finding_info.related_events][:2] == ["ehr", "judged"]
    assert "source IN ('ehr', 'judged')" in last.unmapped["query"]
    again = Grouper("1")
    for group in range(GROUPS):
        again.load(group, grouper.state(group))
    assert again.drain() == grouper.drain()


def test_a_finding_that_is_too_long_leaves_some_of_those_involved_behind() -> None:
    found = example(DESK)
    (made,) = found.told
    crowd = [Observable(name="host", type="host", value=f"{i}" * 500) for i in range(10, 74)]

    def crowded(hits: Hits) -> Hits:
        plain = hits.describe
        return replace(hits, describe=lambda k: plain(k).model_copy(update={"observables": crowd}))

    (brought,) = findings_in(arrived(replace(found, hits=(crowded(made),))))
    text = brought.describe(0)
    assert text.message == made.describe(0).message and text.observables == crowd[: len(text.observables)]
    assert 0 < len(text.observables) < len(crowd) and len(text.model_dump_json()) <= MOST + 2000

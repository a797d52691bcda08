"""A rhythm is told where few of the whole house go, and the sources of a destination are counted by the day."""

import numpy as np
import orjson
import pytest

from detectors.played import START, played
from pipeline.alerts.grouper import Grouper
from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.network.beaconing import Beaconing
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode

CONTACT = {"kind": "contact", "destination": "c2.example", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9"}
BEAT = {"rhythm": 0.9, "visits": 20, "interval_s": 60.0, "jitter": 0.1, "span_s": 1200.0, "alike": 0.9, "sudden": True}


def _score(others: int, since_s: float = 3600.0) -> float:
    """Of a rhythm where so many other machines went a while ago."""
    seen = [CONTACT | {"ts": START + k, "src_ip": f"10.0.1.{k}"} for k in range(others)]
    return float(played(Beaconing, [*seen, CONTACT | BEAT | {"ts": START + since_s}])[-1])


@pytest.mark.parametrize(("others", "told"), [(0, True), (2, True), (4, False), (8, False), (40, False)])
def test_few_or_many_of_the_house(others: int, told: bool) -> None:
    assert (_score(others) >= 0.5) == told


def test_yesterdays_machines_do_not_count() -> None:
    assert _score(8, 2 * 86_400.0) == pytest.approx(0.9)


def test_one_that_was_there_before_is_told_of_a_single_machine_where_few_have_one() -> None:
    """A second machine makes it software of the house; so do other places that one machine each keeps calling."""
    before = CONTACT | BEAT | {"sudden": False, "ts": START + 3600.0}
    alone = played(Beaconing, [before])
    assert alone[-1] == pytest.approx(0.8 * 0.9)
    assert played(Beaconing, [CONTACT | {"ts": START, "src_ip": "10.0.1.1"}, before])[-1] < 0.5
    each = [before | {"destination": f"p{k}.example", "src_ip": f"10.0.2.{k}"} for k in range(200)]
    seen, sure = ([d | {"ts": START + at, "rhythm": r} for d in each] for at, r in ((0.0, 0.55), (3600.0, 0.9)))
    assert np.nanmax(played(Beaconing, [*seen, *sure])) < 0.5


def test_contacts_without_a_rhythm_have_no_score() -> None:
    assert np.isnan(played(Beaconing, [CONTACT | {"ts": START}])).all()


@pytest.mark.parametrize(("place", "alerts"), [("c2.example", 1), (None, 3)])
def test_one_place_is_one_alert_whatever_addresses_it_has(place: str | None, alerts: int) -> None:
    others = tuple(name for name in catalogue() if name != Beaconing.id)
    engine = Engine("contacts", EngineConfig(1, disabled=others))
    documents = []
    for k in range(6):
        to = f"203.0.113.{k % 3}"
        contact = CONTACT | BEAT | {"format": "example", "event_id": str(k), "ts": START + k, "dst_ip": to}
        documents.append(orjson.dumps(contact | {"destination": place or to}))
    batch = decode("contacts", documents, 1).batch
    told = Grouper("1").add(engine.process(batch, Origin("events", 0, np.arange(batch.n))).hits)
    assert len({alert.finding_info.uid for alert in told}) == alerts

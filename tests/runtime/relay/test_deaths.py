"""Claims for the dead: told by the provider, whichever key groups the patients lie in."""

from typing import Any

import numpy as np
import orjson

from pipeline.engine.engine import Engine, EngineConfig, Outcome
from pipeline.engine.origin import Origin
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.runtime.relay.along import OfCharts
from pipeline.runtime.relay.deaths import Deaths
from pipeline.runtime.relay.relay import onward

GROUPS = 8
DAY_S = 86_400.0
DIED = 19_700


def told(patient: str, day: float = DIED + 0.5, **more: Any) -> dict[str, Any]:
    return {
        "kind": "patient",
        "ts": DAY_S * day,
        "chart": patient,
        "patient": patient,
        "deceased_ts": DAY_S * day,
    } | more


def claim(patient: str, day: float, **more: Any) -> dict[str, Any]:
    when = {"ts": DAY_S * (DIED + 60), "from_ts": DAY_S * day, "through_ts": DAY_S * day}
    who = {"kind": "claim", "chart": patient, "patient": patient, "provider": "1000020"}
    return who | when | {"claim_type": "professional", "procedures": ["99213"]} | more


def outcome(source: str, *documents: dict[str, Any], only: str | None = None) -> Outcome:
    """As if no detector but one had seen them."""
    texts = [orjson.dumps({"format": "test", "event_id": f"e{i}"} | d) for i, d in enumerate(documents)]
    return scored(decode(source, texts, GROUPS).batch, only)


def scored(batch: Batch, only: str | None = None) -> Outcome:
    disabled = tuple(d for d in Engine(batch.source, EngineConfig(GROUPS)).detectors if d != only)
    engine = Engine(batch.source, EngineConfig(GROUPS, disabled=disabled))
    return engine.process(batch, Origin("t", 0, np.arange(batch.n)))


def days(found: dict[int, bytes]) -> dict[int, float]:
    return {row: orjson.loads(b"{" + field[1:] + b"}")["deceased_days"] for row, field in found.items()}


def test_days_from_death_to_the_service_however_late_it_is_billed() -> None:
    rows = [claim("p1", DIED + 9), told("p1"), claim("p1", DIED + 20), claim("p1", DIED - 2), claim("p2", DIED + 20)]
    assert days(Deaths(GROUPS).take(outcome("charts", *rows))) == {2: 20, 3: -2}
    corrected = [told("p1"), told("p1", DIED + 30), claim("p1", DIED + 20)]
    assert days(Deaths(GROUPS).take(outcome("charts", *corrected))) == {2: -10}


def test_a_restart_forgets_nobody() -> None:
    first, second = Deaths(GROUPS), Deaths(GROUPS)
    assert first.take(outcome("charts", *(told(f"p{i}") for i in range(20)))) == {}
    for group in range(GROUPS):
        second.load(group, first.state(group))
    assert days(second.take(outcome("charts", *(claim(f"p{i}", DIED + 5) for i in range(20))))) == dict.fromkeys(
        range(20), 5
    )


def test_a_provider_who_bills_for_many_dead_is_one_thing() -> None:
    many = [f"p{i}" for i in range(12)]
    rows = [*map(told, many), *(claim(p, DIED + 20, claim_id=p) for p in many)]
    done = outcome("charts", *rows)
    given = onward(done, GROUPS, OfCharts(GROUPS).take(done))
    assert given is not None
    judged = decode("judged", given.documents, GROUPS)
    assert not judged.refused
    batch = judged.batch
    (hits,) = scored(batch, "claims.deceased").hits
    assert len(hits.rows) == len(many)
    assert len(set(zip(hits.groups.tolist(), hits.keys.tolist(), strict=True))) == 1

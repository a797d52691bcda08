"""The laws of explanations, held for every story of every detector that raises something."""

import doctest
import math
import re
from functools import cache

import numpy as np
import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detectors.documents import GROUPS
from pipeline.detectors import explaining
from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.detector import Detector, Example
from pipeline.detectors.explaining import MOST, nearest, weighed
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.finding import Hits
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode
from schemas.finding import Feature, Finding

TOLD = [(cls, e) for cls in catalogue().values() for e in cls.examples() if e.fires]
# Words of the trade that say nothing to somebody who runs a ward.
JARGON = re.compile(
    r"\b(nats?|z-?scores?|sigma|std|quantile|percentile|log-odds|entropy|TTL|scriptlet|NXDOMAIN|nan|inf|None|"
    r"1 (?!in\b|of\b|to\b)[a-z]+s (?!of its)(?:were|have|within|in))\b"
)
PERSONAL = ("patient_name", "birth_date", "ssn", "address", "phone", "family_name", "given_name")


@cache
def _hits(cls: type[Detector], name: str, threshold: float | None = None) -> tuple[Hits, ...]:
    """What one story makes the detector find, at its own threshold or another."""
    example = next(e for e in cls.examples() if e.name == name)
    documents = [orjson.dumps({"format": "example", "event_id": str(i), **d}) for i, d in enumerate(example.documents)]
    batch = decode(cls.source, documents, GROUPS).batch
    options = {cls.id: {"threshold": threshold}} if threshold is not None else {}
    config = EngineConfig(GROUPS, disabled=tuple(name for name in catalogue() if name != cls.id), options=options)
    return Engine(cls.source, config, example.lists).process(batch, Origin("events", 0, np.arange(batch.n))).hits


def _findings(cls: type[Detector], example: Example) -> list[Finding]:
    return [h.describe(k) for h in _hits(cls, example.name) for k in {0, len(h.rows) // 2, len(h.rows) - 1}]


def _ordered(low: float | None, high: float | None) -> bool:
    return low is None or high is None or low <= high


def _check_feature(f: Feature) -> None:
    assert f.name and f.value != "", f
    assert not isinstance(f.value, float) or math.isfinite(f.value), f
    assert f.contribution is not None and 0.0 <= f.contribution <= 1.0, f
    assert _ordered(f.usual_low, f.usual_high) and _ordered(f.peer_low, f.peer_high), f
    for bound in (f.usual_low, f.usual_high, f.peer_low, f.peer_high):
        assert bound is None or math.isfinite(bound), f


@pytest.mark.parametrize(("cls", "example"), TOLD, ids=[f"{c.id}: {e.name}" for c, e in TOLD])
def test_every_story_is_explained(cls: type[Detector], example: Example) -> None:
    for f in _findings(cls, example):
        assert f.message.endswith(".") and f.normal.endswith("."), (f.message, f.normal)
        assert f.message[0] == f.message[0].upper() or f.entity in f.message, f.message
        assert f.entity in f.message or re.search(r"\d", f.message), "says who, or how much"
        assert not JARGON.search(f.message), f.message
        assert not JARGON.search(f.normal), f.normal
        assert 1 <= len(f.features) <= MOST
        for feature in f.features:
            _check_feature(feature)
        shares = [feature.contribution or 0.0 for feature in f.features]
        assert 0.2 < sum(shares) <= 1 + 1e-9, "what moved the score is named"
        assert shares == sorted(shares, reverse=True), "the one that moved it most stands first"
        assert len({feature.name for feature in f.features}) == len(f.features)


@pytest.mark.parametrize(("cls", "example"), TOLD, ids=[f"{c.id}: {e.name}" for c, e in TOLD])
def test_no_explanation_copies_who_somebody_is(cls: type[Detector], example: Example) -> None:
    """What a record says of a person beside the pseudonym stays in the record."""
    values = {str(d[name]) for d in example.documents for name in PERSONAL if isinstance(d.get(name), str)}
    for f in _findings(cls, example):
        told = " ".join((f.message, f.normal, *(str(x.value) for x in f.features)))
        assert not [v for v in values if len(v) > 3 and v in told]


COUNTED = re.compile(r"(?:[Ff]ewer than|[Ll]ess than) (?:about )?([\d,]+(?:\.\d+)?)( [kMG]B\b|%)?")
SIZES = {"": 1.0, "%": 0.01, " kB": 1e3, " MB": 1e6, " GB": 1e9}


def _amounts(normal: str) -> list[float]:
    return [float(number.replace(",", "")) * SIZES[unit] for number, unit in COUNTED.findall(normal)]


@pytest.mark.parametrize(("cls", "example"), TOLD, ids=[f"{c.id}: {e.name}" for c, e in TOLD])
def test_the_nearest_normal_is_that_of_the_threshold_in_force(cls: type[Detector], example: Example) -> None:
    """Were the threshold its own score, the least amount that is found would be its own amount."""
    (hits,) = _hits(cls, example.name)
    last = len(hits.rows) - 1
    score, before = float(hits.scores[last]), hits.describe(last)
    if (
        cls.threshold is None
        or score > 1 - 1e-6
        or not re.match("Fewer than|Less than|A pause|Open for", before.normal)
    ):
        return  # learned, as high as scores go, or told otherwise than by an amount
    (raised,) = _hits(cls, example.name, score)
    (at,) = (k for k, row in enumerate(raised.rows) if row == hits.rows[last])
    after = raised.describe(at)
    values = [float(f.value) for f in after.features[:2] if isinstance(f.value, float)]
    assert any(
        abs(amount - value) <= max(1.0 if value >= 2 else 0.01, 0.02 * abs(value))
        for amount in _amounts(after.normal)
        for value in (*values, sum(values))
    ), (after.normal, values)
    assert max(_amounts(after.normal)) >= max(_amounts(before.normal)), "a higher threshold asks for more"


numbers = st.floats(-1e12, 1e12) | st.sampled_from([0.0, 1.0, 0.001])
bounds = st.none() | st.floats(-1e9, 1e9)
features = st.builds(
    Feature,
    name=st.sampled_from("abcdefgh"),
    value=numbers | st.text(max_size=3),
    usual_low=bounds,
    usual_high=bounds,
    peer_low=bounds,
    peer_high=bounds,
    contribution=st.none() | st.floats(-1, 3),
)


@given(st.lists(features, max_size=9))
@example([Feature(name="a", value=0.0, peer_low=5e-324)])
def test_shares_are_shares(given_features: list[Feature]) -> None:
    shares = [f.contribution for f in weighed(given_features)]
    assert len(shares) == min(len(given_features), MOST)
    assert all(s is not None and 0.0 <= s <= 1.0 for s in shares)
    assert sum(s or 0.0 for s in shares) <= 1 + 1e-9


@given(st.floats(0.1, 1e9), st.floats(1e-3, 1e9), st.floats(0.01, 0.99))
def test_the_nearest_amount_scores_the_limit(amount: float, half: float, limit: float) -> None:
    score = amount / (amount + half)
    if 1e-6 < score < 1 - 1e-6:
        least = nearest(amount, score, limit)
        assert least / (least + half) == pytest.approx(limit, rel=1e-6)


def test_words_of_amounts() -> None:
    assert doctest.testmod(explaining).failed == 0

"""The laws that every detector keeps, held for each one that is found."""

import math
import re
from collections.abc import Mapping

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.documents import GROUPS, batch, pieces
from pipeline.detectors import entity_state
from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.detector import Detector, Example, Scores, Setup
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.features.entity_table import table
from pipeline.features.layout import layout
from pipeline.features.lists import NAMES
from schemas.sources import SOURCES

CLASSES = list(catalogue().values())
EXAMPLES = [(cls, example) for cls in CLASSES for example in cls.examples()]
EVENTS = 400
each_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.id)
seeds = st.integers(0, 5)  # few, so that decoded streams are shared between laws
few = settings(max_examples=4, deadline=None)


def _fresh(cls: type[Detector]) -> Detector:
    return cls(Setup(GROUPS))


def _engine(cls: type[Detector], example: Example | None = None, **options: float) -> Engine:
    others = tuple(name for name in catalogue() if name != cls.id)
    return Engine(
        cls.source,
        EngineConfig(GROUPS, disabled=others, options={cls.id: options}),
        example.lists if example else None,
    )


def _process(engine: Engine, events: Batch):  # type: ignore[no-untyped-def]
    return engine.process(events, Origin("events", 0, np.arange(events.n)))


def _same(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_array_equal(a, b)


def _joined(parts: list[Scores]) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    values = np.concatenate([p.values for p in parts])
    return values, {k: np.concatenate([p.evidence[k] for p in parts]) for k in parts[0].evidence}


@each_class
def test_describes_itself(cls: type[Detector]) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z][a-z0-9_]*", cls.id)
    assert cls.title and cls.cost and cls.entity and cls.entity_type and cls.inputs and cls.misses
    assert cls.source in SOURCES
    assert 1 <= cls.severity <= 5
    assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", a) for a in cls.attacks)
    assert cls.threshold is None or 0.0 < cls.threshold <= 1.0
    known = layout(cls.source).index
    assert {*cls.entity, *cls.inputs, *cls.group_by} <= set(known)
    assert set(cls.lists) <= set(NAMES)
    if cls.beside:
        case = [catalogue()[name] for name in (cls.id, *cls.beside)]
        assert min(other.alert_days for other in case) > 1, "only cases take in"
        assert len({(other.source, other.entity[-1]) for other in case}) == 1, "of one source, about one kind of thing"
    outcomes = {example.fires for example in cls.examples()}
    assert outcomes == {True, False}, "examples of both outcomes"
    assert len({example.name for example in cls.examples()}) == len(cls.examples())


@pytest.mark.parametrize(("cls", "example"), EXAMPLES, ids=[f"{c.id}: {e.name}" for c, e in EXAMPLES])
def test_examples_hold(cls: type[Detector], example: Example) -> None:
    documents = [orjson.dumps({"format": "example", "event_id": str(i), **d}) for i, d in enumerate(example.documents)]
    decoded = decode(cls.source, documents, GROUPS)
    assert not decoded.refused
    outcome = _process(_engine(cls, example), decoded.batch)
    assert bool(outcome.hits) == example.fires
    for hits in outcome.hits:
        finding = hits.describe(len(hits.rows) - 1)
        assert finding.message and finding.entity and len(finding.message) < 400
        decided = example.lists.by_name and not _process(_engine(cls), decoded.batch).hits
        assert finding.lists or not decided, "found by a list: `lists` says by which"
        assert "nan" not in finding.message.lower().split()


@each_class
@few
@given(seed=seeds, cuts=st.lists(st.integers(0, EVENTS), max_size=4))
def test_cuts_do_not_matter(cls: type[Detector], seed: int, cuts: list[int]) -> None:
    """And so neither does when it ran: the same events give the same scores and evidence, in [0, 1] or NaN."""
    events = batch(cls.source, seed, EVENTS)
    whole = _fresh(cls).score(events)
    detector = _fresh(cls)
    values, evidence = _joined([detector.score(piece) for piece in pieces(events, cuts)])
    _same(values, whole.values)
    assert set(evidence) == set(whole.evidence)
    for name, column in evidence.items():
        _same(column, whole.evidence[name])
    known = whole.values[~np.isnan(whole.values)]
    assert whole.values.shape == (events.n,) and ((known >= 0) & (known <= 1)).all()


@each_class
@pytest.mark.parametrize("seed", [0, 1])
def test_cuts_do_not_matter_where_memory_is_full(
    cls: type[Detector], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for one set of entities a key group, who gives way must not depend on where a batch ended either."""
    monkeypatch.setattr(entity_state, "table", lambda _: table(1))
    events = batch(cls.source, seed, EVENTS)
    whole = _fresh(cls).score(events)
    detector = _fresh(cls)
    values, evidence = _joined([detector.score(piece) for piece in pieces(events, [*range(7, EVENTS, 7)])])
    _same(values, whole.values)
    for name, column in evidence.items():
        _same(column, whole.evidence[name])


@each_class
@few
@given(seed=seeds, at=st.integers(0, EVENTS))
def test_the_future_does_not_matter(cls: type[Detector], seed: int, at: int) -> None:
    events = batch(cls.source, seed, EVENTS)
    first = pieces(events, [at])[0]
    _same(_fresh(cls).score(first).values, _fresh(cls).score(events).values[: first.n])


@each_class
@few
@given(seed=seeds, group=st.integers(0, GROUPS - 1))
def test_groups_are_independent(cls: type[Detector], seed: int, group: int) -> None:
    events = batch(cls.source, seed, EVENTS)
    mine = np.flatnonzero(events.groups == group)
    alone = decode(cls.source, [events.document(int(i)) for i in mine], GROUPS).batch
    _same(_fresh(cls).score(alone).values, _fresh(cls).score(events).values[mine])


@each_class
@few
@given(seed=seeds, at=st.integers(0, EVENTS))
def test_state_moves(cls: type[Detector], seed: int, at: int) -> None:
    """What another worker loads goes on as the first would have."""
    events = batch(cls.source, seed, EVENTS)
    parts = pieces(events, [at])
    first, second = _fresh(cls), _fresh(cls)
    first.score(parts[0])
    for group in range(GROUPS):
        second.load(group, first.state(group))
    if len(parts) == 2:
        a, b = first.score(parts[1]), second.score(parts[1])
        _same(a.values, b.values)
        for name in a.evidence:
            _same(a.evidence[name], b.evidence[name])


@each_class
@few
@given(seed=seeds, hostile=st.booleans())
def test_whatever_comes_is_explained(cls: type[Detector], seed: int, hostile: bool) -> None:
    events = batch(cls.source, seed, EVENTS, hostile=hostile)
    outcome = _process(_engine(cls, threshold=1e-9), events)
    scores = outcome.scores[cls.id]
    known = scores[~np.isnan(scores)]
    assert ((known >= 0) & (known <= 1)).all()
    for hits in outcome.hits:
        for k in range(0, len(hits.rows), 1 + len(hits.rows) // 25):
            finding = hits.describe(k)
            assert finding.message and len(finding.message) < 400, finding.message
            words = re.findall(r"[\w.]+", finding.message.lower())
            assert not {"nan", "inf", "none"} & set(words), finding.message
            assert finding.normal.endswith("."), finding.normal
            for f in finding.features:
                told = (f.value, f.usual_low, f.usual_high, f.peer_low, f.peer_high, f.contribution)
                assert all(math.isfinite(x) for x in told if isinstance(x, float)), f
                assert None in (f.usual_low, f.usual_high) or f.usual_low <= f.usual_high, f
                assert None in (f.peer_low, f.peer_high) or f.peer_low <= f.peer_high, f


@each_class
def test_memory_is_bounded(cls: type[Detector]) -> None:
    detector = _fresh(cls)
    sizes = []
    for seed in (11, 12):
        detector.score(batch(cls.source, seed, 10_000, entities=True))
        sizes.append(sum(a.nbytes for group in range(GROUPS) for a in detector.state(group).values()))
    assert sizes[1] <= 1.1 * sizes[0]


def test_ids_are_unique() -> None:
    assert len(CLASSES) == len({cls.id for cls in CLASSES}) > 0

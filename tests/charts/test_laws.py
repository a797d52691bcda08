"""The laws of the explainer: cuts, checkpoints and idle times change nothing; whoever comes first at one moment."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.charts.explainer import Explainer
from pipeline.charts.judged import Judged
from pipeline.errors import CheckpointError
from pipeline.features.batch import Batch
from tests.charts.hospital import GROUPS, HOUR, T0, accesses, batch_of, ended, event, explainer, read

_PATIENTS = [f"p{i}" for i in range(6)]
_USERS = [f"u{i}" for i in range(5)]
_DEPARTMENTS = ["A", "B", "C", None]
_relation = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(("encounter", "appointment", "order", "care_team", "claim", "benefit")),
        "patient": st.sampled_from(_PATIENTS),
        "practitioner": st.sampled_from([*_USERS, None]),
        "department": st.sampled_from(_DEPARTMENTS),
        "resource_id": st.sampled_from(("r1", "r2", "r3", None)),
        "status": st.sampled_from(("in-progress", "finished", "cancelled", "entered-in-error", None)),
        "start_ts": st.sampled_from((None, T0 - 86_400, T0 + 40_000)),
        "end_ts": st.sampled_from((None, T0 + 3_000, T0 + 90_000)),
        "from_ts": st.sampled_from((None, T0 - 86_400, T0)),
        "service": st.sampled_from((None, "b", "x")),
    }
)
_access = st.fixed_dictionaries(
    {
        "kind": st.just("access"),
        "patient": st.sampled_from([*_PATIENTS, None]),
        "user": st.sampled_from([*_USERS, None]),
        "department": st.sampled_from(_DEPARTMENTS),
        "role": st.sampled_from(("nurse", "coder", None)),
        "action": st.sampled_from(("read", "create")),
        "purpose": st.sampled_from((None, "BTG", "HPAYMT")),
        "outcome": st.sampled_from(("success", "failure")),
    }
)
_person = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(("practitioner", "patient", "organization")),
        "patient": st.sampled_from([*_PATIENTS, None]),
        "practitioner": st.sampled_from(_USERS),
        "practitioners": st.lists(st.sampled_from([*_USERS, "n1", "n2"]), max_size=3),
        "department": st.sampled_from(_DEPARTMENTS),
        "family_token": st.sampled_from(("f1", "f2", None)),
        "address_token": st.sampled_from(("a1", None)),
        "deceased_ts": st.sampled_from((None, T0)),
    }
)


@st.composite
def _streams(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events in order of time, all of one key group or another, with hours and days between them."""
    steps = st.sampled_from((0.0, 1.0, 300.0, 2 * HOUR, 5 * HOUR, 30 * HOUR, 100 * HOUR))
    ts, events = 0.0, []
    for fields in draw(st.lists(st.one_of(_access, _access, _relation, _person), min_size=1, max_size=40)):
        ts += draw(steps)
        given_fields = {name: value for name, value in fields.items() if value is not None}
        kind = given_fields.pop("kind")
        late = draw(st.sampled_from((0.0, 0.0, 0.0, 3 * HOUR)))
        events.append(event(ts - late, kind, **given_fields, chart=fields["patient"] or "all"))
    return events


def _by_group(found: list[dict[str, Any]], events: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """Documents given, by the key group they belong to."""
    batch, _ = batch_of(events)
    out: dict[int, list[dict[str, Any]]] = {}
    for document in found:
        row = int(document["event_id"].partition(":")[0][1:])
        out.setdefault(int(batch.groups[row]), []).append(document)
    return out


def _moved(batch: Batch) -> dict[int, float]:
    """How far event time has come in each key group."""
    return {int(g): float(batch.ts[batch.groups == g].max()) for g in np.unique(batch.groups)}


@given(_streams(), st.lists(st.integers(1, 39), max_size=4), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_cuts_checkpoints_and_idle_times_change_nothing(
    events: list[dict[str, Any]], cuts: list[int], restart: bool, advance: bool
) -> None:
    whole = explainer()
    batch, offsets = batch_of(events)
    expected = read(whole.process(batch, offsets), ended(whole))
    part, found = explainer(), []
    ends = sorted({*(c for c in cuts if c < len(events)), len(events)})
    for begin, end in zip([0, *ends], ends, strict=False):
        piece, places = batch_of(events[begin:end], begin)
        found.append(part.process(piece, places))
        if advance:
            found.append(part.advance(_moved(piece)))
        if restart:
            part = _restarted(part)
    found.append(ended(part))
    assert _by_group(read(*found), events) == _by_group(expected, events)


def _restarted(old: Explainer) -> Explainer:
    new = explainer()
    for group in range(GROUPS):
        new.load(group, old.state(group))
        again = new.state(group)
        assert set(again) == set(old.state(group))
    return new


@given(_streams())
@settings(max_examples=40, deadline=None)
def test_every_event_is_given_once_and_every_access_is_judged(events: list[dict[str, Any]]) -> None:
    it = explainer()
    found = read(it.process(*batch_of(events)), ended(it))
    first = [d for d in found if not d["event_id"].endswith(":withdrawn")]
    assert sorted(d["event_id"] for d in first) == sorted(f"e{i}" for i in range(len(events)))
    assert all("judged_ts" in d for d in accesses(found))
    assert all("claim_judged_ts" in d for d in found if d["kind"] in ("claim", "benefit"))
    assert all(0 <= d["strength"] <= 1 for d in accesses(found) if "strength" in d)
    last = ended(it)
    assert (len(last.documents), len(last.offsets)) == (0, 0)
    assert all(it.state(g)["document_items"].size == 0 for g in range(GROUPS) if it.state(g))


@given(_relation, _access)
@settings(max_examples=40, deadline=None)
def test_of_two_at_one_moment_it_does_not_matter_which_comes_first(one: dict[str, Any], two: dict[str, Any]) -> None:
    relation = {k: v for k, v in one.items() if v is not None and k not in ("kind", "patient")}
    access = {k: v for k, v in two.items() if v is not None and k not in ("kind", "patient")}
    pair = [event(0, one["kind"], patient="p1", **relation), event(0, "access", patient="p1", **access)]
    told = []
    for order in (pair, pair[::-1]):
        it = explainer()
        (found,) = accesses(read(it.process(*batch_of(order)), ended(it)))
        told.append({k: found.get(k) for k in ("reason", "strength", "late", "judged_ts", "care_after")})
    assert told[0] == told[1]


def test_a_full_memory_forgets_the_oldest_and_goes_on() -> None:
    it = explainer(patients=64, users=64, waiting=8)
    events = []
    for i in range(3000):
        patient = f"p{i}"
        events.append(event(i, "encounter", patient=patient, department=f"d{i % 7}", practitioner=f"u{i}"))
        events.append(event(i, "access", patient=patient, user=f"u{i + i % 2}", department="x", role=f"r{i % 90}"))
    found = accesses(read(it.process(*batch_of(events)), ended(it)))
    first = [d for d in found if "withdrawn" not in d]
    assert len(first) == 3000
    assert {d["reason"] for d in first} == {"encounter", "none"}
    assert sum(d["reason"] == "encounter" for d in first) == 1500
    assert it.state_bytes() < 8_000_000


def test_state_that_does_not_fit_is_refused_and_an_empty_one_resets() -> None:
    it = explainer()
    it.process(*batch_of([event(0, "access", patient="p1", user="u1")]))
    (group,) = [g for g in range(GROUPS) if it.state(g)]
    state = it.state(group)
    for name in ("form", "patients", "cells", "documents", "counts"):
        with pytest.raises(CheckpointError):
            it.load(group, {k: v for k, v in state.items() if k != name})
    with pytest.raises(CheckpointError):
        it.load(group, {**state, "cells": state["cells"].astype(np.float64)})
    with pytest.raises(CheckpointError):
        it.load(group, {**state, "document_sizes": state["document_sizes"] + 1})
    it.load(group, {})
    assert it.state(group) == {}
    assert isinstance(ended(it), Judged)


def test_an_identifier_of_full_length_is_withdrawn_under_another() -> None:
    long = {**event(0, "access", patient="p1", user="u1"), "event_id": "x" * 64}
    order = event(9 * HOUR, "order", patient="p1", practitioner="u1")
    it = explainer()
    found = accesses(read(it.process(*batch_of([long, order])), ended(it)))
    assert [d["event_id"] for d in found] == ["x" * 64, "x" * 54 + ":withdrawn"]
    assert json.dumps(found[1]["withdrawn"]) == "true"

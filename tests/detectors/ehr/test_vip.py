"""Watched patients."""

from typing import Any

import numpy as np

from detectors.ehr.story import fresh, scores, sentence
from pipeline.detectors.ehr.vip import Vip
from pipeline.features.lists import Lists, UserList

LISTS = Lists({"vip": UserList({"p-ab": ({"patient": "P-AB", "mrn": "M-9"},)})})


def access(patient: str | None, **more: Any) -> dict[str, Any]:
    named = {} if patient is None else {"patient": patient}
    return {"kind": "access", "ts": 1.7e9, "user": "n1", "role": "nurse", "action": "read"} | named | more


def test_by_any_spelling_given() -> None:
    values = scores(fresh(Vip, LISTS), [access(p) for p in ("P-AB", "p-ab", "M-9", "p-abc", None)])
    np.testing.assert_array_equal(values, [0.6, 0.6, 0.6, np.nan, np.nan])


def test_taking_and_breaking_weigh_more_than_trying() -> None:
    rows = [
        access("p-ab", action="export"),
        access("p-ab", break_glass=True),
        access("p-ab"),
        access("p-ab", outcome="failure"),
    ]
    assert scores(fresh(Vip, LISTS), rows).tolist() == [0.8, 0.8, 0.6, 0.5]


def test_without_a_list_there_is_no_opinion() -> None:
    assert np.isnan(scores(fresh(Vip), [access("p-ab"), access("")])).all()


def test_sentence() -> None:
    text = sentence(fresh(Vip, LISTS), [access("p-ab", action="print", purpose="BTG")])
    assert text == "n1 (nurse) printed a record of watched patient p-ab by emergency access."

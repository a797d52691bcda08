"""Excluded providers and pairs of codes: what the user's lists say, and from when to when."""

from typing import Any

import numpy as np
import pytest

from detectors.ehr.story import DAY, fresh, restarted, scores, sentence
from pipeline.detectors.claims.excluded_provider import ExcludedProvider
from pipeline.detectors.claims.unbundling import Unbundling
from pipeline.features.lists import Lists, UserList

NPI = "1000000012"
EXCLUDED = 18_262 * DAY  # 2020-01-01


def leie(**row: str) -> Lists:
    row = {"npi": NPI, "excldate": "20200101", "reindate": "00000000"} | row
    return Lists({"excluded_providers": UserList({row["npi"]: (row,)})})


def billed(from_ts: float, **more: Any) -> dict[str, Any]:
    return {"kind": "claim", "ts": EXCLUDED, "from_ts": from_ts, "provider": NPI} | more


@pytest.mark.parametrize(
    ("when", "lists", "fires"),
    [
        (EXCLUDED, leie(), True),
        (EXCLUDED - 1.0, leie(), False),
        (EXCLUDED + 400 * DAY, leie(), True),
        (EXCLUDED + 30 * DAY, leie(reindate="2020-02-01"), True),
        (EXCLUDED + 31 * DAY, leie(reindate="20200201"), False),
        (EXCLUDED, leie(npi="0000000000"), False),
        (EXCLUDED, leie(npi="1000000020"), False),
    ],
)
def test_excluded_from_to(when: float, lists: Lists, fires: bool) -> None:
    assert (scores(fresh(ExcludedProvider, lists), [billed(when)])[0] >= 0.5) == fires


def test_who_rendered_and_last_day_of_service_count() -> None:
    detector = fresh(ExcludedProvider, leie())
    rendered = billed(EXCLUDED, provider="1000000020", rendering=NPI)
    begun = billed(EXCLUDED - 5 * DAY, through_ts=EXCLUDED)
    assert (scores(detector, [rendered, begun]) >= 0.5).all()
    assert sentence(detector, [rendered]) == (
        f"Provider {NPI} rendered a service on 2020-01-01, but is excluded from federal health programmes"
        " since 2020-01-01."
    )
    unknown = billed(EXCLUDED, provider="0000000000")
    assert np.isnan(scores(fresh(ExcludedProvider, leie(npi="0000000000")), [unknown])).all()
    assert np.isnan(scores(fresh(ExcludedProvider), [rendered])).all()


PAIRS = Lists(
    {
        "code_pairs": UserList(
            {
                "80053": ({"column1": "80053", "column2": "80048", "modifier_allowed": "0"},),
                "97530": (
                    {"column1": "97530", "column2": "97116", "modifier_allowed": "1"},
                    {"column1": "97530", "column2": "97750", "modifier_allowed": "9"},
                ),
                "g0463": ({"column1": "G0463", "column2": "99213", "modifier_allowed": "0"},),
            }
        )
    }
)


def claim(number: str, *codes: str, day: int = 0, **more: Any) -> dict[str, Any]:
    lines = [{"procedure": c.split("-")[0], "modifiers": c.split("-")[1:]} for c in codes]
    who = {"kind": "claim", "claim_id": number, "patient": "p1", "provider": "1000000020"}
    return who | {"ts": EXCLUDED, "from_ts": EXCLUDED + day * DAY, "lines": lines} | more


@pytest.mark.parametrize(
    ("rows", "score"),
    [
        ([claim("a", "80053", "80048")], 0.9),
        ([claim("a", "80048", "80053")], 0.9),
        ([claim("a", "80053-59", "80048")], 0.9),
        ([claim("a", "g0463", "99213")], 0.9),
        ([claim("a", "97530", "97116")], 0.7),
        ([claim("a", "97116"), claim("b", "97530")], 0.7),
        ([claim("a", "97530", "97116-59")], 0.0),
        ([claim("a", "97530-XS", "97116")], 0.0),
        ([claim("a", "97530-25"), claim("b", "97116")], 0.0),
        ([claim("a", "97530", "97750")], 0.0),
        ([claim("a", "97530"), claim("b", "97116", day=1)], 0.0),
        ([claim("a", "97530"), claim("b", "97116", patient="p2")], 0.0),
        ([claim("a", "97530"), claim("b", "97116", provider="1000000038")], 0.0),
        ([claim("a", "97530", "97116"), claim("a", "97530", "97116-59")], 0.0),
        ([claim("a", "97530"), claim("a", "97116")], 0.0),
        ([claim("a", "97530", "97530")], 0.0),
    ],
)
def test_pairs(rows: list[dict[str, Any]], score: float) -> None:
    assert scores(fresh(Unbundling, PAIRS), rows)[-1] == score


def test_pairs_without_list_and_across_a_restart() -> None:
    assert np.isnan(scores(fresh(Unbundling), [claim("a", "80053", "80048")])).all()
    detector = fresh(Unbundling, PAIRS)
    scores(detector, [claim("a", "80053")])
    assert scores(restarted(detector), [claim("b", "80048")])[0] == 0.9
    assert sentence(detector, [claim("b", "80048")]) == (
        "Provider 1000000020 billed procedures 80048 and 80053 for patient p1 on one day, which may never be"
        " billed apart."
    )

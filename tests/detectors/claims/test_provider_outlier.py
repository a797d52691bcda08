"""Who stands out among peers, who does not, and who is told again when."""

from typing import Any

import numpy as np
import pytest

from detectors.ehr.story import DAY, batch_of, fresh, restarted, scores, sentence
from pipeline.detectors.claims.procedure_families import FAMILIES, families_of
from pipeline.detectors.claims.provider_outlier import ProviderOutlier
from pipeline.features.lists import Lists, UserList

START = 1.7e9


def claim(number: int, provider: int, patient: int, amount: float = 100.0, **more: Any) -> dict[str, Any]:
    when = {"ts": START + 900.0 * number, "from_ts": START + 900.0 * number}
    who = {"kind": "billing", "claim_id": f"c{number}", "peers": "professional", "patient": f"p{patient}"}
    what = {"total_amount": amount, "procedures": [more.pop("code", "99213")]}
    return who | when | what | {"provider": f"{1_000_000 + provider}"} | more


PEERS = [claim(i, i % 240, i, 90.0 + i % 40) for i in range(1680)]
MILL = [claim(2000 + i, 7, i % 6, 400.0) for i in range(60)]


def test_many_dear_claims_for_few_patients() -> None:
    values = scores(fresh(ProviderOutlier), [*PEERS, *MILL])
    assert values[-1] > 0.9
    assert not (values[: len(PEERS)][-200:] >= 0.5).any()


def test_silence_while_too_few_peers_are_known() -> None:
    assert np.isnan(scores(fresh(ProviderOutlier), [*PEERS[:20], *MILL])).all()


def test_silence_in_the_first_two_weeks() -> None:
    """Who has served three days of the rota when the feed begins does not stand out among who has served one."""

    def sooner(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"ts": START + (row["ts"] - START) / 2} for row in rows]

    assert np.isnan(scores(fresh(ProviderOutlier), sooner([*PEERS, *MILL]))).all()
    values = scores(fresh(ProviderOutlier), [*sooner([*PEERS, *MILL]), claim(3000, 7, 1, 400.0)])
    assert values[-1] > 0.9, "what was seen counts afterwards"


def test_told_once_in_half_a_year() -> None:
    detector = fresh(ProviderOutlier)
    later = [row | {"claim_id": f"l{i}", "ts": row["ts"] + 200 * DAY} for i, row in enumerate(MILL)]
    rows = batch_of("judged", [*PEERS, *MILL, *later])
    outcome = detector.score(rows)
    assert outcome.silent is not None
    told = np.flatnonzero((outcome.values >= 0.6) & ~outcome.silent) - len(PEERS)
    first, again = told[told < len(MILL)], told[told >= len(MILL)]
    assert 1 <= len(first) <= 3 and len(again) == 1


def test_of_few_patients_nothing_is_told() -> None:
    for patients, told in ((10, False), (14, True)):
        newcomer = [claim(2000 + i, 1000, i % patients, 900.0) for i in range(140)]
        outcome = fresh(ProviderOutlier).score(batch_of("judged", [*PEERS, *newcomer]))
        assert outcome.silent is not None and outcome.values[-1] >= 0.6
        assert bool(((outcome.values >= 0.6) & ~outcome.silent).any()) is told, patients


def test_a_claim_sent_again_is_not_counted() -> None:
    again = [MILL[0]] * 60
    assert scores(fresh(ProviderOutlier), [*PEERS, *again])[-1] < 0.5


def test_peers_of_the_list_come_first() -> None:
    """Among those who all bill much, the mill is one of many."""
    numbers = list(range(240, 480))
    mills = [claim(5000 + i, numbers[i % 240], i % 300, 400.0) for i in range(4800)]
    own = [claim(10_000 + i, 7, i % 10, 400.0) for i in range(20)]
    groups = {f"{1_000_000 + n}": ({"provider": f"{1_000_000 + n}", "group": "mill"},) for n in [7, *numbers]}
    lists = Lists({"peer_groups": UserList(groups)})
    plain = scores(fresh(ProviderOutlier), [*PEERS, *mills, *own])[-1]
    assert scores(fresh(ProviderOutlier, lists), [*PEERS, *mills, *own])[-1] < min(plain, 0.5)


def test_restart_goes_on() -> None:
    detector = fresh(ProviderOutlier)
    scores(detector, PEERS)
    np.testing.assert_array_equal(scores(restarted(detector), MILL), scores(detector, MILL))


def test_sentence_names_what_is_usual() -> None:
    text = sentence(fresh(ProviderOutlier), [*PEERS, *MILL])
    assert (
        text.startswith("Provider 1000007 stands out among ")
        and "(usual " in text
        and "that mostly bill office visits" in text
    )


@pytest.mark.parametrize(
    ("code", "family"),
    [("99213", "office visits"), ("99285", "emergency visits"), ("80053", "laboratory"), ("J1885", "drugs"),
     ("00142", "anaesthesia"), ("0120", "other services"), ("", "other services")],
)  # fmt: skip
def test_families(code: str, family: str) -> None:
    assert FAMILIES[families_of([code])[0]] == family


def test_patients_of_many_years_are_counted_once_each() -> None:
    """Ten patients who come every quarter for thirty years are ten patients, however long ago they were new."""
    visits = [
        claim(10_000 + 10 * quarter + i, 7, i) | {"ts": START + 91 * DAY * quarter + i}
        for quarter in range(120)
        for i in range(10)
    ]
    outcome = fresh(ProviderOutlier).score(batch_of("judged", visits))
    a_patient = np.exp(outcome.evidence["claims_a_patient"][[609, -1]])
    np.testing.assert_allclose(a_patient, 1 / (1 - 0.5 ** (91 / 730)), rtol=0.02)

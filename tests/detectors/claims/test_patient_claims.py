"""Claims held against what is known of the patient: death, sex, age, place, care, prescribers."""

from typing import Any

import numpy as np
import pytest

from detectors.ehr.story import DAY, found, fresh, restarted, scores, sentence
from pipeline.detectors.claims.code_limits import limits_of
from pipeline.detectors.claims.deceased import Deceased
from pipeline.detectors.claims.doctor_shopping import DoctorShopping
from pipeline.detectors.claims.duplicate_elsewhere import DuplicateElsewhere
from pipeline.detectors.claims.identity import Identity
from pipeline.detectors.claims.phantom import Phantom
from pipeline.detectors.ehr.identity_theft import IdentityTheft

FIRST = 19_700 * DAY
COVERED = {"encounter_coverage": 0.97, "chart_coverage": 0.95}
SEEN = {"encounter_days": 0.0, "chart_days": 0.0}


def claim(number: int, day: float = 0.0, **more: Any) -> dict[str, Any]:
    when = {"ts": FIRST + (day + 4) * DAY + number, "from_ts": FIRST + day * DAY, "through_ts": FIRST + day * DAY}
    who = {"kind": "claim", "claim_id": f"c{number}", "claim_type": "professional", "chart": "p1"}
    return who | when | {"provider": "1000020", "procedures": ["99213"], "place_of_service": "11"} | more


def patient(**more: Any) -> dict[str, Any]:
    return {"kind": "patient", "chart": "p1", "ts": FIRST - DAY, "sex": "male", "birth_year": 1960} | more


@pytest.mark.parametrize(
    ("days", "codes", "low", "high"),
    [
        (20, "99213", 0.9, 1.0),
        (3, "99213", 0.8, 0.9),
        (1, "99213", 0.0, 0.0),
        (-5, "99213", 0.0, 0.0),
        (4, "80053", 0.3, 0.45),
        (30, "80053", 0.9, 1.0),
        (3, "88020", 0.0, 0.0),
        (None, "99213", 0.0, 0.0),
    ],
    ids=["weeks later", "days later", "next day", "before", "read later", "drawn later", "autopsy", "alive"],
)
def test_service_after_death(days: float | None, codes: str, low: float, high: float) -> None:
    what = claim(1, 20, procedures=[codes], deceased_days=days)
    assert low <= scores(fresh(Deceased), [what])[-1] <= high


def member(patient: str, born: int, died: float | None = None, **more: Any) -> dict[str, Any]:
    """Somebody registered with the number, or billed under it."""
    who = {"kind": "member", "member_id": "m9", "patient": patient, "birth_year": born, "billed": False}
    return who | {"ts": FIRST - 9 * DAY} | ({} if died is None else {"deceased_ts": FIRST + died * DAY}) | more


def test_a_plan_that_knows_member_numbers_bills_for_whoever_is_registered_with_one() -> None:
    widow, dead = member("p1", 1941), member("p2", 1938, -30.0)
    late = {"billed": True, "rendering": "1000020", "ts": FIRST + DAY, "from_ts": FIRST}
    billed = member("m9-02", 1938, **late)
    assert scores(fresh(Deceased), [widow, dead, billed])[-1] >= 0.9
    text = sentence(fresh(Deceased), [widow, dead, billed])
    assert (
        text == "Provider 1000020 billed a service for patient m9-02 on 2023-12-09, 30 days after the patient's death."
    )
    for rows in (
        [widow, dead, member("m9-01", 1941, **late)],
        [widow, dead, billed | {"from_ts": FIRST - 20 * DAY}],
        [widow, dead, member("p3", 1938), billed],
        [widow, dead, member("p2", 1938, **late)],
        [billed, widow, dead],
    ):
        assert not np.nanmax(scores(fresh(Deceased), rows)) > 0.0, "the other, within two weeks, twins, by record, late"
    detector = fresh(Deceased)
    scores(detector, [widow, dead])
    assert scores(restarted(detector), [billed])[-1] >= 0.9


def test_sentence_on_a_dead_patient() -> None:
    text = sentence(fresh(Deceased), [claim(1, 20, deceased_days=20.0)])
    assert text == (
        "Provider 1000020 billed a service (99213) for patient p1 on 2023-12-29, 20 days after the patient's death."
    )


@pytest.mark.parametrize(
    ("code", "diagnosis", "limits"),
    [
        ("59400", False, (2, 9, 64)), ("55866", False, (1, 0, 150)), ("99381", False, (0, 0, 0)),
        ("99213", False, (0, 0, 150)), ("55980", False, (0, 0, 150)), ("O80", True, (2, 9, 64)),
        ("O9A.2", True, (2, 9, 64)), ("N40.1", True, (1, 0, 150)), ("E11.9", True, (0, 0, 150)),
        ("O80", False, (0, 0, 150)),
    ],
)  # fmt: skip
def test_limits_of_codes(code: str, diagnosis: bool, limits: tuple[int, int, int]) -> None:
    assert limits_of(code, diagnosis) == limits


def test_codes_of_another_sex_or_age() -> None:
    def last(**more: Any) -> float:
        return float(scores(fresh(Identity), [claim(1, **SEEN, **more)])[-1])

    assert last(sex="male", diagnoses=["E11.9", "O80"]) == 0.7
    assert last(sex="female", birth_year=1950, procedures=["59400"]) == 0.65
    assert last(sex="female", birth_year=1990, procedures=["59400", "99381"]) == 0.0, "a newborn under its mother"
    assert last(sex="male", birth_year=1990, procedures=["99381"]) == 0.65
    assert last(procedures=["59400"]) == 0.0, "nothing is known"
    registered = scores(fresh(Identity), [patient(), claim(1, **SEEN, sex="female", procedures=["59400"])])[-1]
    assert registered == 0.7, "what is registered counts"


def test_two_places_at_once() -> None:
    stay = claim(1, 0, claim_type="institutional", place_of_service="21", facility="A", **SEEN)
    stay |= {"through_ts": FIRST + 6 * DAY}

    def last(**more: Any) -> float:
        return float(scores(fresh(Identity), [stay, claim(2, 3, **SEEN, **more)])[-1])

    assert last(facility="B") == 0.6
    assert last(facility="A") == last() == last(facility="B", procedures=["80053"]) == 0.0
    other = {"claim_type": "institutional", "place_of_service": "21", "facility": "B"}
    assert last(**other, through_ts=FIRST + 9 * DAY) == 0.8
    assert last(**other, from_ts=FIRST + 6 * DAY, through_ts=FIRST + 9 * DAY) == 0.0, "a transfer"


def test_billers_whom_nobody_saw() -> None:
    rows = [claim(i, rendering=f"d{i}", **COVERED) for i in range(5)]
    np.testing.assert_allclose(scores(fresh(Identity), rows), [0, 0, 0.6, 0.7, 0.8])
    assert found(fresh(Identity), [row | SEEN for row in rows]) == 0
    assert found(fresh(Identity), [row | {"rendering": "d1"} for row in rows]) == 0
    assert found(fresh(Identity), [row | {"encounter_coverage": 0.1} for row in rows]) == 0, "no feed of encounters"


def test_many_who_bill_for_one_day() -> None:
    def last(count: int = 8, **more: Any) -> float:
        return float(scores(fresh(Identity), [claim(i, rendering=f"d{i}", **more) for i in range(count)])[-1])

    assert last() == last(encounter_days=3.0, **COVERED) == 0.6
    assert last(9, encounter_coverage=0.1) == pytest.approx(0.7)
    assert last(7) == 0.0
    assert last(12, encounter_days=0.0, **COVERED) == last(12, encounter_days=-1.0) == 0.0, "was there"
    assert last(12, place_of_service="81") == 0.0, "not in person"


def billing(number: int, day: float = 0.0, **more: Any) -> dict[str, Any]:
    return claim(number, day, **more) | {"kind": "billing", "peers": "professional"}


NORMAL = [billing(i, i // 20, chart=f"p{i}", provider=f"{1_000_000 + i % 10}", **COVERED, **SEEN) for i in range(200)]


def phantoms(count: int, **more: Any) -> list[dict[str, Any]]:
    return [billing(900 + i, 10, chart=f"q{i}", provider="1000003", **COVERED) | more for i in range(count)]


def test_claims_without_care() -> None:
    assert scores(fresh(Phantom), [*NORMAL, *phantoms(10)])[-1] > 0.9
    assert found(fresh(Phantom), [*NORMAL, *phantoms(2)]) == 0
    assert found(fresh(Phantom), [*NORMAL, *phantoms(10, encounter_days=0.0)]) == 0
    assert found(fresh(Phantom), [*NORMAL, *phantoms(10, chart_days=1.0)]) == 0
    assert found(fresh(Phantom), [*NORMAL, *phantoms(10, encounter_days=3.0, chart_days=4.0)]) > 0, "on other days"
    assert found(fresh(Phantom), [*NORMAL, *phantoms(10, kind="claim")]) == 0, "counted under its kind"


def test_what_is_usual_for_a_provider_stays_quiet() -> None:
    """A consultant whose encounters are kept elsewhere, for months."""
    rows = [billing(i, i, provider="1000077", **COVERED) for i in range(200)]
    values = scores(fresh(Phantom), rows)
    assert (values[120:] < 0.5).all() and np.isnan(scores(fresh(Phantom), [billing(1, provider="1")])).all()


def test_shopping_needs_both_prescribers_and_pharmacies() -> None:
    def claims(prescribers: int, pharmacies: int, drug: str, gap_days: float = 5.0) -> list[dict[str, Any]]:
        return [
            claim(i, i * gap_days, claim_type="pharmacy", procedures=[drug], rendering=f"d{i % prescribers}")
            | {"provider": f"ph{i % pharmacies}"}
            for i in range(10)
        ]

    assert found(fresh(DoctorShopping), claims(4, 3, "Oxycodone 5 mg")) > 0
    assert found(fresh(DoctorShopping), claims(5, 4, "00406055201")) > 0
    assert found(fresh(DoctorShopping), claims(4, 3, "00406055201")) == 0
    assert found(fresh(DoctorShopping), claims(10, 1, "Oxycodone 5 mg")) == 0
    assert found(fresh(DoctorShopping), claims(1, 10, "Oxycodone 5 mg")) == 0
    assert found(fresh(DoctorShopping), claims(10, 10, "Oxycodone 5 mg", 100.0)) == 0, "over years"


def test_identity_under_other_demographics() -> None:
    known = patient()
    woman = {"sex": "female", "birth_year": 1960}
    man = {"sex": "male", "birth_year": 1960}
    assert found(fresh(IdentityTheft), [known, claim(1, **woman)]) == 0
    assert scores(fresh(IdentityTheft), [known, claim(1, **woman), claim(2, **woman)])[-1] == 0.6
    assert scores(fresh(IdentityTheft), [known, claim(1, **woman), claim(2, **woman, provider="2")])[-1] == 0.75
    assert scores(fresh(IdentityTheft), [known, claim(1, sex="F", birth_year=1991)])[-1] == 0.85
    agreed = [claim(i, **man) for i in range(2)]
    assert scores(fresh(IdentityTheft), [*agreed, claim(3, sex="F", birth_year=1991)])[-1] == 0.85
    assert found(fresh(IdentityTheft), [known, *(claim(i, **man) for i in range(9))]) == 0


def test_a_feed_that_is_wrong_for_everybody_is_no_theft() -> None:
    rows: list[dict[str, Any]] = []
    for i in range(400):
        who = {"chart": f"p{i}"}
        rows += [patient(**who), claim(i, sex="female", birth_year=1990, **who)]
    assert found(fresh(IdentityTheft), rows) < 30, "only until it is clear"


@pytest.mark.parametrize("cls", [Identity, IdentityTheft, Phantom, DoctorShopping])
def test_restart_goes_on(cls: Any) -> None:
    first = [] if cls is Phantom else [patient()]
    more = {"sex": "female", "claim_type": "pharmacy"} | COVERED
    rows = [*first, *(claim(i, i, rendering=f"d{i}", **more) for i in range(12))]
    detector = fresh(cls)
    scores(detector, rows[:6])
    np.testing.assert_array_equal(scores(restarted(detector), rows[6:]), scores(detector, rows[6:]))


def test_one_service_billed_by_two_providers() -> None:
    first = claim(1, total_amount=120.0)
    assert scores(fresh(DuplicateElsewhere), [first, claim(2, total_amount=120.0, provider="1000038")])[-1] == 0.6
    for other in (
        claim(2, total_amount=120.0),
        claim(1, total_amount=120.0, provider="1000038"),
        claim(2, 1, total_amount=120.0, provider="1000038"),
        claim(2, total_amount=120.0, provider="1000038", rendering="1000020"),
        claim(2, total_amount=120.0, provider="1000038", chart="p2"),
    ):
        assert scores(fresh(DuplicateElsewhere), [first, other])[-1] == 0.0

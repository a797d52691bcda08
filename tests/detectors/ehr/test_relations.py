"""Charts of people whom the user knows: told where care does not explain, and where chance does not either."""

from typing import Any

import numpy as np
import pytest

from detectors.ehr.story import DAY, found, fresh, restarted, scores, sentence
from pipeline.detectors.detector import Detector
from pipeline.detectors.ehr.coworker import Coworker
from pipeline.detectors.ehr.deceased import Deceased
from pipeline.detectors.ehr.family import Family
from pipeline.detectors.ehr.neighbour import Neighbour
from pipeline.detectors.ehr.own_chart import OwnChart
from pipeline.detectors.ehr.vip import Vip
from pipeline.features.lists import Lists, UserList

START = 1.7e9 - 1.7e9 % DAY
LISTS = Lists({"vip": UserList({"p-ab": ({"patient": "P-AB", "mrn": "M-9"},)})})
STORIES: tuple[tuple[type[Detector], dict[str, Any]], ...] = (
    (Coworker, {"is_coworker": True, "same_department": True}),
    (Family, {"same_family": True, "same_address": True}),
    (Neighbour, {"same_address": True}),
    (Vip, {"patient": "p-ab"}),
    (Deceased, {"deceased_days": 300.0}),
)
of_flags = pytest.mark.parametrize(
    ("cls", "flags"), [s for s in STORIES if s[0] is not Vip], ids=lambda x: getattr(x, "id", "")
)
each = pytest.mark.parametrize(("cls", "flags"), STORIES, ids=[c.id for c, _ in STORIES])


def access(at: float, patient: str = "p1", user: str = "n1", **more: Any) -> dict[str, Any]:
    who = {"kind": "access", "user": user, "role": "nurse", "department": "Surgery", "patient": patient}
    judged = {"reason": "none", "strength": 0.0, "coverage": 0.95, "user_before": 0, "department_before": 0}
    return who | judged | {"ts": START + at, "judged_ts": START + at + 14_400.0, "action": "read"} | more


def look(**more: Any) -> list[dict[str, Any]]:
    """Four pages of a chart."""
    return [access(20.0 * i, **({"user_before": i, "department_before": i} | more)) for i in range(4)]


def noise(n: int, each: int, flags: dict[str, Any], user: str = "n1") -> list[dict[str, Any]]:
    """Accesses without a reason; every `each`-th has the relation by chance."""
    return [
        access(600.0 * i, **({"patient": f"x{i}", "user": user} | (flags if i % each == 0 else {}))) for i in range(n)
    ]


@each
def test_care_explains(cls: type[Detector], flags: dict[str, Any]) -> None:
    assert found(fresh(cls, LISTS), look(**flags)) >= 1
    assert found(fresh(cls, LISTS), look(**(flags | {"reason": "care_team", "strength": 0.9}))) == 0
    assert np.isnan(scores(fresh(cls, LISTS), look(**flags, withdrawn=True))).all()


@each
def test_who_documents_care_is_less_likely_curious(cls: type[Detector], flags: dict[str, Any]) -> None:
    curious, wrote = (scores(fresh(cls, LISTS), look(**flags, **more)) for more in ({}, {"care_after": True}))
    assert (wrote < curious).all()


@each
def test_to_serve_everyone_is_an_excuse_for_one_look(cls: type[Detector], flags: dict[str, Any]) -> None:
    served = flags | {"reason": "serves_all", "strength": 0.65}
    days = [r | {"ts": r["ts"] + DAY * d} for d in range(3) for r in look(**served)]
    assert found(fresh(cls, LISTS), days) >= 1
    if cls is not Family:  # nobody serves a whole town and looks up the own home by chance
        assert found(fresh(cls, LISTS), look(**served)[:1]) == 0
        stayed = {"left_s": 300.0, "left_usual": 0.1, "left_late": 0.1, "unexplained_share": 0.0}
        assert found(fresh(cls, LISTS), look(**served, **stayed)[:1]) == 0, "that role is a reason they always have"
        assert found(fresh(cls, LISTS), look(**flags, **stayed)[:1]) == 1
    assert found(fresh(cls, LISTS), look(**flags, sign_export=0.9)) == 0, "told with all that was taken out"


@pytest.mark.parametrize("reason", ["payment", "serves_all", "colleague"])
def test_kin_at_home_are_a_colleagues_errand(reason: str) -> None:
    """What office or role explains holds for every colleague as well; care by the user, or a namesake, is another."""
    office = {"reason": reason, "strength": 0.7, "same_family": True}
    assert found(fresh(Family), look(**office, same_address=True)[:1]) == 1
    assert found(fresh(Family), look(**office)) == 0
    assert found(fresh(Family), look(**office, same_address=True, coverage=0.1)) == 0, "care is hardly told"
    assert found(fresh(Family), look(**(office | {"same_address": True, "reason": "encounter"}))) == 0


@of_flags
def test_an_office_whose_work_it_is_becomes_quiet(cls: type[Detector], flags: dict[str, Any]) -> None:
    detector = fresh(cls, LISTS)
    scores(detector, noise(60, 2, flags))
    assert found(detector, [r | {"ts": r["ts"] + 700.0 * 60} for r in look(**flags)]) == 0


@of_flags
def test_chance_is_learned_and_a_restart_keeps_it(cls: type[Detector], flags: dict[str, Any]) -> None:
    detector = fresh(cls, LISTS)
    before = scores(fresh(cls, LISTS), [access(0.0, **flags)])[0]
    scores(detector, [r | {"department": f"d{i % 90}"} for i, r in enumerate(noise(900, 9, flags))])
    last = [access(700.0 * 900, department="Surgery", **flags)]
    after = scores(restarted(detector), last)[0]
    assert after < before and after == scores(detector, last)[0]


@of_flags
def test_without_context_nobody_is_accused(cls: type[Detector], flags: dict[str, Any]) -> None:
    assert found(fresh(cls), look(**flags, coverage=0.1)) == 0


@each
def test_what_colleagues_lack_means_less_the_less_the_house_can_tell(
    cls: type[Detector], flags: dict[str, Any]
) -> None:
    def worth(coverage: float, share: float) -> float:
        return float(scores(fresh(cls, LISTS), look(**flags, coverage=coverage, unexplained_share=share))[-1])

    assert worth(0.95, 0.4) == worth(0.85, 0.4), "an office without reasons in a house that tells nearly all"
    assert worth(0.85, 0.4) > worth(0.65, 0.4) > worth(0.6, 0.5)
    assert worth(0.95, 0.03) == worth(0.6, 0.03), "who always has a reason, whatever others lack"


@each
def test_a_chart_that_no_others_open_means_more_where_the_house_tells_little(
    cls: type[Detector], flags: dict[str, Any]
) -> None:
    poor = {"coverage": 0.5, "unexplained_share": 0.5}
    ward, alone = ({"treated_times": t} for t in (5.0, 0.05))
    assert found(fresh(cls, LISTS), look(**flags, **poor, **ward)) == 0
    assert found(fresh(cls, LISTS), look(**flags, **poor, **alone)) >= 1
    nothing = {"coverage": 0.03, "unexplained_share": 0.97}
    assert found(fresh(cls, LISTS), look(**flags, **nothing, **alone)) >= 1, "no care is told of anybody"
    assert found(fresh(cls, LISTS), look(**flags, **nothing)) == 0
    rich = {"coverage": 0.98, "unexplained_share": 0.01}
    worth = [scores(fresh(cls, LISTS), look(**flags, **rich, **t))[-1] for t in (alone, {}, {"treated_times": 2.0})]
    assert worth[0] == worth[1] == worth[2], "nothing follows where nearly all is told"


def test_vip_by_any_spelling_given() -> None:
    names = ("P-AB", "p-ab", "M-9", "p-abc")
    assert [found(fresh(Vip, LISTS), look(patient=p)) > 0 for p in names] == [True, True, True, False]
    assert found(fresh(Vip, LISTS), look(patient="p-ab", coverage=0.1)) > 0  # known of no colleague


def test_more_signs_weigh_more() -> None:
    kin = {"same_family": True}
    less, usual, more = {"department_before": 9}, {}, {"action": "print", "sign_hours": 0.5}
    a, b, c = (scores(fresh(Family), look(**(kin | change)))[-1] for change in (less, usual, more))
    assert a < b < c and c > 0.5 and scores(fresh(Family), [access(0.0, **kin)])[0] < 0.5


def test_another_look_on_another_day_is_no_wrong_click() -> None:
    colleague = {"is_coworker": True, "reason": "none"}
    once, twice = look(**colleague)[:2], [*look(**colleague)[:2], access(DAY, user_before=2, **colleague)]
    assert found(fresh(Coworker), once) == 0
    assert scores(fresh(Coworker), twice)[-1] > scores(fresh(Coworker), once)[-1]


def test_relations_do_not_repeat_each_other() -> None:
    kin = [access(0.0, same_family=True, same_address=True, is_coworker=True, same_department=True)]
    assert [found(fresh(c), kin) for c in (Family, Neighbour, Coworker)] == [1, 0, 0]


def test_own_chart_when_it_begins_becomes_a_habit_or_is_changed() -> None:
    days = (0, 1, 1.01, 2, 3, 4, 5, 6, 40)
    read = [access(DAY * d, is_self=True, reason="encounter", strength=0.8) for d in days]
    values = scores(fresh(OwnChart), read)
    assert [d for d, value in zip(days, values.tolist(), strict=True) if value >= 0.5] == [0, 2, 5, 40]
    assert found(fresh(OwnChart), [*read, access(DAY * 41, is_self=True, action="update")]) == 5


def test_sentences_name_no_patient() -> None:
    text = sentence(fresh(Vip, LISTS), [access(0.0, "p-ab", action="print", break_glass=True)])
    assert text == (
        "n1 (nurse, Surgery) printed from the chart of a watched patient by emergency access; no appointment, order, "
        "visit, care team or earlier care explains it, nor did anything come in until 2023-11-14 04:00 UTC."
    )

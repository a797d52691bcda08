"""Groups against the rest: a real difference is found, chance is not, and the small are left alone."""

import numpy as np

from pipeline.oversight.disparity import LEAST_PEOPLE, Active, Flag, disparities

ROLES = ("nurse", "physician", "clerk", "pharmacist", "lab_tech")
VALUES = {f"u{i}": {"role": ROLES[i % 5], "department": f"d{i % 8}"} for i in range(400)}
EVERYONE = [
    Active(user, shift, 20) for i, user in enumerate(VALUES) for shift in (("day", "night") if i % 3 else ("day",))
]


def _by_name(flags: list[Flag], *attributes: tuple[str, ...]):  # type: ignore[no-untyped-def]
    return {(g.attribute, g.name): g for g in disparities(EVERYONE, flags, VALUES, attributes)}


def test_who_is_flagged_more_often_is_named() -> None:
    """Three in ten nurses against one in twenty others."""
    rng = np.random.default_rng(7)
    flags = [
        Flag(u, "day", "false") for u, v in VALUES.items() if rng.random() < (0.3 if v["role"] == "nurse" else 0.05)
    ]
    groups = _by_name(flags, ("role",), ("department",))
    nurses = groups["role", "nurse"]
    assert nurses.differs and nurses.flagged.ratio_low > 2.0 < nurses.flagged.ratio
    assert nurses.wronged.count == nurses.flagged.count and nurses.false == nurses.judged == nurses.alerts
    assert not any(g.differs for (attribute, _), g in groups.items() if attribute == "department")
    assert sum(g.people for (a, _), g in groups.items() if a == "role") == len(VALUES)


def test_chance_is_hardly_ever_called_a_difference() -> None:
    """Of 60 reports over 13 groups where nobody is treated differently, at most one in ten says so."""
    called = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        flags = [Flag(u, "day", "") for u in VALUES if rng.random() < 0.1]
        called += any(g.differs for g in _by_name(flags, ("role",), ("department",)).values())
    assert called <= 6


def test_shifts_count_people_where_they_work() -> None:
    flags = [Flag(f"u{i}", "night", "") for i in range(1, 60)]
    groups = _by_name(flags, ("shift",), ("role", "shift"))
    night = groups["shift", "night"]
    assert night.people == sum(a.shift == "night" for a in EVERYONE)
    assert night.flagged.count == sum(i % 3 != 0 for i in range(1, 60)), "those who do not work at night do not count"
    assert groups["role + shift", "nurse · night"].people < night.people


def test_small_groups_say_nothing() -> None:
    few = {u: v | {"union": "yes" if int(u[1:]) < LEAST_PEOPLE - 1 else "no"} for u, v in VALUES.items()}
    flags = [Flag(f"u{i}", "day", "") for i in range(9)]
    groups = {g.name: g for g in disparities(EVERYONE, flags, few, [("union",)])}
    assert groups["yes"].too_small and not groups["yes"].differs
    assert groups["no"].too_small, "nor does the rest, against nobody else"


def test_nothing_at_all() -> None:
    assert disparities([], [], {}, [("role",)]) == []
    (everyone,) = disparities(EVERYONE, [], {}, [("role",)])
    assert (everyone.name, everyone.alerts, everyone.too_small) == ("unknown", 0, True)

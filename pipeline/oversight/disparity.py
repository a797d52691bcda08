"""Who is flagged more often than others, and wrongly so: groups of people compared with everybody else."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.oversight.proportions import fisher, holm, risk_ratio, wilson

LEAST_PEOPLE = 10
"""Groups of fewer people say nothing of a group, and next to something about a person."""
LEAST_FLAGGED = 5
"""Fewer people flagged in all: any ratio is chance."""
SURE = 0.05
"""Corrected probability below which a difference is called one."""
SHIFT = "shift"
UNKNOWN = "unknown"
JUDGED = ("true", "false", "benign_expected")


@dataclass(frozen=True, slots=True)
class Active:
    """Somebody who worked in a shift."""

    user: str
    shift: str
    accesses: int


@dataclass(frozen=True, slots=True)
class Flag:
    """An alert about somebody, told in a shift."""

    user: str
    shift: str
    verdict: str
    """What analysts say; empty where nobody has said anything."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of a group, and how that compares with all others."""

    count: int
    total: int
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    p: float
    """Corrected for all groups of the report; 1 where the group is too small."""

    @property
    def share(self) -> float:
        """Of the group, 0 to 1."""
        return self.count / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """People who share a value, against everybody else."""

    attribute: str
    name: str
    people: int
    """In their shifts, where the attribute has to do with shifts: one person in two shifts counts in both."""
    others: int
    """Everybody else, counted alike."""
    accesses: int
    alerts: int
    judged: int
    false: int
    flagged: Rate
    """People with an alert."""
    wronged: Rate
    """People with an alert that was an error."""
    too_small: bool

    @property
    def differs(self) -> bool:
        """Whether they are flagged more, or less, often than chance explains."""
        return not self.too_small and self.flagged.p < SURE

    @property
    def false_share(self) -> tuple[float, float]:
        """Interval of the share of errors among judged alerts."""
        return wilson(self.false, self.judged)


def disparities(
    active: Sequence[Active], flags: Sequence[Flag], values: Mapping[str, Mapping[str, str]],
    attributes: Sequence[tuple[str, ...]],
) -> list[Group]:  # fmt: skip
    """Groups by each of `attributes` (several names: their combinations), the largest first. `values`: attribute →
    value, by user. Alerts about people who were not active where they are counted belong to no group."""
    raw = [group for names in attributes for group in _groups(active, flags, values, names)]
    large = [k for k, g in enumerate(raw) if not g.too_small]
    for part in ("flagged", "wronged"):
        corrected = holm([getattr(raw[k], part).p for k in large])
        for k, p in zip(large, corrected, strict=True):
            raw[k] = replace(raw[k], **{part: replace(getattr(raw[k], part), p=p)})
    return raw


def _groups(
    active: Sequence[Active], flags: Sequence[Flag], values: Mapping[str, Mapping[str, str]], names: tuple[str, ...]
) -> Iterable[Group]:
    by_shift = SHIFT in names
    units: dict[tuple[str, str], int] = defaultdict(int)
    for a in active:
        units[a.user, a.shift if by_shift else ""] += a.accesses
    alerts: dict[tuple[str, str], list[Flag]] = defaultdict(list)
    for f in flags:
        alerts[f.user, f.shift if by_shift else ""].append(f)
    members: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for unit in units:
        known = {**values.get(unit[0], {}), SHIFT: unit[1]}
        members[" · ".join(known.get(name) or UNKNOWN for name in names)].append(unit)
    flagged = {unit for unit in units if alerts.get(unit)}
    wronged = {unit for unit in flagged if any(f.verdict == "false" for f in alerts[unit])}
    for name, mine in _with_small_ones_together(members):
        told = [f for unit in mine for f in alerts.get(unit, ())]
        small = len(mine) < LEAST_PEOPLE or len(units) - len(mine) < LEAST_PEOPLE or len(flagged) < LEAST_FLAGGED
        yield Group(
            attribute=" + ".join(names), name=name, people=len(mine), others=len(units) - len(mine),
            accesses=sum(units[u] for u in mine), alerts=len(told), judged=sum(f.verdict in JUDGED for f in told),
            false=sum(f.verdict == "false" for f in told), flagged=_rate(flagged, mine, len(units), small),
            wronged=_rate(wronged, mine, len(units), small or len(wronged) < LEAST_FLAGGED), too_small=small,
        )  # fmt: skip


def _with_small_ones_together(
    members: Mapping[str, Sequence[tuple[str, str]]],
) -> Iterable[tuple[str, Sequence[tuple[str, str]]]]:
    """Groups, the largest first; those of few people are one, last: they say something about persons else."""
    ranked = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    small = [name for name, mine in ranked if len(mine) < LEAST_PEOPLE]
    if len(small) < 2:
        return ranked
    together = [unit for name in small for unit in members[name]]
    return [*(item for item in ranked if item[0] not in small), (f"{len(small)} smaller groups", together)]


def _rate(found: set[tuple[str, str]], mine: Sequence[tuple[str, str]], everyone: int, small: bool) -> Rate:
    count, total = sum(unit in found for unit in mine), len(mine)
    other, others = len(found) - count, everyone - total
    low, high = wilson(count, total)
    ratio = risk_ratio(count, total, other, others) if others and found else (math.nan, 0.0, math.inf)
    return Rate(count, total, low, high, *ratio, 1.0 if small else fisher(count, total, other, others))

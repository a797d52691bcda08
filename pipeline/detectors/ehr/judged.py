"""Accesses that were judged against care: which of them count, how much of a reason they lack, and words for it."""

import math
from datetime import UTC, datetime

import numpy as np

from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named

COUNTING = ("ehr.unexplained_access", "ehr.slow_harvest", "ehr.same_stranger")
RELATIONS = ("ehr.coworker", "ehr.deceased", "ehr.family", "ehr.neighbour", "ehr.vip")
SUMMING = "ehr.access_anomaly"
EMERGENCY = "ehr.break_glass_without_care"
UNLIKELY = ("ehr.role_mismatch", "ehr.odd_hours")
"""Detectors that tell the same accesses in other words: who counts them, whose charts they are, what adds up, how they
came about, and what was done there or when. A case of one user and day is told by whichever comes first, and told anew
when another finds something."""

ENOUGH = 0.5
"""Strength from which care explains an access (`pipeline.charts.reasons`)."""
COVERED = (0.3, 0.7)
"""Share of all accesses that care has to explain before what it does not explain means anything, and means all."""


SERVES = 0.65
"""That a role serves everyone is a guess from what is usual, no relation of care: at ENOUGH a quarter of a reason
lacks, and nothing from here on, where registration stands."""
SERVED = 0.15
"""What always lacks where a role serves everyone: six or seven pages weigh as one that nothing explains."""
LEFT_S = (15.0, 30.0, 60.0, 180.0)
"""Bounds of the times, in seconds, at which a chart is left for another: a name read, a page read, more than that."""
CURIOUS = np.array([0.1, 0.1, 0.15, 0.25, 0.4])
"""Shares of the curious who leave within each of them, about evenly over their logarithm: some are disturbed."""
SLIP = (0.2, 4.0)
"""How much that may weigh: it is one sign, and somebody may know of it."""
REACH_H = 2
"""Hours either side of an access that colleagues are looked for in: who stays on or comes early has no other shift."""
EVEN, SMOOTH = (2 * REACH_H + 1) / 24, 1.0
"""Share of the day that is; accesses at any hour alike that stand beside those known of colleagues (Perks, 1947)."""
NOBODYS_HOUR = 0.03
"""Share of colleagues' accesses so near up to which nobody is taken to be on duty: one in twenty on a shift of eight
hours makes so much, work at all hours alike seven times as much."""
WROTE = 0.2
"""Weight of an access after which its user wrote into the chart or was named in the care: whom no document puts on the
team in time documents what was done, the curious leave no entry."""
HELD = 0.45
"""Highest value of an hour at which more of them work."""
LONG = 4.0
"""Charts from which a sitting is held against sittings so long."""
SHIFT = 2 * NOBODYS_HOUR
"""Share of colleagues' accesses from which some of them are on duty near an hour, whatever they open there."""
BEND = math.log(0.5) / math.log(0.002)
"""By which power of a tail `ehr.hour_rhythm` falls short of 1."""
TOLD = 0.5
"""Sign from which the access was told by the sign's own detector."""
TWICE = 2.0
"""Times the odds of the house that some roles and departments are taken to lack a reason."""
MOST = 0.5
"""Of the people of a role: when more of them lack a reason, it is how they work."""
ACCEPTED = 0.1
"""Share of a role's accesses without a reason up to which each counts in full; reviewers and the like have none."""


def accesses(batch: Batch) -> np.ndarray:
    """bool[n]: judged accesses by somebody to some patient, that were not withdrawn."""
    found: np.ndarray = batch.shared("ehr.accesses", _accesses)
    return found


def _accesses(batch: Batch) -> np.ndarray:
    known = (batch.hash("reason") != 0) | ~np.isnan(batch.number("strength"))
    wanted = batch.kind("access") & known & (batch.number("withdrawn") != 1.0)
    return wanted & (batch.hash("user") != 0) & (batch.hash("patient") != 0)


def taken_back(batch: Batch) -> np.ndarray:
    """bool[n]: a reason came after all for what had been judged to have none."""
    wanted = batch.kind("access") & (batch.number("withdrawn") == 1.0)
    return wanted & (batch.hash("user") != 0) & (batch.hash("patient") != 0)


def lacking(batch: Batch) -> np.ndarray:
    """float64[n] in [0, 1]: how much of a reason lacks; 0 where care explains it, or where it is no judged access."""
    strength = batch.number("strength")
    strength = np.where(np.isnan(strength), np.where(batch.equals("reason", "none"), 0.0, 1.0), strength)
    lacks = np.clip(1.0 - strength / ENOUGH, 0.0, 1.0)
    served = np.clip((SERVES - strength) / SERVES, 0.0, 1.0)
    return np.where(accesses(batch), np.where(batch.equals("reason", "serves_all"), served, lacks), 0.0)


def unasked(batch: Batch) -> np.ndarray:
    """float64[n] in [0, 1]: as `lacking`, for charts of which the user may know whose they are: that a role serves
    everyone is no errand to one's neighbour."""
    return np.where(
        accesses(batch) & batch.equals("reason", "serves_all"), np.maximum(lacking(batch), SERVED), lacking(batch)
    )


def covered(batch: Batch) -> np.ndarray:
    """float64[n] in [0, 1]: how much it means that an access is not explained; 0 where no clinical context arrives."""
    return _covered(number(batch, "coverage", 0.0))


def covered_alike(batch: Batch) -> np.ndarray:
    """float64[n] in [0, 1]: as `covered`, of charts of patients who seem treated as much as this one."""
    return _covered(1.0 - _untold(batch))


def _covered(share: np.ndarray) -> np.ndarray:
    low, high = COVERED
    found: np.ndarray = np.clip((share - low) / (high - low), 0.0, 1.0)
    return found


def _untold(batch: Batch) -> np.ndarray:
    """float64[n]: share of all charts that the house cannot tell why they are opened, if all were like this one."""
    return (1.0 - number(batch, "coverage", 0.0)) * number(batch, "treated_times", 1.0)


def telling(batch: Batch) -> np.ndarray:
    """float64[n] in [0, 1]: how much it means where the house cannot tell why a share of all charts like this one was
    opened: of a relation as many more are met by chance."""
    return np.minimum(1.0, ACCEPTED / np.maximum(_untold(batch), 1e-3))


def tells(batch: Batch) -> np.ndarray:
    """float64[n] in [0, 1]: as `telling`, of any chart."""
    found: np.ndarray = np.minimum(1.0, ACCEPTED / np.maximum(1.0 - number(batch, "coverage", 0.0), 1e-3))
    return found


def unexplained_alike(batch: Batch, otherwise: float) -> np.ndarray:
    """float64[n] in [0, 1]: share of colleagues' accesses without a reason, if all were of patients who seem treated as
    much as this one; `otherwise` where it is not known."""
    share = number(batch, "unexplained_share", otherwise) * number(batch, "treated_times", 1.0)
    return np.minimum(share, 1.0)


def surprising(batch: Batch, *, alike: bool) -> np.ndarray:
    """float64[n] in [0, 1]: how much it means among colleagues, where a share of their accesses, or of those to charts
    like this one, is never explained; nearly nothing before that is known."""
    share = batch.number("unexplained_share")
    share = np.where(np.isnan(share), 1.0, unexplained_alike(batch, 1.0) if alike else share)
    return np.minimum(1.0, ACCEPTED / np.maximum(share, 1e-3))


def far_beyond(batch: Batch) -> np.ndarray:
    """float64[n] in [0, 1]: the share of accesses without a reason of which the odds are TWICE those of the house."""
    untold = 1.0 - number(batch, "coverage", 0.0)
    far: np.ndarray = TWICE * untold / (1.0 + (TWICE - 1.0) * untold)
    return far


def covering(batch: Batch) -> np.ndarray:
    """float64[n] in (0, 1]: how much it means where most of the role have no reason in this part of the day: who covers
    for others by night sees patients whom no document gives them, but whom others treat. More than twice the odds of
    the house, where that does not tell of much."""
    usual = np.maximum(MOST, far_beyond(batch))
    share = np.minimum(batch.number("shift_share") * number(batch, "treated_times", 1.0), 1.0)
    return np.where(share > usual, ACCEPTED / np.maximum(share, MOST), 1.0)


def slip(batch: Batch) -> np.ndarray:
    """float64[n]: how many times likelier than usual (over 1) or less likely (under 1) it is that this was no slip of
    the mouse and no question in passing, by when the chart was left for another; 1 where that is not known.

    Those who are curious are taken to leave at any time, `CURIOUS`; how soon others leave what care does not explain
    is learned. Where hardly anything is left soon, or times are too coarse to tell, nothing follows from it.
    """
    left = batch.number("left_s")
    likely = CURIOUS[np.searchsorted(LEFT_S, np.nan_to_num(left), "right")]
    found: np.ndarray = np.where(accesses(batch) & (left == left), _times(likely, batch.number("left_usual")), 1.0)
    return found


def meant(batch: Batch) -> np.ndarray:
    """float64[n] in [0, 1]: `slip` as a weight; 1 where a chart was looked at for long, or where nothing is known."""
    longest = np.maximum(_times(CURIOUS[-1], batch.number("left_late")), 1.0)
    return np.where(np.isnan(batch.number("left_s")), 1.0, np.minimum(slip(batch) / longest, 1.0))


def documented(batch: Batch) -> np.ndarray:
    """float64[n] in (0, 1]: weight that is left of an access without a reason where care was documented after it."""
    return np.where(batch.number("care_after") == 1.0, WROTE, 1.0)


def _times(likely: np.ndarray | float, usual: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.clip(likely / np.maximum(np.where(np.isnan(usual), likely, usual), 1e-3), *SLIP)
    return found


def odd_hour(batch: Batch) -> np.ndarray:
    """float64[n] in [0, 1]: how unusual the hour is, for the user and for colleagues; 0 where either is not known."""
    return among_colleagues(number(batch, "sign_hours", 0.0), batch.number("hour_share"), batch.number("hour_long"))


def seated(share: np.ndarray, long: np.ndarray) -> np.ndarray:
    """bool[n]: a sitting of several charts at an hour at which no colleague has a shift."""
    found: np.ndarray = (long == long) & (share <= SHIFT)
    return found


def among_colleagues(sign: np.ndarray, share: np.ndarray, long: np.ndarray) -> np.ndarray:
    """float64[n] in [0, 1]: what a sign of an odd hour is worth where colleagues have this share of work near it; 0
    where that is not known.

    In a sitting of several charts (`long` is not NaN) the like share of colleagues' such counts, unless there is a
    shift at that hour: a chart or two looked up late are no work. And since the user's own history allows for long
    sittings at any hour, the tail that the sign stands for shrinks as that share does.
    """
    sat = seated(share, long)
    share = np.where(sat, np.fmin(share, long), share)
    worked = np.minimum(sign, HELD) * NOBODYS_HOUR / np.maximum(share, NOBODYS_HOUR)
    rarer = 1.0 - (1.0 - sign) * np.minimum(share / NOBODYS_HOUR, 1.0) ** BEND
    alone = np.where(sat & (sign > 0), rarer, sign)
    found: np.ndarray = np.where(np.isnan(share), 0.0, np.where(share <= NOBODYS_HOUR, alone, worked))
    return found


def exported(batch: Batch) -> np.ndarray:
    """bool[n]: told already as one of many charts taken out at once; whose each of them is adds nothing."""
    return number(batch, "sign_export", 0.0) >= TOLD


def glass(batch: Batch) -> np.ndarray:
    """bool[n]: an emergency access."""
    return (batch.number("break_glass") == 1.0) | batch.equals("purpose", "BTG")


def cohort(batch: Batch) -> np.ndarray:
    """uint64[n]: colleagues of the same role and department; never 0."""
    role, department = batch.hash("role"), batch.hash("department")
    both = combine_many(np.where(role != 0, role, np.uint64(1)), np.where(department != 0, department, np.uint64(1)))
    return np.where(both == 0, np.uint64(1), both)


def role(batch: Batch) -> np.ndarray:
    """uint64[n]: colleagues of the same role in the whole house, else of the department; never 0."""
    post = np.where(batch.hash("role") != 0, batch.hash("role"), batch.hash("department"))
    return np.where(post == 0, np.uint64(1), post)


def number(batch: Batch, name: str, otherwise: float) -> np.ndarray:
    """float64[n], `otherwise` where it is not known."""
    return np.nan_to_num(batch.number(name), nan=otherwise)


def who(batch: Batch, row: int) -> str:
    """`n17 (nurse, Surgery)`."""
    post = [t for t in (batch.text(f, row) for f in ("role", "department")) if t]
    name = named(batch, row, "user", otherwise="Someone unnamed")
    return f"{name} ({', '.join(t[:32] for t in post)})" if post else name


def searched(batch: Batch, row: int) -> str:
    """What was looked for, and until when."""
    judged, ts = batch.value("judged_ts", row), float(batch.ts[row])
    looked = "no appointment, order, visit, care team or earlier care explains it"
    if judged is None or judged <= ts:
        return looked
    until = datetime.fromtimestamp(judged, UTC)
    return f"{looked}, nor did anything come in until {until:%Y-%m-%d %H:%M} UTC"

"""How long the explainer waits and remembers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CareOptions:
    """Times of the explainer, all in event time, and its bounds, which are for all key groups together."""

    grace_h: float = 4.0
    """An access without a reason waits so long: orders and notes are typed in within half a shift."""
    break_glass_h: float = 24.0
    """An emergency access waits so long for care to be documented: the next day's paperwork."""
    claim_wait_d: float = 7.0
    """A claim waits so long for an encounter and for somebody to open the chart."""
    keep_d: float = 400.0
    """A relation is forgotten so long after it ended: a year's follow-up visit still finds last year's."""
    withdraw_d: float = 3.0
    """Context that comes so long after an access was judged without reason still withdraws it."""
    patients: int = 2_000_000
    """Beyond so many patients those seen least recently are forgotten."""
    users: int = 60_000
    """The same for members of staff; every key group knows all of them."""
    waiting: int = 200_000
    """Beyond so many accesses and claims in waiting the one due first is judged at once."""

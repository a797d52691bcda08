"""Words and numbers that explanations share: which features moved a score, and what would not have been found.

Nothing here reads a state: all of it is computed from the evidence of one row, for the few that are told.
"""

import math
from collections.abc import Sequence

from schemas.finding import Feature

MOST = 5
"""Features of a finding: more than a person reads at a glance."""
_BOUNDS = ("usual_low", "usual_high", "peer_low", "peer_high")
_SCALE = 1e4  # contributions are cut to four places, so that their sum stays at most 1
_NOTHING = 1e-300  # what is less has no hundredth part among the numbers of this machine


def weighed(features: Sequence[Feature]) -> list[Feature]:
    """The five that moved the score most, with the share of each.

    A detector that knows shares better (a model, a sum of weights) gives them itself. Else each counts by how far it
    lies from what is usual, in logarithms, as most scores do; a fact that has no usual range (a word on a list, a
    technique) carries the score alone where nothing else left its range.
    """
    parts = [f.contribution for f in features]
    if all(p is None for p in parts):
        parts = [_distance(f) for f in features]
        if not any(parts):
            parts = [1.0 if _is_fact(f) else 0.0 for f in features]
        if not any(parts) and parts:
            parts[0] = 1.0  # just at its limit: detectors name what they go by first
    weights = [max(p, 0.0) if p is not None and math.isfinite(p) else 0.0 for p in parts]
    total = max(sum(weights), 1.0) if any(f.contribution is not None for f in features) else sum(weights)
    order = sorted(range(len(weights)), key=lambda k: -weights[k])[:MOST]
    shares = {k: math.floor(_SCALE * weights[k] / total) / _SCALE if total else 0.0 for k in order}
    return [_told(features[k], shares[k]) for k in order]


def _told(f: Feature, share: float) -> Feature:
    # Made anew: a copy of a pydantic object costs twice as much.
    values = dict(vars(f), contribution=share)
    for name in _BOUNDS:
        if values[name] is not None:
            values[name] = round(values[name], 6)
    return Feature(**values)


def _is_fact(f: Feature) -> bool:
    return f.usual_low is None and f.usual_high is None and f.peer_low is None and f.peer_high is None


def _distance(f: Feature) -> float:
    """How far the value lies outside its own range, or outside its peers' where its own is not known; 0 inside."""
    if isinstance(f.value, str):
        return 0.0
    ranges = ((f.usual_low, f.usual_high), (f.peer_low, f.peer_high))
    return max(_outside(f.value, low, high) for low, high in ranges)


def _outside(value: float, low: float | None, high: float | None) -> float:
    if high is not None and value > high:
        return math.log1p(abs(value - high) / max(abs(high), 1.0)) if high < 0 else _ratio(value, high)
    if low is not None and value < low:
        return _ratio(low, max(value, 0.0))
    return 0.0


def _ratio(more: float, less: float) -> float:
    """Logarithm of how many times more, where a share of one counts as well as a million bytes."""
    if more < _NOTHING:
        return 0.0
    return math.log(more / max(less, min(1.0, more) / 100.0))


def odds_of(score: float) -> float:
    """What is for it against what is against it; finite."""
    score = min(max(score, 1e-9), 1.0 - 1e-9)
    return score / (1.0 - score)


def nearest(amount: float, score: float, limit: float) -> float:
    """The amount at which a score that grows as amount / (amount + something) would have come to `limit`.

    >>> round(nearest(19, 19 / (19 + 15), 0.5), 3)
    15.0
    """
    return amount * odds_of(limit) / odds_of(score)


def least(amount: float, score: float, limit: float, half: float) -> int:
    """The same as a whole number, for counts: fewer would not have been found. `half`: the count whose score is one
    half, where this one scores nothing to go by."""
    return whole(nearest(amount, score, limit) if amount > 0 and 0 < score < 1 else half * odds_of(limit))


def whole(amount: float) -> int:
    """The least whole number that is enough: fewer would not have been found."""
    return max(math.ceil(amount - 1e-6), 1) if math.isfinite(amount) else 1


def span_of(seconds: float) -> str:
    """A time in words: "15 minutes", "2 hours".

    >>> span_of(90), span_of(5400), span_of(60), span_of(259_200)
    ('90 seconds', '90 minutes', '1 minute', '3 days')
    """
    for size, unit in ((86_400.0, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second")):
        count = seconds / size
        if count >= 2.0 or (count >= 1.0 and count == int(count)) or size == 1.0:
            return count_of(round(count) if count >= 10 or count == int(count) else round(count, 1), unit)
    return f"{seconds:g} seconds"


def count_of(number: float, thing: str, things: str = "") -> str:
    """A number with its noun: "1 account", "12 accounts".

    >>> count_of(1, "account"), count_of(1234, "account"), count_of(2, "entry", "entries")
    ('1 account', '1,234 accounts', '2 entries')
    """
    told = f"{number:,.0f}" if abs(number) >= 1e5 else f"{number:,g}"
    return f"{told} {thing if number == 1 else things or thing + 's'}"


def size_of(bytes_: float) -> str:
    """Bytes for people.

    >>> size_of(340e6), size_of(5400), size_of(999)
    ('340 MB', '5.4 kB', '999 bytes')
    """
    for least, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if bytes_ >= least:
            value = bytes_ / least
            return f"{value:,.0f} {unit}" if value >= 10 else f"{value:.2g} {unit}"
    return f"{max(bytes_, 0):.0f} bytes"

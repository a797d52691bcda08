"""More hours of work billed for one person and day than a day has."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numba as nb
import numpy as np

from pipeline.detectors.claims.billing_case import CASE_DAYS, others
from pipeline.detectors.claims.service_minutes import BY_COMPLEXITY, MINUTES
from pipeline.detectors.claims.visit_levels import visits_of
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import odds_of
from pipeline.detectors.usual_range import EIGHT_IN_TEN
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import DAY_S, IS_DIRECTED, ClaimLines, claim_lines, fold
from pipeline.features.entity_table import claim_slot
from pipeline.features.naming import named
from pipeline.features.norm import PEERS_ENOUGH, SEEN, SIZE, score_of, spread_of, take
from schemas.finding import Feature

PEOPLE = 4096  # persons per key group
DAYS = 16_384  # persons' days per key group
CLAIMS = 32_768  # claims per key group that are known to be counted already
LONGEST_SPAN_D = 31  # a line over more days is a summary and says nothing about one day
PEER_MEMORY = 2000.0  # days of colleagues
VISITS_CAP = 0.8  # many visits are a reason to look, not an impossibility
FIRST, SEVERAL = range(2)  # columns of what is known of a billing provider


class ImpossibleDay(Detector):
    """Timed services of one rendering person added up by day of service, and visits a day against colleagues.

    Timed are lines in minutes (anaesthesia) and codes with a time of their own, visits whose level may be chosen by
    complexity for half of it; a line over several days counts
    evenly on each. Persons are rendering providers of claims that are not institutional, and billing providers of
    professional claims, and who renders under the number that bills, as long as no two others render for it: a hospital
    is not one person, and neither is who directs others' anaesthesia (QK, QY, AD). Hours are added up per billing
    provider. A claim sent again under its number is not counted again. Visits are judged once 20 finished
    days of colleagues are known.
    """

    id = "claims.impossible_day"
    title = "Impossible day"
    severity = 3
    source = "claims"
    alert_days = CASE_DAYS
    beside = others(id)
    entity = ("rendering", "provider")
    entity_type = "provider"
    inputs = ("claim_id", "claim_type", "provider", "rendering", "from_ts", "through_ts", "lines")
    misses = (
        "Upcoding within a plausible day, hours spread over several rendering persons or billing providers, "
        "and services without a time of their own below the usual number of visits."
    )
    cost = "O(lines x days) a claim; 40 bytes a person and day, 16 bytes a claim"
    reference = "HHS OIG reports on impossible days; times: see service_minutes"
    defaults = {"unlikely_h": 16.0, "impossible_h": 24.0, "deviations": 4.0, "least_visits": 60.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._parts = {
            "billing": EntityState(setup.groups, PEOPLE, {"renderers": ((2,), np.uint64)}),
            "people": EntityState(setup.groups, PEOPLE, {"newest": ((), np.int64)}),
            "days": EntityState(setup.groups, DAYS, {"sums": ((2,), np.float64), "claim": ((), np.uint64)}),
            "claims": EntityState(setup.groups, CLAIMS, {}),
            "peers": EntityState(setup.groups, 8, {"norm": ((SIZE,), np.float64)}),
        }

    def score(self, batch: Batch) -> Scores:
        lines = claim_lines(batch)
        institutional = batch.equals("claim_type", "institutional") | batch.equals("claim_type", "pharmacy")
        told = batch.kind("claim") & ~institutional & (batch.hash("provider") != 0)
        alone = (batch.hash("rendering") == 0) & batch.equals("claim_type", "professional")
        told &= alone | (batch.hash("rendering") != 0)
        ident = np.where(batch.hash("claim_id") != 0, batch.hash("claim_id"), batch.hash("event_id"))
        b, w, d, c, p = (self._parts[k].arrays() for k in ("billing", "people", "days", "claims", "peers"))
        o = self.option
        out = _judge(
            told, batch.hash("provider"), batch.hash("rendering"), fold(batch.key_hash, ident), batch.ts,
            batch.groups, lines.first, (_minutes(lines), lines.day, lines.through),
            (b["keys"], b["seen"], b["renderers"]), (w["keys"], w["seen"], w["newest"]),
            (d["keys"], d["seen"], d["sums"], d["claim"]), (c["keys"], c["seen"]), p["norm"],
            np.array([o["unlikely_h"], o["impossible_h"], o["deviations"], o["least_visits"]], float),
        )  # fmt: skip
        return Scores(
            out[0], dict(zip(("day", "hours", "visits", "usual", "by_visits", "spread"), out[1:], strict=True))
        )

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        day, hours, visits, usual = (float(scores.evidence[k][row]) for k in ("day", "hours", "visits", "usual"))
        who = named(batch, row, "rendering", "provider")
        when = datetime.fromtimestamp(day * DAY_S, UTC).strftime("%Y-%m-%d") if day == day else "one day"
        by_visits, limit = scores.evidence["by_visits"][row] == 1.0, self.limit(scores, row)
        least = self._hours(limit)
        level, spread = math.log1p(max(usual, 0.0)), float(scores.evidence["spread"][row])
        low, high = (math.expm1(max(level + s * EIGHT_IN_TEN * spread, 0.0)) for s in (-1, 1))
        known = usual == usual
        features = [
            Feature(name="hours_billed", value=round(hours, 2), unit="h", usual_low=0, usual_high=round(least, 2),
                    contribution=float(not by_visits)),
            Feature(name="visits", value=visits, peer_low=round(low, 1) if known else None,
                    peer_high=round(high, 1) if known else None, contribution=float(by_visits)),
        ]  # fmt: skip
        if by_visits:
            far = float(self.option["deviations"]) + math.log(odds_of(limit))
            fewer = max(math.expm1(level + far * spread), float(self.option["least_visits"]))
            message = f"{visits:.0f} visits are billed for provider {who} on {when}"
            message += f"; colleagues have about {usual:.0f} a day."
            return Explanation(message, f"Fewer than {fewer:.0f} visits a day.", features)
        message = f"{hours:.1f} hours of timed services are billed for provider {who} on {when}, who is one person."
        return Explanation(message, f"Fewer than {least:.3g} hours a day.", features)

    def _hours(self, limit: float) -> float:
        """The hours that score `limit`: inverse of `_opinion`."""
        unlikely, impossible = float(self.option["unlikely_h"]), float(self.option["impossible_h"])
        if limit <= 0.5:
            return unlikely * min(limit / (0.5 * 0.98), 1.0)
        if limit <= 0.98:
            return min(unlikely + (impossible - unlikely) * (limit - 0.5) / 0.45, impossible)
        return impossible * (1.0 + (limit - 0.98) / 0.02)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(number: int, code: str, quantity: float, **more: object) -> dict[str, object]:
            line = {"procedure": code, "quantity": quantity, "unit": "MJ" if code.startswith("00") else "UN"}
            who = {"provider": "1000000020", "rendering": "1000000038", "patient": f"p{number}"}
            what = {"kind": "claim", "claim_type": "professional", "claim_id": f"c{number}", "ts": 1.7e9}
            return what | who | {"from_ts": 19_700 * 86_400.0, "lines": [line]} | more

        return (
            Example("thirty hours of psychotherapy", [claim(i, "90837", 1) for i in range(30)], True),
            Example("anaesthesia in minutes", [claim(i, "00142", 300) for i in range(5)], True),
            Example("a full day", [claim(i, "90837", 1) for i in range(9)], False),
            Example("one claim sent often", [claim(1, "90837", 1) for _ in range(30)], False),
            Example("a hospital", [claim(i, "99291", 2, claim_type="institutional") for i in range(60)], False),
        )


def _minutes(lines: ClaimLines) -> np.ndarray:
    """float64[m], minutes a line stands for over all its days; NaN where it is not timed."""
    unit = np.array([MINUTES.get(code, np.nan) for code in lines.codes], float)
    unit *= np.where(visits_of(lines.codes)[0] >= 0, BY_COMPLEXITY, 1.0)
    count = np.where(np.isnan(lines.quantity), 1.0, lines.quantity)
    total = np.where(lines.minutes, lines.quantity, unit * count)
    span = lines.through - lines.day + 1
    return np.where((lines.marks & IS_DIRECTED != 0) | (span > LONGEST_SPAN_D), np.nan, total)


@nb.njit(cache=True, nogil=True)
def _person(billing, g, provider, rendering, ts):  # type: ignore[no-untyped-def]
    """Who did the work: (hash, whether that is one person). Notes how many persons render for a billing
    provider.
    """
    slot, fresh = claim_slot(billing[0][g], billing[1][g], provider, ts)
    known = billing[2][g, slot]
    if fresh:
        known[:] = 0
    if rendering == np.uint64(0) or rendering == provider:
        return provider, known[SEVERAL] == np.uint64(0)
    if known[FIRST] == np.uint64(0):
        known[FIRST] = rendering
    elif known[FIRST] != rendering:
        known[SEVERAL] = np.uint64(1)
    return rendering, True


@nb.njit(cache=True, nogil=True)
def _key(person, day):  # type: ignore[no-untyped-def]
    """The slot key of a person's day."""
    h = person ^ (np.uint64(day + 1) * np.uint64(0x9E3779B97F4A7C15))
    h = (h ^ (h >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return max(h ^ (h >> np.uint64(29)), np.uint64(1))


@nb.njit(cache=True, nogil=True)
def _day_slot(days, g, key, ts):  # type: ignore[no-untyped-def]
    """The slot of a person's day, emptied when it is new."""
    slot, fresh = claim_slot(days[0][g], days[1][g], key, ts)
    if fresh:
        days[2][g, slot] = 0.0
        days[3][g, slot] = 0
    return slot


@nb.njit(cache=True, nogil=True)
def _finish_day(people, days, norm, g, who, day, ts):  # type: ignore[no-untyped-def]
    """When a person's work has moved on to a later day, the visits of the day before become a sample of the
    norm.
    """
    slot, fresh = claim_slot(people[0][g], people[1][g], who, ts)
    newest = people[2][g, slot]
    if fresh:
        people[2][g, slot] = day
    elif day > newest:
        visits = days[2][g, _day_slot(days, g, _key(who, newest), ts), 1]
        if visits > 0.0:
            take(norm, np.log1p(visits), PEER_MEMORY)
        people[2][g, slot] = day


@nb.njit(cache=True, nogil=True)
def _opinion(minutes, visits, norm, limits):  # type: ignore[no-untyped-def]
    """(score, usual visits, whether visits decided, standard deviation of log visits) of a day's sums."""
    hours = minutes / 60.0
    if hours <= limits[0]:
        value = 0.5 * hours / limits[0] * 0.98
    elif hours <= limits[1]:
        value = 0.5 + 0.45 * (hours - limits[0]) / max(limits[1] - limits[0], 1e-9)
    else:
        value = min(0.98 + 0.02 * (hours - limits[1]) / limits[1], 1.0)
    usual, spread = np.nan, 0.0
    if norm[SEEN] >= PEERS_ENOUGH:
        usual = np.expm1(norm[1])
        spread = spread_of(norm[1], norm[2])
        z = (np.log1p(visits) - norm[1]) / spread
        by_visits = min(score_of(z, limits[2]), VISITS_CAP) if visits >= limits[3] else 0.0
        if by_visits > value:
            return by_visits, usual, 1.0, spread
    return value, usual, 0.0, spread


@nb.njit(cache=True, nogil=True)
def _add(days, g, slot, ident, minutes):  # type: ignore[no-untyped-def]
    """Add a claim's minutes to a day, and the claim to its visits once; the day's [minutes, visits]."""
    sums = days[2][g, slot]
    sums[0] += minutes
    if days[3][g, slot] != ident:
        days[3][g, slot] = ident
        sums[1] += 1.0
    return sums


@nb.njit(cache=True, nogil=True)
def _judge(told, provider, rendering, ident, ts, groups, first, lines, bills, people, days, claims, norm, limits):  # type: ignore[no-untyped-def]  # fmt: skip
    """float64[7, n]: score, day, hours, visits, usual visits, whether visits decided, their spread; of the claim's
    worst day.

    told, provider, rendering, ident, ts, groups [n]; first [n + 1]; lines (minutes, day, through) [m]; state
    tables (keys, seen, values) [G, capacity, ...]; norm [G, 8, SIZE] of which the first is used; limits [4].
    """
    out = np.full((7, len(told)), np.nan)
    minutes, begin, end = lines
    for i in range(len(told)):
        if not told[i]:
            continue
        g = groups[i]
        person, single = _person(bills, g, provider[i], rendering[i], ts[i])
        if not single:
            continue
        out[0, i] = 0.0
        if not claim_slot(claims[0][g], claims[1][g], ident[i], ts[i])[1]:
            continue  # counted when it came first
        who = person ^ (provider[i] * np.uint64(3))
        for j in range(first[i], first[i + 1]):
            if minutes[j] != minutes[j]:
                continue
            for day in range(begin[j], end[j] + 1):
                _finish_day(people, days, norm[g, 0], g, who, day, ts[i])
                slot = _day_slot(days, g, _key(who, day), ts[i])
                sums = _add(days, g, slot, ident[i], minutes[j] / (end[j] - begin[j] + 1))
                value, usual, by_visits, spread = _opinion(sums[0], sums[1], norm[g, 0], limits)
                if value >= out[0, i]:
                    out[:, i] = value, float(day), sums[0] / 60.0, sums[1], usual, by_visits, spread
    return out

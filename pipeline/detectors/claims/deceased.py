"""A service billed for a day on which the patient was already dead."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from pipeline.detectors.claims.billing_case import WAITED_DAYS
from pipeline.detectors.claims.chart_claims import code_lists, is_apart
from pipeline.detectors.claims.registered_deaths import RegisteredDeaths
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import DAY_S, service_days
from pipeline.features.naming import named
from schemas.finding import Feature

GRACE_D = 1  # the day after: time zones, dates of discharge, what was done in the night
READING_D = 14  # work on what was taken before is dated by when it was done: CMS date of service rule, laboratories
# What is done with the dead: necropsy (CPT 88000 to 88099) and certification of death (SNOMED CT).
_NECROPSY, _CERTIFICATION = "880", frozenset({"308646001"})
CERTAIN, LIKELY, POSSIBLE = 0.95, 0.85, 0.4
LONG_D = 7  # beyond a week no slip of a date explains it


class Deceased(Detector):
    """First day of service against the day of death that the registry tells; late billing does not matter.

    A day of grace is given, two weeks to laboratory, imaging and other work on what was taken before, and none of
    what is done with the dead (necropsy, certification) is found. Supplies that go on being billed are found.
    Claims that name a member of a plan and no patient's record are held against the death registered with that number
    and year of birth, from two weeks on. Nothing is said of patients whose death is not known.
    """

    id = "claims.deceased"
    title = "Billed for a patient who was dead"
    severity = 4
    source = "judged"
    alert_days = WAITED_DAYS
    entity = ("provider", "rendering")
    entity_type = "provider"
    inputs = (
        "kind", "chart", "deceased_days", "from_ts", "procedures", "provider", "rendering", "member_id", "patient",
        "billed", "birth_year", "deceased_ts",
    )  # fmt: skip
    misses = (
        "Deaths that the registry does not tell or that become known only after the claim was judged, and services "
        "billed for the last day of life or the day after; claims that name no provider."
    )
    cost = (
        "O(codes) a claim; 24 bytes a dead patient, kept where the chart is, 208 bytes a member number: 3.5 MB a group"
    )
    reference = (
        "HHS OIG reports on payments after beneficiaries' death; CMS, 42 CFR 414.510 (laboratory date of service)"
    )
    defaults = {"grace_days": GRACE_D}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._deaths = RegisteredDeaths(setup.groups)
        self._parts = {"deaths": self._deaths.state}

    def score(self, batch: Batch) -> Scores:
        claim = batch.kind("claim")
        late = np.where(claim, batch.number("deceased_days"), np.nan)
        values = np.where(claim, 0.0, np.nan)
        codes = code_lists(batch, "procedures")
        for row in np.flatnonzero(late > float(self.option["grace_days"])).tolist():
            if any(c in _CERTIFICATION or (len(c) == 5 and c.startswith(_NECROPSY)) for c in codes[row]):
                continue
            reading = is_apart(codes[row]) and late[row] <= READING_D
            values[row] = POSSIBLE if reading else CERTAIN if late[row] > LONG_D else LIKELY
        named = batch.kind("member") & (batch.hash("member_id") != 0) & (batch.hash("patient") != 0)
        members = np.flatnonzero(named)
        if len(members):
            late[members] = self._deaths.days(batch, members)
            values[members] = np.where(late[members] > READING_D, CERTAIN, 0.0)
        return Scores(values, {"days": late})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        days = float(scores.evidence["days"][row])
        first = float(service_days(batch)[0][row]) * DAY_S
        served = datetime.fromtimestamp(min(max(first, 0.0), 4e9), UTC).strftime("%Y-%m-%d")
        who, patient = named(batch, row, "provider", "rendering"), named(batch, row, "chart", "patient")
        codes = code_lists(batch, "procedures")[row]
        what = f" ({codes[0][:16]})" if codes else ""
        after = f"{days:.0f} days after the patient's death" if days == days else "after the patient's death"
        message = f"Provider {who} billed a service{what} for patient {patient} on {served}, {after}."
        grace = float(self.option["grace_days"])
        value = days if days == days else 0.0
        feature = Feature(name="days_after_death", value=value, unit="d", usual_high=grace)
        normal = f"A service until {count_of(grace, 'day')} after death, however late it is billed."
        return Explanation(message, normal, [feature])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(days: float, **more: object) -> dict[str, object]:
            day = 19_700 + days
            when = {"ts": (day + 60) * DAY_S, "from_ts": day * DAY_S, "deceased_days": days}
            who = {"kind": "claim", "chart": "p1", "provider": "1000000020", "procedures": ["99213"]}
            return who | when | more

        member = {"kind": "member", "member_id": "m9", "birth_year": 1940}
        death = {"patient": "p1", "deceased_ts": 19_700 * DAY_S, "billed": False}
        registered = member | death | {"ts": 19_700 * DAY_S - 1e6}

        def billed(days: float) -> dict[str, object]:
            when = {"ts": (19_760 + days) * DAY_S, "from_ts": (19_700 + days) * DAY_S, "billed": True}
            return member | when | {"patient": "m9-01", "rendering": "1000000020"}

        return (
            Example("a visit three weeks after death", [claim(20.0)], True),
            Example("billed two months late", [claim(-2.0)], False),
            Example("a specimen read later", [claim(3.0, procedures=["88305"])], False),
            Example("another patient", [claim(20.0, deceased_days=None)], False),
            Example("under a member number", [registered, billed(60.0)], True),
            Example("before the death", [registered, billed(-2.0)], False),
            Example("another of the family", [registered, billed(60.0) | {"birth_year": 1971}], False),
        )

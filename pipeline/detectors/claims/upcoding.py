"""Visits billed at higher levels than peers bill them, or than the same person did before."""

import math
from collections.abc import Sequence

import numpy as np

from pipeline.detectors.claims import upcoding_kernel as kernel
from pipeline.detectors.claims.billing_case import CASE_DAYS, others
from pipeline.detectors.claims.peer_groups import PeerGroups
from pipeline.detectors.claims.visit_levels import LADDERS, NAMES, visits_of
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import odds_of
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import claim_lines, fold
from pipeline.features.naming import named
from schemas.finding import Feature

PEOPLE, CLAIMS = 4096, 8192  # per key group


class Upcoding(Detector):
    """Mean level of a person's recent visits, and the share at the highest level, per family of visits (E/M codes).

    Levels run from 0 to 1 in each family. The mean of recent visits (half-life 14 days) is compared with the means
    of peers (the groups of the list `peer_groups`, else all who bill the family; a prior stands for few of them),
    with their spread and the chance of few visits. What came since some day of the last three weeks, whichever
    tells most, is compared with the person's time before: the share at the highest level by the likelihood ratio,
    where it rose by a tenth, and the mean by the spread of single visits, where it rose by a tenth of the way up.
    The score is 0.5 at 3.5 deviations from peers, from eight visits on, and at 3.2 from the own past, from sixteen
    on: of the beginnings that are tried, those a few visits ago rise highest by chance. Only visits above what they
    are held against are found. A person is told again after a week, or when it became worse. Claims sent again are
    not counted again.
    """

    id = "claims.upcoding"
    title = "Visits billed at unusually high levels"
    severity = 3
    source = "claims"
    alert_days = CASE_DAYS
    beside = others(id)
    entity = ("rendering", "provider")
    entity_type = "provider"
    inputs = ("claim_id", "provider", "rendering", "lines")
    misses = (
        "A person who has always billed so among peers who all do, a family that hardly anybody bills here, slow "
        "drift within the peers' spread, and upcoding of anything but visits."
    )
    cost = "O(lines) a claim; 400 bytes a person and family, 16 a claim"
    reference = "HHS OIG, Coding trends of Medicare evaluation and management services (OEI-04-10-00180)"
    defaults = {
        "deviations": 3.5, "least_visits": 8.0, "least_excess": 0.15, "rise_deviations": 3.2, "rise_visits": 16.0,
    }  # fmt: skip

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        f = np.float64
        columns = {
            "sums": ((2, 2), f), "at": ((), f), "mean": ((), f), "weight": ((), f), "cohort": ((), np.int64),
            "spans": ((1 + kernel.SPANS, 4), f), "span": ((), f), "told": ((2,), f),
        }  # fmt: skip
        self._parts = {
            "people": EntityState(setup.groups, PEOPLE, columns),
            "claims": EntityState(setup.groups, CLAIMS, {}),
            "cohorts": EntityState(setup.groups, 8, {"sums": ((kernel.COHORTS, kernel.SUMS), f)}),
        }
        self._groups = PeerGroups(setup.lists)

    def relist(self) -> None:
        super().relist()
        self._groups = PeerGroups(self.setup.lists)

    def score(self, batch: Batch) -> Scores:
        lines = claim_lines(batch)
        family, level = visits_of(lines.codes)
        who = np.where(batch.hash("rendering") != 0, batch.hash("rendering"), batch.hash("provider"))
        ident = np.where(batch.hash("claim_id") != 0, batch.hash("claim_id"), batch.hash("event_id"))
        p, c, sums = (self._parts[name].arrays() for name in ("people", "claims", "cohorts"))
        o = self.option
        limit = o.get("threshold", self.threshold)
        told = batch.kind("claim") & (who != 0)
        out, silent = kernel.judge_visits(
            told, who, fold(batch.key_hash, ident), self._groups.numbers(who, kernel.LISTED), batch.ts, batch.groups,
            lines.first, family, level, kernel.People(**p), (c["keys"], c["seen"]), sums["sums"],
            np.array([o["deviations"], o["least_visits"], o["least_excess"], limit, o["rise_deviations"],
                      o["rise_visits"]], float),
        )  # fmt: skip
        names = ("family", "visits", "value", "usual", "decides")
        return Scores(out[0], dict(zip(names, out[1:], strict=True)), silent=silent)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        visits, value, usual = (float(scores.evidence[k][row]) for k in ("visits", "value", "usual"))
        family = NAMES[max(int(scores.evidence["family"][row]), 0)]
        who, top = named(batch, row, "rendering", "provider"), len(LADDERS[family])
        decides = scores.evidence["decides"][row]
        # Deviations score a half at `far`; the value lies in proportion to them above what is usual.
        far = float(self.option["deviations" if decides == kernel.PEERS_DECIDE else "rise_deviations"])
        score = float(scores.values[row])
        now = far + 0.5 * math.log(odds_of(score))
        less = usual + (value - usual) * (far + 0.5 * math.log(odds_of(self.limit(scores, row)))) / max(now, 1e-6)
        start = f"The last {visits:.0f} {family} of provider {who} were billed"
        level, peers = 1.0 + value * (top - 1), 1.0 + usual * (top - 1)
        if decides == kernel.SHIFT_DECIDES:
            feature = Feature(name="mean_level", value=round(level, 2), usual_low=1, usual_high=round(peers, 2))
            message = f"{start} at level {level:.1f} of {top} on average; before it was {peers:.1f}."
            low = 1.0 + max(less, usual + kernel.LEAST_SHIFT) * (top - 1)
            return Explanation(message, f"Below level {low:.1f} of {top} on average.", [feature])
        if decides == kernel.TOP_DECIDES:
            feature = Feature(
                name="share_at_highest_level", value=round(value, 3), usual_low=0, usual_high=round(usual, 3)
            )
            message = f"{start} at the highest level in {value:.0%}; before it was {usual:.0%}."
            return Explanation(message, f"Less than about {less:.0%} at the highest level.", [feature])
        less = 1.0 + max(less, usual + float(self.option["least_excess"])) * (top - 1)
        feature = Feature(name="mean_level", value=round(level, 2), peer_low=1, peer_high=round(peers, 2))
        message = f"{start} at level {level:.1f} of {top} on average; peers bill {peers:.1f}."
        return Explanation(message, f"Below level {less:.1f} of {top} on average.", [feature])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        usual = ("99213", "99212", "99214", "99213", "99213")

        def claim(number: int, person: int, code: str) -> dict[str, object]:
            when = {"ts": 1.7e9 + 1200.0 * number, "from_ts": 1.7e9 + 1200.0 * number}
            who = {"provider": "1000000020", "rendering": f"{1_000_000 + person}", "patient": f"p{number}"}
            what = {"kind": "claim", "claim_id": f"c{number}", "claim_type": "professional"}
            return what | who | when | {"lines": [{"procedure": code, "quantity": 1}]}

        peers = [claim(i, i % 12, usual[(i + i // 12) % 5]) for i in range(240)]
        calm = [claim(i, i % 12, usual[(i + i // 12) % 5]) for i in range(0, 480, 2)]
        later = [claim(600 + 2 * i, 4, "99215" if i % 4 else "99213") for i in range(40)]
        return (
            Example("always the dearest", [*peers, *(claim(300 + i, 77, "99215") for i in range(15))], True),
            Example("suddenly the dearest", [*calm, *later], True),
            Example("one of many", [*peers, *(claim(300 + i, 77, usual[i % 5]) for i in range(15))], False),
            Example("some hard cases", [*peers, *(claim(300 + i, 3, "99215") for i in range(4))], False),
        )

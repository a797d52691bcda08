"""Charts are opened at an hour at which neither the user nor hardly anybody of the department or the role works."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import (
    COUNTING,
    EMERGENCY,
    NOBODYS_HOUR,
    RELATIONS,
    SUMMING,
    accesses,
    number,
    odd_hour,
    who,
)
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from schemas.finding import Feature

HOUR_S = 3600.0


class OddHours(Detector):
    """Charts at an hour that is unusual for the user (`ehr.hour_rhythm`), where hardly any access of colleagues is
    within an hour of it.

    A night on call, a shift taken over, a turn of the rota or a journey is no news where there are such shifts at all;
    nor is a chart or two looked up at home. What colleagues do is counted where all of them meet, in each key group of
    patients (`hour_habits` of the relay); of department and role the one that works more at that hour counts.
    """

    id = "ehr.odd_hours"
    title = "Charts opened at an unusual hour"
    severity = 2
    attacks = ("T1078",)
    source = "judged"
    alert_days = 7
    beside = (*COUNTING, *RELATIONS, SUMMING, EMERGENCY, "ehr.role_mismatch")
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "department", "role", "patient", "sign_hours", "hour_share", "withdrawn")
    misses = (
        "Users whose department or role works at all hours, whoever keeps office hours, and accounts with less than a "
        "week of history."
    )
    cost = "O(1) an access at an unusual hour; no state"
    reference = "ATT&CK T1078; Freeman et al., Who Are You?, NDSS 2016"

    def score(self, batch: Batch) -> Scores:
        rows = accesses(batch) & (odd_hour(batch) > 0)
        return Scores(np.where(rows, odd_hour(batch), np.nan), {})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        share, score = float(number(batch, "hour_share", 0.0)[row]), float(scores.values[row])
        where = named(batch, row, "department", "role", otherwise="the same department")
        hour = int(batch.ts[row] // HOUR_S % 24)
        message = (
            f"{who(batch, row)} opened more charts around {hour:02d} hours UTC than the user does at that hour; "
            f"{share:.1%} of what colleagues in {where} open is within an hour of it."
        )
        features = [
            Feature(
                name="unusual_for_the_user", value=round(score, 3), usual_low=0, usual_high=self.limit(scores, row)
            ),
            Feature(name="share_of_colleagues_at_this_hour", value=round(share, 5), peer_low=NOBODYS_HOUR, peer_high=1),
        ]
        normal = f"Fewer charts at this hour, or one at which {NOBODYS_HOUR:.1%} of the colleagues' accesses are."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        night = [judged_access(3 * HOUR_S + 60.0 * i, f"p{i}", sign_hours=0.4 + 0.05 * i) for i in range(6)]
        return (
            Example("billing at three in the morning", [a | {"hour_share": 0.004} for a in night], True),
            Example("a night shift taken over", [a | {"hour_share": 0.09} for a in night], False),
            Example("a chart looked up at home", [night[0] | {"hour_share": 0.004}], False),
            Example("nothing is known of colleagues", night, False),
        )

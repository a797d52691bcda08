"""An account that nobody used for weeks is used again."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import nearest
from pipeline.detectors.logs.logons import logons
from pipeline.detectors.memory.sightings import Sightings
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from schemas.finding import Feature

USERS = 4096  # per key group
DAY_S = 86_400.0
KNOWN = 3.0  # logons before the pause: an account seen once was never in use


class DormantAccount(Detector):
    """Days since the account's last successful logon to any host; 0.5 at `dormant_d` days."""

    id = "logs.dormant_account"
    title = "Dormant account used"
    severity = 2
    attacks = ("T1078",)
    source = "accounts"
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "action", "outcome", "logon_type")
    cost = "O(1) a logon; 40 bytes an account, 1.3 MB in all"
    reference = "ATT&CK T1078; NIST SP 800-53 AC-2(3), disable inactive accounts"
    misses = (
        "Accounts that slept since before the watch began (their first logon is that of an unknown account), and "
        "returns from leave look the same."
    )
    defaults = {"dormant_d": 45.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._users = Sightings(setup.groups, USERS)
        self._parts = {"users": self._users}

    def score(self, batch: Batch) -> Scores:
        values, days, seen = np.full(batch.n, np.nan), np.zeros(batch.n), np.zeros(batch.n)
        rows = logons(batch)
        if len(rows):
            _, gap, count = self._users.note(batch.key_hash[rows], batch.ts[rows], batch.groups[rows])
            pause = np.where(count >= KNOWN, gap, 0.0) / DAY_S
            values[rows] = pause / (pause + float(self.option["dormant_d"]))
            days[rows], seen[rows] = pause, count
        return Scores(values, {"days": days, "count": seen})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        days, count = float(scores.evidence["days"][row]), float(scores.evidence["count"][row])
        user, host = named(batch, row, "user"), named(batch, row, "host", otherwise="a machine")
        message = f"{user} logged on to {host} after {days:.0f} days without a logon ({count:.0f} before)."
        limit = nearest(days, float(scores.values[row]), self.limit(scores, row))
        features = [Feature(name="pause", value=round(days, 1), unit="d", usual_low=0, usual_high=round(limit, 1))]
        return Explanation(message, f"A pause of less than {limit:.3g} days.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        logon = {"kind": "auth", "host": "srv-1", "action": "logon", "outcome": "success", "user": "clerk1",
                 "account": "clerk1"}  # fmt: skip
        usual = [logon | {"ts": 1e6 + DAY_S * i} for i in range(10)]
        return (
            Example("back after two months", [*usual, logon | {"ts": 1e6 + DAY_S * 70}], True),
            Example("back from a holiday", [*usual, logon | {"ts": 1e6 + DAY_S * 30}], False),
        )

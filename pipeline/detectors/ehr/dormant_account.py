"""An account of the record system that nobody used for weeks opens charts again."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import nearest
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.leaf import leaf
from pipeline.features.naming import named
from schemas.finding import Feature

USERS = 4096  # per key group
DAY_S = 86_400.0
KNOWN = 3.0  # accesses before the pause: an account seen once was never in use
AWAKE_S = DAY_S  # so long after its return everything the account does is told with it


class DormantAccount(Detector):
    """Days since the account's last access before it came back; 0.5 at `dormant_d`, for the first day of its return.

    Thirty-five days are more than the usual holiday, and what standards call inactive.
    """

    id = "ehr.dormant_account"
    title = "Dormant account opens charts"
    severity = 2
    attacks = ("T1078",)
    source = "ehr"
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "outcome")
    cost = "O(1) an access; 48 bytes an account, 1.6 MB in all"
    reference = "ATT&CK T1078; CIS Controls 5.3 (45 days), NIST SP 800-53 AC-2(3)"
    misses = (
        "Accounts that slept since before the watch began: their first access is that of a new account. A return "
        "from long leave looks the same."
    )
    defaults = {"dormant_d": 35.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns = dict.fromkeys(("last", "count", "woke", "pause"), ((), np.float64))
        self._users = EntityState(setup.groups, USERS, columns)
        self._parts = {"users": self._users}

    def score(self, batch: Batch) -> Scores:
        out = np.full((3, batch.n), np.nan)
        user = batch.hash("user")
        rows = np.flatnonzero((user != 0) & ~batch.equals("outcome", "failure"))
        if len(rows):
            a = self._users.arrays()
            columns = (a[k] for k in ("keys", "seen", "last", "count", "woke", "pause"))
            found = np.full((3, len(rows)), np.nan)
            _judge(found, user[rows], batch.ts[rows], batch.groups[rows], *columns)
            out[:, rows] = found
            out[0, rows] = out[1, rows] / (out[1, rows] + float(self.option["dormant_d"]))
        return Scores(out[0], {"days": out[1], "count": out[2]})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        days, count = float(scores.evidence["days"][row]), float(scores.evidence["count"][row])
        who, where = named(batch, row, "user"), named(batch, row, "department", "role", otherwise="")
        post = f" ({where})" if where else ""
        message = f"{who}{post} opened charts again after {days:.0f} days without any ({count:.0f} accesses before)."
        limit = nearest(days, float(scores.values[row]), self.limit(scores, row))
        features = [Feature(name="pause", value=round(days, 1), unit="d", usual_low=0, usual_high=round(limit, 1))]
        return Explanation(message, f"A pause of less than {limit:.3g} days.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        access = {"kind": "access", "user": "clerk1", "department": "Registration", "action": "read"}
        usual = [access | {"ts": 1e6 + DAY_S * i} for i in range(10)]
        return (
            Example("back after two months", [*usual, access | {"ts": 1e6 + DAY_S * 70}], True),
            Example("back from a holiday", [*usual, access | {"ts": 1e6 + DAY_S * 30}], False),
            Example("a new account", [access | {"ts": 1e6 + DAY_S * 70}], False),
        )


@leaf
def _judge(out, user, ts, groups, keys, seen, last, count, woke, pause):  # type: ignore[no-untyped-def]
    """Fill out float64[3, m]: score (left to the caller), days of the pause, accesses before. Columns [m], state
    [G, capacity]."""
    for i in range(len(user)):
        g = groups[i]
        s, fresh = claim_slot(keys[g], seen[g], user[i], ts[i])
        if fresh:
            last[g, s] = ts[i]
            count[g, s] = 0.0
            woke[g, s] = -np.inf
            pause[g, s] = 0.0
        gap = ts[i] - last[g, s]
        if gap > AWAKE_S:
            woke[g, s] = ts[i]
            pause[g, s] = gap / DAY_S if count[g, s] >= KNOWN else 0.0
        out[1, i] = pause[g, s] if 0.0 <= ts[i] - woke[g, s] <= AWAKE_S else 0.0
        out[2, i] = count[g, s]
        last[g, s] = max(last[g, s], ts[i])
        count[g, s] += 1.0

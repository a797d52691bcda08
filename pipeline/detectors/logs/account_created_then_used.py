"""An account is made and used at once, or made and soon deleted: a door for one night."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import span_of
from pipeline.detectors.logs.logons import AT_THE_DESK, people
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from schemas.finding import Feature

ACCOUNTS = 1024  # per key group
SETTLED_S = 7 * 86_400.0
AGAIN, AGAIN_S = 2.0, 3600.0  # accounts made before, the first an hour ago: somebody whose work it is that day
MADE, GONE, USE, POWER, SEAT = range(5)
USED, DELETED, ROUTINE = 0.6, 0.8, 0.5


class AccountCreatedThenUsed(Detector):
    """Use of an account within `used_s` of its creation scores 0.6, its deletion within `deleted_s` 0.8.

    Use is a logon, a ticket or a use of privileges. A creator who has made accounts for a week, or several that day
    (help desk, personnel system), makes this routine, and so does a logon at a desk's console, where new staff begin:
    half the score for use, not for deletion, nor for the use of an administrator's privileges within `privileged_s`,
    which new staff do not have.
    """

    id = "logs.account_created_then_used"
    title = "Account made and used at once"
    severity = 3
    attacks = ("T1136",)
    source = "accounts"
    entity = ("target_user", "user")
    entity_type = "user"
    group_by = ("host",)
    inputs = ("user", "target_user", "action", "outcome", "host", "maker_s", "maker_made")
    cost = "O(1) a change of accounts or a logon; 30 bytes an account, 250 KiB in all"
    reference = "ATT&CK T1136; Microsoft, Appendix L: Events to Monitor (4720, 4726)"
    misses = (
        "Accounts made by an application or in the cloud directory, and accounts kept for later than an hour, or a day "
        "where they have privileges."
    )
    defaults = {"used_s": 3600.0, "deleted_s": 86_400.0, "privileged_s": 86_400.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._made = EntityState(setup.groups, ACCOUNTS, {"at": ((), np.float64), "routine": ((), np.float64)})
        self._parts: dict[str, Stateful] = {"made": self._made}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("age_s", "deleted", "power")}
        wanted = batch.kind("auth")
        if wanted.any():
            wanted &= ~batch.equals("outcome", "failure")
            changes = batch.is_in("action", ("account_created", "account_deleted"))
            uses = batch.is_in("action", ("logon", "ticket", "privilege_use", "session_opened", "explicit_logon"))
            wanted &= (changes & people(batch, "target_user")) | (uses & people(batch))
        rows = np.flatnonzero(wanted)
        if len(rows):
            ts, groups = batch.ts[rows], batch.groups[rows]
            made, deleted = (batch.equals("action", a)[rows] for a in ("account_created", "account_deleted"))
            account = batch.key_hash[rows]
            settled, others = (np.nan_to_num(batch.number(name)[rows]) for name in ("maker_s", "maker_made"))
            routine = (settled >= SETTLED_S) | ((others >= AGAIN) & (settled >= AGAIN_S))
            power = batch.equals("action", "privilege_use")[rows] & (
                batch.is_in("method", ("sudo", "su"))[rows] | batch.equals("event_code", "4672")[rows]
            )
            a = self._made.arrays()
            sort = np.where(made, MADE, np.where(deleted, GONE, np.where(power, POWER, USE))).astype(np.int8)
            seat = np.isin(batch.number("logon_type")[rows], AT_THE_DESK) & (sort == USE)
            sort[seat] = SEAT
            out = _follow(
                account, sort, routine, ts, groups, a["keys"], a["seen"], a["at"],
                a["routine"], *(float(self.option[name]) for name in ("used_s", "deleted_s", "privileged_s")),
            )  # fmt: skip
            values[rows], evidence["age_s"][rows], evidence["deleted"][rows] = out[0], out[1], deleted
            evidence["power"][rows] = power
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        age, gone = float(scores.evidence["age_s"][row]), bool(scores.evidence["deleted"][row])
        who = named(batch, row, *(("target_user", "user") if gone else ("user", "target_user")))
        host = named(batch, row, "host", otherwise="a machine")
        power = bool(scores.evidence["power"][row]) and age > float(self.option["used_s"])
        what = "deleted" if gone else "used"
        how = " with an administrator's privileges" if scores.evidence["power"][row] else ""
        message = f"The account {who} was {what}{how} on {host} {span_of(round(age))} after it was made."
        limit_s = float(self.option["deleted_s" if gone else "privileged_s" if power else "used_s"])
        features = [
            Feature(name=f"age_of_account_when_{what}", value=round(age / 60, 1), unit="min", usual_low=limit_s / 60)
        ]
        return Explanation(
            message, f"An account that is {what} more than {span_of(limit_s)} after it was made.", features
        )

    @classmethod
    def examples(cls) -> Sequence[Example]:
        auth = {"kind": "auth", "host": "dc-1", "outcome": "success", "ts": 1e6, "account": "guest7"}
        made = auth | {"action": "account_created", "user": "admin1", "target_user": "guest7"}
        used = auth | {"action": "logon", "user": "guest7", "ts": 1e6 + 600, "host": "srv-1"}
        gone = made | {"action": "account_deleted", "ts": 1e6 + 7200}
        power = used | {"action": "privilege_use", "event_code": "4672", "ts": 1e6 + 20_000}
        third = made | {"maker_s": 8000.0, "maker_made": 2}
        daily = made | {"maker_s": 9e5, "maker_made": 10}
        return (
            Example("used after ten minutes", [made, used], True),
            Example("deleted after two hours", [made, gone], True),
            Example("privileges of a new account after hours", [made, power], True),
            Example("a help desk's third account of the day", [third, used], False),
            Example("used at a desk by new staff", [made, used | {"logon_type": 2}], False),
            Example("used the next day", [made, used | {"ts": 1e6 + 86_400}], False),
            Example("the help desk makes accounts every day", [daily, used], False),
        )


@nb.njit(cache=True, nogil=True)
def _follow(account, sort, routine, ts, groups, keys, seen, at, usual, used_s, deleted_s, privileged_s):  # type: ignore[no-untyped-def]
    """float64[2, m]: score, age of the account in seconds (0: not known to be new)."""
    out = np.zeros((2, len(account)))
    for i in range(len(account)):
        g = groups[i]
        if sort[i] == MADE:
            slot, _ = claim_slot(keys[g], seen[g], account[i], ts[i])
            at[g, slot] = ts[i]
            usual[g, slot] = 1.0 if routine[i] else 0.0
            continue
        slot = find_slot(keys[g], account[i])
        if slot < 0 or ts[i] < at[g, slot]:
            continue
        age = ts[i] - at[g, slot]
        out[1, i] = age
        if sort[i] == GONE:
            out[0, i] = DELETED if age <= deleted_s else 0.0
        elif sort[i] == POWER and age <= privileged_s:
            out[0, i] = USED
        elif age <= used_s:
            out[0, i] = USED * (ROUTINE if usual[g, slot] > 0.0 or sort[i] == SEAT else 1.0)
    return out

"""Somebody guesses passwords of a machine, as its own log tells it."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import count_of, least, nearest, whole
from pipeline.detectors.network.terms import terms_in
from pipeline.features.addresses import INTERNAL, address_kinds
from pipeline.features.batch import Batch
from pipeline.features.count_window import note_count
from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, mix64
from pipeline.features.multi_pattern import automaton
from pipeline.features.naming import named
from schemas.finding import Feature

BUCKETS = 10  # per window
ACCOUNTS = 24  # accounts of one source told apart
STALE = 0.6  # of the score is left
CAPACITY = 4096  # pairs of host and source per key group
LOGON, SECOND, NAME, SUCCESS = range(4)
# One attempt is often written twice or thrice (sshd, PAM, unknown name): each sort is counted by itself and the
# largest count stands for the attempts. What is not here (password changes, sessions) is no guess.
SORTS = {
    "logon": LOGON, "explicit_logon": LOGON, "lockout": LOGON, "privilege_use": LOGON,
    "authentication": SECOND, "ticket": SECOND, "credential_validation": SECOND, "disconnect": SECOND,
    "invalid_user": NAME,
}  # fmt: skip
FORMS = ("login", "logon", "signin", "sign-in", "sign_in", "auth", "session", "token")
"""Where web applications take passwords: one of these stands in the address."""


class LogAuthBruteForce(Detector):
    """Failed logons per host and source (address, else peer's name, else account) in five minutes and in an hour.

    A logon form that a web server turns away (POST, status 401, 403 or 429) is one, and so is a request with the name
    of an account that it refuses (401).

    Nobody types five passwords in 15 seconds: so many are told at once, unless it is one account from inside. Many
    accounts tried from one source within the hour count by themselves (password spraying), and a logon that succeeds
    after 60 % of the failures that would be told scores higher than the failures alone.
    """

    id = "logs.auth_brute_force"
    title = "Password guessing"
    severity = 3
    attacks = ("T1110.001", "T1110.003")
    source = "logs"
    entity = ("src_ip", "src_host", "user", "host")
    entity_type = "ip"
    group_by = ("host",)  # an address open to the internet is tried from dozens of sources a day: one story
    inputs = ("host", "src_ip", "src_host", "user", "target_user", "action", "outcome", "method", "uri", "status")
    cost = "O(100) a logon, O(1) others; 1 KiB a pair of host and source"
    reference = (
        "ATT&CK T1110; Owens and Matthews, A Study of Passwords and Methods Used in Brute-Force SSH Attacks, 2008"
    )
    misses = (
        "Fewer than 8 guesses in five minutes, 20 in an hour and 5 in 15 seconds from one source; guesses against many "
        "hosts, a few each (logs.password_spray sees them by account); slow guesses of one account from inside, which "
        "look like a program with an old password."
    )
    defaults = {"window_s": 300.0, "failures": 8, "slow_window_s": 3600.0, "slow_failures": 20, "accounts": 10,
                "rush_window_s": 15.0, "rush_failures": 5}  # fmt: skip

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._sources = EntityState(
            setup.groups,
            CAPACITY,
            {
                "counts": ((3, 3, BUCKETS), np.float32),
                "marks": ((3, 3, BUCKETS), np.int64),
                "items": ((ACCOUNTS,), np.uint32),
                "at": ((ACCOUNTS,), np.uint32),
            },
        )
        self._forms = automaton(FORMS)
        self._parts = {"sources": self._sources}

    def score(self, batch: Batch) -> Scores:
        sort = self._sort(batch)
        rows = np.flatnonzero(sort >= 0)
        values = np.full(batch.n, np.nan)
        names = ("failures", "accounts", "window_s", "success")
        evidence = {name: np.zeros(batch.n) for name in names}
        if len(rows):
            user = batch.hash("user")[rows]
            target = batch.hash("target_user")[rows]
            who = np.full(len(rows), np.uint64(1))
            for column in (user, batch.hash("src_host")[rows], batch.hash("src_ip")[rows]):
                who = np.where(column != 0, column, who)
            a = self._sources.arrays()
            o = self.option
            start, length = batch.spans("src_ip")
            inside = address_kinds(batch.data, start[rows], length[rows]) == INTERNAL
            out = _attempt(
                combine_many(batch.hash("host")[rows] | np.uint64(1), who), sort[rows],
                np.where(user != 0, user, target), batch.ts[rows], batch.groups[rows], inside,
                a["keys"], a["seen"], a["counts"], a["marks"], a["items"], a["at"],
                np.array([o["window_s"], o["slow_window_s"], o["rush_window_s"]], np.float64),
                np.array([o["failures"], o["slow_failures"], o["rush_failures"], o["accounts"]], np.float64),
            )  # fmt: skip
            values[rows] = np.where(self._stale(inside, out), STALE * out[:, 0], out[:, 0])
            for k, name in enumerate(names):
                evidence[name][rows] = out[:, k + 1]
        return Scores(values, evidence)

    def _stale(self, inside: np.ndarray, out: np.ndarray) -> np.ndarray:
        """bool[m]: one account from inside, slowly: a program or telephone whose password was changed."""
        slow: np.ndarray = (
            inside & (out[:, 2] <= 1) & (out[:, 3] == float(self.option["slow_window_s"])) & (out[:, 4] == 0)
        )
        return slow

    def _sort(self, batch: Batch) -> np.ndarray:
        """int8[n]: LOGON, SECOND or NAME for a failure of that sort, SUCCESS for a logon, -1 for anything else."""
        out = np.full(batch.n, -1, np.int8)
        auth = batch.kind("auth")
        out[self._refused(batch)] = LOGON
        auth &= ~batch.equals("method", "publickey")  # nobody guesses keys; a client offers all it has
        # A password was asked for by sudo and su only; Windows calls privileges used by programs the same (4673).
        auth &= ~batch.equals("action", "privilege_use") | batch.is_in("method", ("sudo", "su"))
        if auth.any():
            failed, won = auth & batch.equals("outcome", "failure"), auth & batch.equals("outcome", "success")
            for sort in (LOGON, SECOND, NAME):
                out[failed & batch.is_in("action", [a for a, s in SORTS.items() if s == sort])] = sort
            out[failed & (batch.hash("action") == 0)] = LOGON
            out[won & batch.is_in("action", ("logon", "privilege_use"))] = SUCCESS
            out[won & (batch.hash("action") == 0)] = SUCCESS
        return out

    def _refused(self, batch: Batch) -> np.ndarray:
        """int64[k]: rows of web requests that sent a name, or a logon form, and were turned away."""
        web = batch.kind("web")
        if not web.any():
            return np.flatnonzero(web)
        status = batch.number("status")
        by_name = web & (status == 401) & (batch.hash("user") != 0)
        rows = np.flatnonzero(web & ~by_name & batch.equals("method", "POST") & np.isin(status, (401, 403, 429)))
        forms = rows[terms_in(batch, rows, "uri", self._forms).any(axis=1)] if len(rows) else rows
        return np.union1d(forms, np.flatnonzero(by_name))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        who = named(batch, row, "src_ip", "src_host", "user")
        host = named(batch, row, "host", otherwise="a machine")
        accounts = max(int(e["accounts"]), 1)
        within = f"{e['window_s'] / 60:g} minutes" if e["window_s"] >= 60 else f"{e['window_s']:g} seconds"
        message = (
            f"{count_of(int(e['failures']), 'failed logon')} of {count_of(accounts, 'account')} on {host} by {who} "
            f"within {within}"
        )
        message += ", then one succeeded." if e["success"] else "."
        score, limit = float(scores.values[row]), self.limit(scores, row)
        if e["success"]:
            # ½ for the logon, the other half as the failures; and from 60 % of those that would be told.
            tries = max(2.0 * score - 1.0, 1e-6)
            part = 1.0 if e["window_s"] == float(self.option["rush_window_s"]) else 0.6
            enough = max(part * nearest(e["failures"], tries, 0.5), nearest(e["failures"], tries, 2.0 * limit - 1.0))
            fewer, share = whole(enough), 0.5 * tries / max(score, 0.5)
            features = [
                Feature(name="then_a_logon", value=1, usual_high=0, contribution=1.0 - share),
                Feature(
                    name="failed_logons", value=e["failures"], usual_low=0, usual_high=fewer - 1, contribution=share
                ),
            ]
            return Explanation(message, f"Fewer than {fewer} failed logons before it, within {within}.", features)
        slow = e["window_s"] == float(self.option["slow_window_s"])
        rush = e["window_s"] == float(self.option["rush_window_s"])
        pace = "slow_failures" if slow else "rush_failures" if rush else "failures"
        half = float(self.option[pace]), float(self.option["accounts"])
        spray = slow and e["accounts"] / half[1] > e["failures"] / half[0]
        fewer = least(e["accounts" if spray else "failures"], score, limit, half[spray])
        features = [
            Feature(name="failed_logons", value=e["failures"], usual_low=0, usual_high=half[0] - 1,
                    contribution=float(not spray)),
            Feature(name="accounts", value=e["accounts"], usual_low=0, usual_high=half[1] - 1,
                    contribution=float(spray)),
        ]  # fmt: skip
        normal = f"Fewer than {fewer} {'accounts' if spray else 'failed logons'} within {within}."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        auth = {"kind": "auth", "host": "srv-1", "action": "logon", "src_ip": "203.0.113.7", "user": "root"}
        failure: dict[str, object] = {**auth, "outcome": "failure"}
        success = auth | {"outcome": "success"}
        return (
            Example("failures in a row", [failure | {"ts": 1e6 + 10 * i} for i in range(12)], True),
            Example("five within seconds", [failure | {"ts": 1e6 + 2 * i} for i in range(5)], True),
            Example(
                "a program inside with an old password, again every second",
                [failure | {"ts": 1e6 + i, "src_ip": "10.0.0.9", "user": "svc"} for i in range(7)],
                False,
            ),
            Example(
                "a logon form, again and again",
                [
                    {
                        "kind": "web",
                        "host": "portal",
                        "src_ip": "203.0.113.7",
                        "method": "POST",
                        "uri": "/api/login",
                        "status": 401,
                        "ts": 1e6 + 20 * i,
                    }
                    for i in range(10)
                ],
                True,
            ),
            Example("patient guesses", [failure | {"ts": 1e6 + 150 * i} for i in range(40)], True),
            Example(
                "one try for each of many accounts",
                [failure | {"ts": 1e6 + 240 * i, "user": f"nurse{i}"} for i in range(14)],
                True,
            ),
            Example(
                "five failures, then in",
                [failure | {"ts": 1e6 + 10 * i} for i in range(5)] + [success | {"ts": 1e6 + 60}],
                True,
            ),
            Example(
                "a typing mistake, written by sshd and by PAM",
                [failure | {"ts": 1e6 + 9 * i, "action": a} for i in range(3) for a in ("logon", "authentication")]
                + [success | {"ts": 1e6 + 60}],
                False,
            ),
            Example(
                "a forgotten password every few hours",
                [failure | {"ts": 1e6 + 9000 * i, "user": "nurse1"} for i in range(30)],
                False,
            ),
        )


@nb.njit(cache=True, nogil=True)
def _attempt(  # type: ignore[no-untyped-def]
    key, sort, account, ts, groups, inside, keys, seen, counts, marks, items, at, windows, limits
):
    """float64[m, 5]: score, failures, accounts, window, success.

    windows: fast, slow and rush, seconds; limits: failures in each, accounts in the slow one. State per slot: counts
    and marks [sort, window, BUCKETS], items and at: ring of accounts.
    """
    out = np.zeros((len(key), 5))
    for i in range(len(key)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            counts[g, slot] = 0
            marks[g, slot] = 0
            items[g, slot] = 0
            at[g, slot] = 0
        won = sort[i] == SUCCESS
        if not won and account[i] != np.uint64(0):
            out[i, 2] = note_distinct(items[g, slot], at[g, slot], mix64(account[i]), ts[i], windows[1])
        out[i, 3] = windows[0]
        for w in range(3):
            most = 0.0
            for s in range(3):
                n = note_count(
                    counts[g, slot, s, w],
                    marks[g, slot, s, w],
                    windows[w] / BUCKETS,
                    ts[i],
                    1.0 if sort[i] == s else 0.0,
                )
                most = max(most, n)
            score = most / (most + limits[w])
            if w == 1:
                score = max(score, out[i, 2] / (out[i, 2] + limits[3]))
            if won:
                enough = 0.6 * limits[w] if w < 2 else limits[w]
                score = 0.5 + 0.5 * score if most >= enough else 0.0
            if w == 2 and inside[i] and out[i, 2] <= 1:
                score = 0.0  # a program with an old password goes as fast
            if score > out[i, 0] or w == 0:
                out[i, 0], out[i, 1], out[i, 3] = score, most, windows[w]
        if won:
            out[i, 2] = _known(at[g, slot], ts[i], windows[1])
        out[i, 4] = won
    return out


@nb.njit(cache=True, nogil=True)
def _known(at: np.ndarray, ts: float, window_s: float) -> int:
    """Entries of a ring within the window."""
    count = 0
    for t in at:
        count += t != 0 and t + window_s >= ts
    return count

"""Accounts are tried out at the domain controller without their passwords: which exist, which need no password."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, least
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import join_states, split_states
from pipeline.features.unknown import filled
from schemas.finding import Feature

CLIENTS = 2048
RING = 32
REQUESTS = ("AS", "KRB_AS_REQ", "KRB_AS_REP", "KRB_ERROR")
# RFC 4120, 7.5.9: 25 asks for the password first, 6 knows no such account, 18 the account is locked or disabled.
ASKED = ("KDC_ERR_PREAUTH_REQUIRED", "25", "preauth_required")
UNKNOWN = ("KDC_ERR_C_PRINCIPAL_UNKNOWN", "6", "c_principal_unknown", "KDC_ERR_CLIENT_REVOKED", "18")
OPEN, DONE, STRANGE = (np.uint64(k) for k in (1, 2, 3))


class AsrepRoasting(Detector):
    """Distinct accounts within ten minutes for which a client began to log on and never gave the password, and
    distinct accounts that do not exist.

    Every ordinary logon begins with the same question and is finished a moment later: finished ones are taken off.
    """

    id = "network.asrep_roasting"
    title = "Accounts tried out without passwords"
    severity = 3
    attacks = ("T1558.004", "T1087.002")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("request_type", "error", "outcome", "user", "src_ip")
    cost = "O(32) a Kerberos logon, nothing others; 290 bytes a client and count, 2,048 a key group"
    reference = "MITRE ATT&CK T1558.004"
    misses = (
        "A list of accounts tried over hours, an account without pre-authentication asked for alone, and wrong "
        "passwords, which the detector of password guessing counts."
    )
    defaults = {"window_s": 600.0, "accounts": 5.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._accounts = WindowedDistinct(setup.groups, CLIENTS, float(self.option["window_s"]), RING)

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {"pending": np.zeros(batch.n), "strange": np.zeros(batch.n)}
        rows = np.flatnonzero(
            batch.kind("auth") & batch.is_in("request_type", REQUESTS)
            & (batch.spans("user")[1] > 0) & (batch.hash("src_ip") != 0)
        )  # fmt: skip
        if len(rows):
            src, user, ts, groups = (
                c[rows] for c in (batch.hash("src_ip"), batch.hash("user"), batch.ts, batch.groups)
            )
            asked, unknown = batch.is_in("error", ASKED)[rows], batch.is_in("error", UNKNOWN)[rows]
            # Success, and a wrong password too: the logon went on, whoever it was.
            done = ~asked & ~unknown & ((batch.hash("error")[rows] != 0) | batch.equals("outcome", "success")[rows])
            counts = []
            for mark, these in ((OPEN, asked | done), (DONE, done), (STRANGE, unknown)):
                key = combine_many(src, np.full(len(rows), mark))
                counts.append(filled(self._accounts.add(key, np.where(these, user, np.uint64(0)), ts, groups)))
            pending, strange = np.maximum(counts[0] - counts[1], 0.0), counts[2]
            limit = float(self.option["accounts"])
            # A full ring cannot tell the begun from the finished.
            pending[counts[0] >= RING] = np.where(counts[1] == 0, counts[0], 0.0)[counts[0] >= RING]
            values[rows] = np.where(asked | unknown, (pending + strange) / (pending + strange + limit), 0.0)
            evidence["pending"][rows], evidence["strange"][rows] = pending, strange
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        pending, strange = int(scores.evidence["pending"][row]), int(scores.evidence["strange"][row])
        parts = [f"{count_of(pending, 'account')} without giving a password"] if pending else []
        parts += [f"{count_of(strange, 'account')} unknown or disabled"] if strange else []
        message = (
            f"{named(batch, row, 'src_ip')} tried {' and '.join(parts) or 'accounts'} at the domain controller within "
            f"ten minutes, now {named(batch, row, 'user', otherwise='an account')}."
        )
        total = max(pending + strange, 1)
        fewer = least(total, float(scores.values[row]), self.limit(scores, row), float(self.option["accounts"]))
        features = [
            Feature(name=name, value=count, usual_low=0, usual_high=fewer - 1, contribution=count / total)
            for name, count in (("logons_begun_and_not_finished_10min", pending), ("unknown_accounts_10min", strange))
        ]
        return Explanation(message, f"Fewer than {fewer} such accounts within ten minutes.", features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return join_states({"accounts": self._accounts}, group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        split_states({"accounts": self._accounts}, group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        logon = {
            "kind": "auth",
            "service": "kerberos",
            "request_type": "AS",
            "src_ip": "10.0.0.9",
            "dst_ip": "10.0.0.2",
        }
        asked = logon | {"outcome": "failure", "error": "KDC_ERR_PREAUTH_REQUIRED"}
        given = logon | {"outcome": "success", "cipher": "aes256-cts-hmac-sha1-96"}
        strange = logon | {"outcome": "failure", "error": "KDC_ERR_C_PRINCIPAL_UNKNOWN"}
        shift = [
            d | {"ts": 1e6 + 5 * k + j, "user": f"nurse{k}"} for k in range(30) for j, d in enumerate((asked, given))
        ]
        return (
            Example(
                "accounts that need no password are sought",
                [asked | {"ts": 1e6 + k, "user": f"u{k}"} for k in range(9)],
                True,
            ),
            Example("names are guessed", [strange | {"ts": 1e6 + k, "user": f"x{k}"} for k in range(9)], True),
            Example("a shared machine at the change of shifts", shift, False),
            Example(
                "one account, again and again", [asked | {"ts": 1e6 + k, "user": "svc-lab"} for k in range(60)], False
            ),
        )

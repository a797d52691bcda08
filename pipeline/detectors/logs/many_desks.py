"""One account sits at many desks within the hour: it is in several hands, or in wrong ones."""

import math
from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import odds_of, whole
from pipeline.detectors.logs.logons import AT_THE_DESK, logons, people
from pipeline.detectors.memory.amounts import NORMS
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.usual_amount import UsualAmount
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.usual_range import UsualRange
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.norm import score_of, spread_of
from schemas.finding import Feature

ACCOUNTS, PAIRS = 1024, 8192  # per key group
HOUR_S, DAY_S = 3600.0, 86_400.0
REFUSED = 0.5  # what a desk that refused the account counts
FAMILIAR = 0.25  # … and one that it used on another day: stations of the own ward
DEVIATIONS = 1.75  # seven desks where one or two an hour are usual, whose chance spread is wide on a log scale
ONE_DESK = 1.0  # an hour: usual of people while nothing is known of those here
EVERYBODY = np.uint64(1)
HALF_SHIFT_S = 4 * HOUR_S  # of watching, until which every administrator at work is new to us
RIGHTS_SCORE = 0.6


class ManyDesks(Detector):
    """Desks at whose console an account logged on within an hour, against its own usual and everybody's.

    A desk of another day counts a quarter, one that refused it a half. Rights of an administrator used at the consoles
    of `privileged` desks within an hour score 0.6 where the account was never seen to do so: who looks after desks
    does it every day. Before half a shift has been watched they count for nothing.
    """

    id = "logs.many_desks"
    title = "One account at many desks"
    severity = 3
    attacks = ("T1078", "T1021")
    source = "accounts"
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "host", "action", "outcome", "logon_type", "method", "event_code")
    cost = "O(16) a logon at a desk; 40 bytes a pair of account and desk, 500 an account: 7 MB in all"
    reference = "ATT&CK T1078; HIPAA 45 CFR 164.312(a)(2)(i), unique user identification"
    misses = (
        "Desks that do not send their log, a second desk or two where people roam, and log-ons over the network, which "
        "administrators and programs make everywhere: logs.new_host_for_user tells those that are new to the account."
    )
    defaults = {"desks": 5, "privileged": 3}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._days = Sightings(setup.groups, PAIRS)
        self._hour = Sightings(setup.groups, PAIRS)
        self._refused = Sightings(setup.groups, PAIRS)
        self._desks = UsualAmount(setup.groups, ACCOUNTS, HOUR_S)
        self._present = WindowedDistinct(setup.groups, PAIRS, HOUR_S, 2)
        self._rights = WindowedDistinct(setup.groups, ACCOUNTS, HOUR_S, 8)
        self._known = Sightings(setup.groups, ACCOUNTS)
        self._watched = Sightings(setup.groups, 4)
        self._parts = {
            "days": self._days, "hour": self._hour, "refused": self._refused, "desks": self._desks,
            "peers": self._desks.peers, "present": self._present, "rights": self._rights, "known": self._known,
            "watched": self._watched,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("desks", "usual", "rights")}
        evidence["norms"] = np.zeros((batch.n, NORMS))
        there, refused, rights = _rows(batch)
        rows = np.flatnonzero(there | refused | rights)
        if len(rows):
            self._take(batch, rows, there[rows], refused[rows], values, evidence)
        return Scores(values, evidence)

    def _take(
        self, batch: Batch, rows: np.ndarray, there: np.ndarray, refused: np.ndarray, values: np.ndarray,
        evidence: dict[str, np.ndarray],
    ) -> None:  # fmt: skip
        ts, groups, account = batch.ts[rows], batch.groups[rows], batch.key_hash[rows]
        pair = combine_many(account, batch.hash("host")[rows] | np.uint64(1))
        nobody, seat = np.uint64(0), there | refused
        age, _, _ = self._days.note(np.where(there, pair, nobody), ts, groups)
        _, gap, _ = self._hour.note(np.where(there, pair, nobody), ts, groups)
        _, gap_refused, _ = self._refused.note(np.where(refused, pair, nobody), ts, groups)
        weight = np.where(there & (gap > HOUR_S), np.where(age > DAY_S / 2, FAMILIAR, 1.0), 0.0)
        weight = np.where(refused & (gap_refused > HOUR_S), REFUSED, weight)
        amounts = self._desks.add(np.where(seat, account, nobody), np.full(len(rows), EVERYBODY), weight, ts, groups)
        enough = seat & (weight > 0) & (amounts.amount >= float(self.option["desks"]))
        first = (np.log1p(amounts.amount) - math.log1p(ONE_DESK)) / spread_of(math.log1p(ONE_DESK), 0.0)
        z = np.where(np.isnan(amounts.deviations), first, amounts.deviations)
        far = np.array([score_of(float(x), DEVIATIONS) for x in np.nan_to_num(z)])
        watched, _, _ = self._watched.note(np.full(len(rows), EVERYBODY), ts, groups)
        present = self._present.add(pair, np.where(there, EVERYBODY, nobody), ts, groups) > 0
        desk = np.where(~seat & present, pair, nobody)
        count = self._rights.add(account, desk, ts, groups)
        busy = (desk != nobody) & (count >= float(self.option["privileged"]))
        known, _, _ = self._known.note(np.where(busy, account, nobody), ts, groups)
        new = busy & (known <= HOUR_S) & (watched >= HALF_SHIFT_S)
        values[rows] = np.where(enough, far, np.where(new, RIGHTS_SCORE, 0.0))
        evidence["desks"][rows] = np.where(new, count, np.nan_to_num(amounts.amount))
        evidence["usual"][rows] = np.nan_to_num(amounts.usual, nan=ONE_DESK)
        evidence["rights"][rows] = new
        evidence["norms"][rows] = amounts.norms

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        user, host = named(batch, row, "user"), named(batch, row, "host", otherwise="a desk")
        desks = float(scores.evidence["desks"][row])
        if scores.evidence["rights"][row]:
            few = int(self.option["privileged"])
            message = f"{user} used an administrator's rights at {desks:.0f} desks within an hour, the last {host}, "
            message += "and never did so before."
            features = [Feature(name="desks_with_rights_used", value=desks, usual_low=0, usual_high=few - 1)]
            return Explanation(message, f"Fewer than {few} desks, or an account that looks after desks.", features)
        usual = UsualRange(scores.evidence["norms"][row])
        fewer = whole(
            max(usual.least(DEVIATIONS + math.log(odds_of(self.limit(scores, row)))), float(self.option["desks"]))
        )
        message = f"{user} logged on at the consoles of many desks within an hour ({desks:.1f}, those used before "
        message += f"counting less), the last {host}; usual is {scores.evidence['usual'][row]:.1f}."
        return Explanation(
            message, f"Fewer than {fewer} desks within an hour.", [usual.feature("desks", desks, contribution=1.0)]
        )

    @classmethod
    def examples(cls) -> Sequence[Example]:
        logon: dict[str, object] = {"kind": "auth", "action": "logon", "outcome": "success", "logon_type": 2}
        usual = [
            logon
            | {"ts": 1e6 + 4000.0 * i + 60.0 * u, "user": f"nurse{u}", "account": f"nurse{u}", "host": f"ws-{i % 3}"}
            for i in range(8) for u in range(9)
        ]  # fmt: skip
        taken = logon | {"user": "clerk3", "account": "clerk3"}
        at = [1.04e6 + 200.0 * i for i in range(8)]
        many = [taken | {"ts": t, "host": f"ws-{i}"} for i, t in enumerate(at)]
        power = {"action": "privilege_use", "event_code": "4672"}
        few = [e for t, w in zip(at, many[:3], strict=False) for e in (w, w | power | {"ts": t + 1})]
        far = [e | {"logon_type": 3} for e in many]
        return (
            Example("eight desks in half an hour", [*usual, *many], True),
            Example("rights at three desks", [*usual, *few], True),
            Example("three desks", [*usual, *many[:3]], False),
            Example("eight servers over the network", [*usual, *far], False),
        )


def _rows(batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """bool[n] each: at a console and let in, at a console and refused, rights of an administrator used."""
    there, none = np.zeros(batch.n, np.bool_), np.zeros(batch.n, np.bool_)
    auth = batch.kind("auth")
    if not auth.any():
        return there, none, none
    there[logons(batch)] = True
    desk = np.isin(batch.number("logon_type"), AT_THE_DESK)
    named_one = auth & people(batch)
    refused = named_one & desk & batch.equals("action", "logon") & batch.equals("outcome", "failure")
    rights = named_one & batch.equals("action", "privilege_use") & ~batch.equals("outcome", "failure")
    rights &= batch.is_in("method", ("sudo", "su")) | batch.equals("event_code", "4672")
    return there & desk, refused, rights

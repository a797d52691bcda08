"""One password is tried on many accounts, slowly or from many places, so that no account is locked."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import least, odds_of, span_of, whole
from pipeline.detectors.logs.logons import people
from pipeline.detectors.memory.amounts import NORMS
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.usual_amount import UsualAmount
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.usual_range import UsualRange
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.norm import score_of
from schemas.finding import Feature

SOURCES, ACCOUNTS, HOSTS = 1024, 4096, 256  # per key group
ACTIONS = ("logon", "invalid_user", "ticket", "credential_check", "authentication")
HOME_S = 30 * 86_400.0  # an account that logged on from a source within a month works there
FEW_TRIES = 3.0  # tries an account, on average, that a lock-out policy forgives
DEVIATIONS = 3.5  # against a norm of two an hour: about 25 accounts


class PasswordSpray(Detector):
    """Distinct accounts that failed, few tries each: from one source within a day, and on one host within an hour.

    The first is counted per host and source (address, else peer's name), without accounts that logged on from that
    source before: on a jump host or a terminal server many work, and mistype. For the second every account that fails
    for the first time in an hour counts once, and the host's sum is held against what is usual for this host: a domain
    controller sees colleagues mistype all day. Both need failures to be spread (three tries an account at most).
    """

    id = "logs.password_spray"
    title = "Password spraying"
    severity = 4
    attacks = ("T1110.003",)
    source = "logs"
    entity = ("src_ip", "src_host", "host")
    entity_type = "ip"
    group_by = ("host",)
    inputs = ("host", "src_ip", "src_host", "user", "target_user", "action", "outcome")
    cost = "O(64) a failed logon, O(1) others; 600 bytes a source, 160 an account, 160 a host: 12 MB in all"
    reference = "ATT&CK T1110.003; Microsoft, Password spray investigation"
    misses = (
        "Sprays of fewer than 15 accounts a source and day, of accounts that work at that very source, and those "
        "spread over hosts of several key groups: state belongs to the host that wrote the log. Guesses of one account "
        "are told by logs.auth_brute_force, and sign-ins to cloud services are seen only where their log is sent here."
    )
    defaults = {"window_s": 86_400.0, "accounts": 15, "host_window_s": 3600.0, "host_accounts": 12}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        day, hour = float(self.option["window_s"]), float(self.option["host_window_s"])
        self._accounts = WindowedDistinct(setup.groups, SOURCES, day, 48)
        self._tries = WindowedSum(setup.groups, SOURCES, day)
        self._at_home = WindowedSum(setup.groups, ACCOUNTS, HOME_S)
        self._failed = Sightings(setup.groups, ACCOUNTS)
        self._host = UsualAmount(setup.groups, HOSTS, hour)
        self._host_tries = WindowedSum(setup.groups, HOSTS, hour)
        self._parts = {
            "accounts": self._accounts, "tries": self._tries, "at_home": self._at_home, "failed": self._failed,
            "host": self._host, "peers": self._host.peers, "host_tries": self._host_tries,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("accounts", "tries", "usual", "of_host")}
        evidence["norms"] = np.zeros((batch.n, NORMS))
        tried = batch.kind("auth")
        if tried.any():
            tried &= batch.is_in("outcome", ("failure", "success")) & batch.is_in("action", ACTIONS) & people(batch)
        rows = np.flatnonzero(tried)
        failed = batch.equals("outcome", "failure")[rows] if len(rows) else rows
        strange = self._strange(batch, rows, failed)
        rows = rows[failed]
        if len(rows):
            out = self._count(batch, rows, strange[failed])
            values[rows] = out[0]
            for name, column in zip(evidence, out[1:], strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _strange(self, batch: Batch, rows: np.ndarray, failed: np.ndarray) -> np.ndarray:
        """bool[m]: whether an account did not log on from its source so far."""
        pair = np.where(
            _peer(batch, rows) != 0, combine_many(_peer(batch, rows), batch.hash("user")[rows]), np.uint64(0)
        )
        logons = self._at_home.add(pair, np.where(failed, 0.0, 1.0), batch.ts[rows], batch.groups[rows])
        return np.asarray(~(logons > 0))

    def _count(self, batch: Batch, rows: np.ndarray, strange: np.ndarray) -> tuple[np.ndarray, ...]:
        """(score, accounts, tries, usual, of_host), float64[m], and float64[m, NORMS]."""
        ts, groups = batch.ts[rows], batch.groups[rows]
        host, user = batch.key_hash[rows] | np.uint64(1), batch.hash("user")[rows]
        peer = _peer(batch, rows)
        pair = np.where((peer != 0) & strange, combine_many(host, peer), np.uint64(0))
        accounts = self._accounts.add(pair, user, ts, groups)
        tries = self._tries.add(pair, 1.0, ts, groups)
        few = tries <= FEW_TRIES * accounts
        one = np.where(few, accounts / (accounts + float(self.option["accounts"])), 0.0)
        _, gap, _ = self._failed.note(combine_many(host, user), ts, groups)
        anew = (gap > float(self.option["host_window_s"])).astype(np.float64)
        amounts = self._host.add(host, np.ones(len(rows), np.uint64), anew, ts, groups)
        z, usual, amount = amounts.deviations, amounts.usual, amounts.amount
        host_tries = self._host_tries.add(host, 1.0, ts, groups)
        spread = (amount >= float(self.option["host_accounts"])) & (host_tries <= FEW_TRIES * amount) & (anew > 0)
        many = np.where(spread & (z == z), _score_many(z), 0.0)
        one = np.nan_to_num(one)
        of_host = many > one
        return (
            np.maximum(one, many), np.where(of_host, amount, np.nan_to_num(accounts)),
            np.where(of_host, host_tries, np.nan_to_num(tries)), np.nan_to_num(usual), of_host.astype(np.float64),
            amounts.norms,
        )  # fmt: skip

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items() if column.ndim == 1}
        host = named(batch, row, "host", otherwise="a machine")
        where = "from several places" if e["of_host"] else f"from {named(batch, row, 'src_ip', 'src_host')}"
        hours = float(self.option["host_window_s" if e["of_host"] else "window_s"]) / 3600
        within = span_of(3600 * hours)
        message = f"{e['accounts']:.0f} accounts failed to log on to {host} {where} within {within}, {_each(e)}."
        limit = self.limit(scores, row)
        tries = Feature(name="tries_of_each", value=round(e["tries"] / max(e["accounts"], 1.0), 1), usual_low=FEW_TRIES)
        if e["of_host"]:
            usual = UsualRange(scores.evidence["norms"][row])
            fewer = whole(max(usual.least(DEVIATIONS + math.log(odds_of(limit))), float(self.option["host_accounts"])))
            features = [usual.feature("accounts", e["accounts"], contribution=1.0), tries]
        else:
            fewer = least(e["accounts"], float(scores.values[row]), limit, float(self.option["accounts"]))
            features = [
                Feature(name="accounts", value=e["accounts"], usual_low=0, usual_high=fewer - 1, contribution=1.0),
                tries,
            ]
        return Explanation(message, f"Fewer than {fewer} accounts within {within}.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        fail: dict[str, object] = {"kind": "auth", "host": "dc-1", "action": "logon", "outcome": "failure"}
        fail["src_ip"] = "10.0.0.9"
        slow = [fail | {"ts": 1e6 + 1800.0 * i, "user": f"nurse{i}"} for i in range(20)]
        usual = [fail | {"ts": 1e6 + 1800.0 * i, "user": f"nurse{i % 5}", "src_ip": f"10.0.1.{i % 5}"}
                 for i in range(60)]  # fmt: skip
        wide = [fail | {"ts": 1.2e6 + 9.0 * i, "user": f"doctor{i}", "src_ip": f"203.0.113.{i}"} for i in range(40)]
        jump: list[dict[str, object]] = []
        for i in range(40):
            ts, user = 1e6 + 900.0 * i, f"admin{i}"
            jump += [
                fail | {"ts": ts, "user": user, "outcome": "success"}, fail | {"ts": ts + 300.0, "user": user},
            ]  # fmt: skip
        guess = [fail | {"ts": 1e6 + 60.0 * i, "user": "root"} for i in range(60)]
        return (
            Example("one account after the other, every half hour", slow, True),
            Example("many accounts from many places", usual + wide, True),
            Example("colleagues mistype", usual, False),
            Example("one account is guessed", guess, False),
            Example("those who work on a jump host mistype", jump, False),
        )


def _peer(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """uint64[m]: from where."""
    peer = batch.hash("src_ip")[rows]
    return np.where(peer != 0, peer, batch.hash("src_host")[rows])


def _score_many(deviations: np.ndarray) -> np.ndarray:
    return np.array([score_of(float(z), DEVIATIONS) for z in deviations], np.float64)


def _each(e: Mapping[str, float]) -> str:
    return f"{e['tries'] / max(e['accounts'], 1.0):.1f} tries each"

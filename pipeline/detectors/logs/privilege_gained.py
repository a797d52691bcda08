"""An account gets rights it did not have: a group of administrators, sudo or privileges for the first time."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Example, Explanation, Scores, Setup
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector
from pipeline.detectors.logs.logons import people
from pipeline.detectors.memory.sightings import Sightings
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from schemas.finding import Feature

ACCOUNTS = 4096  # pairs of account and host per key group
DAY_S = 86_400.0
FIRST_SCORE = 0.55


class PrivilegeGained(HostRuleDetector):
    """Rules of the family `privilege`, and the first use of privileges by an account on a host.

    Use is sudo or su (Linux) or a logon with special privileges (Windows 4672) of an account that is no machine; it
    is told once the host has been watched for `watched_d` days and the account is known there for a week.
    """

    id = "logs.privilege_gained"
    family = "privilege"
    title = "Privileges gained"
    severity = 3
    attacks = ("T1098", "T1098.007", "T1548.003", "T1078.002", "T1484", "T1207")
    entity = ("target_user", "user", "host")
    entity_type = "user"
    group_by = ("host",)
    inputs = ("user", "target_user", "action", "outcome", "method", "event_code", "data", "message")
    misses = (
        "Rights given in the cloud directory, in applications, or by editing sudoers; nested groups (a member of a "
        "member); the first privileged logon within two weeks of the start or of an account's first week."
    )
    usual = "Rights change rarely, and by the same few people."
    defaults = {**HostRuleDetector.defaults, "watched_d": 14.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._used = Sightings(setup.groups, ACCOUNTS)
        self._known = Sightings(setup.groups, ACCOUNTS)
        self._watched = Sightings(setup.groups, 256)
        self._parts = {**self._parts, "used": self._used, "known": self._known, "watched": self._watched}

    def score(self, batch: Batch) -> Scores:
        scores = super().score(batch)
        rows = np.flatnonzero(batch.kind("auth") & batch.equals("outcome", "success") & people(batch))
        first = np.zeros(batch.n, np.bool_)
        if len(rows):
            ts, groups = batch.ts[rows], batch.groups[rows]
            host = batch.key_hash[rows] | np.uint64(1)
            pair = combine_many(host, batch.hash("user")[rows])
            use = batch.equals("action", "privilege_use")[rows] & (
                batch.is_in("method", ("sudo", "su"))[rows] | batch.equals("event_code", "4672")[rows]
            )
            watched, _, _ = self._watched.note(host, ts, groups)
            known, _, _ = self._known.note(pair, ts, groups)
            _, _, before = self._used.note(np.where(use, pair, np.uint64(0)), ts, groups)
            new = use & (before == 0) & (watched >= float(self.option["watched_d"]) * DAY_S) & (known >= 7 * DAY_S)
            first[rows[new]] = True
            values = scores.values
            values[rows[use]] = np.fmax(values[rows[use]], 0.0)
            values[first] = np.fmax(values[first], FIRST_SCORE)
        return Scores(scores.values, {**scores.evidence, "first": first}, silent=np.asarray(scores.silent) & ~first)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        number = int(scores.evidence["rule"][row])
        host = named(batch, row, "host", otherwise="a machine")
        if number >= 0:
            told = super().explain(batch, row, scores)
            target = named(batch, row, "target_user", otherwise="")
            message = told.message.rstrip(".") + (f": {target}." if target else ".")
            return Explanation(message, told.normal, told.features, told.attacks)
        user, how = named(batch, row, "user"), named(batch, row, "method", otherwise="a privileged logon")
        target = named(batch, row, "target_user", otherwise="an administrator")
        message = f"{user} used the rights of {target} on {host} by {how} for the first time."
        features = [Feature(name="times_before", value=0, usual_low=1)]
        normal = f"Rights used there before, or on a machine watched for less than {self.option['watched_d']:g} days."
        return Explanation(message, normal, features, ("T1548.003",))

    @classmethod
    def examples(cls) -> Sequence[Example]:
        auth: dict[str, object] = {"kind": "auth", "host": "dc-1", "outcome": "success", "user": "helpdesk1"}
        added = auth | {"ts": 1e6, "action": "group_changed", "event_code": "4728", "target_user": "clerk1"}
        logon, sudo = {"action": "logon"}, {"action": "privilege_use", "method": "sudo", "target_user": "root"}
        days = [auth | {"ts": 1e6 + DAY_S * d} | logon for d in range(20)]
        late = auth | {"ts": 1e6 + DAY_S * 20} | sudo
        daily = [auth | {"ts": 1e6 + DAY_S * d + 60.0} | sudo for d in range(20)]
        return (
            Example("a new domain administrator", [added | {"data": '{"TargetUserName":"Domain Admins"}'}], True),
            Example("sudo for the first time", [*days, late], True),
            Example("a group of the canteen", [added | {"data": '{"TargetUserName":"Canteen"}'}], False),
            Example("sudo every day", daily, False),
        )

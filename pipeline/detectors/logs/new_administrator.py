"""Somebody who never had to do with accounts makes one, or gives one rights."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of
from pipeline.detectors.logs.logons import people
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from schemas.finding import Feature

HOSTS, MAKERS, ACCOUNTS, RING = 256, 2048, 1024, 16  # per key group
HOUR_S, DAY_S = 3600.0, 86_400.0
QUARTER_S, SETTLED_S = 90 * DAY_S, 7 * DAY_S
CHANGES = ("account_created", "account_enabled", "account_deleted", "group_changed", "password_change")
# Where changes are seen at all, and each of those who make them made more than two on the average, one more who does
# is rarer than one change in three.
LEAST_CHANGES, EACH = 3.0, 2.0
SETTLED, RISEN, YOUNG = 0.6, 0.65, 0.4


class NewAdministrator(Detector):
    """First changes of accounts by a user on a host where others are known to make them: 0.6 once the host has been
    watched for a week, 0.4 before.

    An account that a newcomer makes and puts into a group within the hour scores 0.65 at any time. For an hour from
    the first one all changes of a newcomer count. A change of one's own account does not.
    """

    id = "logs.new_administrator"
    title = "Accounts changed by someone new to it"
    severity = 3
    attacks = ("T1136", "T1098")
    source = "logs"
    entity = ("user",)
    entity_type = "user"
    group_by = ("host",)
    inputs = ("user", "target_user", "action", "outcome", "host")
    cost = "O(16) a change of accounts, nothing others; 40 bytes a pair of user and host, 250 KiB a key group"
    reference = "ATT&CK T1136, T1098; Microsoft, Appendix L: Events to Monitor (4720, 4722, 4728)"
    misses = (
        "Intruders who act as an administrator, hosts on which nobody else changes accounts, and changes in the cloud "
        "directory; a new colleague at the help desk looks alike."
    )

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._hosts = Sightings(setup.groups, HOSTS)
        self._makers = Sightings(setup.groups, MAKERS)
        self._known = WindowedDistinct(setup.groups, HOSTS, QUARTER_S, RING)
        self._made = WindowedDistinct(setup.groups, ACCOUNTS, HOUR_S, 2)
        self._parts: dict[str, Stateful] = {
            "hosts": self._hosts, "makers": self._makers, "known": self._known, "made": self._made
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("changes", "others", "risen")}
        wanted = batch.kind("auth")
        if wanted.any():
            wanted &= batch.is_in("action", CHANGES) & ~batch.equals("outcome", "failure") & people(batch)
            wanted &= batch.hash("user") != batch.hash("target_user")
        rows = np.flatnonzero(wanted)
        if len(rows):
            ts, groups, user = batch.ts[rows], batch.groups[rows], batch.hash("user")[rows]
            host = batch.key_hash[rows] | np.uint64(1)
            maker = combine_many(host, user)
            watched, _, changes = self._hosts.note(host, ts, groups)
            age, _, own = self._makers.note(maker, ts, groups)
            others = self._known.add(host, user, ts, groups) - 1.0
            changes = changes - own
            new = (age <= HOUR_S) & (others >= 1) & (changes >= np.maximum(LEAST_CHANGES, EACH * others + 1.0))
            made = batch.equals("action", "account_created")[rows]
            account = combine_many(host, batch.hash("target_user")[rows])
            fresh = self._made.add(account, np.where(new & made, maker | np.uint64(1), np.uint64(0)), ts, groups)
            risen = new & batch.equals("action", "group_changed")[rows] & (fresh > 0)
            values[rows] = np.where(new, np.where(risen, RISEN, np.where(watched >= SETTLED_S, SETTLED, YOUNG)), 0.0)
            for name, column in zip(evidence, (changes, others, risen), strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        changes, others, risen = (int(column[row]) for column in scores.evidence.values())
        target = named(batch, row, "target_user", otherwise="an account")
        what = f"made the account {target} and put it into a group" if risen else f"changed the account {target}"
        others_did = count_of(others, "other user") + f" did {count_of(changes, 'time')}"
        message = (
            f"{named(batch, row, 'user')} {what} on {named(batch, row, 'host', otherwise='a machine')}, which "
            f"{others_did} and this one never before."
        )
        features = [
            Feature(name="own_changes_before", value=0, usual_low=1, contribution=1.0),
            Feature(name="changes_by_others", value=changes, contribution=0.0),
            Feature(name="others_who_change_accounts", value=others, contribution=0.0),
        ]
        return Explanation(message, "A change by one of those who change accounts there.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        auth = {"kind": "auth", "host": "dc-1", "outcome": "success"}
        made = auth | {"action": "account_created", "user": "helpdesk1"}
        today = [made | {"ts": 1e6 + 2000.0 * i, "target_user": f"new{i}"} for i in range(4)]
        weeks = [made | {"ts": 1e6 - 80_000.0 * i, "target_user": f"old{i}"} for i in range(12, 0, -1)]
        nurse = made | {"ts": 1e6 + 9000.0, "user": "nurse3", "target_user": "support1"}
        rights = nurse | {"ts": 1e6 + 9060.0, "action": "group_changed"}
        return (
            Example("a nurse makes an account and gives it rights", [*today, nurse, rights], True),
            Example("a nurse makes an account, after weeks of watch", [*weeks, nurse], True),
            Example("somebody's first account on the first day", [*today, nurse], False),
            Example("the help desk", [*weeks, *today, made | {"ts": 1e6 + 9000.0, "target_user": "support1"}], False),
            Example("a password of one's own", [*weeks, nurse | {"action": "password_change", "target_user": "nurse3"}],
                    False),
        )  # fmt: skip

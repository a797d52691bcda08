"""A user logs on to machines that are new to the user: one that few use, or several in a row."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import odds_of, whole
from pipeline.detectors.logs.logons import logons
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from schemas.finding import Feature

PAIRS, USERS = 8192, 1024  # per key group
DAY_S = 86_400.0
MONTH_S, HOUR_S = 30 * DAY_S, 3600.0
RING = 16
SETTLED_D, SETTLED = 7.0, 10.0  # days and logons after which a user has habits
SHARED = 6.0  # users a month that make a host a common one: ward stations, terminal servers


class NewHostForUser(Detector):
    """First logon of a settled user to a host, discounted where the user roams or where many use the host.

    Three hosts new to the user within an hour are told whatever the discount (lateral movement by logon).
    """

    id = "logs.new_host_for_user"
    title = "User on a machine never used before"
    severity = 2
    attacks = ("T1078", "T1021")
    source = "accounts"
    entity = ("user", "host")
    entity_type = "user"
    inputs = ("user", "host", "action", "outcome", "logon_type", "host_users")
    cost = "O(32) a logon; 40 bytes a pair of user and host, 300 bytes a user: 6 MB in all"
    reference = "ATT&CK T1021; Kent, Comprehensive Multi-Source Cyber-Security Events, 2015"
    misses = (
        "Users in their first week, users who roam anyway, hosts that everybody uses, and machines that do not send "
        "their log."
    )
    threshold = None
    alerts_per_day = 3.0
    defaults = {"burst": 3}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._pairs = Sightings(setup.groups, PAIRS)
        self._users = Sightings(setup.groups, USERS)
        self._hosts_of_user = WindowedDistinct(setup.groups, USERS, MONTH_S, RING)
        self._new_lately = WindowedDistinct(setup.groups, USERS, HOUR_S, 8)
        self._parts = {
            "pairs": self._pairs, "users": self._users, "hosts_of_user": self._hosts_of_user,
            "new_lately": self._new_lately,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("hosts", "users", "lately", "days")}
        rows = logons(batch)
        if len(rows):
            ts, groups = batch.ts[rows], batch.groups[rows]
            user, host = batch.key_hash[rows], batch.hash("host")[rows] | np.uint64(1)
            age, _, count = self._users.note(user, ts, groups)
            _, _, before = self._pairs.note(combine_many(user, host), ts, groups)
            hosts = self._hosts_of_user.add(user, host, ts, groups)
            users = np.maximum(np.nan_to_num(batch.number("host_users")[rows], nan=1.0), 1.0)
            new = (before == 0) & (age >= SETTLED_D * DAY_S) & (count >= SETTLED)
            lately = self._new_lately.add(user, np.where(new, host, np.uint64(0)), ts, groups)
            alone = 3.0 / (2.0 + hosts) * np.minimum(1.0, SHARED / (SHARED + users - 1.0))
            burst = lately / (lately + float(self.option["burst"]))
            values[rows] = np.where(new, np.where(burst >= 0.5, 0.5 + 0.5 * burst, 0.7 * np.minimum(alone, 1.0)), 0.0)
            for name, column in (("hosts", hosts), ("users", users), ("lately", lately), ("days", age / DAY_S)):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        user, host = named(batch, row, "user"), named(batch, row, "host", otherwise="a machine")
        message = f"{user}, known for {e['days']:.0f} days, logged on to {host} for the first time"
        burst, limit = float(self.option["burst"]), self.limit(scores, row)
        many = e["lately"] >= burst
        message += f", one of {e['lately']:.0f} machines new to the user within an hour." if many else "."
        if many:  # the score is ½ and half the share of the new machines
            fewer = whole(burst * odds_of(max(2.0 * limit - 1.0, 0.5)))
            high, normal = fewer - 1.0, f"Fewer than {fewer} machines new to the user within an hour."
        else:  # 0.7 · 3 / (2 + machines of the user), less where many use the machine
            alike = min(1.0, SHARED / (SHARED + e["users"] - 1.0))
            high = 1.0
            normal = f"A user of {whole(2.1 * alike / max(limit, 1e-3) - 2.0)} or more machines a month."
        features = [
            Feature(
                name="new_machines_within_the_hour",
                value=e["lately"],
                usual_low=0,
                usual_high=high,
                contribution=1.0 if many else None,
            ),
            Feature(name="users_of_the_machine", value=e["users"], usual_low=SHARED),
            Feature(name="machines_of_the_user", value=e["hosts"]),
        ]
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        logon = {"kind": "auth", "action": "logon", "outcome": "success"}
        hosts = ("ws-1", "ws-2", "ws-3", "ws-4")
        # Accounts whose names fall into one key group.
        users = [f"clerk{n}" for n in (3, 22, 26, 33, 41, 50, 75, 80, 81, 84)]
        usual = [
            logon | {"ts": 1e6 + DAY_S * d + 600.0 * i, "user": user, "account": user, "host": hosts[0]}
            for d in range(20) for i, user in enumerate(users)
        ]  # fmt: skip
        logon |= {"user": "clerk3", "account": "clerk3"}
        spread = [logon | {"ts": 1e6 + DAY_S * 20 + 60.0 * i, "host": h} for i, h in enumerate(hosts)]
        return (Example("three new machines in a row", usual + spread, True), Example("the same machine", usual, False))

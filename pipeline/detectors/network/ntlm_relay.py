"""One address logs on by NTLM in the name of several workstations: someone stands in between."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, nearest, whole
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from schemas.finding import Feature

SOURCES = 1024
PAIRS = 4096
RING = 16
DAY_S = 86_400.0


class NtlmRelay(Detector):
    """Distinct workstation names that one address presents with named accounts in NTLM logons within an hour.

    A machine has one name and says it in every logon; who relays logons passes on the names of his victims. A name that
    the address alone presented earlier in the day, and not within the hour, is its own and counts beside. Gateways
    that hide many machines (NAT, VPN, terminal servers of old) do so for days: names an address has presented for a
    day are known.
    """

    id = "network.ntlm_relay"
    title = "Logons passed on by another machine"
    severity = 4
    attacks = ("T1557.001",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("service", "client", "user", "server", "src_ip", "dst_ip")
    cost = "O(16) an NTLM logon, nothing others; 330 bytes an address, 1,024 a key group"
    reference = "MITRE ATT&CK T1557.001"
    misses = (
        "The relay of one victim alone, relays that invent a name of their own, and those to services whose NTLM the "
        "sensor cannot read (HTTP, LDAP over TLS). On the first day a gateway that hides many machines looks alike."
    )
    defaults = {"window_s": 3600.0, "more_names": 2.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._names = WindowedDistinct(setup.groups, SOURCES, float(self.option["window_s"]), RING)
        self._users = WindowedDistinct(setup.groups, SOURCES, float(self.option["window_s"]), RING)
        self._today = WindowedDistinct(setup.groups, SOURCES, DAY_S, 4)
        self._known = Sightings(setup.groups, PAIRS)
        self._parts = {"names": self._names, "users": self._users, "today": self._today, "known": self._known}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {"names": np.zeros(batch.n), "users": np.zeros(batch.n)}
        rows = np.flatnonzero(
            batch.kind("auth") & batch.is_in("service", ("ntlm", "smb")) & (batch.hash("src_ip") != 0)
            & (batch.spans("client")[1] > 0) & (batch.spans("user")[1] > 0)
        )  # fmt: skip
        if len(rows):
            src, client, user = (batch.hash(name)[rows] for name in ("src_ip", "client", "user"))
            ts, groups = batch.ts[rows], batch.groups[rows]
            age, _, _ = self._known.note(combine_many(src, client), ts, groups)
            fresh = ~(age > DAY_S)
            none = np.uint64(0)
            names = self._names.add(src, np.where(fresh, client, none), ts, groups)
            users = self._users.add(src, np.where(fresh, user, none), ts, groups)
            # More than one name earlier in the day is an address that is given on, as those of a VPN are.
            own = (names >= 2) & (self._today.add(src, client, ts, groups) == names + 1)
            names, users = names + own, users + own
            # As many accounts as names: one administrator who renames a machine is no relay.
            count = np.minimum(names, users)
            more = np.maximum(count - 1.0, 0.0)
            values[rows] = np.where(fresh, more / (more + float(self.option["more_names"])), 0.0)
            evidence["names"][rows], evidence["users"][rows] = names, users
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        names, users = int(scores.evidence["names"][row]), int(scores.evidence["users"][row])
        message = (
            f"{named(batch, row, 'src_ip')} logged on as {count_of(users, 'account')} in the name of {names} different "
            f"workstations lately, now {named(batch, row, 'client', otherwise='one')} "
            f"({named(batch, row, 'user', otherwise='an account')}): it passes on logons of others, or invents names."
        )
        # The smaller of the two numbers counts, one of them being the machine's own.
        more = nearest(min(names, users) - 1.0, float(scores.values[row]), self.limit(scores, row))
        fewer = 1 + whole(more)
        features = [
            Feature(name="workstation_names_1h", value=names, usual_low=1, usual_high=fewer - 1),
            Feature(name="accounts_1h", value=users, usual_low=1, usual_high=fewer - 1),
        ]
        normal = f"A machine gives its own name: fewer than {fewer} names, or accounts, within an hour."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        logon = {"kind": "auth", "service": "ntlm", "outcome": "success", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.20"}
        own = [logon | {"ts": 1e6 - 20_000 + 500 * k, "client": "WARD-PC9", "user": "clerk1"} for k in range(9)]
        two = [logon | {"ts": 1e6 + 900 * k, "client": f"WARD-PC{k}", "user": f"nurse{k}"} for k in range(2)]
        other = {"ts": 1e6 + 900, "client": "WARD-PC5", "user": "nurse5"}
        return (
            Example(
                "victims' names from one address",
                [logon | {"ts": 1e6 + 60 * k, "client": f"WARD-PC{k}", "user": f"nurse{k}"} for k in range(5)],
                True,
            ),
            Example("two victims' names after its own", [*own, *two], True),
            Example(
                "an address that is given on", [*own, two[1] | {"ts": 1e6 - 5000}, *two[:1], two[0] | other], False
            ),
            Example(
                "a shared workstation",
                [logon | {"ts": 1e6 + 60 * k, "client": "WARD-PC1", "user": f"nurse{k}"} for k in range(20)],
                False,
            ),
            Example(
                "a renamed machine",
                [logon | {"ts": 1e6 + 60 * k, "client": f"PC{k // 9}", "user": "m.lane"} for k in range(18)],
                False,
            ),
        )

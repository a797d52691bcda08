"""An account logs on by NTLM where it never did, to many machines or to shares for administrators."""

import math
from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, least, odds_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.administrators import POPULAR, WEEK_S, Administrators
from pipeline.detectors.network.managers import Managers
from pipeline.detectors.network.new_reach import HELD, USUAL, WARM_UP_S, NewReach
from pipeline.detectors.network.rounds import Rounds
from pipeline.detectors.network.rpc_operations import admin_share
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from schemas.finding import Feature

PAIRS = 4096
SOURCES = 1024
RING = 16
DAY_S = 86_400.0
ADMIN_S = 1800.0
KERBEROS = np.uint64(1)
# The odds' factors: an account that used Kerberos from here before, and shares for administrators opened; the latter
# only after the first day, when administrators at work are known.
USED_KERBEROS, ADMIN_OPENED = 2.0, 4.0
# … and an account that never used Kerberos from a machine at which others log on by it: it does not sit there.
STRANGER, AT_HOME, LOGONS = 2.0, 3.0, ("AS", "KRB_AS_REP")
LONE = 0.25  # of the odds, of one machine alone
# A machine to which others report, or an account that does it hour after hour, goes everywhere; where others are
# administered from, a stranger's account may still be in use.
EVERYWHERE, ADMINISTERS = 0.1, 0.25


class PassTheHash(Detector):
    """Machines on which one account newly logged on by NTLM from one address within an hour, weighed up where the
    account used Kerberos from there before, or where others log on by it and it never did, and where ADMIN$ or C$ was
    opened from there; less for accounts that use new ones in other hours, too, and where others are administered from
    (`administrators`). Servers on which several log on so do not count.

    NTLM is what a stolen hash can be used with at once; domain machines speak Kerberos to each other. What an account
    has done for a day (scanners, old applications, addresses instead of names) is known.
    """

    id = "network.pass_the_hash"
    title = "Stolen hash in use?"
    severity = 4
    attacks = ("T1550.002", "T1021.002")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("service", "outcome", "user", "src_ip", "dst_ip", "dst_port", "bytes_in", "share", "action")
    cost = "O(16) an NTLM logon or share opened, O(1) a way, nothing others; 40 to 150 bytes an account and machine"
    reference = "MITRE ATT&CK T1550.002; Microsoft, Mitigating Pass-the-Hash and Other Credential Theft, 2014"
    misses = (
        "A hash used in the first three hours, on a machine or two without shares for administrators, on servers where "
        "many use NTLM, or from the machine of an administrator on fewer than some ten machines an hour, a hash turned "
        "into a Kerberos ticket (overpass the hash), NTLM that the sensor cannot see."
    )
    defaults = {"window_s": 3600.0, "machines": 6.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._habits = Sightings(setup.groups, PAIRS)
        self._fresh = WindowedDistinct(setup.groups, PAIRS // 2, float(self.option["window_s"]), RING)
        self._admin = WindowedSum(setup.groups, SOURCES, ADMIN_S)
        self._reach = NewReach(setup.groups, SOURCES)
        self._watched = Sightings(setup.groups, 1)
        self._homes = WindowedSum(setup.groups, PAIRS, WEEK_S)
        self._managers = Managers(setup.groups)
        self._users = WindowedDistinct(setup.groups, SOURCES, WEEK_S, 4)
        self._rounds = Rounds(setup.groups, SOURCES)
        self._administrators = Administrators(setup.groups)
        self._parts = {
            "habits": self._habits,
            "fresh": self._fresh,
            "admin": self._admin,
            "reach": self._reach,
            "watched": self._watched,
            "homes": self._homes,
            "managers": self._managers,
            "users": self._users,
            "rounds": self._rounds,
            "administrators": self._administrators,
        }

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("machines", "kerberos", "stranger", "admin")}
        rows, opened = self._rows(batch)
        manager, administers = self._managers.mark(batch, rows), self._administrators.mark(batch, rows)
        if len(rows):
            src, dst, user = (batch.hash(name)[rows] for name in ("src_ip", "dst_ip", "user"))
            ts, groups = batch.ts[rows], batch.groups[rows]
            none = np.uint64(0)
            admin = self._admin.add(src, opened.astype(np.float64), ts, groups)
            account = np.where(opened, none, combine_many(src, user))
            kerberos = ~opened & batch.equals("service", "kerberos")[rows]
            ntlm = ~opened & ~kerberos
            # An NTLM row only asks whether Kerberos was used: it must not make that known.
            spoke = self._spoke_kerberos(account, kerberos, ts, groups)
            seat = kerberos & batch.is_in("request_type", LOGONS)[rows]
            stranger = self._stranger(src, user, seat, kerberos, (ts, groups))
            age, _, used = self._habits.note(np.where(ntlm, combine_many(account, dst), none), ts, groups)
            rare = ntlm & (filled(self._users.add(np.where(ntlm, dst, none), src, ts, groups)) < POPULAR)
            steady = self._rounds.steady(account, rare, used == 0, ts, groups)
            item = np.where(rare & ~(age > DAY_S), dst, none)
            machines = filled(self._fresh.add(np.where(ntlm, account, none), item, ts, groups))
            usual = self._reach.usual(account, ntlm, used == 0, machines, (ts, groups))
            odds = machines / (float(self.option["machines"]) + USUAL * usual)
            odds *= np.where(spoke, USED_KERBEROS, np.where(stranger, STRANGER, 1.0))
            watched, _, _ = self._watched.note(np.ones_like(src), ts, groups)
            odds *= np.where((admin > 0) & (watched >= DAY_S) & ~administers, ADMIN_OPENED, 1.0)
            odds *= np.where(manager | steady, EVERYWHERE, np.where(administers, ADMINISTERS, 1.0))
            odds[(machines <= 1) | (item == 0)] *= LONE
            score = odds / (1.0 + odds)
            score = np.where(watched < WARM_UP_S, np.minimum(score, HELD), score)
            values[rows] = np.where(ntlm, score, np.nan)
            for name, column in zip(evidence, (machines, spoke, stranger & ~spoke, admin), strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _rows(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Successful logons by NTLM or Kerberos of named accounts, and shares for administrators opened (marked)."""
        src = (batch.hash("src_ip") != 0) & (batch.hash("dst_ip") != 0)
        logons = src & batch.kind("auth") & (batch.spans("user")[1] > 0) & ~batch.equals("outcome", "failure")
        logons &= batch.is_in("service", ("ntlm", "kerberos", "smb")) & ~batch.equals("user", "ANONYMOUS LOGON")
        shares = np.flatnonzero(src & batch.kind("file") & (batch.hash("share") != 0))
        if len(shares):
            shares = shares[admin_share(batch, shares)]
        rows = np.concatenate((np.flatnonzero(logons), shares))
        opened = np.concatenate((np.zeros(len(rows) - len(shares), np.bool_), np.ones(len(shares), np.bool_)))
        order = np.argsort(rows, kind="stable")
        rows, opened = rows[order], opened[order]
        # A machine's own account ($) logs on everywhere.
        start, length = batch.spans("user")
        last = batch.data[np.maximum(start[rows] + length[rows] - 1, 0)]
        use = opened | ((last != 36) & ~self.setup.lists["scanners"].marks(batch.hash("src_ip")[rows]))
        return rows[use], opened[use]

    def _spoke_kerberos(
        self, account: np.ndarray, kerberos: np.ndarray, ts: np.ndarray, groups: np.ndarray
    ) -> np.ndarray:
        """bool[m]: the account of an NTLM row used Kerberos from this address before."""
        key = combine_many(account, np.full(len(account), KERBEROS))
        # The count tells Kerberos rows: the ring notes one item for them and is only asked by the others.
        found = self._fresh.add(key, np.where(kerberos, np.uint64(1), np.uint64(0)), ts, groups)
        return filled(found) > 0

    def _stranger(
        self, src: np.ndarray, user: np.ndarray, seat: np.ndarray, kerberos: np.ndarray,
        when: tuple[np.ndarray, np.ndarray],
    ) -> np.ndarray:  # fmt: skip
        """bool[m]: within a week others logged on at the source by Kerberos (`seat`), and the account of the row never
        used it from there. when: ts s and groups int32, [m] each."""
        everybody = self._homes.add(src, seat.astype(np.float64), *when)
        own = self._homes.add(combine_many(src, user), kerberos.astype(np.float64), *when)
        return (everybody >= AT_HOME) & (filled(own) == 0)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        machines = int(scores.evidence["machines"][row])
        message = (
            f"{named(batch, row, 'user', otherwise='An account')} logged on in the old way (NTLM) from "
            f"{named(batch, row, 'src_ip')} to {count_of(machines, 'machine')} where it did not before, now "
            f"{named(batch, row, 'dst_ip', otherwise='a machine')}"
        )
        if scores.evidence["admin"][row] > 0:
            message += ", and opened shares for administrators"
        if scores.evidence["kerberos"][row] > 0:
            message += "; it usually uses the new one (Kerberos)"
        if scores.evidence["stranger"][row] > 0:
            message += "; others sit there, who use the new one (Kerberos), and it never did"
        spoke, stranger = (scores.evidence[name][row] > 0 for name in ("kerberos", "stranger"))
        opened = int(scores.evidence["admin"][row])
        fewer = least(machines, float(scores.values[row]), self.limit(scores, row), float(self.option["machines"]))
        if odds_of(float(scores.values[row])) / max(machines, 1) * LONE < odds_of(self.limit(scores, row)):
            fewer = max(fewer, 2)
        # The odds are a product: each factor has its logarithm of them.
        parts = (
            math.log1p(machines), math.log(USED_KERBEROS) * spoke, math.log(ADMIN_OPENED) * (opened > 0),
            math.log(STRANGER) * stranger,
        )  # fmt: skip
        total = sum(parts)
        features = [
            Feature(
                name="new_machines_1h", value=machines, usual_low=0, usual_high=fewer - 1, contribution=parts[0] / total
            ),
            Feature(name="used_kerberos_before", value=int(spoke), contribution=parts[1] / total),
            Feature(
                name="admin_shares_opened_30min", value=opened, usual_low=0, usual_high=0, contribution=parts[2] / total
            ),
            Feature(name="others_use_kerberos_there", value=int(stranger), contribution=parts[3] / total),
        ]
        few = "no machine" if fewer == 1 else f"fewer than {fewer} machines"
        normal = f"Kerberos, or {few} within an hour that it has not used for a day."
        return Explanation(message + ".", normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        logon = {"kind": "auth", "service": "ntlm", "outcome": "success", "src_ip": "10.0.0.9", "user": "admin-it"}
        ticket = logon | {"service": "kerberos", "request_type": "TGS", "dst_ip": "10.0.0.2"}
        before = logon | {"ts": 1e6 - 14_400.0, "user": "nurse1", "src_ip": "10.0.0.8", "dst_ip": "10.0.0.20"}
        share = {"kind": "file", "action": "map", "src_ip": "10.0.0.9", "share": "\\\\PC\\ADMIN$", "service": "smb"}
        nurse = [ticket | {"ts": 1e6 - 9000.0 + 600 * k, "user": "nurse7", "request_type": "AS"} for k in range(6)]
        few = [logon | {"ts": 1e6 + 900.0 * k, "dst_ip": f"10.0.0.{20 + k}"} for k in range(4)]
        many = []
        for k in range(4):
            many += [logon | {"ts": 1e6 + 60 * k, "dst_ip": f"10.0.0.{20 + k}"}]
            many += [share | {"ts": 1e6 + 60 * k + 1, "dst_ip": f"10.0.0.{20 + k}"}]
        return (
            Example(
                "shares for administrators, machine after machine",
                [ticket | {"ts": 1e6 - 90_000}, ticket | {"ts": 1e6 - 900}, *many],
                True,
            ),
            Example(
                "one account on ten machines",
                [before, *(logon | {"ts": 1e6 + 60 * k, "dst_ip": f"10.0.0.{20 + k}"} for k in range(10))],
                True,
            ),
            Example("an administrator's account at a nurse's desk, on four machines", [before, *nurse, *few], True),
            Example("an account at a machine where nobody uses Kerberos, on four machines", [before, *few], False),
            Example(
                "the same in the first minutes, when all is new",
                [logon | {"ts": 1e6 + 60 * k, "dst_ip": f"10.0.0.{20 + k}"} for k in range(10)],
                False,
            ),
            Example("one old server", [logon | {"ts": 1e6 + 60 * k, "dst_ip": "10.0.0.20"} for k in range(60)], False),
            Example(
                "a machine's own account",
                [logon | {"ts": 1e6 + 60 * k, "dst_ip": f"10.0.0.{20 + k}", "user": "PC7$"} for k in range(10)],
                False,
            ),
        )

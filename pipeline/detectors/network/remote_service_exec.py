"""A machine makes others do things: services, tasks, programs, WMI, password hashes, by remote procedure calls."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, odds_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.administrators import Administrators
from pipeline.detectors.network.few_hosts import FewHosts
from pipeline.detectors.network.managers import DIRECTORY, Managers
from pipeline.detectors.network.new_reach import HELD, USUAL, WARM_UP_S, NewReach
from pipeline.detectors.network.rounds import Rounds
from pipeline.detectors.network.rpc_operations import (
    COERCE,
    DUMP,
    LISTED,
    LOOK,
    MAPPED,
    OBJECT,
    OPENED,
    PLANTED,
    PROGRAM,
    REPLICATE,
    SAYS,
    SERVICE,
    SHARE,
    SHELL,
    TASK,
    WMI,
    file_sorts,
    rpc_sorts,
    shell_sorts,
)
from pipeline.features.addresses import EXTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.lists import Lists, UserList
from pipeline.features.naming import named
from pipeline.features.unknown import filled, is_port
from pipeline.features.where import address_kind
from schemas.finding import Feature

PAIRS = 4096
DAY_S = 86_400.0
# How much one of each is worth from a machine that was not seen doing it before; .5 alerts.
WORTH = {SERVICE: 0.6, TASK: 0.6, WMI: 0.55, REPLICATE: 0.7, COERCE: 0.75, DUMP: 0.7, LOOK: 0.15, PROGRAM: 0.55,
         OPENED: 0.25, PLANTED: 0.6, OBJECT: 0.55, SHELL: 0.55, LISTED: 0.15, SHARE: 0.1}  # fmt: skip
TECHNIQUES = {SERVICE: "T1569.002", TASK: "T1053.005", WMI: "T1047", REPLICATE: "T1003.006", COERCE: "T1187",
              DUMP: "T1003.002", LOOK: "T1087.002", PROGRAM: "T1021.002",
              PLANTED: "T1574.001", OBJECT: "T1021.003", SHELL: "T1021.006", LISTED: "T1087.002",
              SHARE: "T1021.002"}  # fmt: skip
STRONG = (SERVICE, TASK, WMI, REPLICATE, COERCE, DUMP, PROGRAM, PLANTED, OBJECT, SHELL)
# In the first day nothing is a habit yet: administrators at work look like anybody, even with a program put there and
# its service made, which is what installing from afar is, unless they call many machines.
COLD, EVERYDAY = 0.3, (SERVICE, TASK, WMI, PROGRAM, OPENED, OBJECT, SHELL)
ASKED = 0.5  # what a list of accounts or sessions, or a share opened, is worth where few machines are: told
ADMINISTERS = 2.0  # times `targets` that an administrator's machine may call: a ward's desks in an hour
SOURCES = 512
HABIT = 0.4  # of the worth remains for what the machine has done for more than a day


class RemoteServiceExec(Detector):
    """What a call can do, more when several kinds meet on one machine within ten minutes (a program put there and
    a service installed) or when many machines are called, more than the caller calls anew in other hours, less when it
    has done the same for days.

    Management servers, administrators' machines and domain controllers do these things every day: after the first
    day, when it takes many machines, each is told once and then known. In a network of a few machines (`few_hosts`)
    each is told from the start, there are few; so are lists of accounts and sessions, and shares for administrators
    that are opened. For machines that open others hour after hour (`administrators`) it always takes many, twice as
    many. Controllers that several machines ask for tickets or names copy the directory among themselves. Machines to
    which others report (`managers`), and those that did such things in three earlier hours, are known
    from then on; those on the list `scanners` and those whose class in the inventory says domain controller or
    management are left out. In the first three hours of many machines not every controller has shown itself: copies of
    the directory are held back then.
    """

    id = "network.remote_service_exec"
    title = "Remote execution or theft of secrets"
    severity = 4
    attacks = ("T1021.002", "T1569.002", "T1053.005", "T1047", "T1003.006", "T1003.002", "T1187",
               "T1574.001")  # fmt: skip
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("name", "detail", "uri", "action", "share", "filename", "src_ip", "dst_ip", "dst_port", "bytes_in")
    cost = "O(length of the record) a dce_rpc or SMB file event, O(1) others; 40 to 280 bytes a pair of machines"
    misses = (
        "Where many machines are: in the first day, services and programs on a few (everything is new then), in its "
        "first three hours on many, and copies of the directory; objects and remote shells on a few at any time; calls "
        "inside encrypted SMB 3 or sealed RPC, where the sensor sees no operation; an intruder on the "
        "machine of an administrator, on a few machines, or as many as he likes where the same is done hour after hour "
        "or every day."
    )
    defaults = {"targets": 4.0, "window_s": 3600.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._habits = Sightings(setup.groups, PAIRS)
        self._kinds = WindowedDistinct(setup.groups, PAIRS, 600.0, 8)
        self._targets = WindowedDistinct(setup.groups, PAIRS // 4, float(self.option["window_s"]), 16)
        self._ways = Sightings(setup.groups, PAIRS)
        self._reach = NewReach(setup.groups, SOURCES)
        self._watched = Sightings(setup.groups, 1)
        self._few = FewHosts(setup.groups)
        self._managers, self._controllers = Managers(setup.groups), Managers(setup.groups, DIRECTORY, ())
        self._rounds = Rounds(setup.groups, SOURCES)
        self._administrators = Administrators(setup.groups)
        self._parts = {
            "habits": self._habits, "kinds": self._kinds, "targets": self._targets, "ways": self._ways,
            "reach": self._reach, "watched": self._watched, "few": self._few, "managers": self._managers,
            "controllers": self._controllers, "rounds": self._rounds, "administrators": self._administrators,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {"sort": np.full(batch.n, -1.0), "kinds": np.zeros(batch.n), "targets": np.zeros(batch.n),
                    "most": np.zeros(batch.n)}  # fmt: skip
        rows, sort = self._rows(batch)
        # By all that is seen: where nobody administers, the first such call is an intruder's, however late.
        watched, _, _ = self._watched.note(np.ones(batch.n, np.uint64), batch.ts, batch.groups)
        few = self._few.mark(batch)[rows]
        known_for = (self._managers, self._controllers, self._administrators)
        manager, controller, administers = (who.mark(batch, rows) for who in known_for)
        if len(rows):
            src, dst = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows]
            ts, groups = batch.ts[rows], batch.groups[rows]
            mark = (sort + 1).astype(np.uint64)
            pair = combine_many(src, dst)
            age, _, _ = self._habits.note(combine_many(src, mark), ts, groups)
            # Looking on is no deed of its own, but the service manager opened belongs to what follows.
            deed = np.where(np.isin(sort, STRONG), mark, np.uint64(0))
            kinds = filled(self._kinds.add(pair, deed, ts, groups))
            targets = filled(self._targets.add(combine_many(src, mark), dst, ts, groups))
            worth = np.array([WORTH[k] for k in range(len(WORTH))])[sort]
            worth[few & np.isin(sort, (LISTED, SHARE))] = ASKED
            watched, everyday = watched[rows], np.isin(sort, EVERYDAY)
            # Programs of the house may have parts on a server, and consoles ask servers by remote shells: one alone is
            # no news where many do.
            common = np.isin(sort, (OBJECT, SHELL))
            cold = everyday & ((watched < DAY_S) | administers | common) & ~few
            _, _, used = self._ways.note(combine_many(pair, mark), ts, groups)
            usual = self._reach.usual(combine_many(src, mark), sort >= 0, used == 0, targets, (ts, groups))
            most = float(self.option["targets"]) * np.where(administers, ADMINISTERS, 1.0) + USUAL * usual
            spread = np.clip(targets / most - 1.0, 0.0, 2.0)
            odds = worth / (1.0 - worth) * np.where(cold, COLD, 1.0) * 2.0 ** (np.maximum(kinds - 1.0, 0.0) + spread)
            fresh = (used == 0) & np.isin(sort, (SERVICE, TASK, WMI))
            steady = self._rounds.steady(src, everyday, fresh, ts, groups)
            known = (filled(age) > DAY_S) | ((manager | steady) & everyday) | (controller & (sort == REPLICATE))
            score = odds / (1.0 + odds) * np.where(known, HABIT, 1.0)
            early = (everyday | (sort == REPLICATE)) & (watched < WARM_UP_S)
            values[rows] = np.where(early & ~few, np.minimum(score, HELD), score)
            for name, column in zip(evidence, (sort, kinds, targets, most), strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _rows(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Rows that do something of interest, in order, and what."""
        src, dst = batch.hash("src_ip"), batch.hash("dst_ip")
        both = (src != 0) & (dst != 0) & (src != dst)
        calls = np.flatnonzero(both & batch.kind("other") & batch.is_in("name", ("dce_rpc", "dcerpc")))
        files = np.flatnonzero(
            both & batch.kind("file") & ((batch.hash("filename") != 0) | batch.is_in("action", MAPPED))
        )
        asked = np.flatnonzero(both & batch.kind("http") & is_port(batch.number("dst_port"), (5985, 5986)))
        if not len(calls) and not len(files) and not len(asked):
            return calls, calls
        rows = np.concatenate((calls, files, asked))
        sort = np.concatenate((rpc_sorts(batch, calls), file_sorts(batch, files), shell_sorts(batch, asked)))
        order = np.argsort(rows, kind="stable")
        rows, sort = rows[order], sort[order]
        use = (sort >= 0) & ~self.setup.lists["scanners"].marks(src[rows])
        # Outside machines are not ours to be executed on by accident, but a call from outside always counts.
        use &= address_kind(batch, "dst_ip")[rows] != EXTERNAL
        use[use] = [not self._manages(batch, int(row)) for row in rows[use]] if self.setup.lists.devices else True
        return rows[use], sort[use]

    def _manages(self, batch: Batch, row: int) -> bool:
        device = self.setup.lists.devices.get((batch.text("src_ip", row) or "").lower(), {})
        return any(word in device.get("class", "").lower() for word in ("domain", "management"))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        sort, kinds = int(scores.evidence["sort"][row]), int(scores.evidence["kinds"][row])
        targets = int(scores.evidence["targets"][row])
        what = SAYS[sort] if sort >= 0 else "called"
        message = f"{named(batch, row, 'src_ip')} {what} {named(batch, row, 'dst_ip', otherwise='a machine')}"
        message += ", which it was not known to do"
        if kinds > 1:
            message += f"; {kinds} kinds of such acts met there within ten minutes"
        if targets > 1:
            message += f"; {targets} machines within an hour"
        score, most = float(scores.values[row]), float(scores.evidence["most"][row])
        # Each kind beyond one, and each `most` machines beyond as many, doubles the odds of the act alone.
        doubled = max(kinds - 1.0, 0.0), min(max(targets / most - 1.0, 0.0), 2.0)
        alone = odds_of(score) / 2.0 ** sum(doubled)
        base = min(alone / (1.0 + alone) / max(score, 1e-9), 1.0)
        parts = [(1.0 - base) * d / sum(doubled) if sum(doubled) else 0.0 for d in doubled]
        features = [
            Feature(name="act", value=what[:64], contribution=base),
            Feature(name="kinds_of_acts_10min", value=kinds, usual_low=0, usual_high=1, contribution=parts[0]),
            Feature(name="machines_1h", value=targets, usual_low=0, usual_high=round(most, 1), contribution=parts[1]),
        ]
        normal = "The same from a machine that has done it for more than a day, or that administers others."
        if alone < odds_of(self.limit(scores, row)):
            normal = f"One kind of act alone, on at most {count_of(int(most), 'machine')} within an hour."
        return Explanation(message + ".", normal, features, (TECHNIQUES[sort],) if sort in TECHNIQUES else ())

    @classmethod
    def examples(cls) -> Sequence[Example]:
        ends = {"src_ip": "10.0.0.9", "dst_ip": "10.0.0.20"}
        call = ends | {"kind": "other", "name": "dce_rpc"}
        service = '{"endpoint":"svcctl","operation":"CreateServiceW"}'
        hashes = '{"endpoint":"drsuapi","operation":"DRSGetNCChanges"}'
        replication = call | {"ts": 1e6, "detail": hashes}
        lookup = '{"endpoint":"samr","operation":"SamrLookupNamesInDomain"}'
        program = ends | {
            "kind": "file",
            "action": "SMB::FILE_WRITE",
            "share": "\\\\PC7\\ADMIN$",
            "filename": "kxw.exe",
        }
        work = program | {"share": "\\\\file1\\billing", "filename": "report.docx"}
        habit = [call | {"ts": 1e6 + 60.0 * k, "detail": service, "dst_ip": f"10.0.0.{k}"} for k in range(20)]
        past, earlier = (call | {"ts": 1e6 - ago, "detail": lookup} for ago in (90_000.0, 14_400.0))
        many = [ends | {"kind": "flow", "ts": 1e6 - 15_000.0, "src_ip": f"10.0.4.{k}"} for k in range(120)]
        asked = [host | {"dst_ip": "10.0.0.9", "dst_port": 88, "bytes_in": 1500} for host in many]
        now = [host | {"ts": 1e6 - 60.0} for host in many]
        shell = ends | {"kind": "http", "ts": 1e6, "method": "POST", "uri": "/wsman?PSVersion=5.1", "dst_port": 5985}
        mapped = ends | {"kind": "file", "ts": 1e6, "action": "map", "share": "\\\\PC7\\C$"}
        listed = '{"endpoint":"samr","operation":"SamrGetMembersInGroup"}'
        return (
            Example(
                "a program and its service, from a machine that never did",
                [past, program | {"ts": 1e6}, call | {"ts": 1e6 + 5, "detail": service}],
                True,
            ),
            Example(
                "a program and its service on the first day",
                [*many, earlier, program | {"ts": 1e6}, call | {"ts": 1e6 + 5, "detail": service}],
                False,
            ),
            Example("a service on machine after machine", [*many, earlier, *habit], True),
            Example("the same in the first minutes, when all is new", [*now, *habit], False),
            Example("an administrator on the first day", [*many, call | {"ts": 1e6, "detail": service}], False),
            Example("a service in a network of a few machines", [call | {"ts": 1e6, "detail": service}], True),
            Example("a remote shell in a network of a few machines", [shell], True),
            Example("a remote shell where many machines are", [*many, shell], False),
            Example("a list of administrators in a network of a few", [call | {"ts": 1e6, "detail": listed}], True),
            Example("a share for administrators in a network of a few", [mapped], True),
            Example("a share for administrators where many are", [*many, mapped], False),
            Example("a list of administrators where many are", [*many, call | {"ts": 1e6, "detail": listed}], False),
            Example("a machine poses as a domain controller", [replication], True),
            Example("a domain controller, which others ask for tickets", [*asked, replication], False),
            Example("accounts are looked up", [call | {"ts": 1e6 + k, "detail": lookup} for k in range(9)], False),
            Example(
                "a library among those of the system, on another machine",
                [program | {"ts": 1e6, "share": "\\\\PC7\\C$", "filename": "Windows\\System32\\wlx.dll"}],
                True,
            ),
            Example("everyday files", [work | {"ts": 1e6 + k} for k in range(9)], False),
            Example("a program on a software share", [work | {"ts": 1e6, "filename": "setup.exe"}], False),
            Example(
                "a management server on the list",
                [earlier, *habit],
                False,
                Lists({"scanners": UserList({"10.0.0.9": ({"value": "10.0.0.9"},)})}),
            ),
        )

"""Somebody moves through the house: a machine that administers nothing opens machine after machine."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, least
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.administrators import SOURCES, Administrators, administration, doors
from pipeline.detectors.network.few_hosts import FewHosts
from pipeline.detectors.network.managers import Managers
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from schemas.finding import Feature

WORDS = {22: "SSH", 2222: "SSH", 23: "telnet", 135: "WMI", 139: "SMB", 445: "SMB", 3389: "remote desktop", 5900: "VNC",
         5985: "WinRM", 5986: "WinRM"}  # fmt: skip
TECHNIQUES = {22: "T1021.004", 2222: "T1021.004", 135: "T1047", 139: "T1021.002", 445: "T1021.002", 3389: "T1021.001",
              5900: "T1021.005", 5985: "T1021.006", 5986: "T1021.006"}  # fmt: skip
HOUR_S = 3600.0
HELD = 0.49
DAY_S = 86_400.0
FEW_FACTOR = 1 / 3  # of `known_s`, where few machines are
HABIT = 4.0  # times its usual number of new machines an hour that a machine may open besides `machines`


class LateralMovement(Detector):
    """New machines that a machine opened within an hour over protocols of administration, and that answered.

    A door (machine and port) that several sources use belongs to a server and does not count; nor does a way that
    was used before. Who is refused by as many doors as open is a scanner (`network.port_scan`). Machines whose habit
    it is to open new ones (administrators, jump hosts, inventories) may do so in proportion, and machines to which
    others report (`managers`), or that went round in three earlier hours (`administrators`), still more: one that is
    both rolls software out, however many it opens. During the first `known_s` of a key group everything is new: then
    it takes many more, and `machines_first_day` on its first day, on which who administers begins like anybody else;
    of a network of few machines whoever does can be asked, so that there it takes no more than later, from a third of
    `known_s` on.
    """

    id = "network.lateral_movement"
    title = "Lateral movement"
    severity = 4
    attacks = ("T1021", "T1021.001", "T1021.002", "T1021.004", "T1021.005", "T1021.006", "T1047")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "dst_ip", "dst_port", "bytes_in", "outcome")
    cost = "O(64) a new way, O(1) others; 40 bytes a way, 700 a source that opens new ones; 5 MB in all"
    reference = (
        "Bohara et al., An Unsupervised Multi-Detector Approach for Identifying Malicious Lateral Movement, 2017"
    )
    misses = (
        "Movement to servers that many use, over ways used before, from a machine whose habit it is (from an "
        "administrator's desk or a jump host up to forty machines an hour, from a management server any number), by "
        "who opened a few an hour for three hours first, or to fewer than `machines` machines an hour."
    )
    defaults = {"machines": 4.0, "machines_at_first": 40.0, "machines_first_day": 8.0, "known_s": 10_800.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._administrators = Administrators(setup.groups)
        self._watched = Sightings(setup.groups, 1)
        self._habit = Sightings(setup.groups, SOURCES)
        self._recent = WindowedDistinct(setup.groups, SOURCES, HOUR_S, ring=64)
        self._vain = WindowedDistinct(setup.groups, SOURCES, HOUR_S, ring=16)
        self._managers, self._few = Managers(setup.groups), FewHosts(setup.groups)
        self._parts: dict[str, Stateful] = {
            "administrators": self._administrators, "watched": self._watched, "habit": self._habit,
            "recent": self._recent, "vain": self._vain, "managers": self._managers, "few": self._few,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        rows, vain = self._rows(batch)
        few = self._few.mark(batch)
        manager = self._managers.mark(batch, rows)
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("machines", "usual")}
        if len(rows):
            src, dst = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows]
            ts, groups = batch.ts[rows], batch.groups[rows]
            door = doors(batch, rows)
            refused = self._vain.add(src, np.where(vain, door, np.uint64(0)), ts, groups)
            came = ~vain
            rows, src, dst, door, ts, groups = rows[came], src[came], dst[came], door[came], ts[came], groups[came]
            age, _, _ = self._watched.note(np.ones_like(src), ts, groups)
            fresh, steady = self._administrators.note(src, door, np.ones(len(src), np.bool_), ts, groups)
            new = np.flatnonzero(fresh)
            ts, groups, src = ts[new], groups[new], src[new]
            first = age[new] < float(self.option["known_s"]) * np.where(few[rows[new]], FEW_FACTOR, 1.0)
            # What is new only because watching began is counted apart; later it stands for the habit.
            machines = self._recent.add(np.where(first, combine_many(src, src), src), dst[new], ts, groups)
            since, _, before = self._habit.note(src, ts, groups)
            usual = np.maximum(before - machines + 1.0, 0.0) / np.maximum(since / HOUR_S, 1.0)
            manager, steady = manager[came][new], steady[new]
            limit = self._limit_of(age[new], first, manager | steady, few[rows[new]])
            score = machines / (machines + limit + HABIT * usual)
            held = (refused[came][new] >= machines) | (manager & steady)
            values[rows[new]] = np.where(held, np.minimum(score, HELD), score)
            evidence["machines"][rows[new]], evidence["usual"][rows[new]] = machines, usual
        return Scores(values, evidence)

    def _limit_of(
        self, watched_s: np.ndarray, begins: np.ndarray, administers: np.ndarray, few: np.ndarray
    ) -> np.ndarray:
        """New machines an hour that are half way to certainty, without any habit."""
        names = ("machines_at_first", "machines_first_day", "machines")
        at_first, first_day, later = (float(self.option[name]) for name in names)
        limit = np.where((watched_s < DAY_S) & ~few, max(first_day, later), later)
        limit[begins] = at_first
        return np.where(administers, np.maximum(limit, at_first), limit)

    def _rows(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """(rows int64[m]: contacts within the house over protocols of administration; bool[m]: which were in vain)."""
        rows, vain = batch.shared("administration", administration)
        use = ~self.setup.lists["scanners"].marks(batch.hash("src_ip")[rows])
        return rows[use], vain[use]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        machines, usual = int(scores.evidence["machines"][row]), float(scores.evidence["usual"][row])
        port = int(batch.value("dst_port", row) or 0)
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip")
        message = (
            f"{src} opened {count_of(machines, 'machine')} within an hour that it had not opened before, now {dst} "
            f"over {WORDS.get(port, f'port {port}')}, as an intruder who moves on does; usual are {usual:.1f} an hour."
        )
        fewer = least(machines, float(scores.values[row]), self.limit(scores, row), float(self.option["machines"]))
        features = [
            Feature(name="new_machines_opened", value=machines, unit="an hour", usual_low=0, usual_high=round(usual, 2))
        ]
        technique = TECHNIQUES.get(port, "T1021")
        return Explanation(message, f"Fewer than {fewer} machines new to it within an hour.", features, (technique,))

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.5.9", "dst_port": 445, "bytes_out": 4000,
                "bytes_in": 9000}  # fmt: skip
        day = [flow | {"ts": 1e6 + 600.0 * i, "dst_ip": "10.0.0.20"} for i in range(12)]
        moves = [
            flow | {"ts": 1.02e6 + 60.0 * i, "dst_ip": f"10.0.6.{i}", "dst_port": (445, 3389)[i % 2]} for i in range(12)
        ]
        admin = [flow | {"ts": 1e6 + 240.0 * i, "dst_ip": f"10.0.7.{i}", "dst_port": 3389} for i in range(60)]
        roll_out = [flow | {"ts": 1.0188e6 + 90.0 * i, "dst_ip": f"10.0.6.{i}"} for i in range(30)]
        return (
            Example("a desk opens twelve others within minutes", [*day, *moves], True),
            Example("an administrator does what he did all day", admin, False),
            Example("who went round for hours rolls something out", [*admin[:60:12], *day, *roll_out], False),
            Example("the file server all day", day, False),
            Example("the same, refused", [*day, *(m | {"bytes_in": 0} for m in moves)], False),
        )

"""Data leave a little at a time: hour after hour one machine feeds a destination that nobody else uses."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import nearest, size_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.uploads import Gates, Uploads
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from schemas.finding import Feature

PAIRS, DESTINATIONS = 1024, 1024  # per key group
WEEK_S, DAY_S, HOUR_S = 604_800.0, 86_400.0, 3600.0
FRESH_S = 3 * DAY_S  # a pair that has been known for longer is an arrangement
BEFORE = 5.0  # times the amount where the pair was there when watching began
STANDS_FOR = 10.0  # machines at least, where the source speaks for many (`Gates`)
HELD = 0.49


class SlowExfiltration(Detector):
    """Bytes that uploads brought to one destination within a day, in at least `hours` different hours.

    The destination must be used by this source alone (of its key group) and be known for less than three days. Half a
    day after a key group's begin a new pair is news; pairs that were there before need five times the amount,
    and a source that speaks for many (a gateway, a proxy) ten times as much.
    """

    id = "network.slow_exfiltration"
    title = "Slow exfiltration"
    severity = 3
    attacks = ("T1029", "T1030", "T1041")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    group_by = ("src_ip", "dst_ip")
    alert_days = 3
    inputs = ("src_ip", "dst_ip", "bytes_out", "bytes_in")
    cost = "O(36) an upload, O(1) others; 380 bytes a pair; 4 MB in all"
    misses = (
        "Less than `least_mb` a day, many destinations, destinations that others use, and flows of less than 10 kB."
    )
    defaults = {"least_mb": 50.0, "hours": 5.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._day = WindowedSum(setup.groups, PAIRS, DAY_S)
        self._hours = WindowedDistinct(setup.groups, PAIRS, DAY_S, ring=24)
        self._known = Sightings(setup.groups, PAIRS)
        self._watched = Sightings(setup.groups, 1)
        self._users = WindowedDistinct(setup.groups, DESTINATIONS, WEEK_S, ring=4)
        self._uploads, self._gates = Uploads(setup.groups), Gates(setup.groups)
        self._parts: dict[str, Stateful] = {
            "day": self._day, "hours": self._hours, "known": self._known, "watched": self._watched,
            "users": self._users, "uploads": self._uploads, "gates": self._gates,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        rows = self._uploads.rows(batch)
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("sent", "hours", "age_s")}
        if len(rows):
            src, dst = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows]
            ts, groups, size = batch.ts[rows], batch.groups[rows], batch.number("bytes_out")[rows]
            pair = combine_many(src, dst)
            watched, _, _ = self._watched.note(np.ones_like(pair), ts, groups)
            age, _, _ = self._known.note(pair, ts, groups)
            sent = self._day.add(pair, size, ts, groups)
            hour = (ts // HOUR_S).astype(np.int64).astype(np.uint64) + np.uint64(1)
            hours = self._hours.add(pair, hour, ts, groups)
            users = self._users.add(dst, src, ts, groups)
            began = watched - age >= 0.5 * DAY_S
            least = 1e6 * float(self.option["least_mb"]) * np.where(began, 1.0, BEFORE)
            least *= np.where(self._gates.mark(batch, rows), STANDS_FOR, 1.0)
            fits = (users <= 1) & (age < FRESH_S) & (hours >= float(self.option["hours"]))
            score = sent / (sent + least)
            values[rows] = np.where(fits, score, np.minimum(score, HELD))
            for name, column in zip(evidence, (sent, hours, age), strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip")
        message = (
            f"{src} sent {size_of(e['sent'])} to {dst} within a day, in {int(e['hours'])} different hours; nobody "
            "else uploads there, and the destination is new."
        )
        less = nearest(e["sent"], float(scores.values[row]), self.limit(scores, row))
        hours = float(self.option["hours"])
        features = [
            Feature(
                name="bytes_to_this_place_1d", value=e["sent"], unit="B", usual_low=0, usual_high=less, contribution=1.0
            ),
            Feature(name="hours_with_uploads", value=e["hours"], usual_low=0, usual_high=hours - 1),
            Feature(name="place_known_for", value=round(e["age_s"] / DAY_S, 2), unit="d", usual_low=FRESH_S / DAY_S),
        ]
        normal = f"Less than {size_of(less)} within a day, in fewer than {hours:g} hours, or where others upload too."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443,
                "bytes_in": 9000, "bytes_out": 40_000}  # fmt: skip
        usual = [flow | {"ts": 1e6 + 3700.0 * i} for i in range(20)]
        drip = [flow | {"ts": 1.08e6 + 1800.0 * i, "dst_ip": "198.51.100.7", "bytes_out": 5_000_000} for i in range(24)]
        return (
            Example("5 MB every half hour to a new place", [*usual, *drip], True),
            Example("little all day", usual, False),
            Example("all at once", [*usual, *(d | {"ts": 1.08e6 + i} for i, d in enumerate(drip))], False),
        )

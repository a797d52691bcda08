"""Data leave: far more goes out within an hour than this machine and its peers ever send."""

import math
from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import odds_of, size_of
from pipeline.detectors.memory.amounts import NORMS
from pipeline.detectors.memory.former_peak import FormerPeak
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.usual_amount import UsualAmount
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.uploads import Gates, Uploads
from pipeline.detectors.usual_range import UsualRange
from pipeline.features.addresses import INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import filled, is_port
from pipeline.features.where import address_kind
from schemas.finding import Feature

SOURCES, PAIRS, DESTINATIONS = 1024, 1024, 1024  # per key group
WEEK_S, DAY_S, HOUR_S = 604_800.0, 86_400.0, 3600.0
NEW_LIMIT, KNOWN_LIMIT = 2.5, 3.5  # deviations in log bytes: to a destination nobody else uses, to others
SETTLED, SETTLED_LIMIT = 5.0, 5.5  # uploads of a pair, over more than a day, after which it takes more
FULL = 2.0  # times the least amount from which on nothing is taken off: just over every limit at once is weak
PART = 0.25  # of all that a machine sends within the hour; a smaller part is not why it is so much
HELD = 0.49
AGAIN = 2.0  # times the most that went there within an hour in earlier half days: last night's backup comes again
KINDS = ((80, 443, 8080, 8443), (22, 2222), (20, 21, 989, 990), (25, 465, 587))
"""Ports of the web, of shells, of files and of mail: whose amounts are held against each other."""
WATCHED_S = 3 * HOUR_S  # for which a machine has to have been seen at work without an upload
AT_WORK = 20.0  # flows by then


class Exfiltration(Detector):
    """Bytes sent out by uploads within an hour, against the source's own past hours and those of its peers, who
    sent to such places (of the web, shells, files, mail, others).

    Uploads are flows to outside with more than twice as many bytes out as back, so that browsing does not count. At
    least `least_mb` and a quarter of all that it uploads to one destination; five times that where others of the key
    group upload there too, as to cloud storage in use, or where the source speaks for many (`Gates`). Where nothing is
    known of what is usual, `certain_mb` to one destination count. Up to twice as much as went there within an hour half
    a day before and earlier is the same again and not told a second time. Of a machine that was at work for three hours
    and more before it uploaded anything, `first_mb` count, to a destination to which nobody of its key group did.
    """

    id = "network.exfiltration"
    title = "Exfiltration"
    severity = 4
    attacks = ("T1041", "T1048", "T1567.002")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    group_by = ("src_ip", "dst_ip")
    inputs = ("src_ip", "dst_ip", "bytes_out", "bytes_in")
    cost = "O(40) an upload, O(1) others; 240 bytes a source that uploads, 220 a pair; 4.6 MB in all"
    misses = (
        "Data that leave slowly (network.slow_exfiltration), in portions of less than `least_mb` an hour, by answers "
        "to strangers' requests, over a proxy inside, to more than four places at once, or from machines that upload "
        "as much every day."
    )
    defaults = {"least_mb": 20.0, "certain_mb": 500.0, "first_mb": 50.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._amount = UsualAmount(setup.groups, SOURCES, HOUR_S)
        self._pairs = WindowedSum(setup.groups, PAIRS, HOUR_S)
        self._known = Sightings(setup.groups, PAIRS)
        self._users = WindowedDistinct(setup.groups, DESTINATIONS, WEEK_S, ring=4)
        self._former = FormerPeak(setup.groups, PAIRS)
        self._uploads, self._gates = Uploads(setup.groups), Gates(setup.groups)
        self._work, self._first = Sightings(setup.groups, SOURCES), Sightings(setup.groups, SOURCES)
        self._parts: dict[str, Stateful] = {
            "amount": self._amount, "peers": self._amount.peers, "pairs": self._pairs, "known": self._known,
            "former": self._former, "users": self._users, "work": self._work, "first": self._first,
            "uploads": self._uploads, "gates": self._gates,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        rows = self._uploads.rows(batch)
        worked = self._worked(batch, rows)
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("sent", "usual", "users", "age_s", "total", "limit", "alone")}
        evidence["norms"] = np.zeros((batch.n, NORMS))
        if len(rows):
            src, dst = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows]
            ts, groups, size = batch.ts[rows], batch.groups[rows], batch.number("bytes_out")[rows]
            pair = combine_many(src, dst)
            amounts = self._amount.add(src, _kind(batch, rows), size, ts, groups)
            z = amounts.deviations
            sent = self._pairs.add(pair, size, ts, groups)
            age, _, count = self._known.note(pair, ts, groups)
            users = self._users.add(dst, src, ts, groups)
            alone = (users <= 1) & ~self._gates.mark(batch, rows)
            limit = np.where(alone, NEW_LIMIT, KNOWN_LIMIT)
            limit = np.where((age > DAY_S) & (count >= SETTLED), SETTLED_LIMIT, limit)
            least = 1e6 * float(self.option["least_mb"]) * np.where(alone, 1.0, 5.0)
            odds = np.exp(np.clip(z - limit, -30.0, 30.0)) * np.minimum(sent / (FULL * least), 1.0)
            score = odds / (1.0 + odds)
            before_s, _, _ = self._first.note(src, ts, groups)
            new = worked & (before_s < HOUR_S) & (age < HOUR_S)
            least_mb = np.where(new, float(self.option["first_mb"]), float(self.option["certain_mb"]))
            certain = alone & (sent >= 1e6 * least_mb)
            score = np.where(np.isnan(z), np.where(certain, 0.6, np.nan), score)
            enough = (sent >= least) & (sent >= PART * amounts.amount)
            enough &= sent > AGAIN * self._former.add(pair, sent, ts, groups)
            values[rows] = np.where(enough, score, np.minimum(score, HELD))
            columns = (sent, filled(amounts.usual), users, age, amounts.amount, limit, alone, amounts.norms)
            for name, column in zip(evidence, columns, strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _worked(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the uploads of machines that had been at work for long enough."""
        at = np.flatnonzero(batch.kind("flow") & (address_kind(batch, "src_ip") == INTERNAL))
        found = np.zeros(batch.n, np.bool_)
        if len(at):
            age, _, count = self._work.note(batch.hash("src_ip")[at], batch.ts[at], batch.groups[at])
            found[at] = (age >= WATCHED_S) & (count >= AT_WORK)
        return found[rows]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items() if name != "norms"}
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip")
        usual = f"usual for it are {size_of(e['usual'])} an hour to all" if e["usual"] else "nothing is usual yet"
        where = "a destination that others use too" if e["users"] > 1 else "a destination that only it uses"
        if e["users"] <= 1 and not e["alone"]:
            where += ", but it sends to very many, as gateways do for others"
        message = f"{src} sent {size_of(e['sent'])} to {dst} within an hour, {where}; {usual}."
        usual_range = UsualRange(scores.evidence["norms"][row])
        floor = 1e6 * float(self.option["least_mb"]) * (1.0 if e["alone"] else 5.0)
        less = max(usual_range.least(e["limit"] + math.log(odds_of(self.limit(scores, row)))), floor)
        known = math.isfinite(less)
        if not known:
            less = 1e6 * float(self.option["certain_mb"])
        features = [
            usual_range.feature("bytes_sent_out_1h", e["total"], "B", contribution=float(known)),
            Feature(
                name="bytes_to_this_place_1h",
                value=e["sent"],
                unit="B",
                usual_low=0,
                usual_high=floor if known else less,
                contribution=float(not known),
            ),
            Feature(name="machines_that_send_there", value=e["users"], usual_low=2),
            Feature(name="place_known_for", value=round(e["age_s"] / DAY_S, 2), unit="d"),
        ]
        normal = f"Less than {size_of(less)} within an hour."
        if not known:
            normal = f"Up to {size_of(less)} within an hour, while nothing is usual yet."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443,
                "bytes_in": 9000}  # fmt: skip
        usual = [flow | {"ts": 1e6 + 3700.0 * i, "bytes_out": 80_000 + 9000 * (i % 7)} for i in range(30)]
        leak = flow | {"ts": 1e6 + 120_000.0, "dst_ip": "198.51.100.7", "bytes_out": 900_000_000}
        work = [flow | {"ts": 1e6 + 600.0 * i, "bytes_out": 900} for i in range(24)]
        first = leak | {"ts": 1e6 + 15_000.0, "bytes_out": 60_000_000}
        backup = [flow | {"ts": 1e6 + 3700.0 * i, "bytes_out": 90_000_000 + 10_000_000 * (i % 5)} for i in range(40)]
        return (
            Example("900 MB to a place nobody knows", [*usual, leak], True),
            Example("900 MB at once, of the first machine seen", [leak], True),
            Example(
                "60 MB at once, of a machine that has worked all morning and uploaded nothing", [*work, first], True
            ),
            Example("the same of a machine that has just been seen", [*work[-3:], first], False),
            Example("the uploads of every day", usual, False),
            Example(
                "a download of the same size", [*usual, leak | {"bytes_out": 900_000, "bytes_in": 900_000_000}], False
            ),
            Example("a backup that has run for a day and more", backup, False),
        )


def _kind(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """uint64[m]: what kind of place each upload goes to, from 1."""
    port = batch.number("dst_port")[rows]
    return np.select([is_port(port, ports) for ports in KINDS], range(2, len(KINDS) + 2), 1).astype(np.uint64)

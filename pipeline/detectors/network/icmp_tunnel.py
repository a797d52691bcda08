"""Something is carried inside of pings: a tunnel that few firewalls close."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import nearest, size_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.sides import ICMP
from pipeline.features.addresses import EXTERNAL, INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import is_port
from pipeline.features.where import address_kind
from schemas.finding import Feature

PAIRS = 512  # per key group
HOUR_S, DAY_S = 3600.0, 86_400.0
ECHO = (0, 8, 128, 129)  # ICMP's echo request and answer (RFC 792, 4443), as Zeek tells them: by the source's port
PROBE = 64.0  # bytes of a ping as systems send it: 32 (Windows) or 56
MORE = 1.05  # times as much in an answer as in the question: an honest one gives back what it got
UNEQUAL = 10.0  # times as much it counts


class IcmpTunnel(Detector):
    """Bytes beyond the usual 64 of each echo request and answer between a machine of the house and one outside,
    within an hour. Where answers are longer than what was asked, which they are never by themselves, each byte
    counts ten times. A pair that has pinged so for a day is somebody's measurement, or was told.
    """

    id = "network.icmp_tunnel"
    title = "Tunnel inside of pings"
    severity = 4
    attacks = ("T1095", "T1048.003")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    group_by = ("src_ip", "dst_ip")
    inputs = ("src_ip", "dst_ip", "src_port", "proto", "bytes_out", "bytes_in", "packets_out", "packets_in")
    cost = "O(12) a ping to outside; 160 bytes a pair, 660 KB in all"
    reference = "RFC 792; MITRE ATT&CK T1095; Stødle, Ping Tunnel"
    misses = (
        "Tunnels that keep to pings of the usual size or carry less than `kilobytes` an hour, those between machines "
        "inside, other kinds of ICMP, and sensors that do not count packets. A long test with large pings looks alike."
    )
    defaults = {"kilobytes": 200.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._carried = WindowedSum(setup.groups, PAIRS, HOUR_S)
        self._known = Sightings(setup.groups, PAIRS)
        self._parts: dict[str, Stateful] = {"carried": self._carried, "known": self._known}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("carried", "unequal")}
        rows = np.flatnonzero(batch.kind("flow") & batch.is_in("proto", ICMP))
        rows = rows[is_port(batch.number("src_port")[rows], ECHO)]
        out = (address_kind(batch, "src_ip") == INTERNAL) & (address_kind(batch, "dst_ip") == EXTERNAL)
        rows = rows[out[rows]]
        if len(rows):
            ts, groups = batch.ts[rows], batch.groups[rows]
            (sent, asked), (got, answers) = (
                (batch.number(f"bytes_{side}")[rows], batch.number(f"packets_{side}")[rows]) for side in ("out", "in")
            )
            extra = sum(np.maximum(np.nan_to_num(size - PROBE * count), 0.0) for size, count in
                        ((sent, asked), (got, answers)))  # fmt: skip
            with np.errstate(divide="ignore", invalid="ignore"):
                longer = (got / answers > MORE * np.maximum(sent / asked, PROBE)) & (got > sent)
            pair = combine_many(batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows])
            age, _, _ = self._known.note(pair, ts, groups)
            counted = self._carried.add(pair, extra * np.where(longer, UNEQUAL, 1.0), ts, groups)
            score = counted / (counted + 1000.0 * float(self.option["kilobytes"]))
            values[rows] = np.where(age >= DAY_S, 0.0, score)
            evidence["carried"][rows], evidence["unequal"][rows] = counted, longer
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        carried, unequal = (float(scores.evidence[name][row]) for name in ("carried", "unequal"))
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip")
        how = ", and got answers longer than what it asked" if unequal else ""
        size = size_of(carried / UNEQUAL) if unequal else size_of(carried)
        message = (
            f"{src} exchanged pings with {dst} that carried some {size} more within an hour than pings do{how}, as a "
            "tunnel does that hides in them."
        )
        less = nearest(carried, float(scores.values[row]), self.limit(scores, row))
        features = [
            Feature(
                name="carried_in_pings_1h", value=carried, unit="B", usual_low=0, usual_high=less, contribution=1.0
            ),
            Feature(name="answers_longer_than_asked", value=int(unequal), usual_low=0, usual_high=0),
        ]
        return Explanation(message, "Pings of some 64 bytes, whose answers give back what they got.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        ping = {"kind": "flow", "proto": "icmp", "src_ip": "10.0.0.9", "src_port": 8, "dst_ip": "203.0.113.9",
                "dst_port": 0, "ts": 1e6, "packets_out": 900, "packets_in": 900}  # fmt: skip
        usual = ping | {"bytes_out": 50_400, "bytes_in": 50_400}
        test = ping | {"packets_out": 40, "packets_in": 40, "bytes_out": 58_880, "bytes_in": 58_880}
        away = [ping | {"ts": 1e6 + 600 * k, "bytes_out": 1_000_000, "bytes_in": 1_000_000, "dst_ip": "10.0.0.20"}
                for k in range(9)]  # fmt: skip
        return (
            Example("uploads inside of pings", [ping | {"bytes_out": 900_000, "bytes_in": 900_000}], True),
            Example("pages inside of answers", [ping | {"bytes_out": 52_000, "bytes_in": 300_000}], True),
            Example("a line that is watched by pings", [usual | {"ts": 1e6 + 900 * k} for k in range(60)], False),
            Example("a test with large pings", [test], False),
            Example("answers that were lost", [usual | {"packets_in": 300, "bytes_in": 16_800}], False),
            Example("large pings inside", away, False),
        )

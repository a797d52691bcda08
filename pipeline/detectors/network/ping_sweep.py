"""Who is there? A machine that asks many others whether they are up, and most of them say yes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, least
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.rounds import Rounds
from pipeline.detectors.network.sides import ICMP, answered, to_one_host
from pipeline.features.addresses import INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from pipeline.features.where import address_block, address_kind
from schemas.finding import Feature

PAIRS, SOURCES = 8192, 1024  # per key group
ECHO = (8.0, 128.0)  # ICMP and ICMPv6, in the source's port as Zeek has it
# What went on when watching began is how the house is: its monitors ask everybody within minutes.
FIRST_S = 3600.0


class PingSweep(Detector):
    """Machines of the house that a source pings for the first time, and that answer, within two hours.

    Left out are named scanners, who pinged others in three earlier hours (monitoring asks all day, and asks new
    machines too), and what a source was at in the first hour that its key group was watched.
    """

    id = "network.ping_sweep"
    title = "Ping sweep that was answered"
    severity = 3
    attacks = ("T1018",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "dst_ip", "src_port", "proto", "bytes_in", "conn_state")
    cost = "O(1) an event; 40 bytes a pair, 200 bytes a source, 4.3 MB in all"
    reference = "MITRE ATT&CK T1018; nmap -sn"
    misses = (
        "Pings without an answer (network.port_scan and network.slow_scan count them), sweeps of a few machines an "
        "hour, those of a monitoring server in an intruder's hand, sweeps by ARP (network.arp_scan), and sensors that "
        "do not tell the type of ICMP."
    )
    defaults = {"window_s": 7200.0, "machines": 15.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._pairs, self._watched = Sightings(setup.groups, PAIRS), Sightings(setup.groups, 1)
        self._rounds = Rounds(setup.groups, SOURCES)
        self._new = WindowedSum(setup.groups, SOURCES, float(self.option["window_s"]))
        self._parts = {"pairs": self._pairs, "watched": self._watched, "rounds": self._rounds, "new": self._new}

    def score(self, batch: Batch) -> Scores:
        values, evidence = np.full(batch.n, np.nan), {"machines": np.zeros(batch.n)}
        watched_s, _, _ = self._watched.note(np.ones(batch.n, np.uint64), batch.ts, batch.groups)
        rows = np.flatnonzero(batch.is_in("proto", ICMP) & answered(batch))
        rows = rows[to_one_host(batch)[rows] & np.isin(batch.number("src_port")[rows], ECHO)]
        if not len(rows):
            return Scores(values, evidence)
        inside = address_kind(batch, "dst_ip")[rows] == INTERNAL
        inside |= address_block(batch, "src_ip")[rows] == address_block(batch, "dst_ip")[rows]
        rows = rows[inside & ~self.setup.lists["scanners"].marks(batch.hash("src_ip")[rows])]
        src, ts, groups = batch.hash("src_ip")[rows], batch.ts[rows], batch.groups[rows]
        _, _, before = self._pairs.note(combine_many(src, batch.hash("dst_ip")[rows]), ts, groups)
        new = before == 0
        steady = self._rounds.steady(src, np.ones(len(rows), np.bool_), new, ts, groups)
        counts = new & ~steady & (watched_s[rows] >= FIRST_S)
        machines = filled(self._new.add(src, counts.astype(np.float64), ts, groups))
        values[rows] = np.where(counts, machines / (machines + float(self.option["machines"])), 0.0)
        evidence["machines"][rows] = machines
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        machines = round(float(scores.evidence["machines"][row]))
        fewer = least(machines, float(scores.values[row]), self.limit(scores, row), float(self.option["machines"]))
        hours = self.option["window_s"] / 3600
        message = (
            f"{named(batch, row, 'src_ip')} pinged {count_of(machines, 'machine')} that it never had before, and they "
            f"answered, lately {named(batch, row, 'dst_ip')}, as somebody does who looks for what else is there."
        )
        feature = Feature(name="machines_newly_pinged", value=machines, usual_low=0, usual_high=fewer - 1)
        return Explanation(message, f"Fewer than {count_of(fewer, 'new machine')} within {hours:g} hours.", [feature])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        ping: dict[str, Any] = {"kind": "flow", "proto": "icmp", "src_ip": "10.0.0.9", "src_port": 8, "dst_port": 0,
                                "bytes_out": 56, "bytes_in": 56, "conn_state": "OTH"}  # fmt: skip
        quiet = [{"kind": "flow", "proto": "tcp", "src_ip": f"10.0.1.{k}", "dst_ip": "10.0.0.2", "dst_port": 443,
                  "bytes_in": 900, "ts": 1e6 - 7200.0 + k} for k in range(60)]  # fmt: skip
        sweep = [ping | {"ts": 1e6 + 2.0 * k, "dst_ip": f"10.0.2.{k}"} for k in range(30)]
        watch = [ping | {"ts": 1e6 - 7200.0 + 60.0 * k, "dst_ip": f"10.0.3.{k % 40}"} for k in range(400)]
        more = [ping | {"ts": 1e6 + 18_000.0 + 2.0 * k, "dst_ip": f"10.0.4.{k}"} for k in range(30)]
        return (
            Example("a desk asks who is there", [*quiet, *sweep], True),
            Example("nobody answers", [*quiet, *(p | {"bytes_in": 0, "conn_state": "S0"} for p in sweep)], False),
            Example("one server, again and again", [*quiet, *(p | {"dst_ip": "10.0.2.1"} for p in sweep)], False),
            Example("a monitor goes on with new machines", [*quiet, *watch, *more], False),
        )

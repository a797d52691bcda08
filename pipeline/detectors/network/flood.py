"""A flood: so much comes at one host that it may drown."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import nearest
from pipeline.detectors.memory.amounts import NORMS
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.usual_amount import UsualAmount
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.scanning import service_key, tries
from pipeline.detectors.network.sides import ICMP, answered, to_one_host
from pipeline.detectors.usual_range import UsualRange
from pipeline.features.addresses import EXTERNAL, INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import filled, is_port
from pipeline.features.where import address_kind
from schemas.finding import Feature

TARGETS = 1024  # targets per key group
MINUTE_S = 60.0
REFUSED = 0.2  # weight of a refused try: a program that asks a stopped service again and again is refused
ONE_WAY = 50.0  # times as many packets there as back: nobody acknowledges anything
LEAST_PACKETS = 1000.0  # of a one-way flow that is looked at
LIMIT = 5.0  # deviations in log flows a minute beyond what the target and its like have
PAYLOAD = 256.0  # bytes of a datagram that is no probe: scanners send none, or a question of a few dozen
EVERY_PORT = np.uint64(0x9E3779B97F4A7C15)  # stands for the port where all are summed
HOLDS_S = 600.0
HELD_S, SAID, TOLD = 30.0, 2000.0, 1000.0  # a held connection: seconds, bytes there and back: half a request, an error
SILENT_S = 10.0  # seconds that count where nothing at all came back: who asks for news gets at least a head
ECHO = (8, 128)  # ICMP's echo request, as Zeek tells it: by the source's port
WEB_PORTS = (80, 443, 8000, 8080, 8443)
UNANSWERED, PACKETS, FLOWS, CALLS, HELD, PINGS, OF_ONE, UNSEEN = range(8)
UNITS = (*("a minute",) * 4, "in ten minutes", *("a minute",) * 3)
SOURCES = 4096  # addresses remembered, per key group
SHOWN_S = 3600.0  # by then those that are at work have been seen


class Flood(Detector):
    """Per target and minute: unanswered tries at one port, or at all by datagrams that carry more than a probe does,
    of all sources, of one, and of addresses that nobody had seen a minute before, as forged ones are; packets that
    nobody acknowledges, flows beyond the norm, what one caller from outside sends, pings, and web connections that one
    caller holds open with half a request.

    Tries, packets and TCP connections of one outside address count by themselves, as no healthy network has so many;
    flows that are answered only against what this target and port had before, so that a busy server is quiet. Flows
    of a flood from many forged sources are spread over the key groups, each of which counts its own.
    """

    id = "network.flood"
    title = "Flood"
    severity = 3
    attacks = ("T1498", "T1499")
    source = "network"
    entity = ("dst_ip",)
    entity_type = "ip"
    group_by = ("dst_ip",)
    inputs = ("src_ip", "dst_ip", "src_port", "dst_port", "proto", "packets_out", "packets_in", "bytes_out", "bytes_in",
              "duration_s", "conn_state")  # fmt: skip
    cost = "O(13) a flow; 440 bytes a target and port, 40 a source; 5 MB in all"
    misses = (
        "Slow attacks on other services than the web or with fewer than a hundred connections; floods of less than ten "
        "tries a second in each key group, of four from one source, of two from forged ones, and of forged ones in the "
        "first hour; floods of a target that was never seen before by connections from inside that are all answered."
    )
    defaults = {
        "tries_a_minute": 600.0,
        "packets_a_minute": 300_000.0,
        "flows_a_minute": 1500.0,
        "calls_a_minute": 3000.0,
        "held_in_ten_minutes": 100.0,
        "pings_a_minute": 6000.0,
        "tries_of_one_a_minute": 240.0,
        "tries_of_unseen_a_minute": 120.0,
    }

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._tries = WindowedSum(setup.groups, TARGETS, MINUTE_S)
        # A table of its own: filled after `_tries`, it would else depend on where a batch was cut who gave way.
        self._datagrams = WindowedSum(setup.groups, TARGETS // 4, MINUTE_S)
        self._packets = WindowedSum(setup.groups, TARGETS // 4, MINUTE_S)
        self._calls = WindowedSum(setup.groups, TARGETS // 4, MINUTE_S)
        self._held = WindowedSum(setup.groups, TARGETS // 4, HOLDS_S)
        self._pings = WindowedSum(setup.groups, TARGETS // 4, MINUTE_S)
        self._of_one = WindowedSum(setup.groups, TARGETS // 4, MINUTE_S)
        self._unseen = WindowedSum(setup.groups, TARGETS // 4, MINUTE_S)
        self._sources, self._watched = Sightings(setup.groups, SOURCES), Sightings(setup.groups, 1)
        self._flows = UsualAmount(setup.groups, TARGETS, MINUTE_S)
        self._parts: dict[str, Stateful] = {
            "tries": self._tries, "datagrams": self._datagrams, "packets": self._packets, "calls": self._calls,
            "held": self._held, "pings": self._pings, "flows": self._flows, "peers": self._flows.peers,
            "of_one": self._of_one, "unseen": self._unseen, "sources": self._sources, "watched": self._watched,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        rows = np.flatnonzero(batch.kind("flow") & to_one_host(batch))
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("what", "amount", "usual")}
        evidence["norms"] = np.zeros((batch.n, NORMS))
        if len(rows):
            port = service_key(batch, rows)
            target = combine_many(batch.hash("dst_ip")[rows], port)
            ts, groups = batch.ts[rows], batch.groups[rows]
            flows = self._flows.add(target, port, 1.0, ts, groups)
            amounts = np.zeros((len(UNITS), len(rows)))
            amounts[FLOWS] = np.where(flows.deviations >= LIMIT, flows.amount, 0.0)
            src = batch.hash("src_ip")[rows]
            age_s, _, _ = self._sources.note(src, ts, groups)
            watched_s, _, _ = self._watched.note(np.ones_like(target), ts, groups)
            unseen = (age_s < MINUTE_S) & (watched_s >= SHOWN_S)
            vain = np.flatnonzero(tries(batch)[rows])
            if len(vain):
                refused = batch.equals("conn_state", "REJ")[rows[vain]]
                weight = np.where(refused, REFUSED, 1.0)
                amounts[UNANSWERED, vain] = self._tries.add(target[vain], weight, ts[vain], groups[vain])
                pair = combine_many(src[vain], target[vain])
                amounts[OF_ONE, vain] = self._of_one.add(pair, weight, ts[vain], groups[vain])
                amounts[UNSEEN, vain] = self._unseen.add(target[vain], weight * unseen[vain], ts[vain], groups[vain])
                self._add_datagrams(batch, rows, vain, amounts)
            self._add_packets(batch, rows, amounts)
            self._add_calls(batch, rows, target, amounts)
            self._add_held(batch, rows, target, amounts)
            self._add_pings(batch, rows, amounts)
            limits = np.array([float(self.option[name]) for name in self.defaults])[:, None]  # in order of UNANSWERED …
            scores = amounts / (amounts + limits)
            what = np.argmax(scores, axis=0)
            at = np.arange(len(rows))
            values[rows] = scores[what, at]
            evidence["what"][rows], evidence["amount"][rows] = what, amounts[what, at]
            evidence["usual"][rows], evidence["norms"][rows] = filled(flows.usual), flows.norms
        return Scores(values, evidence)

    def _add_datagrams(self, batch: Batch, rows: np.ndarray, vain: np.ndarray, amounts: np.ndarray) -> None:
        """Unanswered datagrams with a payload over all ports: a flood that changes its port goes by no other sign."""
        full = batch.equals("proto", "udp")[rows[vain]] & (batch.number("bytes_out")[rows[vain]] >= PAYLOAD)
        full = vain[full]
        if len(full):
            at = rows[full]
            target = combine_many(batch.hash("dst_ip")[at], np.full(len(at), EVERY_PORT))
            tries_there = self._datagrams.add(target, 1.0, batch.ts[at], batch.groups[at])
            amounts[UNANSWERED, full] = np.maximum(amounts[UNANSWERED, full], tries_there)

    def _add_packets(self, batch: Batch, rows: np.ndarray, amounts: np.ndarray) -> None:
        """Packets a minute of flows that go one way; a flow that lasted longer counts for one of its minutes."""
        sent = batch.number("packets_out")[rows]
        one_way = (sent >= LEAST_PACKETS) & ~(sent <= ONE_WAY * batch.number("packets_in")[rows])
        one_way = np.flatnonzero(one_way & ~answered(batch)[rows])
        if len(one_way):
            lasted = filled(batch.number("duration_s")[rows[one_way]])
            weight = sent[one_way] * MINUTE_S / np.maximum(lasted, MINUTE_S)
            at = rows[one_way]
            amounts[PACKETS, one_way] = self._packets.add(
                batch.hash("dst_ip")[at], weight, batch.ts[at], batch.groups[at]
            )

    def _add_calls(self, batch: Batch, rows: np.ndarray, target: np.ndarray, amounts: np.ndarray) -> None:
        """Connections of one outside address with one service: fifty a second are no browser's, nor a partner's."""
        outside = (address_kind(batch, "src_ip") == EXTERNAL) & (address_kind(batch, "dst_ip") == INTERNAL)
        calls = np.flatnonzero((outside & batch.equals("proto", "tcp"))[rows])
        if len(calls):
            at = rows[calls]
            pair = combine_many(batch.hash("src_ip")[at], target[calls])
            amounts[CALLS, calls] = self._calls.add(pair, 1.0, batch.ts[at], batch.groups[at])

    def _add_held(self, batch: Batch, rows: np.ndarray, target: np.ndarray, amounts: np.ndarray) -> None:
        """Connections that a web server has to keep open, as their request never ends (Slowloris and kin)."""
        said, told = batch.number("bytes_out")[rows], batch.number("bytes_in")[rows]
        least_s = np.where(told == 0, SILENT_S, HELD_S)
        held = (batch.number("duration_s")[rows] >= least_s) & (said > 0) & (said <= SAID) & (told <= TOLD)
        held = np.flatnonzero(held & np.isin(batch.number("dst_port")[rows], WEB_PORTS))
        if len(held):
            at = rows[held]
            pair = combine_many(batch.hash("src_ip")[at], target[held])
            amounts[HELD, held] = self._held.add(pair, 1.0, batch.ts[at], batch.groups[at])

    def _add_pings(self, batch: Batch, rows: np.ndarray, amounts: np.ndarray) -> None:
        """Echo requests, answered or not: tools that watch machines send a few, floods as many as get through."""
        pings = batch.is_in("proto", ICMP)[rows] & is_port(batch.number("src_port")[rows], ECHO)
        pings = np.flatnonzero(pings)
        if len(pings):
            at = rows[pings]
            lasted = filled(batch.number("duration_s")[at])
            weight = np.maximum(filled(batch.number("packets_out")[at]), 1.0) * MINUTE_S / np.maximum(lasted, MINUTE_S)
            amounts[PINGS, pings] = self._pings.add(batch.hash("dst_ip")[at], weight, batch.ts[at], batch.groups[at])

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items() if name != "norms"}
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip")
        port = batch.value("dst_port", row)
        what = int(e["what"])
        where = dst + (f" port {int(port)}" if port is not None and what != PINGS else "")
        told = (
            f"{e['amount']:,.0f} connections within a minute without an answer",
            f"{e['amount']:,.0f} packets within a minute that nobody acknowledged",
            f"{e['amount']:,.0f} connections within a minute, usual are {e['usual']:,.0f}",
            f"{e['amount']:,.0f} connections within a minute from one address outside",
            f"{e['amount']:,.0f} connections within ten minutes from one address that holds them open and says little",
            f"{e['amount']:,.0f} pings within a minute",
            f"{e['amount']:,.0f} connections within a minute from one address without an answer",
            f"{e['amount']:,.0f} connections within a minute from addresses never seen before without an answer",
        )[what]
        message = f"{where} got {told}, the last from {src}, as in a flood that is to drown it."
        name = ("unanswered_tries", "one_way_packets", "connections", "calls", "held", "pings", "tries_of_one",
                "tries_of_unseen")[what]  # fmt: skip
        less = nearest(e["amount"], float(scores.values[row]), self.limit(scores, row))
        if what == FLOWS:
            usual = UsualRange(scores.evidence["norms"][row])
            less = max(less, usual.least(LIMIT))
            features = [usual.feature(name, round(e["amount"]), UNITS[what])]
        else:
            high = max(round(less) - 1, 0)
            features = [Feature(name=name, value=round(e["amount"]), unit=UNITS[what], usual_low=0, usual_high=high)]
        return Explanation(message, f"Fewer than {less:,.0f} {UNITS[what]}.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.20", "dst_port": 80}
        syn = flow | {"conn_state": "S0", "bytes_in": 0}
        udp = flow | {"proto": "udp", "dst_port": 7, "packets_out": 900_000, "packets_in": 0, "duration_s": 40.0}
        loose = flow | {"proto": "udp", "conn_state": "S0", "bytes_in": 0, "bytes_out": 1400}
        ping = flow | {"ts": 1e6, "proto": "icmp", "src_port": 8, "dst_port": 0, "bytes_out": 56, "bytes_in": 56,
                       "packets_out": 1, "packets_in": 1}  # fmt: skip
        served = flow | {"conn_state": "SF", "bytes_in": 4000, "packets_out": 6, "packets_in": 8}
        return (
            Example(
                "700 unanswered connections in half a minute", [syn | {"ts": 1e6 + 0.04 * i} for i in range(700)], True
            ),
            Example(
                "full datagrams at ever other ports",
                [loose | {"ts": 1e6 + 0.04 * i, "dst_port": 1 + 7 * i} for i in range(700)],
                True,
            ),
            Example("900,000 datagrams in 40 seconds", [udp | {"ts": 1e6}], True),
            Example(
                "a scan of all ports by datagrams",
                [loose | {"ts": 1e6 + 0.04 * i, "dst_port": 1 + 7 * i, "bytes_out": 24} for i in range(700)],
                False,
            ),
            Example(
                "4,000 answered connections of a stranger within a minute",
                [served | {"ts": 1e6 + 0.014 * i, "src_ip": "203.0.113.9"} for i in range(4000)],
                True,
            ),
            Example(
                "150 requests that never end",
                [served | {"ts": 1e6 + i, "duration_s": 90.0, "bytes_out": 250, "bytes_in": 0} for i in range(150)],
                True,
            ),
            Example(
                "150 requests that never end, given up after a quarter of a minute",
                [served | {"ts": 1e6 + i, "duration_s": 15.0, "bytes_out": 250, "bytes_in": 0} for i in range(150)],
                True,
            ),
            Example(
                "a page that waits for news a quarter of a minute at a time, at many desks behind one gateway",
                [served | {"ts": 1e6 + i, "duration_s": 15.0, "bytes_out": 250, "bytes_in": 90} for i in range(400)],
                False,
            ),
            *_of_tries(flow, syn),
            Example("12,000 pings that are answered", [ping | {"packets_out": 12_000, "duration_s": 4.0}], True),
            Example("a machine that is watched by pings", [ping | {"ts": 1e6 + i} for i in range(300)], False),
            Example("a busy web server", [served | {"ts": 1e6 + 0.02 * i} for i in range(900)], False),
            Example("a dead service asked every second", [syn | {"ts": 1e6 + i} for i in range(300)], False),
        )


def _of_tries(flow: Mapping[str, object], syn: Mapping[str, object]) -> Sequence[Example]:
    """Of one source and of many, known and never seen."""
    early = [{**flow, "ts": 1e6 - 4000.0, "src_ip": f"10.0.7.{i}", "bytes_in": 300} for i in range(100)]
    at = [{**syn, "ts": 1e6 + 0.03 * i} for i in range(1800)]
    return (
        Example(
            "five unanswered tries a second of one machine", [{**syn, "ts": 1e6 + 0.2 * i} for i in range(400)], True
        ),
        Example(
            "thirty a second from addresses never seen before",
            [*early, *({**one, "src_ip": f"10.{i % 200}.8.{i % 251}"} for i, one in enumerate(at))],
            True,
        ),
        Example(
            "the same of machines that work here, whose server is down",
            [*early, *({**one, "src_ip": f"10.0.7.{i % 100}"} for i, one in enumerate(at))],
            False,
        ),
    )

"""Malware calls home in a rhythm: regular intervals, like sizes, few machines, for long."""

from collections.abc import Mapping, Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.addresses import EXTERNAL, GROUP, address_kinds
from pipeline.features.batch import Batch
from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine, combine_many, mix64
from pipeline.features.naming import named
from pipeline.features.state_parts import join_states, split_states
from schemas.finding import Feature

RING = 32  # intervals and sizes remembered: enough to tell ±50 % jitter from chance, cheap to sort
SOURCES = 16  # sources of one destination told apart
TOLD_S = 2 * 86_400.0  # a rhythm that has been told for so long fades: its alert stands, or somebody allowed it
PAIRS, DESTINATIONS = 4096, 2048  # per key group
WIDE, CHANCE_WIDE = 0.5, 0.4  # share of random (exponential) intervals within ±50 % of their median: .35
CLOSE, CHANCE_CLOSE = 0.1, 0.15  # … and within ±10 %: .07; both raised, as people are not quite random
QUIET_UDP = (53, 67, 68, 69, 123, 137, 138, 161, 162, 500, 514, 546, 547, 1900, 3478, 3702, 4500, 5353, 5355)
SERVICES = ("dns", "ntp", "dhcp", "snmp", "syslog", "radius", "krb", "stun")


class Beaconing(Detector):
    """Rhythm of contacts from one source to one destination and port.

    Contacts within `same_visit_s` are one visit. Of the last 32 intervals between visits those near their median
    count as evidence against chance (a binomial bound, once for ±50 % and once for ±10 %), which copes with jitter
    and missed beats; it is discounted where sizes vary, where the rhythm has not lasted, and where many machines
    talk to the destination. State belongs to the source's key group, so those machines are counted per key group.
    After two days the score fades: the alert stands. Only destinations outside count, unless `internal` is set:
    devices poll each other by design.
    """

    id = "network.beaconing"
    title = "Beaconing"
    severity = 4
    attacks = ("T1071.001", "T1573")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    group_by = ("src_ip", "dst_ip")
    inputs = ("src_ip", "dst_ip", "dst_port", "proto", "service", "host", "bytes_out", "bytes_in")
    cost = "O(32 log 32) a contact with an address outside; 450 bytes a pair of source and destination"
    reference = "Active Countermeasures, RITA; Hubballi and Goyal, FlowSummary, PReMI 2013"
    defaults = {"min_visits": 10, "same_visit_s": 1.0, "min_span_s": 120.0, "settled_s": 240.0, "internal": False}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        ring = ((RING,), np.float32)
        self._pairs = EntityState(
            setup.groups,
            PAIRS,
            {"gaps": ring, "sent": ring, "got": ring, "last": ((), np.float64), "first": ((), np.float64),
             "visits": ((), np.int64)},
        )  # fmt: skip
        self._fleet = EntityState(
            setup.groups, DESTINATIONS, {"items": ((SOURCES,), np.uint32), "at": ((SOURCES,), np.uint32)}
        )
        self._parts = {"pairs": self._pairs, "fleet": self._fleet}

    def score(self, batch: Batch) -> Scores:
        rows = self._rows(batch)
        values = np.full(batch.n, np.nan)
        names = ("interval_s", "jitter", "visits", "span_s", "alike", "sources")
        evidence = {name: np.zeros(batch.n) for name in names}
        if len(rows):
            host = batch.hash("host")[rows]
            target = np.where(host != 0, host, batch.hash("dst_ip")[rows])
            port = np.nan_to_num(batch.number("dst_port")[rows], nan=-1.0).astype(np.int64).astype(np.uint64)
            source = batch.hash("src_ip")[rows]
            sizes = [np.nan_to_num(batch.number(f)[rows]) for f in ("bytes_out", "bytes_in")]
            pair = combine_many(source, combine_many(target, port + batch.hash("kind")[rows]))
            a, f = self._pairs.arrays(), self._fleet.arrays()
            out = _visit(
                pair, source, target, batch.ts[rows], batch.groups[rows], sizes[0], sizes[1],
                a["keys"], a["seen"], a["gaps"], a["sent"], a["got"], a["last"], a["first"], a["visits"],
                f["keys"], f["seen"], f["items"], f["at"], float(self.option["same_visit_s"]),
                float(self.option["min_visits"]), float(self.option["min_span_s"]),
                float(self.option["settled_s"]),
            )  # fmt: skip
            values[rows] = out[:, 0]
            for k, name in enumerate(names):
                evidence[name][rows] = out[:, k + 1]
        return Scores(values, evidence)

    def _rows(self, batch: Batch) -> np.ndarray:
        """int64[m]: contacts whose rhythm means something."""
        wanted = batch.kind("flow", "http") & (batch.hash("src_ip") != 0) & (batch.hash("dst_ip") != 0)
        wanted &= ~batch.is_in("service", SERVICES) & ~batch.is_in("proto", ("icmp", "icmp6", "ipv6-icmp", "igmp"))
        wanted &= ~(np.isin(batch.number("dst_port"), QUIET_UDP) & batch.equals("proto", "udp"))
        rows = np.flatnonzero(wanted)
        start, length = batch.spans("dst_ip")
        to = address_kinds(batch.data, start[rows], length[rows])
        return rows[to != GROUP] if self.option["internal"] else rows[to == EXTERNAL]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        src, dst = named(batch, row, "src_ip"), named(batch, row, "host", "dst_ip", limit=80)
        port = batch.value("dst_port", row)
        where = dst + (f" port {int(port)}" if port is not None else "")
        message = (
            f"{src} contacted {where} {int(e['visits'])} times in {_span(e['span_s'])}, about every "
            f"{_span(e['interval_s'])} (±{100 * e['jitter']:.0f} %), {100 * e['alike']:.0f} % alike in size, "
            "as a program that calls home does."
        )
        features = [
            Feature(name="interval", value=round(e["interval_s"], 1), unit="s"),
            Feature(name="jitter", value=round(e["jitter"], 3), usual_low=0.5),
            Feature(name="visits", value=e["visits"], usual_low=0, usual_high=self.option["min_visits"]),
            Feature(name="alike_in_size", value=round(e["alike"], 2), usual_low=0, usual_high=0.5),
            Feature(name="sources_of_destination", value=e["sources"]),
        ]
        normal = "People's contacts come irregularly and differ in size; common services have many users."
        return Explanation(message, normal, features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return join_states(self._parts, group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        split_states(self._parts, group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443,
                "bytes_out": 310, "bytes_in": 120}  # fmt: skip
        jitter = (0.6, 1.3, 0.9, 1.45, 0.75, 1.0, 1.2, 0.55)
        at = np.cumsum([60.0 * jitter[i % 8] for i in range(60)]).tolist()
        person = np.cumsum([3.0 * (1 + i * i % 11) ** 2.2 for i in range(60)]).tolist()
        return (
            Example("every ten seconds", [flow | {"ts": 1e6 + 10.0 * i} for i in range(60)], True),
            Example("every hour for a day", [flow | {"ts": 1e6 + 3600.0 * i} for i in range(24)], True),
            Example("half a minute to one and a half", [flow | {"ts": 1e6 + t} for t in at], True),
            Example(
                "a person browses",
                [flow | {"ts": 1e6 + t, "bytes_in": 900 * i * i % 7919} for i, t in enumerate(person)],
                False,
            ),
            Example(
                "time service",
                [flow | {"ts": 1e6 + 64.0 * i, "proto": "udp", "dst_port": 123} for i in range(60)],
                False,
            ),
            Example("a monitor polls", [flow | {"ts": 1e6 + 60.0 * i, "dst_ip": "10.0.0.5"} for i in range(60)], False),
        )


def _span(seconds: float) -> str:
    for unit, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} seconds"


@nb.njit(cache=True, nogil=True)
def _sorted(ring: np.ndarray, n: int) -> np.ndarray:
    order = ring[:n].copy()
    for i in range(1, n):
        y, j = order[i], i
        while j > 0 and order[j - 1] > y:
            order[j] = order[j - 1]
            j -= 1
        order[j] = y
    return order


@nb.njit(cache=True, nogil=True)
def _near(order: np.ndarray, share: float, slack: float) -> float:
    """Share of the sorted values that lie within `share` of their median, or within `slack` of it."""
    n = len(order)
    middle = order[n // 2] if n % 2 else 0.5 * (order[n // 2 - 1] + order[n // 2])
    room = max(share * middle, slack) + 1e-9
    count = 0
    for v in order:
        count += abs(v - middle) <= room
    return count / n


@nb.njit(cache=True, nogil=True)
def _surprise(share: float, chance: float, n: int) -> float:
    """Nats against chance: Chernoff's bound on `share` of n where each has probability `chance`."""
    if share <= chance:
        return 0.0
    other = (1.0 - share) * np.log((1.0 - share) / (1.0 - chance)) if share < 1.0 else 0.0
    return n * (share * np.log(share / chance) + other)


@nb.njit(cache=True, nogil=True)
def _rhythm(gaps, sent, got, visits, span, fleet, settled_s, out):  # type: ignore[no-untyped-def]
    """Fill out float64[7]: score, interval, jitter, visits, span, share of like sizes, sources."""
    n = min(visits - 1, len(gaps))
    order = _sorted(gaps, n)
    middle = order[n // 2]
    nats = max(_surprise(_near(order, WIDE, 0.0), CHANCE_WIDE, n), _surprise(_near(order, CLOSE, 0.5), CHANCE_CLOSE, n))
    m = min(visits, len(sent))
    alike = 0.5 * (_near(_sorted(sent, m), 0.2, 64.0) + _near(_sorted(got, m), 0.2, 64.0))
    # Three sources in one of eight key groups are two dozen in all: installed software.
    common = (2.0 / (1.0 + max(fleet, 1.0))) ** 1.5
    lasting = 1.0 / (1.0 + max(span - TOLD_S, 0.0) / TOLD_S)
    rhythm = 1.0 - np.exp(-nats * np.log(2.0) / 10.0)
    out[0] = rhythm * (0.4 + 0.6 * alike) * common * lasting * span / (span + settled_s)
    out[1] = middle
    out[2] = _sorted(np.abs(order - middle), n)[n // 2] / max(middle, 1e-9)
    out[3] = visits
    out[4] = span
    out[5] = alike
    out[6] = fleet


@nb.njit(cache=True, nogil=True)
def _visit(  # type: ignore[no-untyped-def]
    pair, source, target, ts, groups, bytes_out, bytes_in, keys, seen, gaps, sent, got, last, first, visits,
    fleet_keys, fleet_seen, items, at, same_visit_s, min_visits, min_span_s, settled_s,
):  # fmt: skip
    """float64[m, 7] as `_rhythm` fills it, for contacts in order; state as in `Beaconing`, group in front."""
    out = np.zeros((len(pair), 7))
    for i in range(len(pair)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], pair[i], ts[i])
        gap = 0.0 if fresh else ts[i] - last[g, slot]
        if fresh:
            visits[g, slot] = 0
            first[g, slot] = ts[i]
            last[g, slot] = ts[i]
        elif gap < same_visit_s:
            here = (visits[g, slot] - 1) % RING
            sent[g, slot, here] += np.float32(bytes_out[i])
            got[g, slot, here] += np.float32(bytes_in[i])
            last[g, slot] = max(last[g, slot], ts[i])
            continue
        else:
            gaps[g, slot, (visits[g, slot] - 1) % RING] = np.float32(gap)
        here = visits[g, slot] % RING
        sent[g, slot, here] = np.float32(bytes_out[i])
        got[g, slot, here] = np.float32(bytes_in[i])
        visits[g, slot] += 1
        last[g, slot] = ts[i]
        span = ts[i] - first[g, slot]
        place, new = claim_slot(fleet_keys[g], fleet_seen[g], target[i], ts[i])
        if new:
            items[g, place] = 0
            at[g, place] = 0
        fleet = note_distinct(items[g, place], at[g, place], mix64(combine(source[i], np.uint64(7))), ts[i], 86400.0)
        if visits[g, slot] >= min_visits and span >= min_span_s:
            _rhythm(gaps[g, slot], sent[g, slot], got[g, slot], visits[g, slot], span, float(fleet), settled_s, out[i])
    return out

"""Somebody tries doors: many ports of one host (vertical), or one port of many hosts (horizontal)."""

from collections.abc import Mapping, Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.addresses import GROUP, address_kinds
from pipeline.features.batch import Batch
from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine, mix64
from pipeline.features.naming import named
from pipeline.features.state_parts import join_states, split_states
from schemas.finding import Feature

RING = 64  # distinct targets remembered per source; more are counted, not told apart
CAPACITY = 4096  # pairs of source and target per key group


class PortScan(Detector):
    """Counts distinct targets that gave nothing back, per source and target host and per source and port.

    Only connections without an answer count (nobody there, refused, or dropped before any payload), so that busy
    clients and proxies stay quiet: a scanner is known by its failures (Jung et al., 2004).
    """

    id = "network.port_scan"
    title = "Port scan"
    severity = 3
    attacks = ("T1046",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "dst_ip", "src_port", "dst_port", "proto", "bytes_in", "conn_state")
    cost = "O(64) an unanswered flow, O(1) others; 520 bytes a pair of source and target"
    reference = "Jung et al., Fast Portscan Detection Using Sequential Hypothesis Testing, IEEE S&P 2004"
    defaults = {"window_s": 300.0, "ports": 15, "hosts": 10}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        ring = {"items": ((RING,), np.uint32), "at": ((RING,), np.uint32), "total": ((), np.int64)}
        self._targets = EntityState(setup.groups, CAPACITY, ring)
        self._ports = EntityState(setup.groups, CAPACITY, ring)
        self._parts = {"targets": self._targets, "ports": self._ports}

    def score(self, batch: Batch) -> Scores:
        src, dst = batch.hash("src_ip"), batch.hash("dst_ip")
        port = batch.number("dst_port")
        unanswered = batch.kind("flow") & ~(batch.number("bytes_in") > 0) & (src != 0) & (dst != 0) & (port == port)
        # Of ICMP only echo requests (Zeek: type 8 in src_port) are tries; the rest are answers and errors.
        icmp = batch.is_in("proto", ("icmp", "ipv6-icmp", "icmp6"))
        unanswered &= ~icmp | (batch.number("src_port") == 8)
        unanswered &= ~self.setup.lists["scanners"].marks(src)
        rows = np.flatnonzero(unanswered)
        start, length = batch.spans("dst_ip")
        rows = rows[address_kinds(batch.data, start[rows], length[rows]) != GROUP]
        ports_tried, hosts_tried = np.zeros(batch.n), np.zeros(batch.n)
        service = port[rows].astype(np.uint64) + (batch.hash("proto")[rows] << np.uint64(16))
        for state, key, item, counts in (
            (self._targets, dst[rows], service, ports_tried),
            (self._ports, service, dst[rows], hosts_tried),
        ):
            a = state.arrays()
            counts[rows] = _count(
                src[rows], key, item, batch.ts[rows], batch.groups[rows],
                a["keys"], a["seen"], a["items"], a["at"], a["total"], float(self.option["window_s"]),
            )  # fmt: skip
        vertical = ports_tried / (ports_tried + float(self.option["ports"]))
        horizontal = hosts_tried / (hosts_tried + float(self.option["hosts"]))
        values = np.where(batch.kind("flow") & (src != 0), np.maximum(vertical, horizontal), np.nan)
        return Scores(values, {"ports": ports_tried, "hosts": hosts_tried, "vertical": vertical >= horizontal})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip")
        ports, hosts = int(scores.evidence["ports"][row]), int(scores.evidence["hosts"][row])
        minutes = self.option["window_s"] / 60
        features = [
            Feature(name="ports_without_answer", value=ports, usual_low=0, usual_high=self.option["ports"] - 1),
            Feature(name="hosts_without_answer", value=hosts, usual_low=0, usual_high=self.option["hosts"] - 1),
        ]
        if scores.evidence["vertical"][row]:
            message = f"{src} tried {ports} ports of {dst} without an answer, as someone looking for a way in does."
            normal = f"Fewer than {self.option['ports']} unanswered ports of one host within {minutes:g} minutes."
        else:
            port = int(batch.value("dst_port", row) or 0)
            message = (
                f"{src} tried port {port} of {hosts} machines without an answer, as someone looking for a victim does."
            )
            normal = f"Fewer than {self.option['hosts']} unanswered machines on one port within {minutes:g} minutes."
        return Explanation(message, normal, features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return join_states(self._parts, group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        split_states(self._parts, group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.20", "bytes_in": 0}
        answered = flow | {"bytes_in": 900}
        return (
            Example("ports of one host", [flow | {"ts": 100.0 + i, "dst_port": 20 + i} for i in range(20)], True),
            Example(
                "one port of many hosts",
                [flow | {"ts": 100.0 + i, "dst_ip": f"10.0.1.{i}", "dst_port": 445} for i in range(15)],
                True,
            ),
            Example(
                "a busy browser is answered",
                [answered | {"ts": 100.0 + i, "dst_ip": f"10.0.1.{i}", "dst_port": 443} for i in range(60)],
                False,
            ),
            Example(
                "one dead printer, again and again",
                [flow | {"ts": 100.0 + i, "dst_port": 9100} for i in range(60)],
                False,
            ),
        )


@nb.njit(cache=True, nogil=True)
def _count(src, key, item, ts, groups, keys, seen, items, at, total, window_s):  # type: ignore[no-untyped-def]
    """float64[m]: distinct `item` per (src, key) within the window, each row included.

    Columns [m]; state keys, seen, total [G, capacity] and items, at [G, capacity, RING]. Beyond RING the count
    goes on with items not found in the ring, which is exact for a scan that does not repeat itself.
    """
    out = np.zeros(len(src))
    for i in range(len(src)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], combine(src[i], mix64(key[i] + np.uint64(1))), ts[i])
        if fresh:
            items[g, slot] = 0
            at[g, slot] = 0
            total[g, slot] = 0
        short = np.uint32(mix64(item[i]) & np.uint64(0xFFFFFFFF))
        known = False
        for k in range(items.shape[2]):
            known |= items[g, slot, k] == short and at[g, slot, k] != 0
        count = note_distinct(items[g, slot], at[g, slot], mix64(item[i]), ts[i], window_s)
        total[g, slot] = count if count < items.shape[2] else max(total[g, slot] + (0 if known else 1), count)
        out[i] = total[g, slot]
    return out

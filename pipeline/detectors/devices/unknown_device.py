"""A machine that is in no inventory starts to talk where the medical devices live."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from ipaddress import AddressValueError, IPv4Address

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import hash_text
from pipeline.features.lists import Lists
from pipeline.features.naming import named
from schemas.finding import Feature

ADDRESSES = 8192  # unknown machines per key group
MEMO = 65_536  # addresses whose segment is remembered, to read each text once
NEW, TALKING = 0.7, 0.2


class UnknownDevice(Detector):
    """A source address in a /24 network where inventory devices live, in the inventory by neither IP nor MAC.

    Scores 0.7 when it starts to talk (first seen, or again after `quiet_h` hours), 0.2 while it goes on. Only
    networks with at least `least_devices` devices count. No opinion without an inventory, on IPv6, and elsewhere.
    """

    id = "devices.unknown_device"
    title = "Unknown machine among the devices"
    severity = 3
    attacks = ("T1200",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "src_mac")
    cost = "O(1) an event; 24 bytes an unknown machine"
    reference = "MITRE ATT&CK T1200, Hardware Additions; NIST SP 1800-8, section on device inventories"
    defaults = {"least_devices": 3, "quiet_h": 168.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._talked = EntityState(setup.groups, ADDRESSES, {"last": ((), np.float64)})
        self._memo: dict[int, int] = {}

    @cached_property
    def _known(self) -> np.ndarray:
        """uint64[m], sorted: MACs and addresses of the inventory, in lower and upper case as sensors write
        them.
        """
        names = {str(v) for row in self.setup.lists.devices.values() for v in (row.get("mac"), row.get("ip")) if v}
        names |= set(self.setup.lists.devices)
        spelled = {s for name in names for s in (name, name.lower(), name.upper())}
        return np.sort(np.array([hash_text(s) for s in spelled], np.uint64))

    @cached_property
    def _segments(self) -> dict[int, int]:
        """/24 networks (first three bytes as a number) with their number of devices."""
        places = {row.get("ip") or key for key, row in self.setup.lists.devices.items()}
        counts = Counter(s for s in map(_segment, places) if s >= 0)
        return {s: n for s, n in counts.items() if n >= int(self.option["least_devices"])}

    def relist(self) -> None:
        super().relist()
        self._memo.clear()

    def score(self, batch: Batch) -> Scores:
        values, devices = np.full(batch.n, np.nan), np.zeros(batch.n)
        if not self._segments:
            return Scores(values, {"devices": devices})
        src, mac = batch.hash("src_ip"), batch.hash("src_mac")
        foreign = (src != 0) & ~np.isin(src, self._known) & ~np.isin(mac, self._known)
        candidates = np.flatnonzero(foreign)
        devices[candidates] = [self._devices_near(batch, int(row), int(src[row])) for row in candidates]
        rows = candidates[devices[candidates] > 0]
        a = self._talked.arrays()
        values[rows] = _start(
            src[rows], batch.ts[rows], batch.groups[rows], a["keys"], a["seen"], a["last"],
            3600.0 * float(self.option["quiet_h"]),
        )  # fmt: skip
        return Scores(values, {"devices": devices})

    def _devices_near(self, batch: Batch, row: int, hashed: int) -> int:
        """How many inventory devices share the network of this row's source address."""
        if hashed not in self._memo:
            if len(self._memo) >= MEMO:
                self._memo.clear()
            self._memo[hashed] = self._segments.get(_segment(batch.text("src_ip", row) or ""), 0)
        return self._memo[hashed]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        src, mac = named(batch, row, "src_ip"), named(batch, row, "src_mac", otherwise="")
        count = int(scores.evidence["devices"][row])
        network = src.rpartition(".")[0] + ".0/24"
        who = f"{src} ({mac})" if mac else src
        message = (
            f"{who} is in no inventory and started to talk in network {network}, where {count} known devices live."
        )
        features = [Feature(name="devices_in_network", value=count)]
        return Explanation(message, f"Only machines of the inventory talk in {network}.", features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return self._talked.state(group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        self._talked.load(group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        rows = {f"10.9.0.{i}": {"ip": f"10.9.0.{i}", "mac": f"02:00:00:00:00:0{i}"} for i in range(1, 6)}
        lists = Lists(devices=rows | {row["mac"]: row for row in rows.values()})
        flow = {"kind": "flow", "ts": 1e6, "dst_ip": "10.9.0.1", "dst_port": 80, "proto": "tcp"}
        return (
            Example("a stranger among the pumps", [flow | {"src_ip": "10.9.0.77"}], True, lists),
            Example("a device of the inventory", [flow | {"src_ip": "10.9.0.3"}], False, lists),
            Example(
                "a known device with a new address",
                [flow | {"src_ip": "10.9.0.99", "src_mac": "02:00:00:00:00:02"}],
                False,
                lists,
            ),
            Example("from another network", [flow | {"src_ip": "10.8.0.77"}], False, lists),
            Example("no inventory", [flow | {"src_ip": "10.9.0.77"}], False),
        )


def _segment(text: str) -> int:
    """The /24 network of an IPv4 address as a number, -1 for anything else."""
    try:
        return int(IPv4Address(text)) >> 8
    except AddressValueError:
        return -1


@nb.njit(cache=True, nogil=True)
def _start(src, ts, groups, keys, seen, last, quiet_s):  # type: ignore[no-untyped-def]
    """float64[m]: NEW where a source talks for the first time or after a long silence, TALKING where it goes on.

    Columns [m]; keys, seen, last [G, capacity].
    """
    out = np.empty(len(src))
    for i in range(len(src)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], src[i], ts[i])
        out[i] = NEW if fresh or ts[i] - last[g, slot] > quiet_s else TALKING
        last[g, slot] = ts[i] if fresh else max(last[g, slot], ts[i])
    return out

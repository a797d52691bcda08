"""Two machines claim one address: someone puts himself between others."""

from collections.abc import Mapping, Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import hash_text
from pipeline.features.naming import named
from schemas.finding import Feature

ADDRESSES = 4096
# An address that is given to another machine is silent in between; RFC 5227 probes for about seven seconds first.
FLAP_S = 900.0
NOBODY = ("0.0.0.0", "255.255.255.255", "169.254.0.0")  # noqa: S104 - addresses in ARP probes, not bound to
# Shared by design: VRRP (RFC 5798) and HSRP use MACs of their own, so that a change of router shows none.
EMPTY_MACS = ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")


class ArpSpoofing(Detector):
    """How often the MAC that claims an address in ARP goes back and forth within a quarter of an hour.

    A spoofer has to repeat himself against the true owner, who goes on answering: the claims alternate. One change
    alone is a new lease, a repaired machine or a cluster that fails over, and does not count.
    """

    id = "network.arp_spoofing"
    title = "Two machines claim one address"
    severity = 4
    attacks = ("T1557.002",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("name", "src_ip", "src_mac", "format")
    cost = "O(1) an ARP record, nothing others; 64 bytes an address, 4,096 a key group"
    reference = "RFC 5227, IPv4 Address Conflict Detection"
    misses = (
        "Segments without a sensor that logs ARP (arp.log), an owner that stays silent while another claims its "
        "address, and neighbour discovery in IPv6."
    )
    defaults = {"changes": 2.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns = {
            "mac": ((), np.uint64),
            "other": ((), np.uint64),
            "since": ((), np.float64),
            "flaps": ((), np.float64),
        }
        self._owners = EntityState(setup.groups, ADDRESSES, columns)

    def score(self, batch: Batch) -> Scores:
        values, flaps = np.full(batch.n, np.nan), np.zeros(batch.n)
        nobody = np.array([hash_text(a) for a in NOBODY], np.uint64)
        empty = np.array([hash_text(a) for a in EMPTY_MACS], np.uint64)
        rows = np.flatnonzero(
            batch.kind("other") & batch.equals("name", "arp") & (batch.hash("src_ip") != 0)
            & (batch.hash("src_mac") != 0) & ~np.isin(batch.hash("src_ip"), nobody)
            & ~np.isin(batch.hash("src_mac"), empty)
        )  # fmt: skip
        if len(rows):
            a = self._owners.arrays()
            flaps[rows] = _flaps(
                batch.hash("src_ip")[rows], batch.hash("src_mac")[rows], batch.ts[rows], batch.groups[rows],
                a["keys"], a["seen"], a["mac"], a["other"], a["since"], a["flaps"],
            )  # fmt: skip
            values[rows] = flaps[rows] / (flaps[rows] + float(self.option["changes"]))
        return Scores(values, {"flaps": flaps})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        flaps = int(scores.evidence["flaps"][row])
        message = (
            f"The address {named(batch, row, 'src_ip')} went back and forth {flaps} times between two machines, now "
            f"{named(batch, row, 'src_mac', otherwise='an unknown one')}: one of them poses as the other."
        )
        features = [Feature(name="changes_of_mac_15min", value=flaps, usual_low=0, usual_high=1)]
        return Explanation(message, "One machine answers for an address.", features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return self._owners.state(group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        self._owners.load(group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        arp = {"kind": "other", "name": "arp", "src_ip": "10.0.0.1", "detail": '{"operation":"reply"}'}
        macs = ("00:1b:21:3a:4f:10", "00:0c:29:77:01:02")
        return (
            Example(
                "two answer for the gateway",
                [arp | {"ts": 1e6 + 2 * k, "src_mac": macs[k % 2]} for k in range(12)],
                True,
            ),
            Example("the gateway answers", [arp | {"ts": 1e6 + 2 * k, "src_mac": macs[0]} for k in range(60)], False),
            Example(
                "a cluster fails over", [arp | {"ts": 1e6 + 2 * k, "src_mac": macs[k // 30]} for k in range(60)], False
            ),
            Example(
                "an address is leased again",
                [arp | {"ts": 1e6 + 7200 * k, "src_mac": macs[k % 2]} for k in range(9)],
                False,
            ),
        )


@nb.njit(cache=True, nogil=True)
def _flaps(ip, mac, ts, groups, keys, seen, owner, other, since, flaps):  # type: ignore[no-untyped-def]
    """float64[m]: returns of an address to a MAC it left less than FLAP_S ago, counted while that goes on."""
    out = np.zeros(len(ip))
    for i in range(len(ip)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], ip[i], ts[i])
        if fresh:
            owner[g, slot], other[g, slot] = mac[i], np.uint64(0)
            since[g, slot] = ts[i]
            flaps[g, slot] = 0.0
        elif owner[g, slot] != mac[i]:
            soon = abs(ts[i] - since[g, slot]) <= FLAP_S
            if not soon:
                flaps[g, slot] = 0.0
            elif other[g, slot] == mac[i]:
                flaps[g, slot] += 1.0
            other[g, slot] = owner[g, slot]
            owner[g, slot] = mac[i]
            since[g, slot] = ts[i]
        elif abs(ts[i] - since[g, slot]) > FLAP_S:
            flaps[g, slot] = 0.0
        out[i] = flaps[g, slot]
    return out

"""Two machines claim one address: someone puts himself between others."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import count_of, least
from pipeline.features.addresses import INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import mix64
from pipeline.features.naming import named
from pipeline.features.where import address_kind
from schemas.finding import Feature

ADDRESSES = 4096
# An address that is given to another machine is silent in between; RFC 5227 probes for about seven seconds first.
FLAP_S = 900.0
# Frames of flows are weaker witnesses than ARP: a sensor may see an address by its own card and by its router's. They
# only count after a card had the address for this long, and not for cards that carry many addresses.
TENURE_S = 3600.0
CARDS, ROUTER = 1024, 4
NOBODY = ("0.0.0.0", "255.255.255.255", "169.254.0.0")  # noqa: S104 - addresses in ARP probes, not bound to
# Shared by design: VRRP (RFC 5798) and HSRP use MACs of their own, so that a change of router shows none.
EMPTY_MACS = ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")


class ArpSpoofing(Detector):
    """How often the MAC that claims an address, in ARP or as the sender of frames, goes back and forth within a
    quarter of an hour.

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
    inputs = ("kind", "name", "src_ip", "src_mac")
    cost = "O(1) an ARP record or a flow with a MAC; 56 bytes an address, 4,096 a key group"
    reference = "RFC 5227, IPv4 Address Conflict Detection"
    misses = (
        "Segments whose sensor logs neither ARP (arp.log) nor the cards of flows, an owner that stays silent while "
        "another claims its address, and neighbour discovery in IPv6."
    )
    defaults = {"changes": 2.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns = {name: ((), kind) for name, kind in (
            ("mac", np.uint64), ("other", np.uint64), ("since", np.float64), ("flaps", np.float64), ("open", np.bool_),
        )}  # fmt: skip
        self._owners = EntityState(setup.groups, ADDRESSES, columns)
        ring = ((2 * ROUTER,), np.uint32)
        self._cards = EntityState(setup.groups, CARDS, {"items": ring, "at": ring})
        self._parts = {"owners": self._owners, "cards": self._cards}

    def score(self, batch: Batch) -> Scores:
        values, flaps = np.full(batch.n, np.nan), np.zeros(batch.n)
        arp = batch.kind("other") & batch.equals("name", "arp")
        rows = np.flatnonzero((arp | batch.kind("flow")) & (batch.hash("src_ip") != 0) & (batch.hash("src_mac") != 0))
        if len(rows):
            inside = address_kind(batch, "src_ip")[rows] == INTERNAL
            rows = rows[(arp[rows] | inside) & ~batch.is_in("src_ip", NOBODY)[rows]]
            rows = rows[~batch.is_in("src_mac", EMPTY_MACS)[rows]]
        if len(rows):
            a, c = self._owners.arrays(), self._cards.arrays()
            flaps[rows] = _flaps(
                batch.hash("src_ip")[rows], batch.hash("src_mac")[rows], arp[rows], batch.ts[rows], batch.groups[rows],
                a["keys"], a["seen"], a["mac"], a["other"], a["since"], a["flaps"], a["open"],
                c["keys"], c["seen"], c["items"], c["at"],
            )  # fmt: skip
            values[rows] = flaps[rows] / (flaps[rows] + float(self.option["changes"]))
        return Scores(values, {"flaps": flaps})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        flaps = int(scores.evidence["flaps"][row])
        message = (
            f"The address {named(batch, row, 'src_ip')} went back and forth {flaps} times between two machines, now "
            f"{named(batch, row, 'src_mac', otherwise='an unknown one')}: one of them poses as the other."
        )
        fewer = least(flaps, float(scores.values[row]), self.limit(scores, row), float(self.option["changes"]))
        features = [Feature(name="changes_of_machine_15min", value=flaps, usual_low=0, usual_high=fewer - 1)]
        normal = f"One machine answers for an address; it changes fewer than {count_of(fewer, 'time')} in 15 minutes."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        arp = {"kind": "other", "name": "arp", "src_ip": "10.0.0.1", "detail": '{"operation":"reply"}'}
        flow = {"kind": "flow", "src_ip": "10.0.0.7", "dst_ip": "10.0.0.1", "bytes_in": 90}
        macs = ("00:1b:21:3a:4f:10", "00:0c:29:77:01:02")
        return (
            Example(
                "two answer for the gateway",
                [arp | {"ts": 1e6 + 2 * k, "src_mac": macs[k % 2]} for k in range(12)],
                True,
            ),
            Example(
                "frames of a device by way of another card",
                [flow | {"ts": 1e6 + 60 * k, "src_mac": macs[k > 80 and k % 2]} for k in range(90)],
                True,
            ),
            Example(
                "a sensor on both sides of the router",
                [flow | {"ts": 1e6 + 60 * k, "src_mac": macs[k % 2]} for k in range(90)],
                False,
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
def _flaps(ip, mac, arp, ts, groups, keys, seen, owner, other, since, flaps, opened, c_keys, c_seen, items, at):  # type: ignore[no-untyped-def]
    """float64[m]: returns of an address to a MAC it left less than FLAP_S ago, counted while that goes on.

    `opened`: the owner before had the address for TENURE_S. State [G, …]; c_*: the addresses of a card.
    """
    out = np.zeros(len(ip))
    for i in range(len(ip)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], ip[i], ts[i])
        if not fresh and owner[g, slot] == mac[i]:
            if ts[i] - since[g, slot] > FLAP_S:
                flaps[g, slot] = 0.0
                opened[g, slot] = False
            out[i] = flaps[g, slot]
            continue
        card, new = claim_slot(c_keys[g], c_seen[g], mac[i], ts[i])
        if new:
            items[g, card] = 0
            at[g, card] = 0
        carried = note_distinct(items[g, card], at[g, card], mix64(ip[i]), ts[i], 86400.0)
        if fresh:
            owner[g, slot], other[g, slot] = mac[i], np.uint64(0)
            since[g, slot], flaps[g, slot], opened[g, slot] = ts[i], 0.0, False
            continue
        if not arp[i] and carried > ROUTER:
            continue
        age = ts[i] - since[g, slot]
        if age >= TENURE_S:
            opened[g, slot] = True
            flaps[g, slot] = 0.0
        elif abs(age) > FLAP_S:
            opened[g, slot] = False
            flaps[g, slot] = 0.0
        elif other[g, slot] == mac[i] and (arp[i] or opened[g, slot]):
            flaps[g, slot] += 1.0
        other[g, slot], owner[g, slot], since[g, slot] = owner[g, slot], mac[i], ts[i]
        out[i] = flaps[g, slot]
    return out

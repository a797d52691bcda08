"""A machine of fixed habits speaks to a service outside that neither it nor its peers ever used."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import whole
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.network.scanning import service_key
from pipeline.detectors.network.sides import Outsiders, answered, to_one_host
from pipeline.features.addresses import EXTERNAL
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import is_port
from pipeline.features.where import address_block, address_kind
from schemas.finding import Feature

SERVICES, WAYS, SOURCES = 4096, 4096, 1024  # per key group
DAY_S = 86_400.0
LEAST = 100.0  # contacts before a machine's habits are known
EVERYDAY = (53, 80, 123, 443)  # browsing brings new destinations on these all the time


class RareDestination(Detector):
    """Surprise at a new pair of network and port outside, by how seldom its source used a new one before.

    A network is a /16, as services move within it. It must be new to the key group, answer with payload, and the source
    must have been known for a day and a hundred contacts. Score: one minus how often the source's contacts were new,
    twentyfold, so that a source of which one contact in a hundred is new is not found; on the ports of browsing half.
    """

    id = "network.rare_destination"
    title = "Rare destination"
    severity = 2
    attacks = ("T1571", "T1071")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "dst_ip", "dst_port", "proto", "bytes_in")
    cost = "O(1) an answered flow to outside; 40 bytes a network and port and a source's way there; 3 MB in all"
    misses = "Destinations in networks that are in use already, machines that browse, and a machine's first day."
    threshold = 0.8

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._services = Sightings(setup.groups, SERVICES)
        self._ways = Sightings(setup.groups, WAYS)
        columns = dict.fromkeys(("first", "contacts", "new"), ((), np.float64))
        self._sources = EntityState(setup.groups, SOURCES, columns)
        self._outsiders = Outsiders(setup.groups)
        self._parts: dict[str, Stateful] = {
            "services": self._services, "ways": self._ways, "sources": self._sources, "outsiders": self._outsiders
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        rows = np.flatnonzero(answered(batch) & to_one_host(batch) & (address_kind(batch, "dst_ip") == EXTERNAL))
        rows = rows[~self._outsiders.mark(batch, rows)]
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("contacts", "new")}
        if len(rows):
            src, ts, groups = batch.hash("src_ip")[rows], batch.ts[rows], batch.groups[rows]
            service = combine_many(address_block(batch, "dst_ip")[rows], service_key(batch, rows))
            _, _, used = self._services.note(service, ts, groups)
            _, _, walked = self._ways.note(combine_many(src, service), ts, groups)
            a = self._sources.arrays()
            age, contacts, new = _habits(
                src, walked == 0, ts, groups, a["keys"], a["seen"], a["first"], a["contacts"], a["new"]
            )
            often = np.minimum(20.0 * (new + 0.5) / (contacts + 1.0), 1.0)
            everyday = is_port(batch.number("dst_port")[rows], EVERYDAY)
            known = (age >= DAY_S) & (contacts >= LEAST)
            score = np.where(used == 0, (1.0 - often) * np.where(everyday, 0.5, 1.0), 0.0)
            values[rows] = np.where(known, score, np.nan)
            evidence["contacts"][rows], evidence["new"][rows] = contacts, new
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        contacts, new = int(scores.evidence["contacts"][row]), int(scores.evidence["new"][row])
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip")
        port = batch.value("dst_port", row)
        what = named(batch, row, "service", "proto", otherwise="network", limit=24)
        where = dst + (f" port {int(port)}" if port is not None else "")
        message = (
            f"{src} had a {what} exchange with {where}, a service no machine here had used; of its {contacts} contacts "
            f"with outside so far {new} were new to it."
        )
        everyday = port in EVERYDAY
        # The score is (1 - 20 (new + ½) / (contacts + 1)), half of it on ports of browsing: solved for `new`.
        share = max(1.0 - self.limit(scores, row) * (2.0 if everyday else 1.0), 0.0)
        enough = max(whole(share * (contacts + 1) / 20.0 - 0.5), 1)
        features = [
            Feature(name="machines_that_used_it_before", value=0, usual_low=1),
            Feature(name="contacts_new_to_it_before", value=new, usual_low=enough, usual_high=max(contacts, enough)),
        ]
        normal = f"A service that somebody here used before, or a machine to which {enough} of its contacts were new."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443,
                "bytes_in": 900, "bytes_out": 400}  # fmt: skip
        habit = [flow | {"ts": 1e6 + 300.0 * i} for i in range(300)]
        odd = flow | {"ts": 1e6 + 90_100.0, "dst_ip": "198.51.100.7", "dst_port": 4444}
        return (
            Example("a device of one destination speaks to port 4444 elsewhere", [*habit, odd], True),
            Example("a device of one destination", habit, False),
        )


@nb.njit(cache=True, nogil=True)
def _habits(src, is_new, ts, groups, keys, seen, first, contacts, new):  # type: ignore[no-untyped-def]
    """float64[3, m]: age in seconds, contacts and new ones of each row's source before it. State [G, capacity]."""
    out = np.zeros((3, len(src)))
    for i in range(len(src)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], src[i], ts[i])
        if fresh:
            first[g, slot] = ts[i]
            contacts[g, slot] = 0.0
            new[g, slot] = 0.0
        out[0, i] = ts[i] - first[g, slot]
        out[1, i] = contacts[g, slot]
        out[2, i] = new[g, slot]
        contacts[g, slot] += 1.0
        new[g, slot] += 1.0 if is_new[i] else 0.0
    return out

"""Neighbours are told an address for a name. `network.name_poisoning` says which addresses go by too many."""

import re
from collections.abc import Sequence
from ipaddress import ip_address

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.neighbour_names import PORTS, machine_name
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many, hash_text
from pipeline.features.naming import named
from pipeline.features.unknown import is_port
from schemas.finding import Feature

CLAIMS, HOUR_S = 4096, 3600.0  # per key group
FIRST = re.compile(r'"([0-9A-Fa-f.:]{2,45})"')


class NameClaim(Detector):
    """The first answer within an hour that gives a name an address (LLMNR, NetBIOS, mDNS) scores 1.

    It tells nothing: sensors name who asked, who is another each time, so that claims are given on under the address,
    where all of the house come together.
    """

    id = "network.name_claim"
    title = "Address told to neighbours for a name"
    severity = 2
    tells = False
    attacks = ("T1557.001",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_port", "dst_port", "query", "answers")
    cost = "O(1) an answer of a neighbour, nothing others; 40 bytes a name, 160 KB a key group"
    misses = "Answers that the sensor does not see, as it is on another segment."

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._claims = Sightings(setup.groups, CLAIMS)
        self._parts = {"claims": self._claims}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        told = batch.kind("dns") & (batch.hash("answers") != 0) & (batch.hash("query") != 0)
        told &= is_port(batch.number("dst_port"), PORTS) | is_port(batch.number("src_port"), PORTS)
        claims = {int(row): claim for row in np.flatnonzero(told) if (claim := claim_of(batch, int(row)))}
        if claims:
            rows = np.fromiter(claims, np.int64, len(claims))
            address, name = (np.array([hash_text(c[k]) for c in claims.values()], np.uint64) for k in (0, 1))
            hour = np.floor(batch.ts[rows] / HOUR_S).astype(np.uint64)
            key = combine_many(combine_many(address, name), hour) | np.uint64(1)
            _, _, count = self._claims.note(key, batch.ts[rows], batch.groups[rows])
            values[rows] = np.where(count == 0, 1.0, 0.0)
        return Scores(values)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        address, name = claim_of(batch, row) or ("A machine", "a name")
        message = f"{address} was told to {named(batch, row, 'src_ip')} as the address of {name}."
        return Explanation(message, "No such answer.", [Feature(name="name", value=name)])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        told = {"kind": "dns", "proto": "udp", "ts": 1e6, "src_ip": "10.0.0.9", "dst_ip": "10.0.0.66",
                "dst_port": 5355, "query": "wpad", "answers": ["10.0.0.66"]}  # fmt: skip
        call = told | {"dst_port": 5353, "query": "0a1b2c3d-0a1b-4c2d-8e3f-0123456789ab.local"}
        can = told | {"dst_port": 5353, "qtype": "PTR", "answers": ["ward-printer.local", "10.0.0.5"]}
        return (
            Example("a name is told", [told], True),
            Example("a browser that calls itself anew for each call", [call], False),
            Example("a printer that tells what it can do", [can | {"query": "_ipp._tcp.local"}], False),
            Example("a resolver on mDNS' port", [told | {"dst_port": 5353, "query": "shop.example"}], False),
            Example("a name is asked for", [{k: v for k, v in told.items() if k != "answers"}], False),
        )


def claim_of(batch: Batch, row: int) -> tuple[str, str] | None:
    """(address, name) of an answer; None where it gives no address, or the name is no machine's."""
    found = FIRST.search(batch.text("answers", row) or "")
    name = machine_name(batch.text("query", row) or "")
    if found is None or not name:
        return None
    try:
        return str(ip_address(found[1])), name
    except ValueError:
        return None

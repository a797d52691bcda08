"""Somebody asks for every address of a network segment: the first look around of an intruder who just got in."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import least
from pipeline.detectors.memory.many_distinct import ManyDistinct
from pipeline.detectors.network.terms import terms_in
from pipeline.features.batch import Batch
from pipeline.features.multi_pattern import Automaton, automaton
from pipeline.features.naming import named
from schemas.finding import Feature

CAPACITY = 1024  # cards and addresses that ask, per key group
EVERYBODY = ("ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00")


@cache
def _request() -> Automaton:
    return automaton(("request", "who-has"))


class ArpScan(Detector):
    """Distinct addresses that a machine asked everybody for by ARP within `window_s`.

    A machine asks for its gateway and the few neighbours it works with. Whoever asks for dozens in a minute is
    looking for who is there, and sees hosts that a scan of ports misses behind their firewalls. Questions to one card
    do not count: routers renew what they know by them.
    """

    id = "network.arp_scan"
    title = "ARP scan"
    severity = 3
    attacks = ("T1018", "T1046")
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    inputs = ("kind", "name", "detail", "src_ip", "src_mac", "dst_ip", "dst_mac")
    cost = "O(1) an ARP request; 100 bytes a machine that asks, 1.6 MB in all"
    reference = "RFC 826, Ethernet Address Resolution Protocol"
    misses = (
        "Segments whose sensor logs no ARP (arp.log), looks slower than an address every two seconds, and scans that "
        "a router carries out for somebody else, whose name it then bears."
    )
    defaults = {"window_s": 60.0, "addresses": 30}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._asked = ManyDistinct(setup.groups, CAPACITY, float(self.option["window_s"]))
        self._parts = {"asked": self._asked}

    def score(self, batch: Batch) -> Scores:
        values, asked = np.full(batch.n, np.nan), np.zeros(batch.n)
        rows = np.flatnonzero(batch.kind("other") & batch.equals("name", "arp") & (batch.hash("dst_ip") != 0))
        if len(rows):
            rows = rows[terms_in(batch, rows, "detail", _request(), escaped=True)[:, 0] != 0]
            card = batch.hash("dst_mac")[rows]
            rows = rows[(card == 0) | batch.is_in("dst_mac", EVERYBODY)[rows]]
            rows = rows[batch.hash("dst_ip")[rows] != batch.hash("src_ip")[rows]]
            rows = rows[~self.setup.lists["scanners"].marks(batch.hash("src_ip")[rows])]
        if len(rows):
            card, address = batch.hash("src_mac")[rows], batch.hash("src_ip")[rows]
            who = np.where(card != 0, card, address)
            count = self._asked.add(who, batch.hash("dst_ip")[rows], batch.ts[rows], batch.groups[rows])
            asked[rows] = count
            values[rows] = count / (count + float(self.option["addresses"]))
        return Scores(values, {"addresses": asked})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        count = float(scores.evidence["addresses"][row])
        who = named(batch, row, "src_ip", "src_mac", otherwise="A machine")
        seconds = self.option["window_s"]
        enough = least(count, float(scores.values[row]), self.limit(scores, row), float(self.option["addresses"]))
        message = (
            f"{who} asked by ARP who has each of {int(count)} addresses within {seconds:g} seconds, as a scan does."
        )
        feature = Feature(name="addresses_asked_for", value=count, usual_low=0, usual_high=enough - 1)
        return Explanation(message, f"Fewer than {enough} addresses within {seconds:g} seconds.", [feature])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        ask = {"kind": "other", "name": "arp", "detail": '{"operation":"request"}', "src_ip": "10.0.0.9",
               "src_mac": "02:00:00:00:00:09"}  # fmt: skip
        sweep = [ask | {"ts": 1e6 + 0.1 * i, "dst_ip": f"10.0.0.{i}"} for i in range(1, 120)]
        router = [
            ask | {"ts": 1e6 + 0.1 * i, "dst_ip": f"10.0.0.{i}", "dst_mac": "02:00:00:00:01:00"} for i in range(120)
        ]
        return (
            Example("the whole segment", sweep, True),
            Example("a router renews what it knows", router, False),
            Example(
                "the gateway, again and again", [ask | {"ts": 1e6 + i, "dst_ip": "10.0.0.1"} for i in range(60)], False
            ),
            Example("neighbours of a day", [e | {"ts": 1e6 + 600.0 * i} for i, e in enumerate(sweep)], False),
        )

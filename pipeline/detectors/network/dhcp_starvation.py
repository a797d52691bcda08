"""Somebody takes all addresses: many invented machines ask, or one machine takes one address after another."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import least, odds_of, whole
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from schemas.finding import Feature

MACS = 4096
RING = 64
DAY_S = 86_400.0


class DhcpStarvation(Detector):
    """Distinct new MACs within five minutes, per key group; distinct addresses that one MAC takes within an hour.

    Phones invent a MAC for each network and a ward comes back from a power cut at once: the first are few at a time,
    the second are known. In the first day, when every MAC is new, it takes more.
    """

    id = "network.dhcp_starvation"
    title = "Addresses are taken up"
    severity = 3
    attacks = ("T1498", "T1557.003")
    source = "network"
    entity = ("src_mac", "src_ip")
    entity_type = "mac"
    group_by = ("dst_ip",)
    inputs = ("src_mac", "assigned_ip", "dst_ip")
    cost = "O(64) a DHCP event, nothing others; 40 bytes a MAC, 4,096 a key group"
    reference = "RFC 2131; MITRE ATT&CK T1557.003"
    misses = (
        "A pool that is emptied slowly: fewer than about a hundred invented machines in five minutes (each key group "
        "sees an eighth of them), or four addresses an hour by one."
    )
    defaults = {"new_macs": 12.0, "new_macs_first_day": 30.0, "addresses": 4.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._macs = Sightings(setup.groups, MACS)
        self._watched = Sightings(setup.groups, 1)
        self._fresh = WindowedDistinct(setup.groups, 1, 300.0, RING)
        self._taken = WindowedDistinct(setup.groups, MACS // 4, 3600.0, 16)
        self._parts = {"macs": self._macs, "watched": self._watched, "fresh": self._fresh, "taken": self._taken}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {"macs": np.zeros(batch.n), "taken": np.zeros(batch.n)}
        rows = np.flatnonzero(batch.kind("dhcp") & (batch.hash("src_mac") != 0))
        if len(rows):
            mac, ts, groups = batch.hash("src_mac")[rows], batch.ts[rows], batch.groups[rows]
            everyone = np.ones_like(mac)
            watched, _, _ = self._watched.note(everyone, ts, groups)
            _, _, count = self._macs.note(mac, ts, groups)
            fresh = self._fresh.add(everyone, np.where(count == 0, mac, np.uint64(0)), ts, groups)
            taken = self._taken.add(mac, batch.hash("assigned_ip")[rows], ts, groups)
            limit = np.where(watched > DAY_S, float(self.option["new_macs"]), float(self.option["new_macs_first_day"]))
            # Only a new MAC adds to the first count: a known one renews in its shadow.
            many = np.where(count == 0, fresh / (fresh + limit), 0.0)
            values[rows] = np.maximum(many, taken / (taken + float(self.option["addresses"])))
            evidence["macs"][rows], evidence["taken"][rows] = fresh, taken
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        macs, taken = int(scores.evidence["macs"][row]), int(scores.evidence["taken"][row])
        server = named(batch, row, "dst_ip", otherwise="the network")
        who = named(batch, row, "src_mac", otherwise="a machine")
        score, limit, addresses = float(scores.values[row]), self.limit(scores, row), float(self.option["addresses"])
        greedy = taken / (taken + addresses) >= score - 1e-9
        most = whole(addresses * odds_of(limit)) if not greedy else least(taken, score, limit, addresses)
        new = least(macs, score, limit, 1.0) if not greedy else whole(float(self.option["new_macs"]) * odds_of(limit))
        if greedy:
            message = f"{who} took {taken} different addresses from {server} within an hour: it may empty the pool."
        else:
            message = (
                f"{macs} machines that were never seen asked {server} for addresses within five minutes, now {who}: "
                "they may be invented to empty the pool."
            )
        features = [
            Feature(name="new_machines_5min", value=macs, usual_low=0, usual_high=new - 1, contribution=1.0 - greedy),
            Feature(
                name="addresses_of_one_machine_1h", value=taken, usual_low=0, usual_high=most - 1,
                contribution=float(greedy),
            ),
        ]  # fmt: skip
        normal = f"Fewer than {most} addresses for one machine within an hour."
        return Explanation(message, normal if greedy else f"Fewer than {new} new machines in five minutes.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        ask = {"kind": "dhcp", "dst_ip": "10.0.0.1", "src_ip": "10.0.0.30"}
        mac = "24:4b:fe:1c:48:a4"
        invented = [ask | {"ts": 1e6 + k, "src_mac": f"02:00:00:00:{k // 256:02x}:{k % 256:02x}"} for k in range(60)]
        morning = [d | {"ts": 1e6 + 60 * k} for k, d in enumerate(invented)]
        back = [d | {"ts": 1e6 + 7200 + k} for k, d in enumerate(invented)]
        taken = [ask | {"ts": 1e6 + k, "src_mac": mac, "assigned_ip": f"10.0.0.{100 + k}"} for k in range(8)]
        renewed = [ask | {"ts": 1e6 + 600 * k, "src_mac": mac, "assigned_ip": "10.0.0.100"} for k in range(20)]
        return (
            Example("invented machines", invented, True),
            Example("one takes address after address", taken, True),
            Example("machines come up, and again after a power cut", [*morning, *back], False),
            Example("one renews", renewed, False),
        )

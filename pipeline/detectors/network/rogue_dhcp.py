"""A machine that never did before gives out addresses, and with them the way to the internet and to names."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from schemas.finding import Feature

SERVERS, CLIENTS = 256, 4096  # per key group
DAY_S = 86_400.0
# What a second server is worth: before the first ones are known it is most likely their twin (RFC 2131 allows many),
# and one whose clients are all its own serves a network of its own, as guests' is.
LATE, EARLY, OWN, LISTED = 0.8, 0.3, 0.3, 0.2


class RogueDhcp(Detector):
    """A server's leases in its first day, where other servers gave at least ten leases over an hour before it came,
    from the first machine on that had its address from another server before.

    Machines in the inventory may be new servers; of others each is told for a day and then known.
    """

    id = "network.rogue_dhcp"
    title = "Unknown server gives out addresses"
    severity = 4
    attacks = ("T1557.003",)
    source = "network"
    entity = ("dst_ip",)
    entity_type = "ip"
    group_by = ("dst_ip",)
    inputs = ("dst_ip", "assigned_ip", "src_mac")
    cost = "O(1) a lease, nothing others; 40 bytes a server, 256 a key group, and 80 a client"
    reference = "RFC 2131; MITRE ATT&CK T1557.003"
    misses = (
        "A server that was there from the first hour, one that answers with the address of the true server, one "
        "whose offers nobody takes, or only machines that no other server of the network ever served. Clients are "
        "spread over key groups: each tells of the server by itself."
    )
    defaults = {"leases": 10.0, "watched_s": 3600.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._servers = Sightings(setup.groups, SERVERS)
        self._watched = Sightings(setup.groups, 1)
        self._clients = Sightings(setup.groups, CLIENTS)
        self._served = Sightings(setup.groups, CLIENTS)
        self._parts = {"servers": self._servers, "watched": self._watched, "clients": self._clients,
                       "served": self._served}  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {"leases": np.zeros(batch.n), "others": np.zeros(batch.n)}
        rows = np.flatnonzero(batch.kind("dhcp") & (batch.hash("dst_ip") != 0) & (batch.hash("assigned_ip") != 0))
        if len(rows):
            server, ts, groups = batch.hash("dst_ip")[rows], batch.ts[rows], batch.groups[rows]
            watched, _, total = self._watched.note(np.ones_like(server), ts, groups)
            age, _, leases = self._servers.note(server, ts, groups)
            others = total - leases
            late = (watched - age >= float(self.option["watched_s"])) & (others >= float(self.option["leases"]))
            worth = np.where(late, np.where(self._taken(batch, rows), LATE, OWN), np.where(others > 0, EARLY, 0.0))
            listed = [(batch.text("dst_ip", int(r)) or "").lower() in self.setup.lists.devices for r in rows[worth > 0]]
            worth[worth > 0] = np.where(listed, LISTED, worth[worth > 0])
            values[rows] = np.where(age < DAY_S, worth, 0.0)
            evidence["leases"][rows], evidence["others"][rows] = leases + 1, others
        return Scores(values, evidence)

    def _taken(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: another server served this machine before, or it is not told which machine it is."""
        server, client = batch.hash("dst_ip")[rows], batch.hash("src_mac")[rows]
        ts, groups = batch.ts[rows], batch.groups[rows]
        _, _, leases = self._clients.note(client, ts, groups)
        pair = np.where(client != 0, combine_many(client, server), np.uint64(0))
        _, _, own = self._served.note(pair, ts, groups)
        return (client == 0) | (filled(leases) > filled(own))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        leases, others = int(scores.evidence["leases"][row]), int(scores.evidence["others"][row])
        message = (
            f"{named(batch, row, 'dst_ip', otherwise='A machine')} gave out the address "
            f"{named(batch, row, 'assigned_ip', otherwise='of a lease')} as the network's address service (DHCP), "
            "which it never was before "
            f"({count_of(leases, 'address', 'addresses')} by it so far, {others} by others)."
        )
        before = float(self.option["leases"])
        features = [
            Feature(name="addresses_given_by_it", value=leases, usual_low=0, usual_high=0),
            Feature(name="addresses_given_by_others", value=others, usual_low=0, usual_high=max(before - 1, 0)),
        ]
        normal = f"A server of the inventory, or one seen before others had given {before:g} addresses."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        lease = {"kind": "dhcp", "src_ip": "10.0.0.9", "src_mac": "00:1b:21:3a:4f:10", "assigned_ip": "10.0.0.9"}
        usual = [lease | {"ts": 1e6 + 300 * k, "dst_ip": "10.0.0.2"} for k in range(30)]
        guests = [lease | {"ts": 1e6 + 9500 + k, "dst_ip": "192.168.9.1", "src_mac": f"0a:00:00:00:00:{k:02x}"}
                  for k in range(9)]  # fmt: skip
        twins = [lease | {"ts": 1e6 + 300 * k, "dst_ip": f"10.0.0.{2 + k % 2}"} for k in range(30)]
        return (
            Example("a server nobody knows", [*usual, lease | {"ts": 1e6 + 9500, "dst_ip": "10.0.0.77"}], True),
            Example("a network of its own, for guests", [*usual, *guests], False),
            Example("always the same server", usual, False),
            Example("two that share the work", twins, False),
        )

"""A device goes where none of its kind goes: its neighbours, or ports that only administrators use."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.devices.device_flows import THING, device_flows, kind_of
from pipeline.detectors.devices.habits import Habits
from pipeline.detectors.devices.routed import Routed
from pipeline.detectors.explaining import nearest, whole
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.device_classes import CLINICAL, NAMES
from pipeline.features.hashing import combine_many
from pipeline.features.known_devices import device_ends
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import is_port
from schemas.finding import Feature

_CLINICAL = np.array([code in CLINICAL for code in range(len(NAMES))])
NETWORKS = 512  # networks inside that devices go to, per key group
PEERS, HOSTS = 1024, 1024  # devices with new peers lately, and machines their kinds know, per key group
SERVED_S = 3600.0  # a machine that serves its kind for so long may do so on another port: its data goes there anyway
DAY_S = 86_400.0
# Remote work on machines: a program that spreads by itself needs one of them.
DOORS = (21, 22, 23, 135, 139, 445, 2323, 3389, 5555, 5800, 5900, 5985, 5986)


class NewPeer(Detector):
    """Peers and ports that are new for a device and for all of its kind, within an hour.

    A kind (class of the inventory or of the maker, else the maker's MAC prefix, else the network) has to have settled
    before; a new port of a machine that serves it already does not count. One new peer alone is how a new server or an
    update arrives and scores below .5: found are three of them, or a neighbour that is a device too, or a door for
    remote work, or a network inside where no device of the key group ever went, each counted for two more.
    """

    id = "devices.new_peer"
    title = "Device goes to new places"
    severity = 4
    attacks = ("T1021", "T1210", "T1570")
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    inputs = ("src_ip", "src_mac", "dst_ip", "dst_mac", "dst_port", "service", "proto", "bytes_out",
              "bytes_in", "duration_s", "packets_out", "packets_in")  # fmt: skip
    cost = "O(1) a flow of a device, O(32) one to a new place; 4,096 places of devices of 56 bytes a key group"
    reference = "Sivanathan et al., Classifying IoT Devices in Smart Environments, IEEE TMC 2019; RFC 8520 (MUD)"
    misses = (
        "What the device did from the start, one new ordinary service at a time, devices of a kind that goes to more "
        "than eight places (unless listed), and the first hour of a capture."
    )
    defaults = {"window_s": 3600.0, "peers": 3.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._habits = Habits(setup.groups)
        self._new = WindowedDistinct(setup.groups, PEERS, float(self.option["window_s"]), ring=32)
        self._hosts = Sightings(setup.groups, HOSTS)
        self._networks = Sightings(setup.groups, NETWORKS)
        self._routed = Routed(setup.groups)
        self._parts: dict[str, Stateful] = {
            "habits": self._habits, "new": self._new, "hosts": self._hosts, "networks": self._networks,
            "routed": self._routed,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        flows = device_flows(batch, self.setup.lists)
        rows, nothing = flows.rows, np.zeros(len(flows.rows))
        habit = self._habits.note(
            batch.hash("src_ip")[rows], flows.kin, np.where(flows.outside, np.uint64(0), flows.place), batch.ts[rows],
            batch.groups[rows], flows.listed, flows.outside, nothing, nothing,
        )  # fmt: skip
        known = flows.single_purpose(habit, self._routed.mark(batch, flows.rows))
        young = known & (habit.late == 1) & (habit.kind_age_s <= DAY_S) & (habit.own_age_s <= DAY_S)
        young &= habit.members <= 2
        followed = rows[habit.at]
        host = combine_many(flows.kin[habit.at], batch.hash("dst_ip")[followed])
        served = self._hosts.note(host, batch.ts[followed], batch.groups[followed])[0]
        young &= served < SERVED_S
        segment = device_ends(batch, self.setup.lists, "dst").segment[followed]
        network = np.where(flows.outside[habit.at], np.uint64(0), segment)
        gone = self._networks.note(network, batch.ts[followed], batch.groups[followed])[0]
        values = np.full(batch.n, np.nan)
        values[rows[habit.at[known]]] = 0.0
        evidence = {name: np.zeros(batch.n) for name in ("peers", "usual", "near", "door", "foreign")}
        some = np.flatnonzero(young)
        if len(some):
            found = rows[habit.at[some]]
            places, watched_s = habit.places[some], habit.watched_s[some]
            peers = self._new.add(
                batch.hash("src_ip")[found], batch.hash("dst_ip")[found], batch.ts[found], batch.groups[found]
            )
            near, door = self._neighbour(batch, found), is_port(batch.number("dst_port")[found], DOORS)
            # As long as one visit is new, so are those that follow it within the window.
            foreign = gone[some] < float(self.option["window_s"])
            weight = peers + near + np.where(door, 2.0, 0.0) + np.where(foreign, 2.0, 0.0)
            # A kind that finds new places all the time is expected to find more.
            expected = np.where(watched_s > DAY_S, 2.0 * places * 3600.0 / np.maximum(watched_s, 3600.0), 0.0)
            values[found] = weight / (weight + float(self.option["peers"]) + expected)
            for name, column in zip(evidence, (peers, places, near, door, foreign), strict=True):
                evidence[name][found] = column
        return Scores(values, evidence)

    def _neighbour(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """float64[m]: 2 where the peer is listed as such a device too, 1 where it is of the same maker and network."""
        src, dst = (device_ends(batch, self.setup.lists, side) for side in ("src", "dst"))
        listed = _CLINICAL[dst.codes[rows]] | ((dst.codes[rows] == src.codes[rows]) & THING[src.codes[rows]])
        alike = (dst.maker[rows] >= 0) & (dst.maker[rows] == src.maker[rows])
        alike &= dst.segment[rows] == src.segment[rows]
        return np.where(listed, 2.0, np.where(alike, 1.0, 0.0))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        src, dst = named(batch, row, "src_ip", "src_mac"), named(batch, row, "dst_ip")
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        what = kind_of(int(device_ends(batch, self.setup.lists, "src").codes[row]))
        port = int(batch.value("dst_port", row) or 0)
        where = f"{dst} port {port}" + (", a device like it" if e["near"] else "")
        where += " in a network where no device goes" if e["foreign"] else ""
        peers = int(e["peers"])
        some = "a new peer" if peers == 1 else f"{peers} new peers within an hour"
        message = f"{src}, {what}, went to {some}, lately {where}; no machine of its kind had been there."
        besides = e["near"] + 2.0 * e["door"] + 2.0 * e["foreign"]
        weight = peers + besides
        fewer = whole(nearest(weight, float(scores.values[row]), self.limit(scores, row)) - besides)
        features = [
            Feature(
                name="new_peers", value=peers, usual_low=0, usual_high=max(fewer - 1, 0), contribution=peers / weight
            ),
            Feature(name="is_a_device_like_it", value=int(e["near"] > 0), contribution=e["near"] / weight),
            Feature(name="port_for_remote_work", value=int(e["door"]), contribution=2.0 * e["door"] / weight),
            Feature(name="network_new_to_devices", value=int(e["foreign"]), contribution=2.0 * e["foreign"] / weight),
            Feature(name="places_its_kind_goes_to", value=int(e["usual"]), contribution=0.0),
        ]
        normal = f"Fewer than {fewer} new peers within an hour." if fewer > 1 else "A place where its kind has been."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow: dict[str, Any] = {"kind": "flow", "proto": "tcp", "src_ip": "10.4.0.9", "src_mac": "3c:a1:0e:00:00:09"}
        usual = [flow | {"ts": 1e6 + 60.0 * i, "dst_ip": "10.1.0.5", "dst_port": 8443} for i in range(130)]
        later = 1e6 + 60.0 * 130
        desk = flow | {"ts": later, "dst_ip": "10.9.0.7", "dst_port": 8443}
        server = flow | {"ts": later, "dst_ip": "10.1.0.7", "dst_port": 8443}
        pumps = [flow | {"ts": later + i, "dst_ip": f"10.4.0.{20 + i}", "dst_port": 8443} for i in range(4)]
        call = {"proto": "udp", "duration_s": 60.0, "packets_out": 3000, "packets_in": 2990, "bytes_out": 516_000,
                "bytes_in": 514_280}  # fmt: skip
        calls = [pump | call | {"dst_port": 17_004 + 6 * i} for i, pump in enumerate(pumps)]
        return (
            Example("asks its neighbours", [*usual, *pumps], True),
            Example("shell to a server", [*usual, flow | {"ts": later, "dst_ip": "10.1.0.9", "dst_port": 22}], True),
            Example("a desk far from all servers", [*usual, desk], True),
            Example("one more server", [*usual, server], False),
            Example(
                "a new gateway", [*usual, *(u | {"ts": u["ts"] + 7800, "dst_ip": "10.1.0.6"} for u in usual)], False
            ),
            Example("telephones call each other", [*usual, *calls], False),
            Example("not watched before", pumps, False),
        )

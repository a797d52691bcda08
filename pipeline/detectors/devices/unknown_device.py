"""A machine that nobody knows starts to talk where the medical devices live."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.devices.clinical_talk import clinical_talk
from pipeline.detectors.devices.newcomers import Newcomers
from pipeline.detectors.explaining import count_of
from pipeline.features.addresses import INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.device_classes import CLINICAL, NAMES
from pipeline.features.known_devices import device_ends, segment_of
from pipeline.features.lists import Lists
from pipeline.features.naming import named
from pipeline.features.unknown import among
from schemas.finding import Feature

NEW, TALKING, STRANGER, ALIKE = 0.7, 0.2, 0.6, 0.3
CALM_S = 3600.0  # without arrivals, before a network that nobody listed counts as settled
RESIDENTS, CLINICAL_SHARE = 2, 0.7  # medical devices per key group, and their part of the network's machines
_CLINICAL = np.array([code in CLINICAL for code in range(len(NAMES))])


class UnknownDevice(Detector):
    """A source address that starts to talk (first seen, or again after `quiet_h` hours) in a network of devices.

    Where an inventory lists at least `least_devices` in a /24 network: 0.7 for a machine that is on it by neither IP
    nor MAC, 0.2 while it goes on. Elsewhere, where at least 70 % of a network's machines (of the key group, two at
    least) are medical devices by maker or by speaking DICOM or HL7, and nobody arrived for an hour: 0.6 for one of a
    maker that the network does not have, 0.3 for others.
    """

    id = "devices.unknown_device"
    title = "Unknown machine among the devices"
    severity = 3
    attacks = ("T1200",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "src_mac", "dst_port", "service")
    cost = "O(1) an event; 4,096 machines of 25 bytes, 512 networks of 48 bytes a key group"
    reference = "MITRE ATT&CK T1200, Hardware Additions; NIST SP 1800-8, section on device inventories"
    misses = (
        "A machine that takes over the address and MAC of a known one, listens only, or sits in a network without "
        "devices; without an inventory also one with a MAC prefix that the network knows, or in the first hour."
    )
    defaults = {"least_devices": 3, "quiet_h": 168.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._newcomers = Newcomers(setup.groups)

    @cached_property
    def _counts(self) -> Mapping[int, int]:
        """Networks with enough devices of the inventory, by hash, with their number."""
        places = {row.get("ip") or key for key, row in self.setup.lists.devices.items()}
        counts = Counter(segment for place in places if (segment := segment_of(place)) and "." in place)
        least = int(self.option["least_devices"])
        return {s: n for s, n in counts.items() if n >= least}

    def score(self, batch: Batch) -> Scores:
        src = device_ends(batch, self.setup.lists, "src")
        values, devices = np.full(batch.n, np.nan), np.zeros(batch.n)
        known = among(src.segment, np.array(sorted(self._counts), np.uint64))
        values[known & ~src.listed] = TALKING
        rows = np.flatnonzero((src.where == INTERNAL) & (src.segment != 0))
        clinical = _CLINICAL[src.codes] | (clinical_talk(batch) != 0)
        came = self._newcomers.note(
            batch.hash("src_ip")[rows], src.segment[rows], src.maker[rows], clinical[rows], batch.ts[rows],
            batch.groups[rows], 3600.0 * float(self.option["quiet_h"]),
        )  # fmt: skip
        at = rows[came.at]
        settled = (came.clinical >= RESIDENTS) & (came.clinical >= CLINICAL_SHARE * came.residents)
        settled &= (came.calm_s >= CALM_S) & ~known[at] & ~src.listed[at] & ~_CLINICAL[src.codes[at]]
        strange = (came.maker_known == 0) & (src.maker[at] >= 0)
        values[at[settled]] = np.where(strange, STRANGER, ALIKE)[settled]
        values[at[known[at] & ~src.listed[at]]] = NEW
        devices[at] = came.clinical
        return Scores(values, {"devices": devices, "listed": known})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        src, mac = named(batch, row, "src_ip"), named(batch, row, "src_mac", otherwise="")
        network = src[: max(src.rfind("."), src.rfind(":"))] + (".0/24" if "." in src else ":")
        who = f"{src} ({mac})" if mac else src
        if scores.evidence["listed"][row]:
            count = self._counts.get(segment_of(src), 0)
            message = (
                f"{who} is in no inventory and started to talk in network {network}, where {count} known devices live."
            )
            features = [
                Feature(name="in_the_inventory", value="no", contribution=1.0),
                Feature(name="listed_devices_in_network", value=count, contribution=0.0),
            ]
            least = int(self.option["least_devices"])
            normal = f"A machine of the inventory, or a network with fewer than {count_of(least, 'listed device')}."
            return Explanation(message, normal, features)
        count = int(scores.evidence["devices"][row])
        features = [
            Feature(name="devices_of_its_maker_there", value=0, usual_low=1),
            Feature(name="medical_devices_in_network", value=count, usual_low=0, usual_high=RESIDENTS - 1),
        ]
        message = f"{who} started to talk in network {network}, where medical devices live and none of its maker."
        normal = f"A machine of a maker that {network} has already, or an hour in which others arrived too."
        return Explanation(message, normal, features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return self._newcomers.state(group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        self._newcomers.load(group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        rows = {f"10.9.0.{i}": {"ip": f"10.9.0.{i}", "mac": f"02:00:00:00:00:0{i}"} for i in range(1, 6)}
        lists = Lists(devices=rows | {row["mac"]: row for row in rows.values()})
        flow = {"kind": "flow", "ts": 1e6, "dst_ip": "10.9.0.1", "dst_port": 80, "proto": "tcp"}
        monitor = flow | {"dst_ip": "10.1.0.5", "dst_port": 2575}
        monitors = [
            monitor | {"ts": 1e6 + i, "src_ip": f"10.7.0.{i}", "src_mac": f"00:09:fb:00:00:{i:02d}"}
            for i in range(1, 60)
        ]
        stranger = monitor | {"ts": 1e6 + 4000.0, "src_ip": "10.7.0.77", "src_mac": "b8:27:eb:00:00:01"}
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
            Example("a stranger among monitors that nobody listed", [*monitors, stranger], True),
            Example("one more monitor", [*monitors, stranger | {"src_mac": "00:09:fb:00:00:77"}], False),
        )

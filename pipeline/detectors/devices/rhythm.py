"""A device talks far more often, or sends far more, than it and its kind ever do in an hour."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.devices.device_flows import WORKDAY_S, device_flows, kind_of
from pipeline.detectors.devices.habits import Habits
from pipeline.detectors.devices.routed import Routed
from pipeline.detectors.explaining import odds_of, size_of, whole
from pipeline.detectors.memory.amounts import NORMS
from pipeline.detectors.memory.usual_amount import UsualAmount
from pipeline.detectors.usual_range import UsualRange
from pipeline.features.batch import Batch
from pipeline.features.known_devices import device_ends
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import filled

DEVICES = 512  # per key group
HOUR_S = 3600.0
TIMES = 4.0  # as much as usual, at least: below, a fuller ward explains it


class Rhythm(Detector):
    """Contacts and bytes sent in an hour, against the device's own past hours and those of its kind.

    Score .5 at `deviations` standard deviations of log amounts, and four times the usual; bytes only from
    `least_bytes`. Devices are those that inventory or maker's address tell, and, after a whole day, kinds of machine
    that keep to eight places.
    """

    id = "devices.rhythm"
    title = "Device out of its rhythm"
    severity = 3
    attacks = ("T1499", "T1041", "T1496")
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    inputs = ("src_ip", "src_mac", "dst_ip", "dst_port", "service", "proto", "bytes_out", "bytes_in",
              "duration_s", "packets_out", "packets_in")  # fmt: skip
    cost = "O(24) a flow of a device; 512 devices of 400 bytes a key group"
    reference = "Sivanathan et al., Classifying IoT Devices in Smart Environments, IEEE TMC 2019"
    misses = (
        "A rhythm that slows down (silence is devices.silent), what stays within four times the usual, changes that a "
        "whole class makes at once and keeps, and the first hours, until the class is known (a whole day for machines "
        "that neither inventory nor maker tells)."
    )
    defaults = {"deviations": 8.0, "least_bytes": 2e6}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._habits = Habits(setup.groups, pairs=64)
        self._contacts = UsualAmount(setup.groups, DEVICES, HOUR_S)
        self._sent = UsualAmount(setup.groups, DEVICES, HOUR_S)
        self._routed = Routed(setup.groups)
        self._parts: dict[str, Stateful] = {
            "habits": self._habits, "contacts": self._contacts, "contacts_peers": self._contacts.peers,
            "routed": self._routed, "sent": self._sent, "sent_peers": self._sent.peers,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        flows = device_flows(batch, self.setup.lists)
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("contacts", "usual_contacts", "sent", "usual_sent", "more")}
        evidence |= {name: np.zeros((batch.n, NORMS)) for name in ("talk", "load")}
        rows, nothing = flows.rows, np.zeros(len(flows.rows))
        habit = self._habits.note(
            batch.hash("src_ip")[rows], flows.kin, flows.place, batch.ts[rows], batch.groups[rows], flows.listed,
            flows.outside, nothing, nothing,
        )  # fmt: skip
        # At night what people work with rests, too: of a kind that nobody told, one whole day has to show its hours.
        told = flows.listed[habit.at] | (habit.watched_s >= WORKDAY_S)
        at = habit.at[flows.single_purpose(habit, self._routed.mark(batch, flows.rows)) & told]
        if not len(at):
            return Scores(values, evidence)
        found, kin = rows[at], flows.kin[at]
        src, ts, groups = batch.hash("src_ip")[found], batch.ts[found], batch.groups[found]
        talk = self._contacts.add(src, kin, 1.0, ts, groups)
        load = self._sent.add(src, kin, filled(batch.number("bytes_out")[found]), ts, groups)
        often, usual, contacts = talk.deviations, talk.usual, talk.amount
        much, usual_sent, sent = load.deviations, load.usual, load.amount
        often = np.where(contacts >= TIMES * usual, often, np.minimum(often, 0.0))
        enough = (sent >= TIMES * usual_sent) & (sent >= float(self.option["least_bytes"]))
        much = np.where(enough, much, np.minimum(much, 0.0))
        most = np.fmax(often, much)
        values[found] = 1.0 / (1.0 + np.exp(np.clip(float(self.option["deviations"]) - most, -30.0, 30.0)))
        more = filled(much) > filled(often)
        columns = (contacts, usual, sent, usual_sent, more, talk.norms, load.norms)
        for name, column in zip(evidence, columns, strict=True):
            evidence[name][found] = filled(column)
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items() if column.ndim == 1}
        src = named(batch, row, "src_ip", "src_mac")
        what = kind_of(int(device_ends(batch, self.setup.lists, "src").codes[row]))
        talk, load = (UsualRange(scores.evidence[name][row]) for name in ("talk", "load"))
        far = float(self.option["deviations"]) + math.log(odds_of(self.limit(scores, row)))
        features = [
            talk.feature("contacts_in_an_hour", e["contacts"], contribution=1.0 - e["more"]),
            load.feature("bytes_sent_in_an_hour", e["sent"], "B", contribution=e["more"]),
        ]
        if e["more"]:
            message = f"{src}, {what}, sent {size_of(e['sent'])} within an hour, usual are {size_of(e['usual_sent'])}."
            less = max(load.least(far), TIMES * e["usual_sent"], float(self.option["least_bytes"]))
            normal = f"Less than {size_of(less)} an hour."
        else:
            fewer = whole(max(talk.least(far), TIMES * e["usual_contacts"]))
            normal = f"Fewer than {fewer:,} contacts an hour."
            message = (
                f"{src}, {what}, made {e['contacts']:,.0f} contacts within an hour, usual are "
                f"{e['usual_contacts']:,.0f}."
            )
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow: dict[str, Any] = {"kind": "flow", "proto": "tcp", "src_ip": "10.4.0.9", "src_mac": "00:09:fb:00:00:09",
                "dst_ip": "10.1.0.5", "dst_port": 2575, "bytes_out": 900, "bytes_in": 90}  # fmt: skip
        usual = [flow | {"ts": 1e6 + 240.0 * i} for i in range(110)]
        later = 1e6 + 240.0 * 110
        return (
            Example("talks without pause", [*usual, *(flow | {"ts": later + 6.0 * i} for i in range(330))], True),
            Example(
                "sends films", [*usual, *(flow | {"ts": later + 240.0 * i, "bytes_out": 9_000_000} for i in range(5))],
                True,
            ),
            Example("goes on", [*usual, *(u | {"ts": u["ts"] + 26_400} for u in usual[:40])], False),
            Example("never seen before", [flow | {"ts": later + 6.0 * i} for i in range(200)], False),
        )  # fmt: skip

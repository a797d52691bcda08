"""Malware calls home in a rhythm to a place that few machines of the house know."""

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import whole
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.rhythm import rhythm_features, span_in_words
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from schemas.finding import Feature

DESTINATIONS, RING = 4096, 16  # per key group
DAY_S = 86_400.0
BEFORE = 0.8  # weight of a rhythm that was there before: all such of a house have then shown themselves
PLACES = 4.0  # of a key group with such a rhythm that halve the weight of one more
USUAL_VISITS = 10.0  # from which a rhythm is seen at all (`network.rhythm`)


class Beaconing(Detector):
    """A rhythm (`network.rhythm`), discounted by the machines of the whole house that went there within a day.

    Up to `few` of them count nothing against it; from there on the score falls with their square, so that five
    machines make a service of it: software that is rolled out, a page that a department begins to use. One alert
    is about one place, whatever addresses it has.

    One that was there when watching began may be whatever the house runs: a second machine counts against it, and so
    do other places of the key group to which one machine alone keeps such a rhythm.
    """

    id = "network.beaconing"
    title = "Beaconing"
    severity = 4
    attacks = ("T1071.001", "T1573")
    source = "contacts"
    entity = ("src_ip",)
    entity_type = "ip"
    group_by: ClassVar[tuple[str, ...]] = ("src_ip", "destination")
    alert_days = 2
    inputs = ("destination", "src_ip", "dst_ip", "rhythm", "visits", "interval_s", "span_s", "alike")
    cost = "O(16) a new pair of source and destination, or a contact in a rhythm; 150 bytes a destination, 5 MB in all"
    reference = "Active Countermeasures, RITA; Hubballi and Goyal, FlowSummary, PReMI 2013"
    misses = (
        "What network.rhythm does not see, implants on more than three machines that call the same place (on more than "
        "one, or where many such places are called, if they were there before watching began), and those that call "
        "through a service which many machines use, or under the name of a widely known maker of software."
    )
    defaults = {"few": 3}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._sources = WindowedDistinct(setup.groups, DESTINATIONS, DAY_S, RING)
        self._before = WindowedDistinct(setup.groups, 1, DAY_S, RING)
        self._parts = {"sources": self._sources, "before": self._before}

    def score(self, batch: Batch) -> Scores:
        values, sources = np.full(batch.n, np.nan), np.zeros(batch.n)
        source = batch.hash("src_ip")
        rows = np.flatnonzero(batch.kind("contact") & (source != 0))
        if len(rows):
            count = self._sources.add(batch.key_hash[rows], source[rows], batch.ts[rows], batch.groups[rows])
            rhythm = batch.number("rhythm")[rows]
            before = np.flatnonzero((rhythm == rhythm) & (batch.number("sudden")[rows] == 0))
            few = np.full(len(rows), float(self.option["few"]))
            few[before] = 1.0
            score, at = rhythm * ((1.0 + few) / (1.0 + np.maximum(count, few))) ** 2, rows[before]
            place = np.where(count[before] <= 1, batch.key_hash[at], np.uint64(0))
            places = self._before.add(np.ones_like(place), place, batch.ts[at], batch.groups[at])
            score[before] *= BEFORE / (1.0 + np.maximum(places - 1.0, 0.0) / PLACES)
            values[rows] = score
            sources[rows] = count
        return Scores(values, {"sources": sources})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: _known(batch, row, name) for name in ("visits", "interval_s", "jitter", "span_s", "alike", "sudden")}
        src, dst = named(batch, row, "src_ip"), named(batch, row, "host", "dst_ip", limit=80)
        port = batch.value("dst_port", row)
        where = dst + (f" port {int(port)}" if port is not None else "")
        sources = float(scores.evidence["sources"][row])
        others = "no other machine here goes" if sources <= 1 else f"{sources:.0f} machines here go"
        message = (
            f"{src} contacted {where} {int(e['visits'])} times in {span_in_words(e['span_s'])}, about every "
            f"{span_in_words(e['interval_s'])} (±{100 * e['jitter']:.0f} %), {100 * e['alike']:.0f} % alike in size"
            + (", a destination new to its part of the house" if e["sudden"] else "")
            + f", where {others}: as a program that calls home does."
        )
        # The score falls with the square of the machines that go there: so many would have made it a service.
        few = float(self.option["few"]) if e["sudden"] else 1.0
        users = (1.0 + max(sources, few)) * math.sqrt(float(scores.values[row]) / self.limit(scores, row)) - 1.0
        users = max(whole(users), few + 1)
        features = [
            *rhythm_features(e, USUAL_VISITS),
            Feature(name="machines_that_go_there", value=sources, usual_low=users),
        ]
        normal = f"Contacts that come irregularly and differ in size, or a place that {users:.0f} or more machines "
        return Explanation(message, normal + "here use.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        contact = {"kind": "contact", "destination": "203.0.113.9", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9",
                   "dst_port": 443}  # fmt: skip
        beat = {"rhythm": 0.8, "visits": 20, "interval_s": 60.0, "jitter": 0.1, "span_s": 1200.0, "alike": 0.9,
                "sudden": True}  # fmt: skip
        first = [contact | {"ts": 1e6}]
        others = [contact | {"ts": 1e6 + 300.0 * i, "src_ip": f"10.0.1.{i}"} for i in range(8)]
        called = [contact | beat | {"ts": 1e6 + 3600.0}]
        return (
            Example("alone", [*first, *called], True),
            Example("two others", [*first, *others[:2], *called], True),
            Example("a department uses it", [*first, *others, *called], False),
            Example("no rhythm", [*first, *others[:2]], False),
            Example("alone, from the beginning", [*first, called[0] | {"sudden": False}], True),
            Example("two from the beginning", [*first, others[0], called[0] | {"sudden": False}], False),
        )


def _known(batch: Batch, row: int, name: str) -> float:
    return batch.value(name, row) or 0.0

"""A desk begins to ask a controller, broker, engine or agent that only a few machines asked before."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from schemas.finding import Feature

ASKED, PAIRS, RING, DESKS = 2048, 8192, 16, 2  # per key group; the last two are counted up to
HOUR_S, WEEK_S = 3600.0, 604_800.0
NEWS, KNOWN = 0.65, 0.2


class NewAsker(Detector):
    """What machines say to machines keeps to few, and the same: who asks a controller, sends to an interface engine,
    polls an agent, takes from a broker. In a flat network nothing else tells who may.

    A newcomer is told where somebody sits at it (`devices.asker_seen`), the machine has been asked for an hour at
    least by up to `few` others, none of them somebody's, and where hardly any such machine of its key group speaks the
    language. Who has spoken it for an hour already is a monitor that takes on one more.
    """

    id = "devices.new_asker"
    title = "Desk asks a machine that only machines asked"
    severity = 3
    attacks = ("T1602", "T1565.002")
    source = "contacts"
    entity = ("src_ip",)
    entity_type = "ip"
    group_by = ("src_ip", "language")
    inputs = ("destination", "src_ip", "dst_ip", "language", "person", "spoken_s", "colleagues")
    cost = "O(16) the first exchange of a pair and day; 40 bytes a pair, 250 a machine asked: 7 MB in all"
    reference = "NIST SP 800-82r3, 6.3.1.4; Goldenberg and Wool, Accurate Modeling of Modbus/TCP, IJCIP 2013"
    misses = (
        "Machines that desks ask anyhow, newcomers at which nobody sits or whose pages come over a proxy, who asked "
        "before the machine had been asked for an hour, and machines that more than `few` ask. An administrator who "
        "looks at an agent for the first time looks alike."
    )
    defaults = {"few": 4.0, "colleagues": 2.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._asked, self._pairs = Sightings(setup.groups, ASKED), Sightings(setup.groups, PAIRS)
        self._askers = WindowedDistinct(setup.groups, ASKED, WEEK_S, RING)
        self._desks = WindowedDistinct(setup.groups, ASKED, WEEK_S, DESKS)
        self._parts: dict[str, Stateful] = {
            "asked": self._asked, "pairs": self._pairs, "askers": self._askers, "desks": self._desks
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values, others = np.full(batch.n, np.nan), np.zeros(batch.n)
        rows = np.flatnonzero(batch.kind("asker") & (batch.hash("src_ip") != 0))
        if len(rows):
            key, who = batch.key_hash[rows] | np.uint64(1), batch.hash("src_ip")[rows]
            ts, groups = batch.ts[rows], batch.groups[rows]
            person = batch.number("person")[rows] == 1.0
            age, _, _ = self._asked.note(key, ts, groups)
            _, _, seen = self._pairs.note(combine_many(key, who), ts, groups)
            askers = self._askers.add(key, who, ts, groups) - 1.0
            desks = self._desks.add(key, np.where(person, who, np.uint64(0)), ts, groups) - person
            news = person & (seen == 0) & (age >= HOUR_S) & (askers >= 1) & (askers <= float(self.option["few"]))
            news &= (desks < 1) & (batch.number("colleagues")[rows] < float(self.option["colleagues"]))
            news &= batch.number("spoken_s")[rows] < HOUR_S
            values[rows], others[rows] = np.where(news, NEWS, KNOWN), askers
        return Scores(values, {"others": others})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        others = int(scores.evidence["others"][row])
        language = named(batch, row, "language", otherwise="its language")
        message = (
            f"{named(batch, row, 'src_ip')}, at which somebody reads pages of the web, began to speak {language} with "
            f"{named(batch, row, 'dst_ip')}, which only {count_of(others, 'machine')} had asked before; nobody sits at "
            "any of them."
        )
        features = [
            Feature(name="machines_that_asked_before", value=others, usual_low=self.option["few"] + 1.0),
            Feature(name="language", value=language),
        ]
        return Explanation(message, "The few machines that ask it every day.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        asks = {"kind": "asker", "destination": "10.0.8.4 Modbus", "src_ip": "10.0.5.9", "dst_ip": "10.0.8.4",
                "language": "Modbus", "person": True, "spoken_s": 0.0, "colleagues": 0}  # fmt: skip
        plant = asks | {"ts": 1e6, "src_ip": "10.0.1.7", "person": False}
        desk = asks | {"ts": 1e6 + 9000.0}
        many = [plant | {"ts": 1e6 + k, "src_ip": f"10.0.4.{k}"} for k in range(9)]
        return (
            Example("a desk asks a controller", [plant, desk], True),
            Example("another control room does", [plant, desk | {"person": False}], False),
            Example("desks have asked it before", [plant, plant | {"person": True, "src_ip": "10.0.5.1"}, desk], False),
            Example("half a department speaks so", [plant, desk | {"colleagues": 5}], False),
            Example("a monitor that reads pages takes on one more", [plant, desk | {"spoken_s": 86_000.0}], False),
            Example("an engine to which many send", [*many, desk], False),
            Example("nobody had asked it before", [desk], False),
        )

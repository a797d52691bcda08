"""A machine that is no medical device begins to speak DICOM or HL7: whoever does asks for images or sends results."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.devices.clinical_talk import LANGUAGES, clinical_talk
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.features.batch import Batch
from pipeline.features.device_classes import CLINICAL, NAMES
from pipeline.features.hashing import combine_many
from pipeline.features.known_devices import device_ends
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from schemas.finding import Feature

SPEAKERS, KIN = 2048, 512  # per key group
SETTLED_S = 3600.0
_SPEAKS = np.array([code in CLINICAL or NAMES[code] in ("pacs", "clinical_server") for code in range(len(NAMES))])


class ClinicalProtocol(Detector):
    """The first day of a machine that speaks DICOM or HL7 and is listed as, or made as, nothing that should.

    Scores 0.7 when neither its network nor machines of its maker spoke the language, 0.55 when only the maker's did,
    0.3 when its network did, when it speaks to its own network (servers beside the archive), in the first hour of the
    stream, or when further speakers came within the hour (a roll-out). Connections have to carry something both ways:
    a scanner that knocks is another detector's matter.
    """

    id = "devices.clinical_protocol"
    title = "Machine that should not speaks DICOM or HL7"
    severity = 4
    attacks = ("T1213", "T1565.002")
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    inputs = ("src_ip", "src_mac", "dst_ip", "dst_port", "service", "proto", "bytes_out", "bytes_in")
    cost = "O(1) a DICOM or HL7 connection; 2,048 speakers of 40 bytes a key group"
    reference = "DICOM PS3.15, Security and System Management Profiles; HL7 v2 MLLP has no authentication"
    misses = (
        "A speaker of the first hour, one in a network and of a maker whose machines speak it (a stolen reading "
        "station), connections on unusual ports that the sensor does not recognise, and FHIR, which is only HTTPS here."
    )

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._speakers = Sightings(setup.groups, SPEAKERS)
        self._kin = Sightings(setup.groups, KIN)
        self._clock = Sightings(setup.groups, 8)
        self._fresh = WindowedSum(setup.groups, 16, SETTLED_S)
        self._parts = {"speakers": self._speakers, "kin": self._kin, "clock": self._clock, "fresh": self._fresh}

    def score(self, batch: Batch) -> Scores:
        values, languages = np.full(batch.n, np.nan), np.zeros(batch.n, np.int8)
        talk = clinical_talk(batch)
        src = device_ends(batch, self.setup.lists, "src")
        carried = (batch.number("bytes_out") > 0) & (batch.number("bytes_in") > 0)
        watched_s = self._clock.note(np.ones(batch.n, np.uint64), batch.ts, batch.groups)[0]
        rows = np.flatnonzero((talk != 0) & (batch.hash("src_ip") != 0) & carried)
        if not len(rows):
            return Scores(values, {"language": languages})
        ts, groups, language = batch.ts[rows], batch.groups[rows], talk[rows].astype(np.uint64)
        age_s, _, seen = self._speakers.note(combine_many(batch.hash("src_ip")[rows], language), ts, groups)
        new = seen == 0
        arrivals = self._fresh.add(language, np.where(new, 1.0, 0.0), ts, groups) - new
        network = self._kin.note(combine_many(src.segment[rows], language), ts, groups)[0]
        makers = np.where(src.maker[rows] >= 0, src.maker[rows] + 1, 0).astype(np.uint64)
        maker = filled(self._kin.note(combine_many(makers, language + np.uint64(8)), ts, groups)[0])
        # Kin that spoke before this machine did.
        score = np.where(filled(network) > age_s, 0.3, np.where(maker > age_s, 0.55, 0.7))
        beside = src.segment[rows] == device_ends(batch, self.setup.lists, "dst").segment[rows]
        score = np.where((watched_s[rows] >= SETTLED_S) & (arrivals < 1) & ~beside, score, 0.3)
        foreign = ~_SPEAKS[src.codes[rows]]
        values[rows[foreign]] = np.where(new, score, 0.2)[foreign]
        languages[rows] = talk[rows]
        return Scores(values, {"language": languages})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        src, dst = named(batch, row, "src_ip", "src_mac"), named(batch, row, "dst_ip")
        language = LANGUAGES[int(scores.evidence["language"][row])]
        port = int(batch.value("dst_port", row) or 0)
        name = NAMES[int(device_ends(batch, self.setup.lists, "src").codes[row])].replace("_", " ")
        what = "not known as a medical device" if name == "unknown" else f"known as {name}"
        message = f"{src}, {what}, began to speak {language or 'a clinical protocol'} with {dst} port {port}."
        features = [Feature(name="language", value=language or "unknown"), Feature(name="listed_as", value=name)]
        normal = "A machine listed as medical device, archive or interface server, or whose network spoke it before."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "dst_ip": "10.1.0.35", "dst_port": 11112, "bytes_out": 9_000,
                "bytes_in": 800}  # fmt: skip
        scanner = flow | {"src_ip": "10.4.2.9", "src_mac": "84:7b:e9:00:00:09"}
        usual = [scanner | {"ts": 1e6 + 100.0 * i} for i in range(50)]
        desk = flow | {"ts": 1e6 + 6000.0, "src_ip": "10.4.9.13", "src_mac": "d4:be:d9:00:00:01"}
        kin = flow | {"ts": 1e6 + 6000.0, "src_ip": "10.4.2.21", "src_mac": "84:7b:e9:00:00:19"}
        return (
            Example("a workstation asks for images", [*usual, desk], True),
            Example("one more scanner of the kind", [*usual, kin], False),
            Example("it knocks in vain", [*usual, desk | {"bytes_in": 0}], False),
            Example("nothing is known yet", [desk], False),
        )

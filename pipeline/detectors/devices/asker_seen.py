"""Who begins to ask a controller, broker, engine or agent. `devices.new_asker` says where that is news."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.devices.machine_talk import LANGUAGES, machine_talk
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.addresses import EXTERNAL, INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.device_classes import CODES, COMPUTERS, NAMES, UNKNOWN
from pipeline.features.hashing import combine_many
from pipeline.features.known_devices import device_ends
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import is_port
from schemas.finding import Feature

SOURCES, ASKERS, PAIRS, KIN, DESKS = 2048, 1024, 4096, 16, 4  # per key group; the last two are counted up to
DAY_S, WEEK_S = 86_400.0, 604_800.0
WEB = (80, 443, 8080, 8443)
SITES = 3.0
"""Places outside that a machine reads pages of within a day from which on somebody sits at it."""
_DESK, _PRINTER = CODES["workstation"], CODES["printer"]
_MAY = np.array([code == UNKNOWN or name in COMPUTERS for code, name in enumerate(NAMES)])


class AskerSeen(Detector):
    """The first exchange of a day between a machine and one that it asks in a language of machines scores 1.

    It tells nothing: what it finds is given on under the asked machine's key, where all who ask come together, with
    what only the asker's key group knows: whether somebody sits at it (pages of three places outside within a day, or
    a workstation of the inventory), for how long it has spoken the language, and how many such machines do. Printers
    that are asked for their ink, and what listed scanners and maintenance ask, are left out.
    """

    id = "devices.asker_seen"
    title = "Machine asked in a language of machines"
    severity = 2
    tells = False
    attacks = ("T1602",)
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    inputs = ("src_ip", "src_mac", "dst_ip", "dst_mac", "dst_port", "service", "proto", "bytes_in")
    cost = "O(4) a page outside, O(16) an exchange; 340 KB a key group"
    misses = "Other languages, questions that are not answered, and who sits at a machine that reads no pages."

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._sites = WindowedDistinct(setup.groups, SOURCES, DAY_S, DESKS)
        self._spoken = Sightings(setup.groups, ASKERS)
        self._pairs = Sightings(setup.groups, PAIRS)
        self._kin = WindowedDistinct(setup.groups, len(LANGUAGES) + 1, WEEK_S, KIN)
        self._parts: dict[str, Stateful] = {
            "sites": self._sites, "spoken": self._spoken, "pairs": self._pairs, "kin": self._kin
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("language", "person", "spoken_s", "colleagues")}
        came = batch.kind("flow") & (batch.number("bytes_in") > 0) & (batch.hash("src_ip") != 0)
        src, dst = (device_ends(batch, self.setup.lists, side) for side in ("src", "dst"))
        talk = machine_talk(batch)
        asks = came & (talk > 0) & (dst.where == INTERNAL) & (src.where == INTERNAL) & (dst.codes != _PRINTER)
        for name in ("scanners", "maintenance"):
            asks &= ~self.setup.lists[name].marks(batch.hash("src_ip"))
        pages = came & (dst.where == EXTERNAL) & is_port(batch.number("dst_port"), WEB)
        rows = np.flatnonzero(asks | pages)
        if not len(rows):
            return Scores(values, evidence)
        site = np.where(pages[rows], batch.hash("dst_ip")[rows], np.uint64(0))
        sites = self._sites.add(batch.hash("src_ip")[rows], site, batch.ts[rows], batch.groups[rows])
        at = np.flatnonzero(asks[rows])
        rows, sites = rows[at], sites[at]
        codes = src.codes[rows]
        person = np.where(src.listed[rows], codes == _DESK, (sites >= SITES) & _MAY[codes])
        who, ts, groups = batch.hash("src_ip")[rows], batch.ts[rows], batch.groups[rows]
        language = talk[rows].astype(np.uint64)
        spoken_s, _, _ = self._spoken.note(combine_many(who, language), ts, groups)
        kin = self._kin.add(language, np.where(person, who, np.uint64(0)), ts, groups)
        day = np.floor(ts / DAY_S).astype(np.uint64)
        pair = combine_many(combine_many(who, batch.hash("dst_ip")[rows]), language + np.uint64(16) * day)
        _, _, count = self._pairs.note(pair | np.uint64(1), ts, groups)
        values[rows] = np.where(count == 0, 1.0, 0.0)
        for name, column in zip(evidence, (language, person, spoken_s, np.maximum(kin - person, 0.0)), strict=True):
            evidence[name][rows] = column
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        language = LANGUAGES[int(scores.evidence["language"][row])] or "a language of machines"
        message = f"{named(batch, row, 'src_ip', 'src_mac')} asks {named(batch, row, 'dst_ip')} in {language}."
        return Explanation(message, "No such question.", [Feature(name="language", value=language)])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.5.9", "dst_ip": "10.0.8.4", "dst_port": 502,
                "bytes_out": 12, "bytes_in": 29, "ts": 1e6}  # fmt: skip
        snmp = flow | {"proto": "udp", "dst_port": 161, "service": "snmp", "dst_mac": "00:00:48:00:00:07"}
        return (
            Example("a controller is asked", [flow], True),
            Example("a controller is knocked at", [flow | {"bytes_in": 0}], False),
            Example("a printer is asked for its ink", [snmp], False),
            Example("a page is read", [flow | {"dst_port": 443, "dst_ip": "203.0.113.9"}], False),
        )

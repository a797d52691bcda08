"""Somebody empties the image archive: far more than its kind ever fetches, or question after question."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.devices.associations import associations
from pipeline.detectors.devices.clinical_talk import DICOM, clinical_talk
from pipeline.detectors.explaining import least, odds_of, size_of
from pipeline.detectors.memory.amounts import NORMS
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.usual_amount import UsualAmount
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.many_ports import ManyPorts
from pipeline.detectors.network.scanning import tries
from pipeline.detectors.usual_range import UsualRange
from pipeline.features.batch import Batch
from pipeline.features.device_classes import CODES
from pipeline.features.known_devices import device_ends
from pipeline.features.naming import named
from pipeline.features.unknown import among, filled
from schemas.finding import Feature

CLIENTS = 1024  # per key group
HOUR_S, DAY_S = 3600.0, 86_400.0
DEVIATIONS = 5.0  # of log amounts, as everywhere (`features.norm`)
IMAGE = 1e5  # bytes that an image has at least; echoes and lists are smaller, and nobody's norm of fetching
BYTES, QUESTIONS, NODES, NEW = range(4)


class MassRetrieval(Detector):
    """Bytes received over DICOM in an hour, questions asked, and nodes asked, per client.

    A question is a C-FIND, C-MOVE or C-GET where a sensor tells those of an association, else a connection.

    Who receives is the client, whether it connected (C-GET, C-FIND) or was connected to (C-MOVE). Found: more than
    `least_bytes` and five deviations above its own and its peers' hours (without any norm: eight times
    `least_bytes`); more than `questions` questions, likewise, or of a client on its first day, which has no habit yet,
    as soon as its associations are told; `nodes` different nodes asked by such a client, which only archives do, and
    who tries port after port (`network.port_scan`). Listed archives are left out.
    """

    id = "devices.mass_retrieval"
    title = "Mass retrieval of images"
    severity = 4
    attacks = ("T1213", "T1005", "T1119")
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    group_by = ("src_ip",)
    inputs = (
        "src_ip", "dst_ip", "src_mac", "dst_mac", "dst_port", "service", "proto", "bytes_out", "bytes_in", "name",
        "detail",
    )  # fmt: skip
    cost = "O(32) a DICOM connection; 1,024 clients of 820 bytes a key group"
    reference = "DICOM PS3.4, Query/Retrieve Service Class; NIST SP 1800-24, Securing PACS"
    misses = (
        "A slow harvest below the client's usual hour, retrieval through a web viewer or DICOMweb over HTTPS, what the "
        "archive sends to its clients where its connections are spread over sensors, and many questions of one "
        "association where the sensor does not tell them or DICOM is encrypted."
    )
    defaults = {"least_bytes": 5e8, "questions": 200.0, "nodes": 5.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._bytes = UsualAmount(setup.groups, CLIENTS, HOUR_S)
        self._asked = UsualAmount(setup.groups, CLIENTS, HOUR_S)
        self._nodes = WindowedDistinct(setup.groups, CLIENTS, HOUR_S)
        self._known = Sightings(setup.groups, CLIENTS)
        self._clock = Sightings(setup.groups, 8)
        self._told = WindowedSum(setup.groups, CLIENTS, HOUR_S)
        self._scans = ManyPorts(setup.groups)
        self._parts = {
            "bytes": self._bytes, "bytes_peers": self._bytes.peers, "asked": self._asked,
            "asked_peers": self._asked.peers, "nodes": self._nodes, "known": self._known, "clock": self._clock,
            "told": self._told, "scans": self._scans,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        names = ("bytes", "usual", "questions", "told", "nodes", "received", "what")
        evidence = {name: np.zeros(batch.n) for name in names}
        evidence |= {name: np.zeros((batch.n, NORMS)) for name in ("load", "talk")}
        watched_s = self._clock.note(np.ones(batch.n, np.uint64), batch.ts, batch.groups)[0]
        rows = np.flatnonzero((clinical_talk(batch) == DICOM) & (batch.hash("src_ip") != 0))
        scans = self._scans.mark(batch, rows)
        often, newcomer = self._often(batch, rows, watched_s, values, evidence)
        if not len(rows):
            return Scores(values, evidence)
        ts, groups = batch.ts[rows], batch.groups[rows]
        src, dst = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows]
        out, back = (filled(batch.number(f)[rows]) for f in ("bytes_out", "bytes_in"))
        received = back >= out
        client, amount = np.where(received, src, dst), np.maximum(out, back)
        peer = np.where(received, np.uint64(2), np.uint64(3))
        load = self._bytes.add(client, peer, np.where(amount >= IMAGE, amount, 0.0), ts, groups)
        deviations, total = load.deviations, load.amount
        nodes = filled(self._nodes.add(src, dst, ts, groups))
        floor = float(self.option["least_bytes"])
        bulk = np.where(np.isnan(deviations), total / (total + 8.0 * floor), _surprising(deviations))
        bulk = np.where((total >= floor) & (amount > 0), bulk, np.minimum(bulk, 0.3))
        wide = np.where(newcomer & ~scans, nodes / (nodes + float(self.option["nodes"])), 0.0)
        parts = np.stack((filled(bulk), often, wide))
        src_codes, dst_codes = (device_ends(batch, self.setup.lists, s).codes[rows] for s in ("src", "dst"))
        archive = np.where(received, src_codes, dst_codes) == CODES["pacs"]
        parts[BYTES, archive] = 0.0
        parts[QUESTIONS:, src_codes == CODES["pacs"]] = 0.0
        values[rows] = parts.max(axis=0)
        columns = (total, load.usual, nodes, received, parts.argmax(axis=0), load.norms)
        for name, column in zip(("bytes", "usual", "nodes", "received", "what", "load"), columns, strict=True):
            evidence[name][rows] = filled(column)
        pushed = rows[~received & (parts[BYTES] >= 0.3) & (parts.argmax(axis=0) == BYTES)]
        return Scores(values, evidence, {int(row): batch.text("dst_ip", int(row)) or "" for row in pushed})

    def _often(
        self,
        batch: Batch,
        rows: np.ndarray,
        watched_s: np.ndarray,
        values: np.ndarray,
        evidence: dict[str, np.ndarray],
    ) -> tuple[np.ndarray, np.ndarray]:
        """(scores float64[m] by how often was asked, on its first day bool[m]) of the connections `rows`; those of
        associations are filled in. watched_s float64[n]."""
        told, asked = associations(batch)
        both = np.concatenate((rows, told))
        order = np.argsort(both, kind="stable")
        both, asked = both[order], np.concatenate((np.zeros(len(rows)), asked))[order]
        of_told = among(both, told)
        # The first question of an association is its connection's own record.
        amount = np.where(of_told, np.maximum(asked - 1.0, 0.0), 1.0)
        ts, groups, limit = batch.ts[both], batch.groups[both], float(self.option["questions"])
        src, peer = batch.hash("src_ip")[both], np.full(len(both), np.uint64(5))
        talk = self._asked.add(src, peer, amount, ts, groups)
        often = np.where(talk.amount >= limit, filled(_surprising(talk.deviations)), 0.0)
        age_s = self._known.note(src, ts, groups)[0]
        newcomer = (age_s < DAY_S) & (watched_s[both] - age_s >= HOUR_S)
        # What is sent needs connections as well: of who has no habit only questions that are told count.
        new = self._told.add(src, asked, ts, groups)
        first_day = np.where(newcomer & of_told, new / (new + limit), 0.0)
        archive = device_ends(batch, self.setup.lists, "src").codes[both] == CODES["pacs"]
        scores = np.where(archive, 0.0, np.maximum(often, first_day))
        evidence["questions"][both], evidence["talk"][both] = talk.amount, filled(talk.norms)
        evidence["told"][both] = new
        values[told] = scores[of_told]
        evidence["what"][told] = np.where(first_day > often, NEW, QUESTIONS)[of_told]
        return scores[~of_told], newcomer[~of_told]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items() if column.ndim == 1}
        src, dst = named(batch, row, "src_ip", "src_mac"), named(batch, row, "dst_ip")
        client, other = (src, dst) if e["received"] else (dst, src)
        load, talk = (UsualRange(scores.evidence[name][row]) for name in ("load", "talk"))
        score, limit = float(scores.values[row]), self.limit(scores, row)
        far = DEVIATIONS + math.log(odds_of(limit))
        nodes = least(e["nodes"], score, limit, float(self.option["nodes"])) if e["what"] == NODES else None
        features = [
            load.feature("received_in_an_hour", e["bytes"], "B", contribution=float(e["what"] == BYTES)),
            talk.feature("questions_in_an_hour", e["questions"], contribution=float(e["what"] == QUESTIONS)),
            Feature(name="image_machines_asked_in_an_hour", value=e["nodes"], usual_low=0,
                    usual_high=None if nodes is None else nodes - 1, contribution=float(e["what"] == NODES)),
        ]  # fmt: skip
        if e["what"] == NEW:
            enough = least(e["told"], score, limit, float(self.option["questions"]))
            message = (
                f"{src}, new to images (DICOM), asked {e['told']:,.0f} times for them within an hour, lately {dst}."
            )
            asked = Feature(name="questions_of_a_newcomer_in_an_hour", value=e["told"], usual_low=0,
                            usual_high=enough - 1, contribution=1.0)  # fmt: skip
            return Explanation(message, f"Fewer than {enough:,} questions an hour on its first day.", [asked])
        if e["what"] == QUESTIONS:
            message = f"{src} asked {e['questions']:,.0f} times for images (DICOM) within an hour, lately {dst}."
            fewer = max(talk.least(far), float(self.option["questions"]))
            return Explanation(message, f"Fewer than {fewer:,.0f} questions an hour.", features)
        if nodes is not None:
            what = "tried the doors of" if tries(batch)[row] else "asked"
            message = f"{src}, new to images (DICOM), {what} {e['nodes']:.0f} machines for them within an hour, "
            return Explanation(
                message + f"lately {dst}.", f"Fewer than {nodes} machines asked on its first day.", features
            )
        message = f"{client} received {size_of(e['bytes'])} of images (DICOM) within an hour, lately from {other}."
        floor = float(self.option["least_bytes"])
        less = max(load.least(far), floor) if load.knows_own or load.knows_peers else 8.0 * floor * odds_of(limit)
        usual = f"; usual are about {size_of(e['usual'])}" if e["usual"] else ""
        return Explanation(message, f"Less than {size_of(less)} an hour{usual}.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow: dict[str, Any] = {"kind": "flow", "proto": "tcp", "service": "dicom", "src_ip": "10.4.9.13",
                "dst_ip": "10.1.0.35", "dst_port": 11112, "bytes_out": 2000}  # fmt: skip
        reads = [flow | {"ts": 1e6 + 1800.0 * i, "bytes_in": 40_000_000 + 900_000 * (i % 7)} for i in range(40)]
        later = 1e6 + 1800.0 * 40
        all_of_it = [flow | {"ts": later + 60.0 * i, "bytes_in": 300_000_000} for i in range(20)]
        rogue = flow | {"src_ip": "10.4.9.25", "bytes_in": 400_000}
        asks = [rogue | {"ts": later + 60.0 * i, "dst_ip": f"10.4.2.{i}"} for i in range(6)]
        short = [flow | {"ts": 1e6 + 600.0 * i, "bytes_in": 30_000} for i in range(60)]
        told = [r | {"kind": "other", "name": "dicom", "detail": f'{{"find":{2 + i % 3},"calling_ae":"WS"}}'}
                for i, r in enumerate(short)]  # fmt: skip
        habit = [e for pair in zip(short, told, strict=True) for e in pair]
        flood = told[0] | {"ts": 1e6 + 36_100.0, "detail": '{"find":900,"move":4,"echo":1}'}
        patients = [asker | {"ts": 1e6 + 36_100.0 + 8.0 * k} for k in range(260) for asker in (
            told[0] | {"src_ip": "10.4.9.25", "detail": '{"find":1}'}, short[0] | {"src_ip": "10.4.9.25"})]  # fmt: skip
        stored = flood | {"detail": '{"find":2,"store":900}'}
        sends = [flow | {"ts": 1e6 + 90.0 * i, "bytes_out": 9_000_000} for i in range(60)]
        return (
            Example("empties the archive", [*reads, *all_of_it], True),
            Example("a newcomer asks every modality", [*reads, *asks], True),
            Example("a newcomer tries the doors of modalities", [*reads, *(a | {"bytes_in": 0} for a in asks)], True),
            Example(
                "a newcomer tries every port of every machine",
                [
                    *reads,
                    *(
                        a | {"bytes_in": 0, "ts": a["ts"] + p, "dst_port": 100 + p, "service": None}
                        for a in asks
                        for p in range(12)
                    ),
                ],
                False,
            ),
            Example("a thousand questions in one association", [*habit, flood], True),
            Example("a newcomer asks about one patient after the other", [*short[:7], *patients], True),
            Example("a newcomer's first patients", [*short[:7], *patients[:160]], False),
            Example("a thousand images sent in one association", [*habit, stored], False),
            Example("a busy morning", [*reads, *(r | {"ts": r["ts"] + 72_000} for r in reads[:8])], False),
            Example("a scanner sends its images", sends, False),
        )


def _surprising(deviations: np.ndarray) -> np.ndarray:
    """Scores in (0, 1), .5 at DEVIATIONS; NaN stays NaN."""
    return np.asarray(1.0 / (1.0 + np.exp(np.clip(DEVIATIONS - deviations, -30.0, 30.0))))

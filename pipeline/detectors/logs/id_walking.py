"""Somebody steps through the records behind a web interface: patient 1001, 1002, 1003, as fast as it answers."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import odds_of
from pipeline.detectors.memory.id_runs import IdRuns
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from schemas.finding import Feature

CLIENTS = 2048  # clients and templates per key group
KNOWN_S = 43_200.0  # what a client did half a day ago, a job does every day
_REFUSALS = (403.0, 404.0, 410.0)  # not 401: a session that ended refuses whatever a page polls


class IdWalking(Detector):
    """Numbers of one template (`/api/patients/#/labs`, `?patientId=#`) that one client asks for in order, each beside
    those before it, or that it asks for and is mostly refused (403, 404, 410).

    People read: numbers must follow within `pace_s` seconds on average, and a pause of a minute ends a run. Pages,
    frames, tiles and parts are counted in order by everybody and are left out; so are clients on the list
    `scanners`, and clients that walked the same template half a day before, as jobs do.
    """

    id = "logs.id_walking"
    title = "Records of a web interface asked for one number after the other"
    severity = 4
    attacks = ("T1213", "T1119", "T1190")
    source = "logs"
    entity = ("src_ip", "host")
    entity_type = "ip"
    group_by = ("src_ip",)
    inputs: ClassVar[tuple[str, ...]] = ("uri", "status", "src_ip", "host")
    cost = "O(length) a request with a number in it; 112 bytes a client and template"
    reference = "OWASP API Security Top 10 (2023), API1: Broken Object Level Authorization; MITRE ATT&CK T1213, T1119"
    misses = (
        "Numbers that do not follow each other (drawn ones, UUIDs) where the server answers; walks slower than "
        "`pace_s` a number; numbers in the body of a request; many addresses that share a walk; a job's address."
    )
    defaults = {"ids": 25.0, "pace_s": 5.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._runs = IdRuns(setup.groups, CLIENTS)
        self._parts = {"runs": self._runs}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("run", "refused", "seconds")}
        rows = self._asked(batch)
        rows = rows[~self.setup.lists["scanners"].marks(batch.hash("src_ip")[rows])]
        if len(rows):
            start, length = batch.spans("uri")
            server = batch.hash(self.entity[1])[rows]
            client = combine_many(batch.hash("src_ip")[rows], np.where(server == 0, np.uint64(1), server))
            run, refused, seconds, since = self._runs.add(
                batch.data, (start[rows], length[rows]), client, np.isin(batch.number("status")[rows], _REFUSALS),
                (batch.ts[rows], batch.groups[rows]),
            )  # fmt: skip
            asked = np.maximum(run, refused)
            told = (seconds <= float(self.option["pace_s"])) & (since <= KNOWN_S)
            values[rows] = np.where(told, asked / (asked + float(self.option["ids"])), 0.0)
            for name, column in (("run", run), ("refused", refused), ("seconds", seconds)):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _asked(self, batch: Batch) -> np.ndarray:
        """int64[m]: rows that are requests to a server of the house."""
        return np.flatnonzero(batch.kind("web"))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        run, refused, seconds = (float(scores.evidence[name][row]) for name in ("run", "refused", "seconds"))
        src, host = named(batch, row, "src_ip"), named(batch, row, self.entity[1], otherwise="a web server")
        # The score is the odds of `ids`: so many are needed at the threshold in force.
        most = float(np.ceil(float(self.option["ids"]) * odds_of(self.limit(scores, row))))
        in_order = run >= refused
        asked = max(run, refused)
        how = "one after the other" if in_order else "most of which the server refused or did not have"
        message = (
            f"{src} asked {host} for {asked:.0f} numbered records, {how}, one in {seconds:.1f} seconds on average."
        )
        kind = "numbers_in_order" if in_order else "numbers_refused"
        features = [Feature(name=kind, value=asked, usual_low=0, usual_high=most - 1, contribution=1.0)]
        normal = f"Fewer than {most:g} of them, or a pause of more than {self.option['pace_s']:g} seconds after each."
        return Explanation(message, normal, features, ("T1213", "T1119") if in_order else ("T1190",))

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return web_walks({"kind": "web", "host": "ehr"})


def web_walks(request: Mapping[str, object]) -> Sequence[Example]:
    """Walks and what only looks like one, told by such requests: of a server's log, or of the wire."""
    one = {"method": "GET", "src_ip": "10.0.7.9", "status": 200, **request}

    def asked(name: str, fires: bool, uri: str, numbers: Sequence[int], step_s: float = 1.0, **more: object) -> Example:
        uris = [uri.replace("#", str(number)) for number in numbers]
        return Example(name, [one | {"uri": u, "ts": 1e6 + step_s * k} | more for k, u in enumerate(uris)], fires)

    drawn = [1000 + 7919 * k % 9973 for k in range(60)]
    return (
        asked("patient after patient", True, "/api/patients/#", range(1001, 1041)),
        asked("in a parameter, downwards", True, "/chart.php?lang=en&patientId=#", range(9900, 9860, -1)),
        asked("four at a time, out of step", True, "/fhir/Patient/#/labs", [k ^ 3 for k in range(4000, 4040)]),
        asked("drawn numbers, mostly not there", True, "/api/patients/#", drawn, status=404),
        asked("drawn numbers, all there", False, "/api/patients/#", drawn),
        asked("frames of a picture", False, "/dicom/studies/7/frames/#", range(1, 90)),
        asked("pages of a list", False, "/api/patients?page=#", range(1, 90)),
        asked("orders as they are written", False, "/api/orders/#", range(5000, 5040), 20.0),
        asked("one record, read again", False, "/api/patients/1001", range(60)),
    )

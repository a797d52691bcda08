"""A flow unlike those of its service and direction: size, duration, direction of bytes."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.network.flow_norms import FEATURES, OWN_ENOUGH, SPREAD, UPWARD, compare
from pipeline.detectors.network.sides import to_one_host
from pipeline.detectors.usual_range import EIGHT_IN_TEN
from pipeline.features.addresses import INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import mix64
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import filled
from pipeline.features.where import address_kind
from pipeline.models.density import RSHash
from schemas.finding import Feature

DIRECTIONS = ("outside to outside", "outside to inside", "inside to outside", "inside to inside")
SUBSPACES = 40  # half the model's default keeps the hot path near a microsecond a flow; 8 columns need fewer
COHORTS, OWN = 64, 1024  # services of a direction, and sources' services, per key group
# Registered ports with a meaning of their own; others above 1023 are one class.
KNOWN_PORTS = (1433, 1521, 2575, 2761, 3306, 3389, 5432, 5900, 5985, 5986, 8080, 8443, 11112)
BEGUN = 64.0  # flows of a direction before its deviations mean anything
NOTABLE = 2.5  # deviations upward in one feature at least: what is merely small or short is nobody's trouble
HOUR_S = 3600.0


class FlowAnomaly(Detector):
    """Density of flows that carried data, in deviations from what is usual for their service and direction.

    The cohort is the service (or the class of the port) between inside and outside; its norm of each feature is
    learned first, and one model of randomised hashing sees deviations, so that a large image is usual for DICOM and
    not for DNS. What is usual for the source itself, or neither larger nor longer than usual, is scored but no finding,
    and neither is anything during a key group's first `quiet_h`, as nobody can say then what a day brings. Flows
    without a byte of payload have no opinion: scans and floods of attempts neither score nor are learned.
    """

    id = "network.flow_anomaly"
    title = "Unusual flow"
    severity = 2
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("bytes_out", "bytes_in", "packets_out", "packets_in", "duration_s", "dst_port", "service", "proto",
              "conn_state")  # fmt: skip
    cost = "about 1.2 us a flow with payload; 250 KiB a key group, of which 80 bytes a source and service"
    reference = "Sathe and Aggarwal, Subspace Outlier Detection in Linear Time with Randomized Hashing, ICDM 2016"
    misses = (
        "What is small, short or usual for the machine itself; attacks whose every flow looks like others of the "
        "service (rhythm, fan-out and sums are the business of other detectors); a direction's first few hundred flows."
    )
    threshold = None
    alerts_per_day = 2.0
    defaults = {"warmup": 256, "quiet_h": 24.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        size = len(FEATURES)
        self._model = RSHash(
            subspaces=SUBSPACES, warmup=int(self.option["warmup"]), seed=setup.seed, groups=setup.groups
        )
        norm = {"n": ((), np.float64), "mean": ((size,), np.float32), "var": ((size,), np.float32)}
        wide = {"n": ((4,), np.float64), "mean": ((4, size), np.float32), "var": ((4, size), np.float32)}
        self._watched = Sightings(setup.groups, 1)
        self._coarse = EntityState(setup.groups, 1, wide)
        self._cohorts = EntityState(setup.groups, COHORTS, norm)
        self._own = EntityState(setup.groups, OWN, norm)
        self._parts: dict[str, Stateful] = {
            "model": self._model, "watched": self._watched, "coarse": self._coarse, "cohorts": self._cohorts,
            "own": self._own,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        carried = batch.kind("flow") & ((batch.number("bytes_out") > 0) | (batch.number("bytes_in") > 0))
        rows = np.flatnonzero(carried & to_one_host(batch))
        values = np.full(batch.n, np.nan)
        shape = (batch.n, len(FEATURES))
        evidence: dict[str, np.ndarray] = {
            "direction": np.zeros(batch.n, np.int8), "z": np.zeros(shape, np.float32), "before": np.zeros(batch.n),
            "norms": np.zeros((batch.n, 4, len(FEATURES)), np.float32),
        }  # fmt: skip
        silent = np.zeros(batch.n, np.bool_)
        if len(rows):
            z, known, usual = self._compared(batch, rows, evidence)
            watched, _, _ = self._watched.note(np.ones(len(rows), np.uint64), batch.ts[rows], batch.groups[rows])
            small = filled(z[:, UPWARD]).max(axis=1) < NOTABLE
            silent[rows] = usual | small | (watched < HOUR_S * float(self.option["quiet_h"]))
            at = np.flatnonzero(known >= BEGUN)
            if len(at):
                scores = self._model.score_learn_many(
                    z[at].astype(np.float64), batch.groups[rows[at]], batch.hash("conn_state")[rows[at]][:, None]
                )
                values[rows[at]] = np.where(known[at] >= float(self.option["warmup"]), scores, np.nan)
        return Scores(values, evidence, silent=silent)

    def _compared(
        self, batch: Batch, rows: np.ndarray, evidence: dict[str, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Deviations float32[m, F], flows of the direction before, whether usual for the source; fills evidence."""
        inside = [address_kind(batch, name)[rows] == INTERNAL for name in ("src_ip", "dst_ip")]
        direction = (2 * inside[0] + inside[1]).astype(np.int8)
        service = batch.hash("service")[rows]
        port = _port_class(batch.number("dst_port")[rows], np.array(KNOWN_PORTS, np.float64))
        service = np.where(service != 0, service, port)
        a, b, c = self._coarse.arrays(), self._cohorts.arrays(), self._own.arrays()
        names = ("keys", "seen", "n", "mean", "var")
        z, norms, known, before, usual = compare(
            self._features(batch, rows), direction, service, batch.hash("src_ip")[rows], batch.ts[rows],
            batch.groups[rows], (a["n"][:, 0], a["mean"][:, 0], a["var"][:, 0]), tuple(b[n] for n in names),
            tuple(c[n] for n in names),
        )  # fmt: skip
        evidence["direction"][rows], evidence["z"][rows] = direction, z
        evidence["norms"][rows], evidence["before"][rows] = norms, before
        return z, known, usual

    def _features(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """float64[m, F] in the order of `FEATURES`; NaN where unknown."""
        out, back = batch.number("bytes_out")[rows], batch.number("bytes_in")[rows]
        x = np.empty((len(rows), len(FEATURES)))
        x[:, 0], x[:, 1] = out, back
        x[:, 2], x[:, 3] = batch.number("packets_out")[rows], batch.number("packets_in")[rows]
        x[:, 4] = batch.number("duration_s")[rows] * 1000.0
        x[:, 5] = 100.0 * out / np.maximum(out + back, 1.0)
        x[:, 6] = (out + back) / np.maximum(x[:, 4] / 1000.0, 0.001)
        return x

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        features, odd = self._told(batch, row, scores)
        cohort = DIRECTIONS[int(scores.evidence["direction"][row])]
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip", otherwise="an unknown host")
        port = batch.value("dst_port", row)
        what = named(batch, row, "service", "proto", otherwise="network", limit=24)
        where = f"{dst} port {int(port)}" if port is not None else dst
        told = ", ".join(
            f"{f.name.replace('_', ' ')} {float(f.value):,.0f}{f' {f.unit}' if f.unit else ''} "
            f"(usual {f.peer_low:,.0f} to {f.peer_high:,.0f})"
            for f in features[:odd]
        )
        message = f"Unusual {what} flow from {src} to {where}: " + (
            told or "an unusual combination of sizes, duration and state"
        )
        rank = 1.0 / max(1.0 - self.limit(scores, row), 1e-9)
        usual = f"One less rare than one in {rank:,.0f} flows; eight in ten such flows from {cohort} lie in the ranges."
        return Explanation(f"{message}."[:380], usual, features)

    def _told(self, batch: Batch, row: int, scores: Scores) -> tuple[list[Feature], int]:
        """(the five features that deviate most, how many of the first three stand out by themselves). Their share is
        that of the squares, the surprise of a normal deviation."""
        x = self._features(batch, np.array([row]))[0]
        z, norms = scores.evidence["z"][row], scores.evidence["norms"][row]
        off = np.where(np.isnan(x), 0.0, np.nan_to_num(np.abs(z))).astype(np.float64)
        total, own = float((off * off).sum()) or 1.0, scores.evidence["before"][row] >= OWN_ENOUGH
        features = []
        for k in [k for k in np.argsort(-off).tolist() if x[k] == x[k]][:5]:
            low, high = _range(*norms[:2, k].tolist())
            mine = _range(*norms[2:, k].tolist()) if own else (None, None)
            features.append(
                Feature(
                    name=FEATURES[k][0], value=round(float(x[k]), 1), unit=FEATURES[k][1], usual_low=mine[0],
                    usual_high=mine[1], peer_low=low, peer_high=high, contribution=float(off[k] ** 2) / total,
                )
            )  # fmt: skip
        return features, int((np.sort(off)[-3:] > EIGHT_IN_TEN).sum())

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443,
                "service": "ssl", "conn_state": "SF"}  # fmt: skip
        usual = [
            flow | {"ts": 1e6 + 60.0 * i, "bytes_out": 600 + 37 * (i % 41), "bytes_in": 4000 + 301 * (i % 29),
                    "packets_out": 6 + i % 5, "packets_in": 8 + i % 7, "duration_s": 0.4 + 0.01 * (i % 31)}
            for i in range(1500)
        ]  # fmt: skip
        odd = flow | {"ts": 1e6 + 90_001.0, "bytes_out": 900_000_000, "bytes_in": 3000, "packets_out": 700_000,
                      "packets_in": 300, "duration_s": 3000.0, "service": "ssh", "dst_port": 22}  # fmt: skip
        return (
            Example("900 MB leave by ssh after a day of browsing", [*usual, odd], True),
            Example(
                "a device reports the same every half minute",
                [usual[0] | {"ts": 1e6 + 30.0 * i} for i in range(900)],
                False,
            ),
        )


def _range(mean: float, var: float) -> tuple[float, float]:
    room = EIGHT_IN_TEN * max(math.sqrt(max(var, 0.0)), SPREAD)
    low, high = (math.expm1(min(max(mean + s * room, 0.0), 700.0)) for s in (-1, 1))
    return round(low, 1), round(high, 1)


@nb.njit(cache=True, nogil=True)
def _port_class(port, known):  # type: ignore[no-untyped-def]
    """uint64[m]: code of a port's class, 0 for unknown; ports under 1024 and `known` ones are their own."""
    out = np.zeros(len(port), np.uint64)
    for i in range(len(port)):
        if port[i] == port[i]:
            own = port[i] < 1024.0
            for k in range(len(known)):
                own |= port[i] == known[k]
            out[i] = mix64(np.uint64(port[i] if own else 1e6) + np.uint64(11))
    return out

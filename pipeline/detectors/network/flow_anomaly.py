"""A flow unlike those of its cohort: size, duration, direction of bytes, service."""

from collections.abc import Mapping, Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.network.flow_ranges import FEATURES, FlowRanges, note_ranges
from pipeline.features.addresses import GROUP, INTERNAL, address_kinds
from pipeline.features.batch import Batch
from pipeline.features.hashing import mix64
from pipeline.features.naming import named
from pipeline.features.state_parts import join_states, split_states
from pipeline.models.density import RSHash
from schemas.finding import Feature

COHORTS = ("outside to outside", "outside to inside", "inside to outside", "inside to inside")
SUBSPACES = 40  # half the model's default keeps the hot path near a microsecond a flow; 11 columns need fewer
# Registered ports with a meaning of their own; others above 1023 are one class.
KNOWN_PORTS = (1433, 1521, 2575, 2761, 3306, 3389, 5432, 5900, 5985, 5986, 8080, 8443, 11112)


class FlowAnomaly(Detector):
    """Density of flows that carried data, per direction between inside and outside, by randomised hashing.

    Flows without a byte of payload have no opinion: scans and floods of connection attempts neither score nor are
    learned, others are held back by the model's own guard against bursts. Inside are private addresses.
    """

    id = "network.flow_anomaly"
    title = "Unusual flow"
    severity = 2
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("bytes_out", "bytes_in", "packets_out", "packets_in", "duration_s", "dst_port", "service", "proto",
              "conn_state")  # fmt: skip
    cost = "about 1.2 us a flow with payload; 400 KiB a key group, nothing per address"
    reference = "Sathe and Aggarwal, Subspace Outlier Detection in Linear Time with Randomized Hashing, ICDM 2016"
    threshold = None
    alerts_per_day = 10.0
    defaults = {"warmup": 256}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._models = [
            RSHash(subspaces=SUBSPACES, warmup=int(self.option["warmup"]), seed=setup.seed, groups=setup.groups)
            for _ in COHORTS
        ]
        self._ranges = FlowRanges(setup.groups, len(COHORTS))
        self._parts = {"ranges": self._ranges} | {f"cohort{k}": m for k, m in enumerate(self._models)}

    def score(self, batch: Batch) -> Scores:
        rows, cohort = self._rows(batch)
        values = np.full(batch.n, np.nan)
        evidence: dict[str, np.ndarray] = {
            "cohort": np.zeros(batch.n, np.int8),
            "low": np.zeros((batch.n, len(FEATURES)), np.float32),
            "high": np.zeros((batch.n, len(FEATURES)), np.float32),
        }
        if len(rows):
            x, c, groups = self._features(batch, rows), self._categories(batch, rows), batch.groups[rows]
            a = self._ranges.arrays()
            evidence["low"][rows], evidence["high"][rows] = note_ranges(x, cohort, groups, a["low"], a["high"], a["n"])
            evidence["cohort"][rows] = cohort
            for k, model in enumerate(self._models):
                at = np.flatnonzero(cohort == k)
                if len(at):
                    values[rows[at]] = model.score_learn_many(x[at], groups[at], c[at])
        return Scores(values, evidence)

    def _rows(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Flows that carried data between two hosts (int64[m]) and their cohorts (int8[m])."""
        rows = np.flatnonzero(batch.kind("flow") & ((batch.number("bytes_out") > 0) | (batch.number("bytes_in") > 0)))
        kinds = []
        for name in ("src_ip", "dst_ip"):
            start, length = batch.spans(name)
            kinds.append(address_kinds(batch.data, start[rows], length[rows]))
        between = kinds[1] != GROUP
        cohort = 2 * (kinds[0] == INTERNAL).astype(np.int8) + (kinds[1] == INTERNAL)
        return rows[between], cohort[between].astype(np.int8)

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

    def _categories(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """uint64[m, 4]: service, transport, state of the connection, class of the port."""
        port = _port_class(batch.number("dst_port")[rows], np.array(KNOWN_PORTS, np.float64))
        columns = [batch.hash(name)[rows] for name in ("service", "proto", "conn_state")]
        return np.column_stack([*columns, port])

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        x = self._features(batch, np.array([row]))[0]
        low, high = scores.evidence["low"][row], scores.evidence["high"][row]
        log = np.log1p(x)
        off = np.nan_to_num(np.maximum(np.maximum(log - high, low - log), 0.0) / (high - low + 0.5))
        features = []
        for k in np.argsort(-off)[:3]:
            if x[k] == x[k]:
                features.append(
                    Feature(
                        name=FEATURES[k][0], value=round(float(x[k]), 1), unit=FEATURES[k][1],
                        usual_low=round(float(np.expm1(low[k])), 1), usual_high=round(float(np.expm1(high[k])), 1),
                        contribution=round(float(off[k]), 2),
                    )
                )  # fmt: skip
        cohort = COHORTS[int(scores.evidence["cohort"][row])]
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip", otherwise="an unknown host")
        port = batch.value("dst_port", row)
        what = named(batch, row, "service", "proto", otherwise="network", limit=24)
        where = f"{dst} port {int(port)}" if port is not None else dst
        told = ", ".join(
            f"{f.name.replace('_', ' ')} {f.value:,g} {f.unit} (usual {f.usual_low:,g} to {f.usual_high:,g})"
            for f, k in zip(features, np.argsort(-off), strict=False)
            if off[k] > 0
        )
        message = f"Unusual {what} flow from {src} to {where}: " + (
            told or "an unusual combination of service, port, state and sizes"
        )
        usual = f"Eight in ten flows from {cohort} lie within the usual ranges."
        return Explanation(f"{message}."[:380], usual, features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return join_states(self._parts, group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        split_states(self._parts, group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443,
                "service": "ssl", "conn_state": "SF"}  # fmt: skip
        usual = [
            flow | {"ts": 1e6 + 30.0 * i, "bytes_out": 600 + 37 * (i % 41), "bytes_in": 4000 + 301 * (i % 29),
                    "packets_out": 6 + i % 5, "packets_in": 8 + i % 7, "duration_s": 0.4 + 0.01 * (i % 31)}
            for i in range(1500)
        ]  # fmt: skip
        odd = flow | {"ts": 1e6 + 45_001.0, "bytes_out": 900_000_000, "bytes_in": 3000, "packets_out": 700_000,
                      "packets_in": 300, "duration_s": 3000.0, "service": "ssh", "dst_port": 22}  # fmt: skip
        return (
            Example("900 MB leave by ssh after a day of browsing", [*usual, odd], True),
            Example(
                "a device reports the same every half minute",
                [usual[0] | {"ts": 1e6 + 30.0 * i} for i in range(900)],
                False,
            ),
        )


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

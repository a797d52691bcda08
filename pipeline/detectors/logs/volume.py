"""A program writes far more than it and its like do, or falls silent while its machine goes on."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import odds_of
from pipeline.detectors.memory.amounts import NORMS
from pipeline.detectors.memory.usual_amount import UsualAmount
from pipeline.detectors.usual_range import UsualRange
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.norm import score_of
from pipeline.features.state_parts import Stateful
from schemas.finding import Feature

PAIRS, HOSTS = 2048, 512  # per key group
PROGRAMS, NAME = 8, 24  # programs watched for silence on a host, bytes of their names
REGULAR = 100.0  # lines after which the longest pause of a program is known
PAUSES = 20.0  # times its longest usual pause that a program may be silent
FADE = 0.999  # of the longest pause is left after a line: what was long once is forgotten in a thousand lines


class Volume(Detector):
    """Lines per host and program in `window_s`, in deviations from its own past windows and from other hosts'.

    Silence: of up to 8 programs a host that wrote at least 100 lines, the longest pause is remembered (fading); one
    that has been silent for 20 such pauses and for `silence_s`, while the host goes on writing, is told once.
    """

    id = "logs.volume"
    title = "Unusual amount of log lines"
    severity = 2
    attacks = ("T1499", "T1562.006")
    source = "logs"
    entity = ("host",)
    entity_type = "host"
    group_by = ("host",)
    inputs = ("host", "program", "ts")
    cost = "O(12) a line; 170 bytes a pair of host and program, 450 bytes a host: 5 MB in all"
    reference = "ATT&CK T1562.006; Lakhina et al., Diagnosing Network-Wide Traffic Anomalies, 2004 (volume)"
    misses = (
        "Silence of a whole host (no event tells it), of programs that write rarely or not among the host's first "
        "eight, and floods that grow slower than the norm follows."
    )
    threshold = 0.5
    defaults = {"window_s": 600.0, "deviations": 6.0, "lines": 200, "silence_s": 7200.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._amount = UsualAmount(setup.groups, PAIRS, float(self.option["window_s"]))
        columns = {
            "program": ((PROGRAMS,), np.uint64), "last": ((PROGRAMS,), np.float64), "pause": ((PROGRAMS,), np.float64),
            "lines": ((PROGRAMS,), np.float64), "name": ((PROGRAMS, NAME), np.uint8),
        }  # fmt: skip
        self._hosts = EntityState(setup.groups, HOSTS, columns)
        self._parts: dict[str, Stateful] = {
            "amount": self._amount, "peers": self._amount.peers, "hosts": self._hosts
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("lines", "usual", "silent_s")}
        evidence |= {"name": np.zeros((batch.n, NAME), np.uint8), "norms": np.zeros((batch.n, NORMS))}
        rows = np.flatnonzero(batch.kind("line") & (batch.hash("program") != 0))
        if len(rows):
            program, host = batch.hash("program")[rows], batch.key_hash[rows] | np.uint64(1)
            ts, groups = batch.ts[rows], batch.groups[rows]
            amounts = self._amount.add(combine_many(host, program), program, 1.0, ts, groups)
            z, usual, lines = amounts.deviations, amounts.usual, amounts.amount
            evidence["norms"][rows] = amounts.norms
            burst = _bursts(z, lines, float(self.option["deviations"]), float(self.option["lines"]))
            start, length = batch.spans("program")
            a = self._hosts.arrays()
            silent = _silences(
                host, program, ts, groups, batch.data, start[rows], length[rows], a["keys"], a["seen"], a["program"],
                a["last"], a["pause"], a["lines"], a["name"], float(self.option["silence_s"]), rows, evidence["name"],
            )  # fmt: skip
            values[rows] = np.where(silent > 0, 0.6, burst)
            evidence["lines"][rows], evidence["usual"][rows] = lines, np.nan_to_num(usual)
            evidence["silent_s"][rows] = silent
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(scores.evidence[name][row]) for name in ("lines", "usual", "silent_s")}
        host = named(batch, row, "host", otherwise="a machine")
        if e["silent_s"] > 0:
            name = scores.evidence["name"][row].tobytes().rstrip(b"\0").decode("utf-8", "replace")
            message = f"{name} on {host} has written nothing for {e['silent_s'] / 3600:.1f} hours, while others do."
            least_h = float(self.option["silence_s"]) / 3600
            features = [
                Feature(
                    name="silence", value=round(e["silent_s"] / 3600, 2), unit="h", usual_low=0,
                    usual_high=min(least_h, e["silent_s"] / 3600), contribution=1.0,
                )
            ]  # fmt: skip
            normal = f"Silent for less than {least_h:g} hours, or no longer than it often is."
            return Explanation(message, normal, features, ("T1562.006",))
        program = named(batch, row, "program", otherwise="A program")
        minutes = float(self.option["window_s"]) / 60
        message = (
            f"{program} on {host} wrote {e['lines']:.0f} lines in {minutes:g} minutes, {e['usual']:.0f} are usual."
        )
        usual, least = UsualRange(scores.evidence["norms"][row]), float(self.option["lines"])
        # The score is that of the deviations, times the share of `lines` where there are fewer.
        enough = min(e["lines"] / least, 1.0)
        far = float(self.option["deviations"]) + math.log(odds_of(min(self.limit(scores, row) / enough, 0.999)))
        features = [usual.feature("lines", e["lines"])]
        normal = f"Fewer than {usual.least(far):,.0f} lines in {minutes:g} minutes."
        return Explanation(message, normal, features, ("T1499",))

    @classmethod
    def examples(cls) -> Sequence[Example]:
        line: dict[str, object] = {"kind": "line", "host": "srv-1", "program": "app", "message": "served"}
        usual = [line | {"ts": 1e6 + 200.0 * i} for i in range(120)]
        burst = [line | {"ts": 1e6 + 24_000.0 + 0.5 * i} for i in range(400)]
        others = [line | {"ts": 1e6 + 24_000.0 + 300.0 * i, "program": "cron"} for i in range(60)]
        both = [line | {"ts": 1e6 + 24_000.0 + 300.0 * i} for i in range(60)]
        return (
            Example("a burst", usual + burst, True),
            Example("one falls silent", usual + others, True),
            Example("both go on", usual + sorted(both + others, key=lambda e: float(str(e["ts"]))), False),
        )


@nb.njit(cache=True, nogil=True)
def _bursts(z, lines, deviations, least):  # type: ignore[no-untyped-def]
    """float64[m]: 0.5 at so many deviations and `least` lines or more; NaN while nothing is known."""
    out = np.full(len(z), np.nan)
    for i in range(len(z)):
        if z[i] == z[i]:
            out[i] = score_of(z[i], deviations) * min(lines[i] / least, 1.0)
    return out


@nb.njit(cache=True, nogil=True)
def _silences(  # type: ignore[no-untyped-def]
    host,
    program,
    ts,
    groups,
    data,
    start,
    length,
    keys,
    seen,
    programs,
    last,
    pause,
    lines,
    name,
    silence_s,
    rows,
    told,
):
    """float64[m]: seconds for which a program of the row's host has been silent, told once, else 0; `told` uint8[n,
    NAME] gets its name at the row's place."""
    out = np.zeros(len(host))
    for i in range(len(host)):
        g = groups[i]
        s, fresh = claim_slot(keys[g], seen[g], host[i], ts[i])
        if fresh:
            programs[g, s] = 0
        mine, free = -1, -1
        for k in range(PROGRAMS):
            if programs[g, s, k] == program[i]:
                mine = k
            elif programs[g, s, k] == 0:
                free = k
            elif lines[g, s, k] >= REGULAR and out[i] == 0.0:
                gap = ts[i] - last[g, s, k]
                if gap > max(silence_s, PAUSES * pause[g, s, k]):
                    out[i] = gap
                    told[rows[i]] = name[g, s, k]
                    programs[g, s, k] = 0  # its place is free: when it comes back it is learned anew
        if mine < 0 and free >= 0:
            programs[g, s, free] = program[i]
            last[g, s, free] = ts[i]
            pause[g, s, free] = 0.0
            lines[g, s, free] = 1.0
            name[g, s, free] = 0
            for j in range(min(length[i], NAME)):
                name[g, s, free, j] = data[start[i] + j]
        elif mine >= 0:
            pause[g, s, mine] = max(pause[g, s, mine] * FADE, ts[i] - last[g, s, mine])
            last[g, s, mine] = max(last[g, s, mine], ts[i])
            lines[g, s, mine] += 1.0
    return out

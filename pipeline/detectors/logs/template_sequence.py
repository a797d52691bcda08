"""Lines that are known, in an order that is not: a program takes a way it never took."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.logs.surprise_tail import SurpriseTail
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine, combine_many, mix64
from pipeline.features.line_shape import line_shapes, shape_words
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.models.density_kernels import RANKS, calibrate, rank, sum_tails
from schemas.finding import Feature

STEPS, LINES, SOURCES = 16_384, 4096, 1024  # pairs of lines, lines, pairs of host and program: per key group
HALF_LIFE_S = 7 * 86_400.0
MEMORY = 20_000.0  # surprises that the tail remembers
WARMUP = 256.0
KNOWN_LINE, KNOWN_STEPS = 20.0, 20.0  # sights of the line, and of the line before it, until their order means something
SAME_RUN_S = 3600.0  # a program that paused longer begins a new run
SMOOTH = 2.0  # sights of a step that the line's general frequency speaks for
TELLING = 0.02  # tail probability from which an order is common
RARE = 5.0  # nats: steps taken more often than once in 150 are known ways
RARER = 3.0  # times rarer behind these lines than the program writes it at all
REFRESH = 32


class TemplateSequence(Detector):
    """Surprise of a line's shape after the two before it, by the same program on the same host, as a tail probability.

    Counts of steps are those of the program on all hosts of the key group, faded by half week by week. The surprise
    is the lesser of those by the last and by the last but one line (interleaved threads), and of three lines on end
    the second, so that one odd step is not enough: a line out of place makes two. A line that is as rare behind any
    other is in no odd order. Lines seen fewer than 20 times are
    left to logs.rare_template.
    """

    id = "logs.template_sequence"
    title = "Unusual order of log lines"
    severity = 2
    source = "logs"
    entity = ("host",)
    entity_type = "host"
    group_by = ("host", "program")
    inputs = ("host", "program", "message")
    cost = "O(length of the line); 1 MB a key group"
    reference = "Du et al., DeepLog, CCS 2017 (order of log keys); here counts in place of a network"
    misses = (
        "Orders within many interleaved threads, lines whose words vary without digits (each is a new line), and "
        "what is missing from a run rather than out of place."
    )
    threshold = None
    alerts_per_day = 2.0

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        count = {"count": ((2,), np.float64)}
        self._steps = EntityState(setup.groups, STEPS, count)
        self._lines = EntityState(setup.groups, LINES, count)
        run = {"before": ((2,), np.uint64), "recent": ((2,), np.float64), "at": ((), np.float64)}
        self._runs = EntityState(setup.groups, SOURCES, run)
        self._tail = SurpriseTail(setup.groups)
        self._parts: dict[str, Stateful] = {
            "steps": self._steps, "lines": self._lines, "runs": self._runs, "tail": self._tail
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        start, length = batch.spans("message")
        rows = np.flatnonzero(batch.kind("line") & (length > 0) & (batch.hash("program") != 0))
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("share", "seen")}
        if len(rows):
            program = batch.hash("program")[rows]
            shape = line_shapes(batch.data, start[rows], length[rows], program)
            s, n, r, t = (part.arrays() for part in (self._steps, self._lines, self._runs, self._tail))
            out = _order(
                combine_many(batch.key_hash[rows] | np.uint64(1), program), program, shape, batch.ts[rows],
                batch.groups[rows], s["keys"], s["seen"], s["count"], n["keys"], n["seen"], n["count"],
                r["keys"], r["seen"], r["before"], r["recent"], r["at"], t["cal"], t["num"], t["idx"],
            )  # fmt: skip
            values[rows], evidence["share"][rows], evidence["seen"][rows] = out
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        host = named(batch, row, "host", otherwise="a machine")
        program = named(batch, row, "program", otherwise="A program")
        line = " ".join(shape_words(batch.text("message", row) or ""))[:140]
        share = 100 * float(scores.evidence["share"][row])
        message = f"{program} on {host} wrote lines in an order that it hardly ever does ({share:.2g} %): “{line}”."
        rank = 1.0 / max(min(TELLING, 1.0 - self.limit(scores, row)), 1e-9)
        common = 100.0 * math.exp(-RARE)
        features = [
            Feature(name="share_of_such_steps", value=round(share, 3), unit="%", usual_low=round(common, 2)),
            Feature(name="times_line_seen", value=round(float(scores.evidence["seen"][row]))),
        ]
        normal = f"A step taken more than {common:.1f} % of the time, or an order less rare than one in {rank:,.0f}."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        line = {"kind": "line", "host": "srv-1", "program": "transfer"}
        words = ("open session", "check rights", "read file", "send file", "close session", "write summary")
        usual = [line | {"ts": 1e6 + 30.0 * i, "message": f"{words[i % 6]} {i}"} for i in range(1500)]
        odd = [
            line | {"ts": 1.045e6 + 30.0 * i, "message": f"{words[k]} {i}"} for i, k in enumerate((0, 3, 0, 3, 5, 2))
        ]
        return (Example("sent before rights were checked", usual + odd, True), Example("every day", usual, False))


@nb.njit(cache=True, nogil=True)
def _faded(keys, seen, count, key, ts):  # type: ignore[no-untyped-def]
    """Slot of a key in one group's table, its count faded to `ts`; count float64[capacity, 2] = (count, when)."""
    slot, fresh = claim_slot(keys, seen, key, ts)
    if fresh:
        count[slot, 0] = 0.0
        count[slot, 1] = ts
    age = ts - count[slot, 1]
    if age > 0.0:
        count[slot, 0] *= 2.0 ** (-age / HALF_LIFE_S)
        count[slot, 1] = ts
    return slot


@nb.njit(cache=True, nogil=True)
def _order(  # type: ignore[no-untyped-def]
    run, program, shape, ts, groups, s_keys, s_seen, steps, n_keys, n_seen, lines, r_keys, r_seen, before, recent, at,
    cal, num, idx,
):  # fmt: skip
    """float64[3, m]: score, share of the likelier step, sights of the line."""
    out = np.zeros((3, len(run)))
    for i in range(len(run)):
        g = groups[i]
        out[0, i] = np.nan
        r, fresh = claim_slot(r_keys[g], r_seen[g], run[i], ts[i])
        if fresh or abs(ts[i] - at[g, r]) > SAME_RUN_S:
            before[g, r] = 0
            recent[g, r] = 0.0
        at[g, r] = ts[i]
        every = _faded(n_keys[g], n_seen[g], lines[g], mix64(program[i]), ts[i])
        total = lines[g, every, 0]
        lines[g, every, 0] += 1.0
        here = _faded(n_keys[g], n_seen[g], lines[g], shape[i], ts[i])
        seen = lines[g, here, 0]
        lines[g, here, 0] += 1.0
        base = seen / (total + 1.0)
        share, known = 0.0, seen >= KNOWN_LINE
        for k in range(2):
            if before[g, r, k] == 0:
                known = False
                continue
            whole = _faded(s_keys[g], s_seen[g], steps[g], mix64(before[g, r, k] + np.uint64(k)), ts[i])
            n = steps[g, whole, 0]
            steps[g, whole, 0] += 1.0
            step = combine(before[g, r, k] + np.uint64(k), mix64(shape[i]))
            one = _faded(s_keys[g], s_seen[g], steps[g], step, ts[i])
            share = max(share, (steps[g, one, 0] + SMOOTH * base) / (n + SMOOTH))
            steps[g, one, 0] += 1.0
            known = known and n >= KNOWN_STEPS
        before[g, r, 1] = before[g, r, 0]
        before[g, r, 0] = shape[i]
        out[1, i], out[2, i] = min(share, 1.0), seen
        if not known:
            continue
        # A rare line is rare behind any other: only one that is rarer here than everywhere is out of place.
        now = -np.log(max(min(share, 1.0), 1e-6)) if share < base / RARER else 0.0
        a, b = recent[g, r, 0], recent[g, r, 1]
        u = max(min(now, a), min(now, b), min(a, b))
        recent[g, r, 1] = recent[g, r, 0]
        recent[g, r, 0] = now
        if cal[g, 0, RANKS] >= WARMUP:
            # The second term keeps the order of surprises far beyond the tail, where the first is all but 0.
            p = rank(u, cal[g], num[g]) + 1e-4 * np.exp(-u)
            out[0, i] = 1.0 - p if p < TELLING and u > RARE and now >= u else 0.0
        calibrate(u, cal[g], MEMORY)
        idx[g, 0] += 1
        if idx[g, 0] % REFRESH == 0:
            sum_tails(cal[g], num[g])
    return out

"""A program is started by one that never starts it in this fleet."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import count_of, whole
from pipeline.detectors.logs.host_rule_detector import base_name
from pipeline.detectors.logs.host_vocabulary import OFFICE, RUNNERS, SERVERS
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine, hash_slice, hash_text, mix64
from pipeline.features.naming import named
from schemas.finding import Feature

PAIRS, PROGRAMS = 4096, 2048  # per key group
HALF_LIFE_S = 30 * 86_400.0
WARMUP = 300.0  # starts of a key group before "never" means anything
RARE = 4.5  # nats: what a parent starts more often than once in ninety is known
KNOWN_PARENT = 15.0  # starts by the parent: a program that starts others for the first time is an installer, mostly
# What people start by hand, they start from the desktop: a shell there is unusual for many and odd for nobody. What was
# typed into it is for `logs.suspicious_command` to judge.
DESKTOP, SHELLS = ("explorer.exe",), ("cmd.exe", "powershell.exe", "pwsh.exe", "wt.exe", "windowsterminal.exe")
RISKY = np.sort(np.array([hash_text(name.strip("\\")) | 1 for name in RUNNERS], np.uint64))
CAUTIOUS = np.sort(np.array([hash_text(name.strip("\\")) | 1 for name in (*OFFICE, *SERVERS)], np.uint64))

_BY_HAND = tuple(np.array([hash_text(name) | 1 for name in names], np.uint64) for names in (DESKTOP, SHELLS))


class RareParentChild(Detector):
    """Surprise of a child under its parent, by program names, over all hosts of the key group.

    -log of the share of the parent's starts that are of this child (counts of about a month); of a pair never seen,
    the share of the parent's starts that were new, so that explorers and shells, which start anything, surprise
    little. Pairs known to be dangerous (documents and servers that start shells or programs that run foreign code)
    begin as if seen never among a hundred.
    """

    id = "logs.rare_parent_child"
    title = "Program started by an unusual parent"
    severity = 2
    attacks = ("T1059", "T1204")
    source = "logs"
    entity = ("host",)
    entity_type = "host"
    group_by = ("host",)
    inputs = ("action", "image", "parent_image")
    cost = "O(length of the two names) a start; 40 bytes a pair, 2 MB in all"
    reference = "Elastic, Hunting for rare parent-child relationships; ATT&CK T1059"
    misses = (
        "Parents that start anything (explorer, cmd), shells opened on the desktop, names that are borrowed, and "
        "programs that are injected into rather than started. Needs the parent's name (Sysmon 1, or 4688 of Windows "
        "10 and later)."
    )
    threshold = None
    alerts_per_day = 2.0

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        count = {"count": ((3,), np.float64)}
        self._pairs = EntityState(setup.groups, PAIRS, count)
        self._programs = EntityState(setup.groups, PROGRAMS, count)
        self._parts = {"pairs": self._pairs, "programs": self._programs}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("seen", "starts")}
        started = batch.kind("process")
        if started.any():
            started &= batch.equals("action", "start") & (batch.hash("image") != 0) & (batch.hash("parent_image") != 0)
        rows = np.flatnonzero(started)
        if len(rows):
            names = []
            for field in ("parent_image", "image"):
                start, length = batch.spans(field)
                names.append(_names(batch.data, start[rows], length[rows]))
            p, q = self._pairs.arrays(), self._programs.arrays()
            danger = np.isin(names[0], CAUTIOUS) & np.isin(names[1], RISKY)
            by_hand = np.isin(names[0], _BY_HAND[0]) & np.isin(names[1], _BY_HAND[1])
            out = _surprise(
                names[0], names[1], danger, batch.ts[rows], batch.groups[rows],
                p["keys"], p["seen"], p["count"], q["keys"], q["seen"], q["count"],
            )  # fmt: skip
            values[rows], evidence["seen"][rows], evidence["starts"][rows] = out
            values[rows[by_hand & ~np.isnan(out[0])]] = 0.0
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        host = named(batch, row, "host", otherwise="a machine")
        child = base_name(batch.text("image", row) or "") or "a program"
        parent = base_name(batch.text("parent_image", row) or "") or "a program"
        seen, starts = float(scores.evidence["seen"][row]), float(scores.evidence["starts"][row])
        often = "never before" if seen < 0.05 else f"about {seen:.2g} times"
        message = f"On {host} {parent} started {child}, {often} in {starts:.0f} starts by {parent} on such machines."
        score, limit = float(scores.values[row]), self.limit(scores, row)
        share = math.exp(-max(_nats(limit), RARE))
        enough = 0.5 * share * (starts + 1.0)
        if math.isclose(
            math.exp(-_nats(score)), (seen + 0.5) / (starts + 100.0), rel_tol=1e-3
        ):  # known to be dangerous
            enough = max(enough, share * (starts + 100.0) - 0.5)
        enough = max(enough, 0.5)
        features = [
            Feature(name="times_seen", value=round(seen, 2), usual_low=round(enough, 2)),
            Feature(name="starts_by_parent", value=round(starts)),
        ]
        often = count_of(whole(enough), "time")
        return Explanation(message, f"A program that {parent} had started {often} or more.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        start = {"kind": "process", "action": "start", "host": "ws-1"}
        pairs = (("explorer.exe", "winword.exe"), ("winword.exe", "splwow64.exe"), ("services.exe", "svchost.exe"))
        usual = [
            start | {"ts": 1e6 + 60.0 * i, "parent_image": f"C:\\A\\{parent}", "image": f"C:\\{child}"}
            for i, (parent, child) in enumerate(pairs * 200)
        ]  # fmt: skip
        odd = start | {"ts": 1e6 + 36_001, "parent_image": "C:\\A\\WINWORD.EXE", "image": "C:\\cmd.exe"}
        by_hand = odd | {"parent_image": "C:\\Windows\\explorer.exe"}
        return (
            Example("a document starts a shell", [*usual, odd], True),
            Example("somebody opens a shell on the desktop", [*usual, by_hand], False),
            Example("usual starts", usual, False),
        )


def _nats(score: float) -> float:
    """The surprise that scores so much: inverse of the end of `_surprise`."""
    return 2.5 - math.log(max(1.0 - score, 1e-9)) / 0.7


@nb.njit(cache=True, nogil=True)
def _names(data, start, length):  # type: ignore[no-untyped-def]
    """uint64[m]: hash of each path's last part in lower case."""
    out = np.empty(len(start), np.uint64)
    longest = 1
    for i in range(len(start)):
        longest = max(longest, length[i])
    name = np.empty(longest, np.uint8)
    for i in range(len(start)):
        n = 0
        for j in range(start[i], start[i] + max(length[i], 0)):
            b = data[j]
            if b == 92 or b == 47:
                n = 0
            else:
                name[n] = b + 32 if 65 <= b <= 90 else b
                n += 1
        out[i] = hash_slice(name, 0, n) | np.uint64(1)
    return out


@nb.njit(cache=True, nogil=True)
def _faded(keys, seen, count, key, ts):  # type: ignore[no-untyped-def]
    """Slot of a key in one group's table, its count faded to `ts`; count float64[capacity, 3] =
    (count, when, children that were new)."""
    slot, fresh = claim_slot(keys, seen, key, ts)
    if fresh:
        count[slot, 0] = 0.0
        count[slot, 1] = ts
        count[slot, 2] = 0.0
    age = ts - count[slot, 1]
    if age > 0.0:
        count[slot, 0] *= 2.0 ** (-age / HALF_LIFE_S)
        count[slot, 1] = ts
    return slot


@nb.njit(cache=True, nogil=True)
def _surprise(parent, child, danger, ts, groups, p_keys, p_seen, pairs, q_keys, q_seen, programs):  # type: ignore[no-untyped-def]
    """float64[3, m]: score, times the pair was seen, starts by the parent."""
    out = np.empty((3, len(parent)))
    for i in range(len(parent)):
        g = groups[i]
        pair = _faded(p_keys[g], p_seen[g], pairs[g], combine(parent[i], mix64(child[i])), ts[i])
        every = _faded(q_keys[g], q_seen[g], programs[g], np.uint64(1), ts[i])
        own = _faded(q_keys[g], q_seen[g], programs[g], mix64(parent[i]), ts[i])
        c, n, total = pairs[g, pair, 0], programs[g, own, 0], programs[g, every, 0]
        # Of a pair never seen: how often this parent starts something new at all (Good and Turing's estimate).
        share = 2.0 * c / (n + 1.0) if c >= 0.5 else (programs[g, own, 2] + 1.0) / (n + 2.0)
        if danger[i]:
            share = min(share, (c + 0.5) / (n + 100.0))
        u = -np.log(max(min(share, 1.0), 1e-6))
        out[0, i] = np.nan
        if total >= WARMUP and (n >= KNOWN_PARENT or danger[i]):
            out[0, i] = 1.0 - np.exp(-0.7 * (u - 2.5)) if u >= RARE else 0.0
        out[1, i], out[2, i] = c, n
        programs[g, own, 2] += 1.0 if c < 0.5 else 0.0
        pairs[g, pair, 0] += 1.0
        programs[g, own, 0] += 1.0
        programs[g, every, 0] += 1.0
    return out

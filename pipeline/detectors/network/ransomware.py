"""Files on shares are overwritten and renamed one after another: someone encrypts them."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import nearest, odds_of, whole
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.file_names import known_endings, passing_endings, path_parts
from pipeline.detectors.network.terms import terms_in
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.multi_pattern import Automaton, automaton
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from schemas.finding import Feature

CLIENTS = 2048  # clients, three counts each, per key group
RING = 32
ENDINGS = 1024
NOTES = 1024
DAY_S = 86_400.0
LOCKED, RENAMED, WRITTEN = (np.uint64(k) for k in (1, 2, 3))
RENAMES = ("SMB::FILE_RENAME",)
WRITES = ("SMB::FILE_WRITE", "SMB2_COMMAND_WRITE", "SMB1_COMMAND_WRITE_ANDX")
# Words of ransom notes' names, as collections of notes show; a plain README needs more folders.
SURE_WORDS = (
    "decrypt", "ransom", "restore", "recover", "unlock", "how_to", "how to", "howto", "your_files", "your files",
    "files_back", "encrypted", "!!!", "_help_", "help_your", "what_happened", "readme_for", "important_read",
)  # fmt: skip
README_WORDS = ("readme", "read_me", "read me", "read-me")
README_FOLDERS = 8.0


@cache
def _words() -> Automaton:
    return automaton(SURE_WORDS + README_WORDS)


class Ransomware(Detector):
    """Distinct files per client within ten minutes: given an unknown ending, or overwritten and renamed alike; and
    one note's name written into folder after folder.

    Copies and backups write without renaming; programs save under a passing name (`.tmp`, rsync's) and rename that;
    both stay quiet. An ending that has been seen for a day is known.
    """

    id = "network.ransomware"
    title = "Files on shares are encrypted"
    severity = 5
    attacks = ("T1486", "T1490")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("action", "filename", "previous_filename", "share", "src_ip")
    cost = "O(32) a file event, nothing others; 300 bytes a client and count, 2,048 a key group"
    reference = "Scaife et al., CryptoLock (and Drop It), ICDCS 2016"
    misses = (
        "Encryption on the client's own disk, inside SMB 3 encryption (the sensor sees no names), overwriting in place "
        "without a new name or note, and less than about one file in twenty seconds."
    )
    defaults = {"window_s": 600.0, "locked_files": 12.0, "renamed_files": 28.0, "note_folders": 2.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        window_s = float(self.option["window_s"])
        self._files = WindowedDistinct(setup.groups, CLIENTS, window_s, RING)
        self._notes = WindowedDistinct(setup.groups, NOTES, window_s, 16)
        self._endings = Sightings(setup.groups, ENDINGS)
        self._parts = {"files": self._files, "notes": self._notes, "endings": self._endings}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("locked", "churn", "folders")}
        rows = np.flatnonzero(batch.kind("file") & (batch.hash("filename") != 0) & (batch.hash("src_ip") != 0))
        if len(rows):
            before = batch.hash("previous_filename")[rows] != 0
            renames = before | batch.is_in("action", RENAMES)[rows]
            writes = batch.is_in("action", WRITES)[rows]
            some = renames | writes
            rows, before, renames, writes = rows[some], before[some], renames[some], writes[some]
        if len(rows):
            locked, churn = self._counts(batch, rows, before, renames, writes)
            folders, limit = self._note(batch, rows, writes)
            parts = (
                locked / (locked + float(self.option["locked_files"])),
                churn / (churn + float(self.option["renamed_files"])),
                folders / (folders + limit),
            )
            values[rows] = np.maximum.reduce(parts)
            for name, column in zip(evidence, (locked, churn, folders), strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _counts(
        self, batch: Batch, rows: np.ndarray, before: np.ndarray, renames: np.ndarray, writes: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """(files with unknown endings, files both written and renamed) of each row's client."""
        src, ts, groups = batch.hash("src_ip")[rows], batch.ts[rows], batch.groups[rows]
        start, length = batch.spans("filename")
        ending, inner, _, _ = path_parts(batch.data, start[rows], length[rows])
        start, length = batch.spans("previous_filename")
        old, _, _, _ = path_parts(batch.data, start[rows], length[rows])
        known, passing = known_endings(), passing_endings()
        odd = (ending != 0) & ~np.isin(ending, known) & ~np.isin(ending, passing)
        age, _, _ = self._endings.note(np.where(odd, ending, np.uint64(0)), ts, groups)
        odd &= ~(filled(age) > DAY_S)
        was = np.isin(old, known)
        file = np.where(before, batch.hash("previous_filename")[rows], batch.hash("filename")[rows])
        # `a.docx` renamed to `a.docx.locked`, or that written beside it.
        locked = odd & ((renames & ((ending != old) & (was | ~before))) | (writes & np.isin(inner, known)))
        renamed = renames & (was | ~before) & ~np.isin(ending, passing)
        none = np.uint64(0)
        counts = []
        for mark, these in ((LOCKED, locked), (RENAMED, renamed), (WRITTEN, writes)):
            key = combine_many(src, np.full(len(src), mark))
            counts.append(filled(self._files.add(key, np.where(these, file, none), ts, groups)))
        return counts[0], np.where(renamed, np.minimum(counts[1], counts[2]), 0.0)

    def _note(self, batch: Batch, rows: np.ndarray, writes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(folders into which the client wrote this note's name, folders at which the score is one half)."""
        start, length = batch.spans("filename")
        _, _, name, folder = path_parts(batch.data, start[rows], length[rows])
        found = terms_in(batch, rows, "filename", _words())
        sure = (found[:, 0] & np.uint64((1 << len(SURE_WORDS)) - 1)) != 0
        noted = writes & (found[:, 0] != 0)
        one = np.uint64(1)
        key = np.where(noted, combine_many(batch.hash("src_ip")[rows], name | one), np.uint64(0))
        place = combine_many(batch.hash("share")[rows] | one, folder | one)
        folders = self._notes.add(key, place, batch.ts[rows], batch.groups[rows])
        return filled(folders), np.where(sure, float(self.option["note_folders"]), README_FOLDERS)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        locked, churn, folders = (int(scores.evidence[name][row]) for name in ("locked", "churn", "folders"))
        who, share = named(batch, row, "src_ip"), named(batch, row, "share", "dst_ip", otherwise="a share")
        name = named(batch, row, "filename", otherwise="a file", limit=80)
        minutes = float(self.option["window_s"]) / 60
        score, limit = float(scores.values[row]), self.limit(scores, row)
        parts = [n / (n + float(self.option[o])) for n, o in ((locked, "locked_files"), (churn, "renamed_files"))]
        normal = "files written under new names"
        if parts[0] >= score - 1e-9:
            normal = "files with an unknown ending"
            what = f"gave {_many(locked)} files on {share} an unknown ending within {minutes:g} minutes, now {name}"
        elif parts[1] < score - 1e-9:
            normal = "folders with one and the same note"
            what = f"wrote the note {name} into {_many(folders, 16)} folders within {minutes:g} minutes"
        else:
            what = f"overwrote and renamed {_many(churn)} files on {share} within {minutes:g} minutes, now {name}"
        counts = (("files_with_unknown_endings", locked), ("files_written_and_renamed", churn),
                  ("folders_with_the_note", folders))  # fmt: skip
        highs = [float(self.option["locked_files"]), float(self.option["renamed_files"])]
        highs = [h * odds_of(limit) for h in highs] + [nearest(max(folders, 1), score, limit)]
        features = [
            Feature(name=name, value=count, usual_low=0, usual_high=whole(high) - 1)
            for (name, count), high in zip(counts, highs, strict=True)
        ]
        decided = 0 if "ending" in normal else 2 if "note" in normal else 1
        normal = f"Fewer than {whole(highs[decided])} {normal} within {minutes:g} minutes."
        return Explanation(f"{who} {what}, as ransomware does.", normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        smb = {
            "kind": "file",
            "src_ip": "10.0.0.9",
            "dst_ip": "10.0.0.20",
            "share": "\\\\file1\\billing",
            "service": "smb",
        }
        write, rename = smb | {"action": "SMB::FILE_WRITE"}, smb | {"action": "SMB::FILE_RENAME"}
        locked, quiet, saved, copied, notes = [], [], [], [], []
        for k in range(60):
            ts, name = 1e6 + 3 * k, f"archive\\report-{k}.docx"
            locked += [write | {"ts": ts, "filename": name}]
            locked += [rename | {"ts": ts + 1, "filename": f"{name}.qxlt", "previous_filename": name}]
            quiet += [write | {"ts": ts, "filename": name}]
            quiet += [rename | {"ts": ts + 1, "filename": f"archive\\{k * 7919:x}.docx", "previous_filename": name}]
            saved += [write | {"ts": ts, "filename": f"archive\\~{k}.tmp"}]
            saved += [rename | {"ts": ts + 1, "filename": name, "previous_filename": f"archive\\~{k}.tmp"}]
            copied += [write | {"ts": ts, "filename": f"full\\job-{k}.bkf"}, write | {"ts": ts, "filename": name}]
            notes += [write | {"ts": ts, "filename": f"folder{k}\\HOW_TO_DECRYPT.txt"}]
        return (
            Example("a new ending spreads", locked, True),
            Example("files are overwritten and get new names", quiet, True),
            Example("a note in every folder", notes[:8], True),
            Example("a program saves by way of passing names", saved, False),
            Example("a backup writes and renames nothing", copied, False),
        )


def _many(count: int, most: int = RING) -> str:
    return f"{count} or more" if count >= most else str(count)

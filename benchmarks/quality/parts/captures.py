"""Captures of attacks and of protocols that others collected: what of them is read, and which raise an alert."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.quality.halves import HALVES, in_half
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists
from pipeline.ingest.listing import list_files
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Manner
from pipeline.runtime.line import Plan
from pipeline.runtime.scan import Scan

title = "Captures of other people's collections"
protocol = """DATA/captures/COLLECTION: each file there, and each folder with files, is one capture (logs of Zeek, EVE,
Argus flows), scanned by itself with nothing learned before, no lists, no inventory. Refused: records that became dead
letters. With an alert: captures that raised at least one, of any severity; in a collection of attacks every capture
should, in one of protocols hardly any. Packets have to be read by Suricata (or Zeek) first. Half of each collection,
by the hash of the captures' names, is for the report and was not looked into."""
_CHUNK = 8000


def run(options: Options) -> list[Row]:
    """A row a collection and half."""
    folders = sorted(path for path in options.path("captures").iterdir() if path.is_dir())
    return [_row(folder, half) for folder in folders for half in HALVES]


def _row(folder: Path, half: str) -> Row:
    totals: Counter[str] = Counter()
    detectors: Counter[str] = Counter()
    for capture in captures_of(folder):
        if not in_half(capture.stem if capture.is_file() else capture.name, half):
            continue
        found, records, refused = scanned(capture)
        totals.update(captures=1, records=records, refused=refused, alerted=bool(found), alerts=found.total())
        detectors.update(found.keys())
    return {
        "collection": folder.name, "half": half, "captures": totals["captures"], "records": totals["records"],
        "refused": totals["refused"], "with an alert": totals["alerted"], "alerts": totals["alerts"],
        "detectors (captures)": ", ".join(f"{name} {count}" for name, count in detectors.most_common()),
    }  # fmt: skip


def captures_of(folder: Path) -> Iterator[Path]:
    """Its files, and the folders below it that hold files."""
    yield from sorted(path for path in folder.iterdir() if path.is_file())
    for below in sorted(path for path in folder.rglob("*") if path.is_dir()):
        if any(path.is_file() for path in below.iterdir()):
            yield below


def scanned(capture: Path) -> tuple[Counter[str], int, int]:
    """(alerts by detector, records, refused ones) of one capture."""
    found: Counter[str] = Counter()
    scan = Scan(
        Plan(EngineConfig(), Lists(), None, 0), capture.name, _CHUNK,
        on_alert=lambda alert: found.update([alert.finding_info.analytic.uid]),
    )  # fmt: skip
    for record in read_paths(list_files([capture]).files, manner=Manner(mask=False)):
        scan.add(record)
    summary = scan.finish()
    return found, summary.records, summary.dead_letters

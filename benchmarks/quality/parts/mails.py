"""Whole mails with their headers: how many of a phishing collection are told, and of honest mail."""

import hashlib
from pathlib import Path

import numpy as np

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode
from pipeline.ingest.reader import Parsed, read_path

title = "Mails (EML)"
protocol = """Each folder in DATA/mails is a collection of mails, one a file, played in the order of their times
through the network detectors, nothing known before; the first 4,000 by the hash order of their names. Told: the
mail itself scores .5 or more in `network.phishing_mail`. Read: files that ended as a mail. Who knows senders for
longer tells less."""
MOST, CHUNK = 4000, 500


def run(options: Options) -> list[Row]:
    """A row a collection."""
    return [_row(folder) for folder in sorted(options.path("mails").iterdir()) if folder.is_dir()]


def _row(folder: Path) -> Row:
    files = sorted((p for p in folder.rglob("*") if p.is_file()), key=_order)[:MOST]
    mails = [r for path in files for r in read_path(path) if isinstance(r, Parsed) and r.source == "network"]
    mails.sort(key=lambda mail: mail.ts)
    engine, told, seen = Engine("network", EngineConfig()), 0, 0
    for at in range(0, len(mails), CHUNK):
        batch = decode("network", [m.value for m in mails[at : at + CHUNK]], EngineConfig().key_groups).batch
        outcome = engine.process(batch, Origin("network", 0, np.arange(at, at + batch.n)))
        told += int((outcome.scores["network.phishing_mail"] >= 0.5).sum())
        seen += int(batch.kind("mail").sum())
    return {"collection": folder.name, "files": len(files), "read": seen, "told": told,
            "share": round(told / max(seen, 1), 3)}  # fmt: skip


def _order(path: Path) -> bytes:
    """An order that has nothing to do with the names' own."""
    return hashlib.sha1(path.name.encode(), usedforsecurity=False).digest()

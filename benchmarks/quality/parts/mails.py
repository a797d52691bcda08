"""Whole mails with their headers: how many of a phishing collection are told, and of honest mail."""

from pathlib import Path

import numpy as np

from benchmarks.quality.halves import HALVES
from benchmarks.quality.mail_sets import Mail, mails_of
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode

title = "Mails (EML, mbox, tables)"
protocol = """Each folder in DATA/mails is a collection of mails, played in the order of their times through the
network detectors, nothing known before. Told: the mail itself scores .5 or more in `network.phishing_mail`. Read:
mails that the files gave. From the halves looked into the words of bait are learned, too
(`benchmarks.starting_models`): only report halves, and collections not named there, are new to the model. Who knows
senders for longer tells less."""
CHUNK = 500


def run(options: Options) -> list[Row]:
    """A row a collection and half."""
    folders = (folder for folder in sorted(options.path("mails").iterdir()) if folder.is_dir())
    return [row for folder in folders for row in _rows(folder)]


def _rows(folder: Path) -> list[Row]:
    mails = sorted(mails_of(folder), key=lambda mail: mail.ts)
    told = _told(mails)
    halves = np.array([mail.half for mail in mails])
    return [
        {"collection": folder.name, "half": half, "read": int(mine.sum()), "told": int(told[mine].sum()),
         "share": round(float(told[mine].mean()), 3)}
        for half in HALVES
        if (mine := halves == half).any()
    ]  # fmt: skip


def _told(mails: list[Mail]) -> np.ndarray:
    """bool[n]: which mails are told."""
    engine, told = Engine("network", EngineConfig()), np.zeros(len(mails), np.bool_)
    for at in range(0, len(mails), CHUNK):
        batch = decode("network", [m.value for m in mails[at : at + CHUNK]], EngineConfig().key_groups).batch
        outcome = engine.process(batch, Origin("network", 0, np.arange(at, at + batch.n)))
        told[at : at + batch.n] = outcome.scores["network.phishing_mail"] >= 0.5
    return told

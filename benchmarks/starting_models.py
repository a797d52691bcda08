"""Trains the text models that the package ships, from public labelled texts beside the project.

    python -m benchmarks.starting_models [--data DIR] [--only bait]

One pass in random order (seed 7). Addresses are learned twice, whole and as their host alone with half the weight:
the benign ones of the public list all have a path, which says how they were collected and nothing about phishing.
They are also of 153 sites only, none of which an office's machines call all day, so widely known sites (a list of
ours, with the usual names of hosts) are learned as benign too; bait that is hosted by one is learned by its path.
Messages and mails are learned as the bait words they hold, which is all that the reader keeps of a mail; of mails the
half to look into (`benchmarks.quality.mail_sets`).
"""

import argparse
import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.halves import HALVES
from benchmarks.quality.mail_sets import half_of, mails_of
from benchmarks.quality.options import Options
from pipeline.ingest.mail.bait import bait_words
from pipeline.ingest.mail.links import registered
from pipeline.models.starting import BITS, NAMES, known_sites
from pipeline.models.text_classifier import FIRST_SQUARE, TextClassifier

HERE = Path(__file__).parents[1] / "pipeline" / "models" / "starting"
SEED = 7
# Names of hosts in front of a registered domain; the last ones are what content networks give out.
_HOSTS = ("", "www.", "login.", "mail.", "api.", "cdn.", "static.", "update.", "portal.", "img.", "my.", "secure.",
          "docs.", "eu-west-1.", "account.", "download.", "d3k1xq0vbt7w2e.", "r4---sn-h5q7kn7l.", "e8652.dscx.",
          "settings-win.data.", "ocsp.")  # fmt: skip
# Collections in DATA/mails: whether they are bait, and what a mail weighs. Newsletters and confirmations are few there,
# and the nearest to bait that honest mail comes.
_MAILS = {"phishing_pot": (True, 1.0), "nazario": (True, 1.0), "newsletters": (False, 4.0), "enron": (False, 1.0)}
_HOST = re.compile(r"^(?:[a-z]+://)?([^/?#]*)", re.IGNORECASE)


def urls(folder: Path) -> list[tuple[str, bool]]:
    """Address, phishing."""
    with gzip.open(folder / "text/urls.csv.gz", "rt", errors="replace") as file:
        return [(row[0], row[1] == "1") for row in list(csv.reader(file))[1:]]


def requests(folder: Path) -> list[tuple[str, bool]]:
    """HTTP parameter, attack."""
    with gzip.open(folder / "text/http_params_train.csv.gz", "rt") as file:
        return [(row[0], row[3] != "norm") for row in list(csv.reader(file))[1:]]


def messages(folder: Path) -> list[tuple[str, bool]]:
    """Short message, spam."""
    with gzip.open(folder / "text/sms.tsv.gz", "rt", encoding="utf-8", errors="replace") as file:
        return [(line.rstrip("\n").split("\t", 1)[1], line.startswith("spam")) for line in file]


def mail_words(folder: Path) -> Iterator[tuple[str, bool, float]]:
    """Bait words of each mail, phishing, weight; of a file that is no whole mail (without a time), of its text."""
    for name, (bad, weight) in _MAILS.items():
        if name == "enron":
            texts = (p for p in sorted((folder / "mails" / name).rglob("*")) if p.is_file())
            words = [bait_words(p.read_text("utf-8", "replace")) for p in texts if half_of(p.name) == HALVES[0]]
        else:
            words = [mail.words for mail in mails_of(folder / "mails" / name) if mail.half == HALVES[0]]
        yield from ((text, bad, weight) for text in words)


def host_of(url: str) -> str:
    """The host part of an address as it stands there."""
    found = _HOST.match(url)
    return found[1] if found else ""


def _examples(name: str, folder: Path) -> Iterator[tuple[str, bool, float]]:
    if name == "url":
        known = known_sites()
        for url, bad in urls(folder):
            hosted = registered(host_of(url)) in known
            yield url, bad, 0.3 if hosted else 1.0
            if not (bad and hosted):
                yield host_of(url), bad, 0.5
        for k, site in enumerate(sorted(known)):
            for j in range(5):
                yield _HOSTS[(5 * k + 3 * j) % len(_HOSTS)] + site, False, 1.0
    elif name == "request":
        yield from ((text, bad, 1.0) for text, bad in requests(folder))
    else:
        yield from ((bait_words(text), bad, 1.0) for text, bad in messages(folder))
        yield from mail_words(folder)


def train(name: str, folder: Path) -> TextClassifier:
    """The model after one pass in random order."""
    examples = list(_examples(name, folder))
    model = TextClassifier("url" if name == "url" else "text", bits=BITS)
    order = np.random.default_rng(SEED).permutation(len(examples))
    raw = [examples[i][0].encode() for i in order]
    length = np.array([len(r) for r in raw], np.int32)
    start = np.r_[0, np.cumsum(length, dtype=np.int64)][:-1]
    target, weight = (np.array([examples[i][k] for i in order], float) for k in (1, 2))
    model.score_learn_many(np.frombuffer(b"".join(raw), np.uint8), start, length, target, weight)
    return model


def store(model: TextClassifier, path: Path) -> int:
    """Write the places that were touched, in half precision; bytes written."""
    arrays: dict[str, Any] = model.state(0)
    places = np.flatnonzero(arrays["square"] > FIRST_SQUARE * 1.0001).astype(np.uint16)
    np.savez_compressed(
        path, places=places, w=arrays["w"][places].astype(np.float16),
        square=arrays["square"][places].astype(np.float16), bias=arrays["bias"],
    )  # fmt: skip
    return path.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Options().data)
    parser.add_argument("--only", choices=NAMES, action="append", help="of the models; all by default")
    options = parser.parse_args()
    names = options.only or NAMES
    needed = [Path("text"), *(Path("mails", name) for name in _MAILS if "bait" in names)]
    missing = [str(folder) for folder in needed if not (options.data / folder).is_dir()]
    if missing:
        print(f"no folder {', '.join(missing)} in {options.data}: give the public data with --data")
        return
    for name in names:
        print(f"{name}: {store(train(name, options.data), HERE / f'{name}.npz'):,} bytes")


if __name__ == "__main__":
    main()

"""Somebody opens a page that looks like bait, on a site nobody here has been to."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.network.look_alikes import look_alike
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from pipeline.models.starting import BITS, starting_model
from pipeline.models.text_classifier import TextClassifier
from schemas.finding import Feature

SITES = 8192  # per key group
DAY_S = 86_400.0
USUAL_VISITS = 20.0  # visits on more than one day that make a site the hospital's own
LESSON = 0.2  # weight of a site that is taken as honest because people keep going there: a guess, not a verdict
SURE = 0.8  # likeness to a known name that is told whenever it is seen
NEW_FOR_S = 3600.0  # a site is new for the first hour after it is first seen


class PhishingUrl(Detector):
    """Addresses of pages and names of TLS sites that are new to the key group, by a classifier of addresses.

    The classifier starts from public lists and goes on learning: sites people here keep going to are taken as honest.
    A name that pretends to be a widely known site counts by itself. Only sites first seen within the hour are judged.
    """

    id = "network.phishing_url"
    title = "Page that looks like phishing"
    severity = 3
    attacks = ("T1566.002", "T1204.001")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "host", "uri", "sni", "method")
    cost = "O(1) a request, 5 µs more for one to a new site; 256 KiB of weights a key group, 40 bytes a site"
    reference = "Weinberger et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009"
    misses = (
        "Bait on a site that people here use anyway (shared documents, forms), pages behind a short address, and names"
        " without any likeness. Behind TLS only the site's name is seen."
    )
    threshold = None
    alerts_per_day = 2.0
    defaults = {"quiet_h": 24.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._sites = Sightings(setup.groups, SITES)
        self._watched = Sightings(setup.groups, 8)
        self._model = TextClassifier("url", setup.groups, BITS, start=starting_model("url"))
        self._parts = {"sites": self._sites, "watched": self._watched, "model": self._model}

    def score(self, batch: Batch) -> Scores:
        values, alike, silent = np.full(batch.n, np.nan), np.zeros(batch.n), np.zeros(batch.n, np.bool_)
        rows = np.flatnonzero(
            (batch.kind("http") & (batch.hash("host") != 0)) | (batch.kind("tls") & (batch.hash("sni") != 0))
        )
        if len(rows):
            http = batch.kind("http")[rows]
            site = np.where(http, batch.hash("host")[rows], batch.hash("sni")[rows])
            age, _, count = self._sites.note(site, batch.ts[rows], batch.groups[rows])
            new = age < NEW_FOR_S
            watched, _, _ = self._watched.note(np.ones_like(site), batch.ts[rows], batch.groups[rows])
            # A lesson when a site becomes usual, and again as its visits double: the model forgets what fades.
            usual = (count >= USUAL_VISITS) & (age > DAY_S) & (np.log2(np.maximum(count, 1.0)) % 1.0 == 0.0)
            looked = new | usual
            if looked.any():
                values[rows[looked]] = self._judge(batch, rows[looked], http[looked], usual[looked])
                values[rows[~new]] = np.nan
                alike[rows[new]] = likeness = _likeness(batch, rows[new], http[new], site[new])
                judged = values[rows[new]]
                values[rows[new]] = np.where(likeness > 0.0, 1.0 - (1.0 - judged) * (1.0 - likeness), judged)
            # On the first day every site is new: then only names that pretend are told.
            silent[rows] = (watched < 3600.0 * float(self.option["quiet_h"])) & (alike[rows] < SURE)
        return Scores(values, {"alike": alike}, silent=silent)

    def _judge(self, batch: Batch, rows: np.ndarray, http: np.ndarray, usual: np.ndarray) -> np.ndarray:
        """Probability of phishing float64[m]; sites that became usual are learned as honest."""
        (host, uri, sni), none = (batch.spans(name) for name in ("host", "uri", "sni")), np.int32(0)
        first = [np.where(http, a[rows], b[rows]) for a, b in zip(host, sni, strict=True)]
        texts, start, length = _joined(batch.data, *first, uri[0][rows], np.where(http, uri[1][rows], none))
        return self._model.score_learn_many(
            texts, start, length, np.where(usual, 0.0, np.nan), np.full(len(rows), LESSON), batch.groups[rows]
        )

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        who = named(batch, row, "src_ip")
        site = named(batch, row, "host", "sni", limit=80)
        told = look_alike(batch.text("host", row) or batch.text("sni", row) or "")
        why = f"its name looks like {told.brand} and is not" if told else "its address is put together like bait"
        # Both are held against each other as doubts: 1 - score is their product.
        limit, alike = self.limit(scores, row), float(scores.evidence["alike"][row])
        doubt = min(max(1.0 - float(scores.values[row]), 1e-9) / max(1.0 - alike, 1e-9), 1.0)
        bait = 1.0 - doubt
        parts = -math.log(max(doubt, 1e-9)), -math.log(max(1.0 - alike, 1e-9))
        total = sum(parts) or 1.0
        return Explanation(
            f"{who} opened {site}, a site nobody here was seen on before; {why}.",
            f"A site that people here went to before, or an address less than {limit:.0%} like bait.",
            [
                Feature(name="address_like_bait", value=round(bait, 3), usual_low=0.0, usual_high=round(limit, 3),
                        contribution=parts[0] / total),
                *([Feature(name="looks_like", value=told.brand, contribution=parts[1] / total)] if told else []),
            ],
        )  # fmt: skip

    @classmethod
    def examples(cls) -> Sequence[Example]:
        page = {"kind": "http", "src_ip": "10.0.0.9", "method": "GET"}
        usual = [
            page | {"ts": 1e6 + 30.0 * i, "host": f"www.ward{i % 60}.example.org", "uri": f"/news/2026/article-{i}"}
            for i in range(150)
        ]
        bait = page | {"ts": 1e6 + 4600.0, "host": "secure-paypa1.com.account-verify.icu", "uri": "/login.php?id=1"}
        again = [page | {"ts": 1e6 + 30.0 * i, "host": "intranet.example.org", "uri": "/"} for i in range(200)]
        return (
            Example("a payment service by a wrong name", [*usual, bait], True),
            Example("the same site all day", again, False),
        )


def _likeness(batch: Batch, rows: np.ndarray, http: np.ndarray, site: np.ndarray) -> np.ndarray:
    """float64[m]: how surely each site's name pretends to be another's; a name is looked at once."""
    _, first, which = np.unique(site, return_index=True, return_inverse=True)
    told = [look_alike(batch.text("host" if http[k] else "sni", int(rows[k])) or "") for k in first.tolist()]
    return np.array([found.surely if found else 0.0 for found in told])[which]


@nb.njit(cache=True, nogil=True)
def _joined(data, start, length, more_start, more_length):  # type: ignore[no-untyped-def]
    """(texts uint8, start int64[m], length int32[m]): two spans of `data` uint8 each, one behind the other; a length
    below 0 is none."""
    m = len(start)
    begin, size = np.zeros(m, np.int64), np.zeros(m, np.int32)
    at = 0
    for i in range(m):
        begin[i], size[i] = at, max(length[i], 0) + max(more_length[i], 0)
        at += size[i]
    out = np.empty(at, np.uint8)
    for i in range(m):
        at = begin[i]
        for k in range(max(length[i], 0)):
            out[at + k] = data[start[i] + k]
        at += max(length[i], 0)
        for k in range(max(more_length[i], 0)):
            out[at + k] = data[more_start[i] + k]
    return out, begin, size

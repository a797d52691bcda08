"""Somebody looks for pages that a web server may have: name after name of a list, nearly none of which is there."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import least
from pipeline.detectors.memory.many_distinct import ManyDistinct
from pipeline.features.addresses import INTERNAL, address_kinds
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from schemas.finding import Feature

CLIENTS = 512  # clients and servers per key group
WORDS = 4  # 256 names told apart in a quarter of the window
MISSING = (404.0, 410.0)
_SLASH, _QUERY, _HASH, _PARAMETER, _NOUGHT, _NINE, _SIGN = (ord(c) for c in "/?#;09$")
LONGEST = 512  # letters of a path that are looked at


class PageGuessing(Detector):
    """Different paths that one client asked of one server within `window_s` and that are not there (404, 410), where
    they are more than four fifths of all different ones it asked for.

    Who follows links finds most of them; who looks for a few missing files asks for the same ones again. What follows
    `?` or `;` does not make another path, nor does a part with a digit in it: numbered and named by hashes are records,
    thumbnails and packages that are gone. Only reading (GET, HEAD) counts: file managers ask by other methods for
    files beside each that is there. Clients outside are left out, as the internet tries every server every day; so are
    those on the list `scanners`.
    """

    id = "logs.page_guessing"
    title = "Names of pages guessed from a list"
    severity = 3
    attacks = ("T1595.003", "T1083")
    source = "logs"
    entity = ("src_ip", "host")
    entity_type = "ip"
    group_by = ("src_ip",)
    inputs: ClassVar[tuple[str, ...]] = ("uri", "method", "status", "src_ip", "host")
    cost = "O(length) a request; 320 bytes a client and server, 512 a key group"
    reference = "MITRE ATT&CK T1595.003, Wordlist Scanning; OWASP WSTG, Forced Browsing"
    misses = (
        "Servers that answer 200 or a page of log-on to everything, lists of numbered names, fewer than `names` names "
        "in `window_s`, many clients that share a list. Tools that fetch libraries from several stores look alike."
    )
    defaults = {"names": 100.0, "window_s": 600.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        window_s = float(self.option["window_s"])
        self._missing = ManyDistinct(setup.groups, CLIENTS, window_s, WORDS)
        self._asked_for = ManyDistinct(setup.groups, CLIENTS, window_s, WORDS)
        self._parts = {"missing": self._missing, "asked_for": self._asked_for}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("missing", "asked")}
        rows = self._asked(batch)
        reads = batch.is_in("method", ("GET", "HEAD"))[rows] & (batch.hash("uri")[rows] != 0)
        rows = rows[reads]
        start, length = batch.spans("src_ip")
        rows = rows[address_kinds(batch.data, start[rows], length[rows]) == INTERNAL]
        rows = rows[~self.setup.lists["scanners"].marks(batch.hash("src_ip")[rows])]
        if len(rows):
            start, length = batch.spans("uri")
            server = batch.hash(self.entity[1])[rows]
            client = combine_many(batch.hash("src_ip")[rows], np.where(server == 0, np.uint64(1), server))
            path = _paths(batch.data, start[rows], length[rows])
            gone = np.isin(batch.number("status")[rows], MISSING)
            ts, groups = batch.ts[rows], batch.groups[rows]
            asked = self._asked_for.add(client, path, ts, groups)
            missing = np.zeros(len(rows))
            missing[gone] = self._missing.add(client[gone], path[gone], ts[gone], groups[gone])
            told = missing > 0.8 * asked
            values[rows] = np.where(told, missing / (missing + float(self.option["names"])), 0.0)
            evidence["missing"][rows], evidence["asked"][rows] = missing, asked
        return Scores(values, evidence)

    def _asked(self, batch: Batch) -> np.ndarray:
        """int64[m]: rows that are requests to a server of the house."""
        return np.flatnonzero(batch.kind("web"))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        missing, asked = (round(float(scores.evidence[name][row])) for name in ("missing", "asked"))
        src, server = named(batch, row, "src_ip"), named(batch, row, self.entity[1], otherwise="a web server")
        uri = named(batch, row, "uri", otherwise="a page", limit=60)
        minutes = float(self.option["window_s"]) / 60
        message = (
            f"{src} asked {server} for about {missing} pages that are not there within {minutes:g} minutes, lately "
            f"{uri}: as somebody does who tries the names of a list."
        )
        fewer = least(missing, float(scores.values[row]), self.limit(scores, row), float(self.option["names"]))
        features = [
            Feature(name="different_pages_missing", value=missing, usual_low=0, usual_high=fewer - 1, contribution=1.0),
            Feature(name="different_pages_asked_for", value=asked),
        ]
        normal = f"Fewer than {fewer} different pages that are not there, or most of what it asks for being there."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return guessed_pages({"kind": "web", "host": "portal"})


def guessed_pages(request: Mapping[str, object]) -> tuple[Example, ...]:
    """Examples of requests of some kind."""
    one = {"method": "GET", "src_ip": "10.0.7.9", "status": 404, **request}

    def asked(uris: Sequence[str], **more: object) -> list[dict[str, object]]:
        return [one | {"ts": 1e6 + 0.5 * k, "uri": uri} | more for k, uri in enumerate(uris)]

    letters = "abcdefghijklmnop"
    names = [f"/{a}{b}min" for a in letters for b in letters]
    links = [e | {"status": 404 if k % 3 == 0 else 200} for k, e in enumerate(asked(names))]
    return (
        Example("the names of a list", asked(names), True),
        Example("a reader of links, a third of them dead", links, False),
        Example("the same from the internet", asked(names, src_ip="198.51.100.9"), False),
        Example("pictures of patients that are gone", asked([f"/thumb/{k:x}a9/small" for k in range(300)]), False),
        Example("one missing page, again and again", asked([f"/gone?at={name}" for name in names]), False),
    )


@nb.njit(cache=True, nogil=True)
def _paths(data, start, length):  # type: ignore[no-untyped-def]
    """uint64[m]: a hash of each path in data uint8[...]; start, length [m]. Parts with a digit in them are alike."""
    out = np.zeros(len(start), np.uint64)
    prime = np.uint64(0x100000001B3)
    for i in range(len(start)):
        whole = np.uint64(0xCBF29CE484222325)
        part, numbered = whole, False
        for k in range(start[i], start[i] + min(max(length[i], 0), LONGEST)):
            letter = data[k]
            if letter in (_QUERY, _HASH, _PARAMETER):
                break
            if letter == _SLASH:
                whole = (whole ^ (np.uint64(_SIGN) if numbered else part)) * prime
                part, numbered = np.uint64(0xCBF29CE484222325), False
                continue
            numbered |= _NOUGHT <= letter <= _NINE
            part = (part ^ np.uint64(letter)) * prime
        out[i] = (whole ^ (np.uint64(_SIGN) if numbered else part)) * prime | np.uint64(1)
    return out

"""A mail that wants something it should not get: many weak signs, added up."""

import math
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import numpy as np
import orjson

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, odds_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.network.look_alikes import look_alike, named_brand, registered
from pipeline.detectors.network.open_hosts import is_open
from pipeline.features.batch import Batch
from pipeline.features.json_items import first_items
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from pipeline.models.starting import BITS, starting_model
from pipeline.models.text_classifier import TextClassifier
from schemas.finding import Feature

SENDERS = 8192  # per key group
DAY_S = 86_400.0
KNOWN_MAILS = 3.0  # mails over more than a day that make a sender known
# Log odds of what is seen, set by reasoning and not fitted. One sign alone is common in honest mail (newsletters fail
# DKIM, lists reply elsewhere); two and an unknown sender are not. A well-known company in the name of a sender who is
# another, and links to free pages alone, are an order of magnitude rarer in honest mail than in phishing.
BASE, SIGN, KNOWN, LINK, BAIT, ALIKE = -3.2, 1.7, -1.5, 1.0, 2.0, 3.0
BRAND, HOSTED = 2.2, 2.2
_NUMBER = re.compile(r"[0-9.]+|0x[0-9a-f]+|.*:.*")
"""An address in the place of a name, in one of the ways that browsers take."""
_SIGNS = {
    "unvouched": "nothing that vouches for its sender",
    "elsewhere": "no link to the sender's own site",
    "reply": "answers that go to another domain",
    "link": "a link that shows another site than it leads to",
    "file": "a file that runs or opens a page of its own",
    "name": "a name that is another's address",
    "letters": "letters that only look like letters",
    "house": "your own house named by somebody outside",
    "office": "a name as administrators of mail have it, from outside",
}
LESSON = 0.1  # weight with which mail of known senders without a sign is learned as honest


class PhishingMail(Detector):
    """Authentication that fails or vouches for nothing, replies to another domain, links that show another site,
    dangerous attachments, names that are another's address, disguised letters, outsiders who speak of the recipient's
    own domain or as its administrators (counted by the reader); a first link like bait; links to bare addresses or
    where anybody may put a page, and none to the sender's own domain; bait words; a sender that looks like a widely
    known one, or a name that speaks of one; against a sender known for longer. Added up as log odds.

    The classifiers of addresses and of bait words start from public lists; that of words goes on learning from what
    known senders write.
    """

    id = "network.phishing_mail"
    title = "Phishing mail"
    severity = 3
    attacks = ("T1566.001", "T1566.002")
    source = "network"
    entity = ("mail_from", "src_ip")
    entity_type = "mail"
    inputs = (
        "mail_from",
        "from_name",
        "reply_to",
        "spf",
        "dkim",
        "dmarc",
        "links",
        "attachments",
        "words",
        "suspicion",
        "signs",
    )
    cost = "about 55 µs a mail of twenty links; 40 bytes a sender, 512 KiB of weights a key group"
    reference = "RFC 8601; Weinberger et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009"
    misses = (
        "Mail from a taken-over account of a known sender without link or attachment; what pictures say; languages"
        " other than English by their words. Sensors that see only SMTP (Zeek) give no links and no authentication."
    )
    defaults = {"known_after_days": 1.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._senders = Sightings(setup.groups, SENDERS)
        self._urls = TextClassifier("url", setup.groups, BITS, start=starting_model("url"))
        self._words = TextClassifier("text", setup.groups, BITS, start=starting_model("bait"))
        self._parts = {"senders": self._senders, "words": self._words}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        names = ("signs", "link", "bait", "alike", "known", "brand", "hosted")
        evidence = {name: np.zeros(batch.n) for name in names}
        suspicion = filled(batch.number("suspicion"))
        rows = np.flatnonzero(batch.kind("mail") & ((batch.hash("mail_from") != 0) | (suspicion > 0)))
        if not len(rows):
            return Scores(values, evidence)
        groups = batch.groups[rows]
        signs = suspicion[rows]
        start, length = batch.spans("links")
        first, size = first_items(batch.data, start[rows], length[rows])
        link = filled(self._urls.score_learn_many(batch.data, first, size, groups=groups))
        alike = np.array([_likeness(batch, row) for row in rows.tolist()])
        brand = np.array([bool(_brand(batch, row)) for row in rows.tolist()])
        hosted = _hosted(batch, rows)
        odds = BASE + SIGN * signs + LINK * (link > 0.9) + HOSTED * hosted
        # Who only ever sends what looks like phishing becomes no acquaintance by it.
        sender = np.where(odds + ALIKE * alike + BRAND * brand < 0.0, batch.hash("mail_from")[rows], 0)
        age, _, count = self._senders.note(sender, batch.ts[rows], groups)
        known = (age > self.option["known_after_days"] * DAY_S) & (count >= KNOWN_MAILS)
        alike, brand = np.where(known, 0.0, alike), brand & ~known
        start, length = batch.spans("words")
        lesson = np.where(known & (signs == 0), 0.0, np.nan)
        weight = np.full(len(rows), LESSON)
        bait = filled(self._words.score_learn_many(batch.data, start[rows], length[rows], lesson, weight, groups))
        odds += KNOWN * known + BAIT * bait + ALIKE * alike + BRAND * brand
        values[rows] = 1.0 / (1.0 + np.exp(-odds))
        for name, column in zip(names, (signs, link, bait, alike, known, brand, hosted), strict=True):
            evidence[name][rows] = column
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        sender = named(batch, row, "mail_from", limit=64)
        told = look_alike(sender.rpartition("@")[2])
        reasons = [
            *(_SIGNS[sign] for sign in (batch.text("signs", row) or "").split() if sign in _SIGNS),
            *([f"a sender's name that looks like {told.brand}"] if told and e["alike"] else []),
            *([f"a name that speaks of {_brand(batch, row)}, whose address it is not"] if e["brand"] else []),
            *(["a link to a bare address or to a page that anybody may put up"] if e["hosted"] else []),
            *(["a link put together like bait"] if e["link"] > 0.9 else []),
            *(["words that push"] if e["bait"] > 0.5 else []),
            *(["a sender nobody here knows"] if not e["known"] else []),
        ]
        parts = {"signs": SIGN * e["signs"], "bait": BAIT * e["bait"], "link": LINK * (e["link"] > 0.9),
                 "alike": ALIKE * e["alike"], "brand": BRAND * e["brand"], "hosted": HOSTED * e["hosted"]}  # fmt: skip
        total = sum(parts.values()) or 1.0
        shares = {name: part / total for name, part in parts.items()}
        brand = told.brand if told else "nobody"
        features = [
            Feature(name="signs", value=e["signs"], usual_low=0, usual_high=1, contribution=shares["signs"]),
            Feature(name="bait_words", value=round(e["bait"], 2), usual_high=0.5, contribution=shares["bait"]),
            Feature(name="link_like_bait", value=round(e["link"], 2), usual_high=0.9, contribution=shares["link"]),
            Feature(name="sender_looks_like", value=brand, contribution=shares["alike"]),
            Feature(name="name_speaks_of", value=_brand(batch, row) or "nobody", contribution=shares["brand"]),
            Feature(name="link_to_open_host", value=e["hosted"], contribution=shares["hosted"]),
            Feature(name="known_sender", value=e["known"], contribution=0.0),
        ]
        message = f"A mail from {sender} looks like phishing: {', '.join(reasons)}."
        return Explanation(message, _nearest(e, parts, self.limit(scores, row)), features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        mail = {"kind": "mail", "src_ip": "203.0.113.20", "rcpt_to": ["ward3@hospital.example"]}
        letter = mail | {"mail_from": "news@journal.example", "words": "article read research", "suspicion": 0}
        bait = mail | {
            "ts": 1e6 + 9 * DAY_S, "mail_from": "support@micros0ft-account.example", "suspicion": 2, "spf": "softfail",
            "signs": "unvouched reply",
            "reply_to": "desk@else.example", "links": ["http://micros0ft-account.example/verify/login.php"],
            "words": "account expire immediately password urgent verify",
        }  # fmt: skip
        forged = [
            letter | {"ts": 1e6 + 4000.0 * i, "suspicion": 1, "signs": "unvouched", "dkim": "fail"} for i in range(60)
        ]
        return (
            Example("an account that expires today, from a forged sender", [letter | {"ts": 1e6}, bait], True),
            Example("a newsletter that breaks its signature", forged, False),
        )


def _nearest(e: Mapping[str, float], parts: Mapping[str, float], limit: float) -> str:
    """What of it would have had to be missing, by the log odds that are added up."""
    spare = BASE + KNOWN * e["known"] + sum(parts.values()) - math.log(odds_of(limit))
    if parts["signs"] > spare:
        fewer = max(math.ceil(e["signs"] - spare / SIGN), 1)
        return f"The same mail with fewer than {count_of(fewer, 'sign')} of a forged sender, link or file."
    if parts["brand"] > spare:
        return "The same mail from an address of the company it speaks of, or under a name of its own."
    if parts["alike"] > spare:
        return "The same mail from a sender whose name looks like nobody else's."
    if not e["known"] and spare < -KNOWN:
        return "The same mail from a sender who has been known for more than a day."
    return "Mail of known senders, with at most one of these signs."


def _brand(batch: Batch, row: int) -> str | None:
    return named_brand(batch.text("from_name", row) or "", registered(_domain(batch, row)))


def _domain(batch: Batch, row: int) -> str:
    """What stands behind the sender's @, in lower case."""
    return (batch.text("mail_from", row) or "").rpartition("@")[2].lower()


def _hosted(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """bool[m]: whether the mail leads to an open host or a bare number, and nowhere to its sender's own domain."""
    found = np.zeros(len(rows), np.bool_)
    for i, row in enumerate(rows.tolist()):
        hosts = [host for host in map(_host, orjson.loads(batch.text("links", row) or "[]")) if host]
        if any(is_open(host) or _NUMBER.fullmatch(host) for host in hosts):
            sender = registered(_domain(batch, row))
            found[i] = all(registered(host) != sender for host in hosts)
    return found


def _host(url: str) -> str:
    """Host of an address in lower case, empty where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _likeness(batch: Batch, row: int) -> float:
    told = look_alike(_domain(batch, row))
    return told.surely if told else 0.0

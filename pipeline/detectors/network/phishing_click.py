"""After a suspicious mail, somebody opens the site it links to."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import count_of
from pipeline.detectors.network.look_alikes import look_alike
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from pipeline.models.starting import BITS, starting_model
from pipeline.models.text_classifier import TextClassifier
from schemas.finding import Feature

SITES, MAILED = 8192, 2048  # per key group
DAY_S = 86_400.0
# Log odds, as in `network.phishing_mail`; a site that people here went to before the mail is not the mail's.
BASE, SIGN, LINK, ALIKE = -2.6, 1.7, 2.0, 3.0


class PhishingClick(Detector):
    """Requests, TLS names and DNS questions for a site that a mail linked to within `within_days`, where the mail shows
    signs of phishing (as its reader counted them, its link judged by the classifier of addresses and by its name) and
    nobody of the key group was seen on the site before. Every key group is told of every link (kind `mail_link`).
    """

    id = "network.phishing_click"
    title = "Link of a phishing mail opened"
    severity = 4
    attacks = ("T1204.001", "T1566.002")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "host", "sni", "query", "site", "url", "suspicion")
    cost = "O(1) a request; 16 bytes a site, 32 bytes a mailed site"
    reference = "Ho et al., Detecting Credential Spearphishing in Enterprise Settings, USENIX Security 2017"
    misses = (
        "Links opened outside of the watched network (telephones, home), bait on sites that people here use anyway, and"
        " mail that only SMTP sensors saw. Clicks are joined with mails at eight key groups or a divisor of eight."
    )
    defaults = {"within_days": 7.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        number = ((), np.float64)
        self._sites = EntityState(setup.groups, SITES, {})
        self._mailed = EntityState(setup.groups, MAILED, {"odds": number, "at": number})
        self._urls = TextClassifier("url", setup.groups, BITS, start=starting_model("url"))
        self._parts = {"sites": self._sites, "mailed": self._mailed}

    def score(self, batch: Batch) -> Scores:
        values, after_s = np.full(batch.n, np.nan), np.zeros(batch.n)
        mailed = batch.kind("mail_link") & (batch.hash("site") != 0)
        site = np.where(mailed, batch.hash("site"), np.uint64(0))
        for kind, name in (("http", "host"), ("tls", "sni"), ("dns", "query")):
            site = np.where(batch.kind(kind), batch.hash(name), site)
        rows = np.flatnonzero(site != 0)
        if len(rows):
            odds = np.full(batch.n, np.nan)
            told = np.flatnonzero(mailed)
            if len(told):
                odds[told] = self._odds(batch, told)
            s, m = self._sites.arrays(), self._mailed.arrays()
            out = _follow(
                site[rows], batch.ts[rows], batch.groups[rows], odds[rows], s["keys"], s["seen"],
                m["keys"], m["seen"], m["odds"], m["at"], float(self.option["within_days"]) * DAY_S,
            )  # fmt: skip
            values[rows], after_s[rows] = out[0], out[1]
        return Scores(values, {"after_s": after_s})

    def _odds(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """float64[m]: log odds that the mail behind each link is phishing."""
        start, length = batch.spans("url")
        link = self._urls.score_learn_many(batch.data, start[rows], length[rows], groups=batch.groups[rows])
        alike = [told.surely if (told := look_alike(batch.text("site", i) or "")) else 0.0 for i in rows.tolist()]
        signs = filled(batch.number("suspicion")[rows])
        return BASE + SIGN * signs + LINK * (filled(link) > 0.9) + ALIKE * np.array(alike)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        who, site = named(batch, row, "src_ip"), named(batch, row, "host", "sni", "query", limit=80)
        minutes = float(scores.evidence["after_s"][row]) / 60.0
        when = f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"
        limit, days = self.limit(scores, row), float(self.option["within_days"])
        features = [
            Feature(name="likeness_of_the_mail_to_phishing", value=round(float(scores.values[row]), 3), usual_low=0.0,
                    usual_high=round(limit, 3), contribution=1.0),
            Feature(name="people_here_who_knew_the_site", value=0, usual_low=1),
            Feature(name="minutes_after_the_mail", value=round(minutes, 1), unit="min"),
        ]  # fmt: skip
        return Explanation(
            f"{who} opened {site} {when} after a mail with signs of phishing linked to it; nobody here knew the site.",
            f"A mail that looks less than {limit:.0%} like phishing, a site that people here knew before it, or a "
            f"visit after more than {count_of(days, 'day')}.",
            features,
        )

    @classmethod
    def examples(cls) -> Sequence[Example]:
        page = {"kind": "http", "src_ip": "10.0.0.9", "method": "GET", "uri": "/login.php"}
        # Mails reach every key group; an example has one, so both events carry the same address.
        mail = {"kind": "mail_link", "src_ip": "10.0.0.9", "ts": 1e6, "suspicion": 2, "site": "verify-pay.example",
                "url": "http://verify-pay.example/login.php", "mail_from": "a@else.example"}  # fmt: skip
        visit = page | {"ts": 1e6 + 900.0, "host": "verify-pay.example"}
        return (
            Example("a click a quarter of an hour later", [mail, visit], True),
            Example(
                "a mail without signs", [mail | {"suspicion": 0, "url": "http://verify-pay.example/"}, visit], False
            ),
            Example("a site they use anyway", [visit | {"ts": 9e5}, mail, visit], False),
        )


@nb.njit(cache=True, nogil=True)
def _follow(site, ts, groups, odds, keys, seen, m_keys, m_seen, m_odds, m_at, within_s):  # type: ignore[no-untyped-def]
    """float64[2, m]: score and seconds since the mail. Columns [m], odds NaN without a mail; state [G, capacity]."""
    out = np.full((2, len(site)), np.nan)
    for i in range(len(site)):
        g = groups[i]
        if odds[i] == odds[i]:
            if find_slot(keys[g], site[i]) < 0:
                slot, fresh = claim_slot(m_keys[g], m_seen[g], site[i], ts[i])
                if fresh or odds[i] >= m_odds[g, slot] or ts[i] > m_at[g, slot] + within_s:
                    m_odds[g, slot] = odds[i]
                    m_at[g, slot] = ts[i]
            continue
        mail = find_slot(m_keys[g], site[i])
        if mail >= 0 and m_at[g, mail] <= ts[i] <= m_at[g, mail] + within_s:
            out[0, i] = 1.0 / (1.0 + np.exp(-m_odds[g, mail]))
            out[1, i] = ts[i] - m_at[g, mail]
            continue  # visits after the mail are the mail's: they do not make the site one that people know
        claim_slot(keys[g], seen[g], site[i], ts[i])
    return out

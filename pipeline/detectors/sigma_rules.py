"""What the Sigma detectors of all sources share: rules and correlations run over a batch, and their sentences."""

from collections.abc import Mapping

import numpy as np
from typing_extensions import override

from pipeline.detectors.detector import Detector, Explanation, Parts, Scores, Setup
from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_text
from pipeline.features.naming import named
from pipeline.rules.correlation import Correlation
from pipeline.rules.correlator import Correlator
from pipeline.rules.event_view import EventView
from pipeline.rules.program import Program
from pipeline.rules.rule import About
from pipeline.rules.shipped import SHIPPED, shipped
from schemas.finding import Feature

# Sigma's level → OCSF severity, and a score that keeps their order, so that a threshold chooses levels.
SEVERITY = {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
SCORE = {"informational": 0.5, "low": 0.6, "medium": 0.7, "high": 0.85, "critical": 0.95}
_LONGEST = 96  # characters of a field's value in a finding


class SigmaRules(Detector):
    """Every rule of one source, one finding a rule and event. State: the correlations' recent hits."""

    title = "Sigma rule"
    severity = 3
    cost = (
        "about 1 ns a character of an event for any number of rules, then 5 to 50 us for each rule that has all its "
        "words in the event; at most 1,024 keys of 2,000 hits a correlation and key group"
    )
    reference = "SigmaHQ, Sigma specification 2.1; Aho and Corasick, CACM 1975; Thompson, CACM 1968"
    misses = (
        "Whatever no rule describes; what an attacker renames or writes differently; correlations see the events of "
        "one key group (an owning host or address), so what is spread over many machines is counted in parts."
    )

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        given = shipped() if setup.rules is None else setup.rules
        self.rules = given.of(self.source)
        self._program = Program(self.rules.rules, self.source)
        digest = self.rules.correlation_digest()
        self._correlator = Correlator(self.rules.correlations, setup.groups, digest)
        self._about = [r.about for r in self.rules.rules] + [c.about for c in self.rules.correlations]
        self._keys = np.array([hash_text(a.key) for a in self._about], np.uint64)
        self._score = np.array([SCORE[a.level] for a in self._about])
        self._severity = np.array([SEVERITY[a.level] for a in self._about], np.int8)
        # A shipped rule says in other words what a detector may have said; of one's own rule one wants to hear, and a
        # correlation is about more than the event that completes it.
        shipped_rules = [r.about.path.startswith(SHIPPED) for r in self.rules.rules]
        self._yields = np.array(shipped_rules + [False] * len(self.rules.correlations), bool)

    @override
    def score(self, batch: Batch) -> Scores:
        rows, which, measures = self._found(batch)
        parts = Parts(
            rows, which, self._keys[which], self._score[which], measures, self._severity[which], self._yields[which]
        )
        values = np.where(self._program.looked_at(batch), 0.0, np.nan)
        np.fmax.at(values, rows, parts.scores)
        return Scores(values, parts=parts)

    def _found(self, batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """int64[m] rows, int64[m] numbers of rules or (behind those) correlations, float64[m] measures."""
        rules, correlator = self.rules.rules, self._correlator
        found: list[tuple[int, int, float]] = []
        before: tuple[int, EventView | None, list[str]] = (-1, None, [])

        def correlate() -> None:
            row, view, matched = before
            if view is not None and matched:
                for number, value in correlator.hits(matched, view, int(batch.groups[row])):
                    if not self.rules.correlations[number].silent:
                        found.append((row, len(rules) + number, value))

        for row, number, view in self._program.hits(batch):
            if row != before[0]:
                correlate()
                before = (row, view, [])
            rule = rules[number]
            if not rule.silent:
                found.append((row, number, np.nan))
            if correlator.wants(rule.about.key) and not self._told_before(batch, row):
                before[2].append(rule.about.key)
        correlate()
        columns = list(zip(*found, strict=True)) if found else [(), (), ()]
        return np.array(columns[0], np.int64), np.array(columns[1], np.int64), np.array(columns[2], np.float64)

    def _told_before(self, batch: Batch, row: int) -> bool:
        """Whether a row tells once more of what another has told, so that correlations do not count it."""
        return False

    @override
    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        assert scores.parts is not None  # noqa: S101  (`score` always gives them)
        mine = np.flatnonzero(scores.parts.rows == row)
        if not len(mine):
            return Explanation("No rule matches.")
        return self.explain_part(batch, scores, int(mine[np.argmax(scores.parts.scores[mine])]))

    @override
    def explain_part(self, batch: Batch, scores: Scores, k: int) -> Explanation:
        assert scores.parts is not None  # noqa: S101  (`score` always gives them)
        row, number = int(scores.parts.rows[k]), int(scores.parts.which[k])
        about, rules = self._about[number], self.rules.rules
        host = named(batch, row, *self.entity, otherwise="a machine")
        user = named(batch, row, "user", otherwise="")
        message = f"On {host} a rule matches" + (f", by {user}" if user and user != host else "")
        message += f": {about.title[:120]}"
        features = []
        normal = "An event that the rule does not match."
        if number < len(rules):
            features = _features(EventView(batch, row), rules[number].fields)
        else:
            one = self.rules.correlations[number - len(rules)]
            value = float(scores.parts.measures[k])
            message += _counted(one, value)
            features = [Feature(name="counted", value=value, contribution=1.0)]
            normal = f"What the rule counts, where it is not {one.condition} within {_span(one.timespan_s)}."
        shown = ", ".join(f"{f.name} {f.value}" for f in features[:2])
        message += f" ({shown[:120]})." if shown else "."
        if number < len(rules):
            normal = f"The same with another {' or '.join(f.name for f in features[:3]) or 'content'}."
        normal = " ".join((normal, _normal(about))).strip()
        features = features or [Feature(name="rule", value=about.title[:128])]
        return Explanation(message, normal, features, about.attacks, about.title, SEVERITY[about.level], about.key)

    @override
    def identity(self) -> str:
        return f" rules {self.rules.digest}"

    @override
    def state(self, group: int) -> dict[str, np.ndarray]:
        return self._correlator.state(group)

    @override
    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        self._correlator.load(group, state)


def _counted(one: Correlation, value: float) -> str:
    what = one.kind.replace("_", " ").replace("value count", "different values").replace("event count", "events")
    if one.kind.startswith("temporal"):
        return f", {value:g} of its {len(one.rules)} rules within {_span(one.timespan_s)}"
    return f", {what} {value:g} within {_span(one.timespan_s)}, told from {one.condition}"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} seconds"


def _normal(about: About) -> str:
    parts = [about.description] if about.description else []
    known = [f for f in about.false_positives if f.lower() not in ("unknown", "unlikely", "none")]
    if known:
        parts.append(f"Known harmless causes: {'; '.join(known)}.")
    text = " ".join(parts)[:700]
    return text if not text or text.endswith(".") else f"{text}."


def _features(view: EventView, fields: tuple[str, ...]) -> list[Feature]:
    out = []
    for field in fields:
        texts = view.texts(field.lower())
        if texts:
            text = " ".join(texts[0].split())
            out.append(Feature(name=field[:64], value=text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"))
    return out

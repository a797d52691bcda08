"""What verdicts taught: the plain record of how alike alerts were judged, and a classifier a source."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.incidents.unjudged import unjudged
from pipeline.learning.alert_features import CODES, SCORE_RANK, STATIC, history
from pipeline.learning.blend import log_odds
from pipeline.learning.known_alert import KnownAlert
from pipeline.learning.source_model import SourceModel
from pipeline.learning.tallies import ALONE, Counts, Tallies
from pipeline.learning.verdict_book import UNDECIDED, Decision, VerdictBook

SUREST = 0.98
"""Of what was judged itself."""
_STRAIGHT, _FURTHEST = 2.0, 3.3
"""Log odds up to which a guess stands as it is, and which none reaches (0.035 and 0.965): what nobody judged is never
as settled as what was, and of two alerts one stays the likelier however often their detector was wrong. A plain limit
made all alike there, and the order was lost."""
_STRENGTH = {"detector": 2.0, "rule": 4.0, "entity": 4.0, "pair": 2.0, "named": 2.0}
"""How many verdicts it takes until what is particular counts as much as what is general: a Beta prior each whose mean
comes from the level above. Verdicts on one detector say nothing of another: pooling them was tried and ranked worse."""
_OF_AN_INCIDENT = 0.5
"""What is said of an incident need not hold for each alert of it."""
_DOUBTED = 0.5
_VARIED = 3.0
"""So many alike verdicts of a person the classifier learns for each unlike one, beside the first ten and others'."""
_MAX_SOURCES = 32


class Experience:
    """p_true of alerts from verdicts on others.

    The record is shrunk from the general to the particular; the source's classifier and the detector's own order are
    blended in by how right they were before (`SourceModel`). State: that of its parts.
    """

    def __init__(self, book: VerdictBook, seed: int) -> None:
        self._book = book
        self._seed = seed
        self._models: dict[str, SourceModel] = {}
        self._judged: dict[str, int] = {}
        self.tallies = Tallies(book.trust)

    def model(self, source: str) -> SourceModel:
        """The classifier of a source."""
        if source not in self._models:
            if len(self._models) >= _MAX_SOURCES:
                source = next(iter(self._models))
            else:
                self._models[source] = SourceModel(self._seed)
        return self._models[source]

    def settle(self, notes: int) -> None:
        """See `SourceModel.settle`."""
        for model in self._models.values():
            model.settle(notes)

    def judged(self, detector: str) -> int:
        """How many of a detector's alerts were decided."""
        return self._judged.get(detector, 0)

    def precision(self, detector: str) -> float | None:
        """Share of a detector's verdicts that say it was real, as they weigh; None without any."""
        counts = self.tallies.of(f"detector|{detector}")
        return counts[0] / sum(counts) if sum(counts) else None

    def learn(self, alert: KnownAlert, decision: Decision | None) -> None:
        """Take what the votes on an alert come to now, in place of what they came to before."""
        self.tallies.trusted_anew()
        for who, verdict, weight in alert.applied:
            self._tell(alert, who, verdict, -weight)
        decided = decision is not None and decision.verdict != UNDECIDED
        change = int(decided) - bool(alert.applied)
        self._judged[alert.detector] = max(self._judged.get(alert.detector, 0) + change, 0)
        alert.applied = []
        model = self.model(alert.source)
        if decision is None or not decided:
            model.forget(alert.alert_id)
            return
        if self._teaches(alert, decision):
            real = decision.verdict == "true"
            model.learn(alert.alert_id, self._vector(alert), alert.codes, real, self._known([alert])[0])
        else:
            model.forget(alert.alert_id)
        weight = (1.0 if decision.direct else _OF_AN_INCIDENT) / len(decision.supporters)
        alert.applied = [(who, decision.verdict, weight) for who in decision.supporters]
        for who, verdict, weight in alert.applied:
            self._tell(alert, who, verdict, weight)

    def _tell(self, alert: KnownAlert, who: str, verdict: str, weight: float) -> None:
        for key in (*alert.keys, *alert.named):
            self.tallies.add(key, who, verdict, weight)

    def _teaches(self, alert: KnownAlert, decision: Decision) -> bool:
        """Whether the classifier learns it: not when one account says the same again and again."""
        real = decision.verdict == "true"
        for who in decision.supporters:
            mine, others = self.tallies.shares(f"detector|{alert.detector}", who)
            alike, unlike = (mine[0], mine[1] + mine[2]) if real else (mine[1] + mine[2], mine[0])
            if self._book.trust(who) >= _DOUBTED and alike < ALONE + _VARIED * unlike + others:
                return True
        return False

    def p_true(self, alerts: Sequence[KnownAlert]) -> np.ndarray:
        """float64[n] of alerts that nobody judged themselves."""
        out, known = np.zeros(len(alerts)), self._known(alerts)
        for source in dict.fromkeys(a.source for a in alerts):
            mine, model = [i for i, a in enumerate(alerts) if a.source == source], self.model(source)
            x, c = np.zeros((len(mine), 0)), np.zeros((len(mine), 0), np.uint64)
            if model.has_say:  # else nobody looks at what alerts are like, and putting it together takes longest
                x = np.array([self._vector(alerts[i]) for i in mine])
                c = np.array([alerts[i].codes for i in mine])
            out[mine] = model.proba(x, c, known[mine])
        return _held(out)

    def _known(self, alerts: Sequence[KnownAlert]) -> np.ndarray:
        """float64[n, 3], log odds: as alike ones were judged; as the score stands among the detector's last; by it."""
        record = log_odds(np.array([self._record(a) for a in alerts]))
        rank = [2.0 * float(a.numbers[SCORE_RANK]) - 1.0 for a in alerts]
        return np.column_stack([record, rank, [2.0 * a.score - 1.0 for a in alerts]])

    def _vector(self, alert: KnownAlert) -> np.ndarray:
        seen = [self.tallies.of(key) for key in alert.keys]
        return np.concatenate([alert.numbers, history([*seen, self._named(alert)])])

    def _named(self, alert: KnownAlert) -> Counts:
        """How alerts were judged that name the same thing: what was judged most."""
        return max((self.tallies.of(key) for key in alert.named), key=sum, default=(0.0, 0.0, 0.0))

    def _record(self, alert: KnownAlert) -> float:
        p = unjudged(alert.severity, alert.score, alert.threshold)
        for key in alert.keys:
            level = key.partition("|")[0]
            if level != "rule" or alert.rule:
                p = _shrunk(self.tallies.of(key), p, _STRENGTH[level])
        return _shrunk(self._named(alert), p, _STRENGTH["named"]) if alert.named else p

    def version(self) -> str:
        """Of what gives the probabilities."""
        parts = (self._seed, STATIC, CODES, sorted(_STRENGTH.items()), _STRAIGHT, _FURTHEST)
        return f"verdicts-{hashlib.blake2b(repr(parts).encode(), digest_size=4).hexdigest()}"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """JSON-ready part, and arrays."""
        models: dict[str, Any] = {}
        arrays: dict[str, np.ndarray] = {}
        for source, model in self._models.items():
            models[source], mine = model.state()
            arrays |= {f"{source}|{name}": array for name, array in mine.items()}
        return {"models": models, "judged": self._judged, "tallies": self.tallies.state()}, arrays

    def load(self, plain: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave."""
        self._judged = {d: int(n) for d, n in plain["judged"].items()}
        self.tallies.load(plain["tallies"])
        self._models = {}
        for source, model in plain["models"].items():
            mine = {k.partition("|")[2]: v for k, v in arrays.items() if k.partition("|")[0] == source}
            self.model(source).load(model, mine)


def _held(p: np.ndarray) -> np.ndarray:
    """Probabilities, those near 0 and 1 drawn in; their order stays."""
    held = np.clip(p, 1e-12, 1.0 - 1e-12)
    odds = np.log(held / (1.0 - held))
    room = _FURTHEST - _STRAIGHT
    beyond = np.maximum(np.abs(odds) - _STRAIGHT, 0.0)
    drawn = np.sign(odds) * (np.minimum(np.abs(odds), _STRAIGHT) + beyond * room / (beyond + room))
    return np.asarray(1.0 / (1.0 + np.exp(-drawn)))


def _shrunk(counts: Counts, mean: float, strength: float) -> float:
    return (strength * mean + counts[0]) / (strength + sum(counts))

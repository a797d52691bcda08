"""Assesses alerts by what analysts said of earlier ones, and says what that means for thresholds and the allow-list."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from pipeline.errors import CheckpointError
from pipeline.incidents.assessment import Assessment
from pipeline.learning.alert_features import AlertFeatures
from pipeline.learning.alert_memory import MAX_ALERTS, AlertMemory
from pipeline.learning.allow_proposals import AllowProposals
from pipeline.learning.assessment_rows import AssessmentRows
from pipeline.learning.experience import SUREST, Experience
from pipeline.learning.known_alert import KnownAlert
from pipeline.learning.tuning_advice import TuningAdvice
from pipeline.learning.verdict_book import LABELS
from pipeline.learning.verdict_intake import VerdictIntake
from schemas.note import FindingNote, LinkNote, VerdictNote, VolumeNote

_WEIGHT = {1: 0.15, 2: 0.3, 3: 0.5, 4: 0.75, 5: 1.0}
"""Of a severity in the priority."""
_FLOOR = {4: 0.15, 5: 0.35}
"""No verdicts make a grave alert count for less than this probability: it stays in sight whoever was wrong."""
_ALLOWED = 0.2
_SCORE_PART = 0.15
_AHEAD_S = 7 * 86_400.0
_ALIKE, _OTHERS, _REVIEWED_S = 200, 20, 7 * 86_400.0
"""After a verdict so many alerts of its detector, and of each other detector of the source, are assessed anew, if they
are of the last week."""
_VERSION = 1


class Assessor:
    """A part of the findings agent's line, and `assess` for the alert that was just taken.

    A verdict counts for what is alike: the same detector, rule, entity, pair, or other things named, and for what
    looks alike to a classifier of its source. Limits on what one account, a burst or an error can do stand in
    `tallies`, `experience`, `tuning_advice` and `_FLOOR`. One note takes about 0.1 ms, a verdict some ms. State:
    20,000 alerts, at most some 60 MB; 3 MB after 3,000 alerts.

    Time is that of the notes; a replay of the log gives the same.
    """

    def __init__(self, seed: int = 7, alerts: int = MAX_ALERTS) -> None:
        """`alerts`: how many are remembered."""
        self._options = (seed, alerts)
        self._memory = AlertMemory(alerts)
        self._features = AlertFeatures()
        self._intake = VerdictIntake(self._memory.last_seen)
        self._experience = Experience(self._intake.book, seed)
        self._tuning = TuningAdvice(self._experience.tallies)
        self._proposals = AllowProposals()
        self._rows = AssessmentRows(self._experience.version())
        self._lists: list[tuple[str, dict[str, str]]] = []
        self._notes = 0
        self._clock = 0.0
        self._due: dict[str, None] = {}
        """Alerts to be assessed when rows are asked for."""
        self._taught: dict[str, str] = {}
        """Detectors of which there were verdicts since, and their source."""

    def take(self, note: FindingNote | LinkNote | VolumeNote | VerdictNote) -> None:
        """One note in log order."""
        self._notes += 1
        self._experience.settle(self._notes)
        if isinstance(note, FindingNote):
            self._take_finding(note)
        elif isinstance(note, VerdictNote):
            changed = self._intake.take(note)
            self._rows.verdict(note, self._intake.reached(note))
            for alert_id in changed:
                self._judge(alert_id, note.ts)

    def _take_finding(self, note: FindingNote) -> None:
        self._clock = max(self._clock, note.ts)
        self._intake.expire(self._clock)
        known = self._memory.get(note.alert_id)
        if known is not None and note.last_ts < known.last_ts:
            return
        alert = KnownAlert.of(note, *self._features.columns(note, None if known is None else known.numbers))
        if known is not None:
            alert.incident_id, alert.told, alert.applied = known.incident_id, known.told, known.applied
        self._memory.keep(alert)
        self._due[note.alert_id] = None
        if known is None and self._intake.arrived(note.alert_id):
            self._judge(note.alert_id, max(v.ts for v in self._intake.book.votes(note.alert_id).values()))

    def belongs(self, alert_id: str, incident_id: str) -> None:
        """An alert is part of an incident: a verdict on the incident is one on it."""
        known = self._memory.get(alert_id)
        if known is None or known.incident_id == incident_id:
            return
        known.incident_id = incident_id
        self._due[alert_id] = None
        if self._intake.belongs(alert_id, incident_id):
            self._judge(alert_id, max(v.ts for v in self._intake.book.votes(alert_id).values()))

    def assess(self, note: FindingNote) -> Assessment:
        """What is thought of an alert; it counts as taken if it was not yet."""
        if self._memory.get(note.alert_id) is None:
            self.take(note)
        alert = self._memory.get(note.alert_id)
        return self._assessments([alert])[0] if alert is not None else Assessment(0.5)

    def _assessments(self, alerts: Sequence[KnownAlert]) -> list[Assessment]:
        found = []
        for alert, guess in zip(alerts, self._experience.p_true(alerts).tolist() if alerts else (), strict=True):
            decision = self._intake.book.decision(alert.alert_id)
            p = guess
            if decision is not None and decision.verdict in LABELS:
                p = SUREST if decision.verdict == "true" else 1.0 - SUREST
            elif alert.void:
                p = 1.0 - SUREST
            judged = decision is not None or alert.void
            found.append(
                Assessment(
                    round(p, 6),
                    self._experience.precision(alert.detector),
                    self._experience.judged(alert.detector),
                    _priority(alert, p, judged=judged),
                )
            )
        return found

    def _judge(self, alert_id: str, ts: float) -> None:
        """The votes on a known alert changed at `ts`."""
        alert = self._memory.get(alert_id)
        if alert is None:
            return
        decision = self._intake.book.decision(alert_id)
        self._experience.learn(alert, decision)
        verdict = decision.verdict if decision else ""
        trusted = [who for who in (decision.supporters if decision else ()) if self._intake.book.trust(who) >= 0.5]
        pair = (alert.rule or alert.detector, alert.entity_type, alert.entity)
        self._proposals.judged(pair, alert_id, verdict if trusted else "", trusted, alert.last_ts)
        if not alert.rule:  # many rules under one threshold: the noise of one says nothing of the others
            scores = (alert.score, alert.threshold)
            self._tuning.judged(alert.detector, alert_id, verdict, scores, alert.last_ts)
            # Of a log that is read again later, the time that counts is that of its events.
            row = self._tuning.advise(alert.detector, min(ts, self._clock + _AHEAD_S))
            if row is not None:
                self._lists.append(("tuning", row))
        self._rows.judgement(alert, verdict, self._intake.book.votes(alert_id))
        self._due[alert_id] = None
        self._taught[alert.detector] = alert.source

    def list_rows(self) -> list[tuple[str, dict[str, str]]]:
        """(list, row) since last asked: what verdicts ask of thresholds. A shift of 0 takes an earlier one back."""
        rows, self._lists = self._lists, []
        return rows

    def tables(self) -> dict[str, pa.Table]:
        """Rows of `assessments`, `verdicts`, `judgements` and `proposals` since last asked."""
        for source in dict.fromkeys(self._taught.values()):
            for detector in self._memory.detectors(source):
                recent = self._memory.latest(detector, _ALIKE if detector in self._taught else _OTHERS)
                self._due |= {a.alert_id: None for a in recent if a.last_ts >= self._clock - _REVIEWED_S}
        alerts = [alert for alert_id in self._due if (alert := self._memory.get(alert_id)) is not None]
        self._due, self._taught = {}, {}
        for alert, assessment in zip(alerts, self._assessments(alerts), strict=True):
            self._rows.assessment(alert, assessment)
        for row in self._proposals.rows():
            self._rows.proposal(row, self._experience.precision(row["detector"]))
        return self._rows.tables(self._clock)

    @property
    def unknown_verdicts(self) -> int:
        """Verdicts that were about nothing known when they came."""
        return self._intake.unknown

    def agreement(self, who: str) -> tuple[int, int]:
        """(alerts a person judged with others, those of them on which the others' majority said the same)."""
        return self._intake.book.agreement(who)

    def state(self) -> dict[str, np.ndarray]:
        """Everything, for the checkpoint."""
        alerts, columns = self._memory.state()
        learned, arrays = self._experience.state()
        plain = {
            "version": _VERSION, "options": self._options, "alerts": alerts, "features": self._features.state(),
            "intake": self._intake.state(), "learned": learned, "tuning": self._tuning.state(),
            "proposals": self._proposals.state(), "rows": self._rows.state(), "lists": self._lists,
            "notes": self._notes, "clock": self._clock, "due": list(self._due), "taught": self._taught,
        }  # fmt: skip
        return {
            "plain": np.frombuffer(orjson.dumps(plain), np.uint8),
            **{f"alerts|{name}": array for name, array in columns.items()},
            **{f"learned|{name}": array for name, array in arrays.items()},
        }

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; {} resets. Raises CheckpointError, and changes nothing, when it does not fit."""
        fresh = Assessor(*self._options)
        if state:
            try:
                fresh._restore(state)
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                raise CheckpointError(
                    f"state of assessments is incomplete or damaged ({type(error).__name__})"
                ) from error
        self.__dict__.update(fresh.__dict__)

    def _restore(self, state: Mapping[str, np.ndarray]) -> None:
        plain: dict[str, Any] = orjson.loads(np.asarray(state["plain"], np.uint8).tobytes())
        if plain["version"] != _VERSION or tuple(plain["options"]) != self._options:
            raise CheckpointError("state of assessments is of another version or of other options")
        self._memory.load(plain["alerts"], _under("alerts", state))
        self._features.load(plain["features"])
        self._intake.load(plain["intake"])
        self._experience.load(plain["learned"], _under("learned", state))
        self._tuning.load(plain["tuning"])
        self._proposals.load(plain["proposals"])
        self._rows.load(plain["rows"])
        self._lists = [(str(name), dict(row)) for name, row in plain["lists"]]
        self._notes, self._clock = int(plain["notes"]), float(plain["clock"])
        self._due, self._taught = dict.fromkeys(plain["due"]), dict(plain["taught"])


def _priority(alert: KnownAlert, p: float, *, judged: bool) -> float:
    floor = 0.0 if judged else _FLOOR.get(alert.severity, 0.0)
    by_score = 1.0 - _SCORE_PART + _SCORE_PART * alert.score
    value = 100.0 * _WEIGHT[alert.severity] * max(p, floor) * by_score
    return round(value * (_ALLOWED if alert.allowed else 1.0), 2)


def _under(name: str, state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key.partition("|")[2]: value for key, value in state.items() if key.partition("|")[0] == name}

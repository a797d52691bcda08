"""Groups findings: one alert a detector, thing and day, with a count."""

import heapq
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import orjson

from pipeline.alerts.alert_state import DAY_S, MAX_EVIDENCE, MAX_MEMBERS, PART, AlertState, alert_id
from pipeline.alerts.allowance import Allowance
from pipeline.alerts.cases import Cases, Key, in_turn
from pipeline.alerts.document import CLOSE, CREATE, UPDATE, alert_document
from pipeline.alerts.hits import HitsLike
from pipeline.alerts.same_event import SameEvent
from pipeline.errors import CheckpointError
from schemas.alert import Alert
from schemas.base import ID_SIZE
from schemas.chart import WITHDRAWN
from schemas.finding import Finding, Observable

# An alert of a past day is kept open this long for late events, in event time.
GRACE_S = DAY_S
# Open alerts a key group: above it the oldest is closed early, so that a flood cannot exhaust memory.
MAX_OPEN = 20_000
# So many findings of an alert are looked through for who is involved; later ones only when the count doubles.
LOOK_AT = 200


class Grouper:
    """Counts findings per key group; tells an alert when it opens, when its count doubles, and when it closes.

    What is told depends on the findings alone, not on how the stream was cut, so that a replay tells the same; only a
    finding that comes later than the grace time may open its alert anew, or one of a flood beyond MAX_OPEN.
    """

    def __init__(self, product_version: str, allowed: Callable[[Finding], Allowance | None] = lambda _: None) -> None:
        """`allowed` gives the entry of the allow-list that a finding falls under, or None.

        An alert is hidden as long as each of its findings is allowed: the first that is not makes it told.
        """
        self._version = product_version
        self._allowed = allowed
        self._open: dict[int, dict[Key, AlertState]] = {}
        self._ends: dict[int, list[tuple[int, Key]]] = {}
        self._spent: dict[int, dict[tuple[str, int], tuple[int, float]]] = {}
        self._doubled: dict[str, AlertState] = {}
        """Alerts whose count doubled since `changed` was asked."""
        self._closed: list[AlertState] = []
        self._cases = Cases()
        self._same = SameEvent(())

    def add(self, hits: Sequence[HitsLike]) -> list[Alert]:
        """Count one batch's findings and give the documents to be told now, suppressed ones excluded."""
        told: list[Alert] = []
        self._same = SameEvent(hits)
        for h, k in in_turn([h for h in hits if h.alert_days > 1]):
            told += self._count_in_case(h, k)
        for h in hits:
            if h.alert_days == 1 and h.yields is None:
                days = (h.ts // DAY_S).astype(np.int64)
                order = np.lexsort((np.arange(len(h.ts)), h.keys, days, h.groups))
                same = np.flatnonzero(
                    (np.diff(h.groups[order]) != 0) | (np.diff(days[order]) != 0) | (np.diff(h.keys[order]) != 0)
                )
                # In order of first sight, as a day's budget goes to those who come first.
                for rows in sorted(np.split(order, same + 1), key=lambda r: int(r[0])):
                    told += self._count(h, rows, int(h.groups[rows[0]]), int(days[rows[0]]))
        for h in hits:
            if h.yields is not None:
                for k in self._same.in_turn(h):
                    told += self._count(h, np.array([k]), int(h.groups[k]), int(h.ts[k] // DAY_S))
        return told

    def _count_in_case(self, h: HitsLike, k: int) -> list[Alert]:
        """The k-th finding, where alerts last for days or take in what others found."""
        group, key, day = int(h.groups[k]), int(h.keys[k]), int(h.ts[k] // DAY_S)
        first = self._cases.first(h, group, key, day)
        if first is None:
            host = self._cases.host(h, k, self._open.get(group, {}))
            if host is not None:
                return self._take_in(h, np.array([k]), host)
            first = self._cases.begin(h, group, key, day)
        return self._count(h, np.array([k]), group, first)

    def _count(self, h: HitsLike, rows: np.ndarray, group: int, day: int) -> list[Alert]:
        """Findings `rows` (ascending) of one detector, group, thing and day."""
        key = (h.detector, int(h.keys[rows[0]]), day)
        alerts = self._open.setdefault(group, {})
        state = alerts.get(key)
        if state is None:
            finding = h.describe(int(rows[0]))
            state = AlertState(alert_id(finding, group, key[1], day), day, finding, alert_days=h.alert_days)
            allowance = self._allowed(finding)
            state.allowance = allowance.to_plain() if allowance else {}
            state.suppressed = str(allowance) if allowance else self._over_budget(h, group, day, finding.score)
            alerts[key] = state
            heapq.heappush(self._ends.setdefault(group, []), (day + h.alert_days - 1, key))
        return self._take_in(h, rows, state)

    def _take_in(self, h: HitsLike, rows: np.ndarray, state: AlertState) -> list[Alert]:
        """Count findings `rows` in an open alert, of this detector or of one it stands beside."""
        told, guest = [], h.detector != state.finding.detector
        done = 0
        while done < len(rows):
            # The count at which this alert is next told: 1, 2, 4, 8 …, or at once when it had been withdrawn.
            stop = state.count + 1 if state.void else 1 << state.count.bit_length() if state.count else 1
            step = rows[done : done + stop - state.count]
            bare = self._first_not_allowed(h, state, step)
            if bare is not None:
                step, stop = step[: bare + 1], state.count + bare + 1
                # Told whatever the budget: which of a batch comes first there must not depend on its cut.
                state.allowance, state.suppressed = {}, None
            done += len(step)
            if self._same and not guest:
                self._stand_beside(h, step, state)
            if h.event_id is not None:
                state.members += [h.event_id(int(k)) for k in step[: max(MAX_MEMBERS - state.count, 0)]]
            for k in step[: max(LOOK_AT - state.count, 0)]:
                if state.crowded:
                    break
                state.involve(h.observe(int(k)))
            state.count += len(step)
            state.first_ts = min(state.first_ts, float(h.ts[step].min()))
            state.last_ts = max(state.last_ts, float(h.ts[step].max()))
            fresh = guest and h.detector not in state.beside
            if not guest:
                state.top_score = max(state.top_score, float(h.scores[step].max()))
            if state.count == stop or fresh:
                finding = h.describe(int(step[-1])) if stop > 1 else state.finding
                if guest:
                    state.beside[h.detector] = finding.title
                    state.gravest = max(state.gravest, finding.severity)
                else:
                    state.finding = finding
                state.involve({(o.type, o.value): o.name for o in finding.observables})
                if len(state.evidence) < MAX_EVIDENCE:
                    state.evidence.append(finding.evidence)
                self._doubled[state.uid] = state
                if not state.suppressed:
                    new = stop == 1 or bare is not None
                    told.append(alert_document(state, CREATE if new else UPDATE, self._version))
        return told

    def _stand_beside(self, h: HitsLike, step: np.ndarray, state: AlertState) -> None:
        """Let the alert say what else was found in the events `step`. It counts events: each stays one."""
        for k in step.tolist():
            for other, j in self._same.take(h, k, state):
                if (name := f"{other.detector}{PART}{int(other.keys[j]):x}") not in state.beside:
                    finding = other.describe(j)
                    state.beside[name] = finding.title
                    state.more_attacks += [a for a in finding.attacks if a not in state.attacks]

    def _first_not_allowed(self, h: HitsLike, state: AlertState, step: np.ndarray) -> int | None:
        """Where in `step` the first finding stands that a hidden alert may not hide."""
        if not state.allowance:
            return None
        for at, k in enumerate(step.tolist()):
            # Whom the event names is cheap to know, and mostly enough.
            seen = [Observable(name=n, type=t, value=v) for (t, v), n in h.observe(k).items()]
            like = state.finding.model_copy(update={"ts": float(h.ts[k]), "entity": "", "observables": seen})
            if self._allowed(like) is None and self._allowed(h.describe(k)) is None:
                return at
        return None

    def withdraw(self, group: int, ts: float, event_id: str) -> list[Alert]:
        """An event of time `ts` gives no reason for its findings any more: alerts count it out; the documents of those
        of which nothing is left. Alerts that are closed already stay as they are. `event_id` is the id with a mark at
        its end, for which a long one had to be cut."""
        told = []
        kept = event_id.removesuffix(WITHDRAWN)
        whole = len(event_id) < ID_SIZE
        day = int(ts // DAY_S)
        for key, state in self._open.get(group, {}).items():
            if abs(day - key[2]) >= state.alert_days:
                continue
            # One event may be there twice: by its own detector and by one beside.
            found = [m for m in state.members if m == kept or (not whole and m.startswith(kept))]
            if not found:
                continue
            for member in found:
                state.members.remove(member)
            state.withdrawn += len(found)
            state.written = -1
            self._doubled[state.uid] = state
            if state.void and not state.suppressed:
                told.append(alert_document(state, CLOSE, self._version))
        return told

    def _over_budget(self, h: HitsLike, group: int, day: int, score: float) -> str | None:
        """Why a new alert is not told: the day's are spent, and this is no worse than all that was told."""
        if h.a_day is None:
            return None
        spent = self._spent.setdefault(group, {})
        count, worst = spent.get((h.detector, day), (0, 0.0))
        if count >= h.a_day and score <= worst:
            return f"over the budget of {h.detector}: {h.a_day} alerts a day and key group"
        spent[h.detector, day] = (count + 1, max(worst, score))
        return None

    def close(self, latest: Mapping[int, float], activity: int = CLOSE) -> list[Alert]:
        """Forget alerts whose day is over by more than the grace time and give their last documents.

        `latest`: event time by key group, so that a partition that lags behind keeps its alerts open.
        `activity`: 3, close; 1 where nobody was told before (a scan).
        """
        closed = []
        for group, ends in self._ends.items():
            alerts = self._open[group]
            watermark_ts = latest.get(group, -math.inf)
            spent = self._spent.get(group, {})
            for past in [k for k in spent if (k[1] + 1) * DAY_S + GRACE_S <= watermark_ts]:
                del spent[past]
            while ends and ((ends[0][0] + 1) * DAY_S + GRACE_S <= watermark_ts or len(alerts) > MAX_OPEN):
                _, key = heapq.heappop(ends)
                state = alerts.pop(key)
                self._cases.forget(group, key)
                self._closed.append(state)
                if not state.suppressed and not state.void:
                    closed.append(alert_document(state, activity, self._version))
        return closed

    def drain(self) -> list[Alert]:
        """Close everything: the end of a scan. In order of first sight, suppressed ones excluded."""
        states = [s for alerts in self._open.values() for s in alerts.values()]
        self._open, self._ends, self._cases = {}, {}, Cases()
        self._closed += states
        states.sort(key=lambda s: (s.first_ts, s.uid))
        return [alert_document(s, CREATE, self._version) for s in states if not s.suppressed and not s.void]

    def changed(self, *, everything: bool = False) -> list[tuple[AlertState, Alert]]:
        """Alerts for the table with their present documents, suppressed ones too: those that are new, doubled or
        closed since the last call; with `everything`, each whose count the table does not have yet.

        A busy alert counts up with every batch: writing each of its counts would cost more than scoring does.
        """
        if everything:
            states = [*self._closed, *(s for alerts in self._open.values() for s in alerts.values())]
        else:
            states = [*self._closed, *self._doubled.values()]
        self._closed, self._doubled = [], {}
        states = [s for s in states if s.count != s.written]
        for s in states:
            s.written = s.count
        return [(s, alert_document(s, CREATE if s.count == 1 else UPDATE, self._version)) for s in states]

    def state(self, group: int) -> dict[str, np.ndarray]:
        """One key group's open alerts, as JSON bytes."""
        alerts = self._open.get(group, {})
        plain = [[k[0], k[1], k[2], s.to_plain()] for k, s in alerts.items()]
        spent = [[*k, *v] for k, v in self._spent.get(group, {}).items()]
        return {"alerts": np.frombuffer(orjson.dumps([plain, spent]), np.uint8)}

    def reset(self, group: int) -> None:
        """Forget one key group."""
        self._open.pop(group, None)
        self._ends.pop(group, None)
        self._spent.pop(group, None)
        self._cases.reset(group, {})

    def load(self, group: int, state: dict[str, np.ndarray]) -> None:
        """Put back what `state` gave. Raises CheckpointError when it does not fit."""
        try:
            plain, spent = orjson.loads(state["alerts"].tobytes())
            budgets = {(d, day): (count, worst) for d, day, count, worst in spent}
            alerts = {(d, h, day): AlertState.from_plain(s) for d, h, day, s in plain}
        except (KeyError, ValueError, TypeError) as error:
            raise CheckpointError("open alerts in the checkpoint are of another version") from error
        self._open[group] = alerts
        self._spent[group] = budgets
        self._ends[group] = sorted((key[2] + state.alert_days - 1, key) for key, state in alerts.items())
        self._cases.reset(group, alerts)

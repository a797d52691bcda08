"""All models of a source through their life: the engine that tells, challengers in its shadow, drift, and figures."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import orjson

from pipeline.detectors.detector import Detector
from pipeline.engine.bout import DECLARED, FRESH, Bout
from pipeline.engine.engine import Engine, EngineConfig, Outcome, State
from pipeline.engine.finding import Hits
from pipeline.engine.model_life import Life, Turn
from pipeline.engine.origin import Origin
from pipeline.engine.taking_sides import compare, merged
from pipeline.errors import CheckpointError
from pipeline.features.batch import Batch
from pipeline.features.lists import Lists
from pipeline.learning.champion_order import ChampionOrder
from pipeline.learning.drift import Drift
from pipeline.learning.drift_monitor import DriftMonitor

DRIFT, BOUTS = "drift", "bouts"
SHADOW = "/challenger"
KEPT_S = 7 * 86_400.0
"""Event time for which a former champion is kept for the way back, and a fresh challenger for a decision."""
TRIED_S = 14 * 86_400.0
"""A fresh challenger that nobody promoted in this time ends: what it learned is the champion's normal too by now."""


class Contest:
    """An engine whose detectors may have a second instance each, in shadow, key group by key group.

    Findings come from one of the two; which one, the list `champions` says. A challenger starts with the first batch
    after it is due (declared: the first of all; fresh: after a drift), and loads nothing on those without one.
    """

    def __init__(self, source: str, config: EngineConfig, lists: Lists | None = None) -> None:
        """Raises ConfigError for an unknown detector or option."""
        self.source = source
        self.config = config
        self._lists = lists or Lists()
        self.engine = Engine(source, config, self._lists)
        self._shadows: dict[str, Engine] = {}
        self._declared = {name: dict(o) for name, o in config.challengers.items() if name in self.engine.detectors}
        for name in self._declared:
            self._shadow(name)
        self._bouts: dict[int, dict[str, Bout]] = {}
        self._due: dict[tuple[int, str], str] = {}
        self._orders: dict[str, ChampionOrder] = {}
        self._orders_of: object = None
        self.monitor = DriftMonitor(source, tuple(self.engine.detectors), config.key_groups)
        self.life = Life()
        self._versions: dict[int, str] = {}
        self.noticed: list[Drift] = []
        """Drift that the last batch showed."""

    @property
    def detectors(self) -> Mapping[str, Detector]:
        """As the settings have them."""
        return self.engine.detectors

    @property
    def state_version(self) -> str:
        """What a checkpoint must agree with; challengers may come and go."""
        return self.engine.state_version

    def _shadow(self, name: str) -> Engine:
        """The engine of the second slot: this detector alone, with a challenger's options where one is declared."""
        if name not in self._shadows:
            others = tuple(other for other in self.engine.detectors if other != name)
            config = replace(
                self.config,
                options={name: self.options_of(name)},
                disabled=(*self.config.disabled, *others),
                challengers={},
            )
            self._shadows[name] = Engine(self.source, config, self._lists)
        return self._shadows[name]

    def process(self, batch: Batch, origin: Origin) -> Outcome:
        """As `Engine.process`, with what the challengers say aside, and drift noticed."""
        self.noticed = []
        outcome = self.engine.process(batch, origin)
        if not batch.n:
            return outcome
        groups = np.flatnonzero(np.bincount(batch.groups)).tolist()
        first = {g: float(batch.ts[int(np.argmax(batch.groups == g))]) for g in groups}
        self._prepare(groups, first)
        for name in sorted({name for g in groups for name in self._bouts.get(g, {})}):
            outcome = self._fight(name, groups, batch, origin, outcome)
        if self._versions:
            outcome = self._under_their_versions(outcome)
        self._watch(batch, outcome)
        self.life.took(self.engine.spent_s, batch.n)
        return outcome

    def _prepare(self, groups: list[int], first: Mapping[int, float]) -> None:
        """Begin what is due and obey what was ordered."""
        self._read_orders()
        for g in groups:
            self.life.begin(g, first[g], self.engine.model_version)
            bouts = self._bouts.setdefault(g, {})
            for name in self._declared:
                if name not in bouts:
                    bouts[name] = Bout(
                        name, DECLARED, self._options(name), first[g], challenger_mark=self._options(name)
                    )
            for name in [name for group, name in self._due if group == g]:
                self._start(g, name, self._due.pop((g, name)), first[g])
            for name in [n for n, b in bouts.items() if b.tried_in_vain(first[g], TRIED_S)]:
                self.life.end(g, bouts.pop(name))
            for name, bout in bouts.items():
                if bout.obey(self._orders.get(name), first[g]):
                    self._changed(g, bout, self._orders[name])

    def _start(self, g: int, name: str, why: str, now_ts: float) -> None:
        """A fresh challenger in the slot that is in shadow, if there is room."""
        bouts = self._bouts[g]
        old = bouts.get(name)
        held = old is not None and ((old.kind == DECLARED and not old.promoted) or now_ts < old.turned_ts + KEPT_S)
        busy = [b for b in bouts.values() if b.kind == FRESH and not b.promoted and b is not old]
        if held or len(busy) >= self.config.fresh_challengers:
            return
        front = old.front if old else 0
        bout = Bout(
            name, FRESH, self._options(name), now_ts, front, old.champion_mark if old else "", f"fresh:{now_ts:.0f}"
        )
        if old is not None:
            self.life.end(g, old)
        bout.obeyed_at = self._orders[name].at if name in self._orders else 0.0
        bouts[name] = bout
        slot = self._shadow(name) if front == 0 else self.engine
        slot.renew(name, g)
        self.life.turns.append(Turn(g, name, self._version(g, challenger=name), now_ts, "drift", reason=why))

    def _changed(self, g: int, bout: Bout, order: ChampionOrder) -> None:
        """Champion and challenger have changed places."""
        self.monitor.restart(g, bout.detector)
        self._set_version(g)
        version = self._versions.get(g, self.engine.model_version)
        turn = Turn(g, bout.detector, version, bout.promoted_ts, order.action, order.by, order.reason)
        self.life.turns.append(turn)

    def _fight(self, name: str, groups: list[int], batch: Batch, origin: Origin, outcome: Outcome) -> Outcome:
        """One challenger's turn."""
        bouts = {g: self._bouts[g][name] for g in groups if name in self._bouts.get(g, {})}
        other = self._shadow(name).process(batch, origin)
        fronts = np.full(self.config.key_groups, -1, np.int8)
        for g, bout in bouts.items():
            fronts[g] = bout.front
        outcome, challenged = merged(name, outcome, other, fronts[batch.groups])
        compare(bouts, batch, [h for h in outcome.hits if h.detector == name], challenged, self.life)
        return outcome

    def _under_their_versions(self, outcome: Outcome) -> Outcome:
        """Findings of key groups with other models bear their version."""

        def versioned(h: Hits) -> Hits:
            def describe(k: int) -> Any:
                finding = h.describe(k)
                version = self._versions.get(int(h.groups[k]))
                return finding if version is None else finding.model_copy(update={"model_version": version})

            return replace(h, describe=describe)

        return replace(outcome, hits=tuple(versioned(h) for h in outcome.hits), versions=dict(self._versions))

    def _watch(self, batch: Batch, outcome: Outcome) -> None:
        hours = self.monitor.hours(batch.ts)
        found: dict[str, list[np.ndarray]] = {}
        for h in outcome.hits:
            found.setdefault(h.detector, []).append(h.groups)
        for d, name in enumerate(self.monitor.detectors):
            for drift in self.monitor.note(d, outcome.scores[name], hours, batch.groups):
                self.noticed.append(drift)
                if self.config.fresh_challengers and name in self.engine.learns:
                    self._due[drift.group, name] = drift.sentence()
            if name in found:
                self.monitor.found(d, np.concatenate(found[name]))
        self.life.drifts += self.noticed

    def _read_orders(self) -> None:
        content = self._lists["champions"]
        if content is self._orders_of:
            return
        self._orders_of = content
        self._orders = {}
        for row in content.distinct:
            order = ChampionOrder.of(row)
            if order.at >= self._orders.get(order.detector, order).at:
                self._orders[order.detector] = order

    def options_of(self, name: str) -> dict[str, Any]:
        """What the second slot of a detector runs with."""
        return dict(self._declared.get(name, self.config.options.get(name, {})))

    def _options(self, name: str) -> str:
        return self._shadow(name).state_version

    def _version(self, g: int, challenger: str = "") -> str:
        """Of a key group's models; with `challenger`, as if that detector's were in front."""
        marks = {
            name: b.challenger_mark if name == challenger else b.champion_mark
            for name, b in sorted(self._bouts.get(g, {}).items())
        }
        if not any(marks.values()):
            return self.engine.model_version
        text = "|".join([self.engine.model_version, *(f"{name}:{mark}" for name, mark in marks.items() if mark)])
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

    def _set_version(self, g: int) -> None:
        version = self._version(g)
        self._versions.pop(g, None)
        if version != self.engine.model_version:
            self._versions[g] = version

    def bouts(self) -> dict[int, dict[str, Bout]]:
        """Challengers by key group and detector."""
        return self._bouts

    def version_of(self, g: int) -> tuple[str, dict[str, str]]:
        """A key group's model version, and what it would be with each challenger in front."""
        return self._versions.get(g, self.engine.model_version), {
            name: self._version(g, challenger=name) for name in self._bouts.get(g, {})
        }

    def state(self, group: int) -> dict[str, State]:
        """Arrays of one key group, see `Engine.state`; challengers' beside them, drift, and how the bouts stand."""
        bouts = self._bouts.get(group, {})
        plain = {
            "began": self.life.began_ts.get(group),
            "bouts": [bout.to_plain() for bout in bouts.values()],
            "due": {name: why for (g, name), why in self._due.items() if g == group},
        }
        out = self.engine.state(group) | {DRIFT: self.monitor.state(group)}
        out[BOUTS] = {"json": np.frombuffer(orjson.dumps(plain), np.uint8)}
        for name in bouts:
            for part, arrays in self._shadow(name).state(group).items():
                out[part.replace(name, name + SHADOW, 1)] = arrays
        return out

    def reset(self, group: int) -> None:
        """Forget one key group: it begins as new."""
        self.engine.reset(group)
        self.monitor.load(group, {})
        for shadow in self._shadows.values():
            shadow.reset(group)
        self._forget(group)

    def _forget(self, group: int) -> None:
        self.life.forget(group)
        self._bouts.pop(group, None)
        self._versions.pop(group, None)
        self._due = {key: why for key, why in self._due.items() if key[0] != group}

    def load(self, group: int, state: Mapping[str, State]) -> None:
        """Put back one key group, with challengers or without. Raises CheckpointError when it does not fit.

        A challenger whose options are no longer those of the settings is left out; if it was in front, the other is.
        """
        parts = dict(state)
        drift, told = parts.pop(DRIFT, {}), parts.pop(BOUTS, None)
        own = {part: arrays for part, arrays in parts.items() if SHADOW not in part}
        try:
            plain = orjson.loads(told["json"].tobytes()) if told else {"began": None, "bouts": [], "due": {}}
            bouts = [Bout.from_plain(each) for each in plain["bouts"]]
        except (KeyError, ValueError, TypeError) as error:
            raise CheckpointError("challengers in the checkpoint are of another version") from error
        self._forget(group)
        self.engine.load(group, own)
        try:
            self.monitor.load(group, drift)
        except CheckpointError:  # of another version: what is usual of scores is soon known again, unlike the models
            self.monitor.load(group, {})
        for shadow in self._shadows.values():
            shadow.reset(group)
        for bout in bouts:
            if bout.detector not in self.engine.detectors or bout.options != self._options(bout.detector):
                continue
            name = bout.detector
            its = {
                p.replace(SHADOW, "", 1): a for p, a in parts.items() if p.partition(SHADOW)[0] == name and SHADOW in p
            }
            self._shadow(name).load(group, its)
            self._bouts.setdefault(group, {})[name] = bout
        if plain["began"] is not None:
            self.life.began_ts[group] = float(plain["began"])
        self._due |= {(group, name): why for name, why in plain["due"].items()}
        self._set_version(group)

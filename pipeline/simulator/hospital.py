"""A hospital that never was: all sources in event time, from a seed, with attacks whose truth is known.

It exists because no public set holds a hospital's network, logs, chart accesses and claims together, with labels.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter

import numpy as np

from pipeline.errors import UsageError
from pipeline.simulator import activities as activity_room
from pipeline.simulator import playbill, rhythm
from pipeline.simulator.activities.activity import Activity, OfStays, Periodic, Planned, Pulse
from pipeline.simulator.discovery import classes_in
from pipeline.simulator.draws import Draws
from pipeline.simulator.emitted import Emitted
from pipeline.simulator.labels import StoryLabel
from pipeline.simulator.later import Later
from pipeline.simulator.stories.story import Story
from pipeline.simulator.tape import Draft, Tape, emit
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.world import World
from schemas.sources import INPUTS

RECORD_SOURCES = frozenset(("ehr", "context", "claims"))
"""The record side: who opened which chart, what care explains it, what was billed."""
_Shape = Story | Activity | Periodic | Planned | OfStays
_PILOT_SESSIONS = 150
_PILOT_STAYS = 300
# Machines that repeat themselves make at most this part of all events; their periods are stretched beyond it.
_PULSE_PART = 0.35
# What is planned must leave this part for the rest; otherwise the rate asked for is exceeded.
_SESSION_PART = 0.3
_SLICE_EVENTS = 6000


class Hospital:
    """All sources of one hospital. Two hospitals with the same arguments emit the same bytes.

    `start_ts`: event time of the first moment, seconds since 1970 UTC (UTC stands for local time).
    `events_per_s`: average over the span, in event time. `stories`: kinds (`ransomware`, or `ransomware:hard`) to
    play; None plays all, an empty list none. `story_start_s`: when the first story may begin, seconds after the
    start; the default leaves the first 40 % of the span quiet. `sources`: only these are told, and what shows in none
    of them is not made; `events_per_s` then counts these. `per_staff_day` below gives a usual rate of the record side.
    Cost: about 10 µs an event on one core.
    """

    def __init__(
        self, *, seed: int = 7, start_ts: float, staff: int = 300, patients: int = 2000, devices: int = 150,
        events_per_s: float = 200.0, stories: Sequence[str] | None = None, story_start_s: float | None = None,
        sources: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        unknown = sorted(set(sources or ()) - set(INPUTS))
        if unknown or sources == ():
            raise UsageError(f"no source is called {unknown[:1] or '()'}; choose from {', '.join(sorted(INPUTS))}")
        if staff < 50 or patients < 50 or devices < 10 or events_per_s <= 0:
            raise UsageError("a hospital needs at least 50 staff, 50 patients, 10 devices and a rate above zero")
        self._seed, self._start, self._rate = seed, float(start_ts), events_per_s
        self._size = {"staff": staff, "patients": patients, "devices": devices}
        self._sources = None if sources is None else frozenset(sources)
        # Without the wire only what shows in the records is played.
        self._records_only = self._sources is not None and self._sources <= RECORD_SOURCES
        self._chosen = [c for c in playbill.choose(stories) if self._plays(c[0]) or stories is not None]
        self._story_start_s = story_start_s
        self._labels: list[StoryLabel] = []

    def labels(self) -> list[StoryLabel]:
        """Stories and benign oddities of the span last asked for, complete once `events` has returned."""
        return self._labels

    def events(self, seconds: float) -> Iterator[Emitted]:
        """All events of `seconds` of event time from the start, in event time order; the same on every call."""
        if not 60 <= seconds <= 400 * rhythm.DAY_S:
            raise UsageError("a span has to last between 60 seconds and 400 days; choose another length")
        first, last = playbill.window(self._start, seconds, self._story_start_s)
        world = World(self._seed, self._start, self._start + seconds, **self._size)
        scene = Scene(world, Draws(f"{self._seed}/planned"), Tape(sources=self._sources))
        bill = [*self._chosen, *((c, "medium") for c in playbill.confounder_kinds().values() if self._plays(c))]
        drafts, self._labels = playbill.play_all(scene, self._seed, bill, first, last)
        drafts += self._planned(scene)
        return _Run(scene, self._seed, self._rate, drafts, self._plays).events()

    def _plays(self, kind: type[Story | Activity | Periodic | Planned | OfStays]) -> bool:
        return kind.records or not self._records_only

    def _planned(self, scene: Scene) -> list[Draft]:
        world, tape = scene.world, Tape(sources=self._sources)
        for cls in classes_in(activity_room, Planned):  # type: ignore[type-abstract]
            if self._plays(cls):
                cls().play(Scene(world, Draws(f"{self._seed}/{cls.__name__}"), tape))
        return [draft for draft in tape.items if world.start_ts <= draft[0] < world.end_ts]


class _Stream:
    """One activity with its rate and its own random draws."""

    def __init__(self, activity: Activity, world: World, seed: int, tape: Tape) -> None:
        name = type(activity).__name__
        self.activity = activity
        self.scene = Scene(world, Draws(f"{seed}/{name}"), tape)
        self.times = np.random.default_rng([seed & 0xFFFFFFFF, *name.encode()])
        self.curve_mean = rhythm.mean(activity.level, world.start_ts, world.end_ts - world.start_ts)
        self.per_s = 0.0

    def play(self, low: float, high: float) -> None:
        """All sessions that begin in [low, high)."""
        level = self.activity.level((low + high) / 2) / self.curve_mean
        count = int(self.times.poisson(self.per_s * level * (high - low)))
        session, scene = self.activity.session, self.scene
        for offset in np.sort(self.times.random(count)).tolist():
            session(scene, low + offset * (high - low))


class _Stays:
    """What stays bring, asked for in the order in which they begin."""

    def __init__(self, cls: type[OfStays], world: World, seed: int, tape: Tape) -> None:
        self._cls, self._seed, self._world = cls, seed, world
        self._teller = cls()
        self._stays = [x for x in world.care.stays if x.end_ts + cls.tail_s >= world.start_ts]
        self._place = 0
        self._scene = Scene(world, Draws(f"{seed}/{cls.__name__}"), tape)

    def play(self, high: float) -> None:
        """All stays whose first event may be before `high`."""
        while self._place < len(self._stays) and self._stays[self._place].start_ts - self._cls.lead_s < high:
            self._teller.tell(self._scene, self._stays[self._place])
            self._place += 1

    def expected(self) -> float:
        """About how many events it will write within the span, from a trial with some stays."""
        world, tape = self._world, Tape(sources=self._scene.tape.sources)
        scene = Scene(world, Draws(f"{self._seed}/{self._cls.__name__}/pilot"), tape)
        step = max(1, len(self._stays) // _PILOT_STAYS)
        sample = self._stays[::step]
        for stay in sample:
            self._cls().tell(scene, stay)
        inside = sum(world.start_ts <= draft[0] < world.end_ts for draft in tape.items)
        return inside * len(self._stays) / max(len(sample), 1)


class _Run:
    """One pass over a span: slices of time, each filled by all activities, sorted and emitted."""

    def __init__(
        self, scene: Scene, seed: int, rate: float, planned: list[Draft], plays: Callable[[type[_Shape]], bool]
    ) -> None:
        world = scene.world
        self._world, self._rate, self._tape = world, rate, Tape(sources=scene.tape.sources)
        self._planned = sorted(planned, key=itemgetter(0))
        span = world.end_ts - world.start_ts
        total = rate * span
        self._pulse_draws = Draws(f"{seed}/pulses")
        pulse_total = self._set_pulses(span, total, plays)
        self._stays = [
            _Stays(cls, world, seed, self._tape)
            for cls in classes_in(activity_room, OfStays)  # type: ignore[type-abstract]
            if plays(cls)
        ]
        self._streams = [
            _Stream(cls(), world, seed, self._tape)
            for cls in classes_in(activity_room, Activity)  # type: ignore[type-abstract]
            if plays(cls)
        ]
        told = len(planned) + pulse_total + sum(stays.expected() for stays in self._stays)
        self._set_rates(seed, max(_SESSION_PART * total, total - told), span)

    def _pilot(self, seed: int, name: str, play: Callable[[Scene, float], None], runs: int) -> float:
        """Average number of events of a session, from trials outside the span."""
        tape = Tape(sources=self._tape.sources)
        scene = Scene(self._world, Draws(f"{seed}/{name}/pilot"), tape)
        span = self._world.end_ts - self._world.start_ts
        for run in range(runs):
            play(scene, self._world.start_ts + (run + 0.5) / runs * span)
        return max(len(tape.items) / runs, 0.1)

    def _set_pulses(self, span: float, total: float, plays: Callable[[type[_Shape]], bool]) -> float:
        draws, world = self._pulse_draws, self._world
        self._pulses: list[Pulse] = []
        for cls in classes_in(activity_room, Periodic):  # type: ignore[type-abstract]
            if plays(cls):
                self._pulses += cls().pulses(world, draws)
        tape = Tape(sources=self._tape.sources)
        pilot = Scene(world, Draws("pilot"), tape)
        for pulse in self._pulses:
            pulse.fire(pilot, world.start_ts)
        each = len(tape.items) / max(len(self._pulses), 1)
        expected = sum(span / p.period_s for p in self._pulses) * each
        stretch = max(1.0, expected / (_PULSE_PART * total))
        for pulse in self._pulses:
            pulse.period_s *= stretch
            pulse.next_ts = world.start_ts + draws.random() * pulse.period_s
        self._pulse_scene = Scene(world, draws, self._tape)
        return expected / stretch

    def _set_rates(self, seed: int, budget: float, span: float) -> None:
        shares = sum(stream.activity.share for stream in self._streams)
        for stream in self._streams:
            name, pilot = type(stream.activity).__name__, type(stream.activity)()
            each = self._pilot(seed, name, pilot.session, _PILOT_SESSIONS)
            sessions = budget * stream.activity.share / shares / each
            stream.per_s = min(sessions, stream.activity.capacity(self._world)) / span

    def _fire(self, high: float) -> None:
        scene, random = self._pulse_scene, self._pulse_scene.draws.random
        for pulse in self._pulses:
            while pulse.next_ts < high:
                pulse.fire(scene, pulse.next_ts + random() * pulse.jitter * pulse.period_s)
                pulse.next_ts += pulse.period_s

    def events(self) -> Iterator[Emitted]:
        """Everything, slice by slice. Sessions may reach back a second, so its last second waits for the next."""
        low, end = self._world.start_ts, self._world.end_ts
        step = min(900.0, max(2.0, _SLICE_EVENTS / self._rate))
        waiting = self._tape.items
        later = Later()
        place = 0
        while low < end:
            high = min(low + step, end)
            for stays in self._stays:
                stays.play(high)
            for stream in self._streams:
                stream.play(low, high)
            self._fire(high)
            while place < len(self._planned) and self._planned[place][0] < high:
                waiting.append(self._planned[place])
                place += 1
            waiting += later.take(high)
            waiting.sort(key=itemgetter(0))
            ready = high - 1.0 if high < end else end
            done = 0
            for draft in waiting:
                if draft[0] >= ready:
                    break
                done += 1
                if draft[0] >= self._world.start_ts:
                    yield emit(draft)
            del waiting[:done]
            due = bisect_left(waiting, high + rhythm.HOUR_S, key=itemgetter(0))
            later.put(waiting[due:])
            del waiting[due:]
            low = high

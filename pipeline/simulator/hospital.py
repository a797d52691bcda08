"""A hospital that never was: all sources in event time, from a seed, with attacks whose truth is known.

It exists because no public set holds a hospital's network, logs, chart accesses and claims together, with labels.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter

import numpy as np

from pipeline.errors import UsageError
from pipeline.simulator import activities as activity_room
from pipeline.simulator import playbill, rhythm
from pipeline.simulator.activities.activity import Activity, Periodic, Planned, Pulse
from pipeline.simulator.discovery import classes_in
from pipeline.simulator.draws import Draws
from pipeline.simulator.emitted import Emitted
from pipeline.simulator.labels import StoryLabel
from pipeline.simulator.tape import Draft, Tape, emit
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.world import World

_PILOT_SESSIONS = 150
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
    start; the default leaves the first 40 % of the span quiet. Cost: about 10 µs an event on one core.
    """

    def __init__(
        self, *, seed: int = 7, start_ts: float, staff: int = 300, patients: int = 2000, devices: int = 150,
        events_per_s: float = 200.0, stories: Sequence[str] | None = None, story_start_s: float | None = None,
    ) -> None:  # fmt: skip
        if staff < 50 or patients < 50 or devices < 10 or events_per_s <= 0:
            raise UsageError("a hospital needs at least 50 staff, 50 patients, 10 devices and a rate above zero")
        self._seed, self._start, self._rate = seed, float(start_ts), events_per_s
        self._size = {"staff": staff, "patients": patients, "devices": devices}
        self._chosen = playbill.choose(stories)
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
        drafts, self._labels = playbill.play_all(world, self._seed, self._chosen, first, last)
        drafts += self._planned(world)
        run = _Run(world, self._seed, self._rate, drafts)
        return run.events()

    def _planned(self, world: World) -> list[Draft]:
        tape = Tape()
        for cls in classes_in(activity_room, Planned):  # type: ignore[type-abstract]
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


class _Run:
    """One pass over a span: slices of time, each filled by all activities, sorted and emitted."""

    def __init__(self, world: World, seed: int, rate: float, planned: list[Draft]) -> None:
        self._world, self._rate, self._tape = world, rate, Tape()
        self._planned = sorted(planned, key=itemgetter(0))
        span = world.end_ts - world.start_ts
        total = rate * span
        self._pulse_draws = Draws(f"{seed}/pulses")
        pulse_total = self._set_pulses(span, total)
        self._streams = [
            _Stream(cls(), world, seed, self._tape)
            for cls in classes_in(activity_room, Activity)  # type: ignore[type-abstract]
        ]
        self._set_rates(seed, max(_SESSION_PART * total, total - len(planned) - pulse_total), span)

    def _pilot(self, seed: int, name: str, play: Callable[[Scene, float], None], runs: int) -> float:
        """Average number of events of a session, from trials outside the span."""
        tape = Tape()
        scene = Scene(self._world, Draws(f"{seed}/{name}/pilot"), tape)
        span = self._world.end_ts - self._world.start_ts
        for run in range(runs):
            play(scene, self._world.start_ts + (run + 0.5) / runs * span)
        return max(len(tape.items) / runs, 0.1)

    def _set_pulses(self, span: float, total: float) -> float:
        draws, world = self._pulse_draws, self._world
        self._pulses: list[Pulse] = []
        for cls in classes_in(activity_room, Periodic):  # type: ignore[type-abstract]
            self._pulses += cls().pulses(world, draws)
        tape = Tape()
        pilot = Scene(world, Draws("pilot"), tape)
        for pulse in self._pulses:
            pulse.fire(pilot, world.start_ts)
        each = len(tape.items) / len(self._pulses)
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
        place = 0
        while low < end:
            high = min(low + step, end)
            for stream in self._streams:
                stream.play(low, high)
            self._fire(high)
            while place < len(self._planned) and self._planned[place][0] < high:
                waiting.append(self._planned[place])
                place += 1
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
            low = high

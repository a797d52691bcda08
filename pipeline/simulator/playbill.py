"""Which stories play when: spread over the last part of the span, so that models have warmed up before."""

from collections import Counter
from collections.abc import Sequence

from pipeline.errors import UsageError
from pipeline.simulator import confounders as confounder_room
from pipeline.simulator import stories as story_room
from pipeline.simulator.discovery import classes_in
from pipeline.simulator.draws import Draws
from pipeline.simulator.labels import StoryLabel
from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.stories.story import DIFFICULTIES, Stage, Story, label_of
from pipeline.simulator.tape import Draft, Tape
from pipeline.simulator.verbs.scene import Scene

# Stories begin after this part of the span, and end before that one.
QUIET_PART = 0.4
_END_PART = 0.985
# In a short span, what takes hours fills the time there is; the rest keeps to a part of it.
_SLOW_PART, _QUICK_PART = 0.9, 0.4


def story_kinds() -> dict[str, type[Story]]:
    """All attack stories by kind."""
    return {cls.kind: cls for cls in classes_in(story_room, Story)}  # type: ignore[type-abstract]


def confounder_kinds() -> dict[str, type[Story]]:
    """All benign oddities by kind."""
    return {cls.kind: cls for cls in classes_in(confounder_room, Story)}  # type: ignore[type-abstract]


def choose(names: Sequence[str] | None) -> list[tuple[type[Story], str]]:
    """Stories asked for, `kind` or `kind:difficulty`; all of them at medium difficulty for None.

    Raises UsageError for a story or difficulty that does not exist.
    """
    known = story_kinds()
    chosen = []
    for name in known if names is None else names:
        kind, _, level = name.partition(":")
        level = level or "medium"
        if kind not in known:
            raise UsageError(f"no story is called {kind!r}; choose from {', '.join(sorted(known))}")
        if level not in DIFFICULTIES:
            raise UsageError(f"no difficulty is called {level!r}; choose from {', '.join(DIFFICULTIES)}")
        chosen.append((known[kind], level))
    return chosen


def _begin(story: type[Story], slot: float, first: float, last: float) -> tuple[float, float]:
    """Start and length: `slot` (0 to 1) orders the stories over what room their length leaves."""
    part = _SLOW_PART if story.length_s > 2 * HOUR_S else _QUICK_PART
    length = min(story.length_s, part * (last - first))
    start = first + slot * (last - first - length)
    if story.hour is not None and last - first > DAY_S:
        start = start // DAY_S * DAY_S + story.hour * HOUR_S
        start += DAY_S if start < first else 0.0
        start = min(start, last - length)
    return start, length


def play_all(
    scene: Scene, seed: int, bill: Sequence[tuple[type[Story], str]], first_ts: float, last_ts: float
) -> tuple[list[Draft], list[StoryLabel]]:
    """Play a bill of stories and oddities. Those of the records have an order of their own: one more there moves
    nothing on the wire."""
    drafts: list[Draft] = []
    labels: list[StoryLabel] = []
    numbers: Counter[str] = Counter()
    for part in ("", "/records"):
        acts = [(cls, level) for cls, level in bill if cls.records == bool(part)]
        order = Draws(f"{seed}/playbill{part}").rng.sample(range(len(acts)), len(acts))
        for place, (cls, level) in zip(order, acts, strict=True):
            numbers[cls.kind] += 1
            story_id = f"{cls.kind}-{numbers[cls.kind]}"
            start, length = _begin(cls, (place + 0.5) / len(acts), first_ts, last_ts)
            tape = Tape(story_id, scene.tape.sources)
            stage = Stage(Scene(scene.world, Draws(f"{seed}/{story_id}"), tape), start, length, level)
            story = cls()
            story.play(stage)
            tape.items = [draft for draft in tape.items if draft[0] < scene.world.end_ts]
            labels.append(label_of(story, story_id, stage, tape))
            drafts += tape.items
    return drafts, labels


def window(start_ts: float, seconds: float, story_start_s: float | None) -> tuple[float, float]:
    """First and last moment of the stories; `story_start_s` (seconds) replaces the quiet part."""
    first = QUIET_PART * seconds if story_start_s is None else story_start_s
    if not 0 <= first < _END_PART * seconds:
        raise UsageError(f"stories cannot begin {first:g} s into a span of {seconds:g} s; choose an earlier start")
    return start_ts + first, start_ts + _END_PART * seconds

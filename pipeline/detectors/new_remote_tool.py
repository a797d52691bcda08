"""A tool of remote management that this house does not use, on the first machines that have it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from schemas.finding import Feature

TOOLS, PAIRS, RING = 256, 4096, 8  # per key group; a tool lies in one
DAY_S = 86_400.0
QUARTER_S, ALWAYS_S = 90 * DAY_S, 3650 * DAY_S
FIRST, NEXT, SPREAD = 0.7, 0.6, 0.3
EARLY_S, EARLY = 43_200.0, 0.55
"""Half a day after watching began programs that always run have called; whose score the first machine has until the
house is known."""


class NewRemoteTool(Detector):
    """What was seen of tools comes together here from all machines of the house.

    A tool that was seen while the machine's key group had been watched for less than `settled_d` days was there
    before: it is told on no machine, but on the first where it began half a day after watching did. Of another, the
    first machine scores 0.7, those after it up to `few` 0.6, more 0.3: it is being rolled out, or in use. A machine
    that has had the tool for a day scores 0.
    """

    severity = 3
    attacks = ("T1219",)
    cost = "O(8) a tool of a machine and day; 40 bytes each, 100 a tool: 1.4 MB in all"
    reference = "ATT&CK T1219; CISA, Guide to Securing Remote Access Software, 2023"
    misses = (
        "Tools that the house uses itself, or that were there in the first half day; a second machine in the first "
        "week; tools under other names. A helper's new tool looks like an intruder's, until a third machine has it."
    )
    defaults: ClassVar[Mapping[str, float]] = {"settled_d": 7.0, "few": 2}
    machine: ClassVar[str]
    """Field that names the machine."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._early = WindowedSum(setup.groups, TOOLS, ALWAYS_S)
        self._pairs = Sightings(setup.groups, PAIRS)
        self._machines = WindowedDistinct(setup.groups, TOOLS, QUARTER_S, RING)
        self._parts = {"early": self._early, "pairs": self._pairs, "machines": self._machines}

    def score(self, batch: Batch) -> Scores:
        values, machines = np.full(batch.n, np.nan), np.zeros(batch.n)
        rows = np.flatnonzero(batch.kind("tool") & (batch.hash("tool") != 0) & (batch.hash(self.machine) != 0))
        if len(rows):
            ts, groups = batch.ts[rows], batch.groups[rows]
            tool, machine = batch.hash("tool")[rows] | np.uint64(1), batch.hash(self.machine)[rows] | np.uint64(1)
            watched = batch.number("watched_s")[rows]
            settled = watched >= float(self.option["settled_d"]) * DAY_S
            before = self._early.add(tool, np.where(settled, 0.0, 1.0), ts, groups) > 0
            age, _, _ = self._pairs.note(combine_many(tool, machine) | np.uint64(1), ts, groups)
            count = self._machines.add(tool, machine, ts, groups)
            few = count <= float(self.option["few"])
            score = np.where(count <= 1, FIRST, np.where(few, NEXT, SPREAD))
            score = np.where(before | (age >= DAY_S), 0.0, np.where(settled, score, np.nan))
            values[rows] = np.where(~settled & (age == 0) & (count <= 1) & (watched >= EARLY_S), EARLY, score)
            machines[rows] = count
        return Scores(values, {"machines": machines})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        tool, count = named(batch, row, "tool", otherwise="a tool"), float(scores.evidence["machines"][row])
        where = named(batch, row, self.machine, otherwise="a machine")
        others = "on no other machine here" if count <= 1 else f"on {count_of(count - 1, 'other machine')} here"
        return Explanation(
            f"{where} {self.did(batch, row, tool)}, by which machines are controlled from outside, seen {others}.",
            "A tool that the house has used from the first week on, or that several machines have.",
            [Feature(name="machines_with_the_tool", value=count, usual_low=float(self.option["few"]) + 1.0)],
        )

    @abstractmethod
    def did(self, batch: Batch, row: int, tool: str) -> str:
        """What was seen, in words that stand behind the machine."""

    @classmethod
    def stories(cls, sight: Mapping[str, object]) -> Sequence[Example]:
        """Examples of a sight of a tool on one machine, long after watching began."""
        settled = {"ts": 2e6, "watched_s": 10 * DAY_S, "tool": "AnyDesk"}
        one = {**sight, **settled}
        early = {**sight, **settled, "watched_s": 3600.0, "ts": 1e6}
        other = {**one, cls.machine: "10.0.1.1", "ts": 2e6 - 3 * DAY_S}
        known = {**early, cls.machine: "10.0.1.1"}
        return (
            Example("a tool that nobody has", [one], True),
            Example("in the first hours", [early], False),
            Example("in the first week, on one machine", [{**early, "watched_s": DAY_S}], True),
            Example("it was there before", [known, one], False),
            Example("a second machine", [other, one], True),
        )

"""What detectors that rest on host rules share: which rule speaks, what is routine here, what adds up."""

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of
from pipeline.detectors.logs.host_rule_set import HOST_RULES, host_hits
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.recent_ids import RecentIds
from pipeline.features.state_parts import Stateful
from schemas.finding import Feature

HABITS, HOSTS, FLEET, DEEDS = 2048, 512, 512, 1024  # per key group
DAY_S, MINUTE_S = 86_400.0, 60.0
FLEET_S = 7 * DAY_S  # roll-outs take days
MORE = 0.3  # of its weight that each further step adds
SURE = 0.85
"""A rule of this weight is told even where many machines do the same: roll-outs of ransomware look like roll-outs."""


DEED = ("program", "image", "command_line", "target", "user")
"""What makes two records tell of different deeds."""


class HostRuleDetector(Detector):
    """Rules of one `family` over the events of a host.

    A rule's weight is the score. Weights below 0.5 add up: each further step (title) of the family on the same host
    within `window_s` adds 30 %. What a host has done by the same step and program for `routine_d` days is routine
    and scores half: an agent, a scheduled script. A step less than sure (weight under 0.85) that is seen on more than
    `fleet` hosts of the key group within a week is a roll-out, likewise.

    Programs tell one deed in several records. What one rule says of the same program, command, target and user on a
    host, with the same weight and within one minute of the clock, is one finding; the records after the first keep
    their scores.
    """

    source = "logs"
    entity: ClassVar[tuple[str, ...]] = ("host",)
    entity_type = "host"
    group_by: ClassVar[tuple[str, ...]] = ("host",)
    inputs: ClassVar[tuple[str, ...]] = (
        "action",
        "event_code",
        "image",
        "parent_image",
        "command_line",
        "target",
        "message",
        "data",
    )
    cost = "2 ns a character, shared by all rule detectors; 40 bytes a habit, 300 a host, 40 a deed: 2.3 MB in all"
    reference = "MITRE ATT&CK; LOLBAS; Aho and Corasick, CACM 1975"
    defaults: ClassVar[Mapping[str, float]] = {"window_s": 900.0, "routine_d": 3.0, "fleet": 2}
    family: ClassVar[str]

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._habits = Sightings(setup.groups, HABITS)
        self._lately = WindowedDistinct(setup.groups, HOSTS, float(self.option["window_s"]), 8)
        self._fleet = WindowedDistinct(setup.groups, FLEET, FLEET_S, 8)
        self._told = RecentIds(DEEDS, setup.groups)
        self._parts: dict[str, Stateful] = {
            "habits": self._habits, "lately": self._lately, "fleet": self._fleet, "told": self._told,
        }  # fmt: skip
        self._family = HOST_RULES.families.index(self.family)

    def score(self, batch: Batch) -> Scores:
        hits = host_hits(batch)
        mine = HOST_RULES.family[hits.numbers] == self._family
        rows, rule = hits.rows[mine], hits.numbers[mine]
        values, number = np.full(batch.n, np.nan), np.full(batch.n, -1, np.int64)
        together, again = np.zeros(batch.n), np.zeros(batch.n, np.bool_)
        if len(rows):
            weight, others = self._weigh(batch, rows, rule)
            order = np.lexsort((weight, rows))  # the weightiest of a row comes last and stays
            values[rows[order]], number[rows[order]] = weight[order], rule[order]
            together[rows[order]] = others[order]
            rows = np.unique(rows)
            again[rows] = self._again(batch, rows, number[rows], values[rows])
        return Scores(values, {"rule": number, "together": together}, silent=again)

    def _again(self, batch: Batch, rows: np.ndarray, number: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """bool[k]: the same was said of the same deed within this minute; rows int64[k], ascending."""
        one = np.uint64(1)
        deed = combine_many(
            batch.key_hash[rows] | one, combine_many(number.view(np.uint64) + one, weight.view(np.uint64))
        )
        for name in DEED:
            deed = combine_many(deed | one, batch.hash(name)[rows] | one)
        return self._told.copies(deed | one, np.floor(batch.ts[rows] / MINUTE_S), batch.groups[rows])

    def _weigh(self, batch: Batch, rows: np.ndarray, rule: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(weights, rules of the family on the host lately), float64[k] each."""
        ts, groups = batch.ts[rows], batch.groups[rows]
        host = self._whose(batch, rows) | np.uint64(1)
        what = HOST_RULES.steps[rule]
        program = batch.hash("image")[rows] ^ batch.hash("program")[rows]
        age, _, count = self._habits.note(combine_many(host, combine_many(what, program)), ts, groups)
        together = self._lately.add(host, what, ts, groups)
        _, event = np.unique(rows, return_inverse=True)
        most = np.zeros(len(rows))
        np.maximum.at(most, event, together)
        together = most[event]  # of two steps in one event both count for either
        fleet = self._fleet.add(combine_many(what, program) | np.uint64(1), host, ts, groups)
        base = HOST_RULES.weights[rule]
        weight = np.where(base < 0.5, np.minimum(base * (1.0 + MORE * (together - 1.0)), 0.8), base)
        days = float(self.option["routine_d"])
        routine = (age >= days * DAY_S) & (count >= days)
        routine |= (base < SURE) & (fleet > float(self.option["fleet"]))
        return np.where(routine, 0.5 * weight, weight), together

    def _whose(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """uint64[k]: whose habits and steps these are: the host's."""
        hosts: np.ndarray = batch.key_hash[rows]
        return hosts

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        number = int(scores.evidence["rule"][row])
        if number < 0:  # explained though not found
            return Explanation(f"Nothing of note on {named(batch, row, 'host', otherwise='a machine')}.")
        rule = HOST_RULES.rules[number]
        host, user = named(batch, row, "host", otherwise="a machine"), named(batch, row, "user", otherwise="")
        image = base_name(batch.text("image", row) or "")
        parent = base_name(batch.text("parent_image", row) or "")
        message = f"On {host} {rule.title}" + (f", by {user}" if user else "") + (f" with {image}" if image else "")
        message += f", started by {parent}" if parent else ""
        more, limit = float(scores.evidence["together"][row]), self.limit(scores, row)
        added = MORE * (more - 1.0) if more > 1 and rule.weight < 0.5 else 0.0
        features = [Feature(name="step", value=rule.title[:128], contribution=1.0 / (1.0 + added))]
        days = float(self.option["routine_d"])
        normal = f"{self.usual} What {self.whose} has done for {count_of(days, 'day')} is routine."
        if added:
            minutes = f"{float(self.option['window_s']) / 60:g} minutes"
            message += f", {more:.0f} such steps within {minutes}"
            fewer = max(math.ceil(1.0 + (limit / rule.weight - 1.0) / MORE - 1e-9), 2)
            features.append(
                Feature(name="different_steps", value=more, usual_low=0, usual_high=fewer - 1,
                        contribution=added / (1.0 + added))
            )  # fmt: skip
            normal = f"Fewer than {fewer} different steps within {minutes}."
        attacks = tuple(dict.fromkeys((rule.technique, *self.also)))
        return Explanation(f"{message} ({rule.technique}).", normal, features, attacks)

    also: ClassVar[tuple[str, ...]] = ()
    """Techniques that every finding of the family is part of, whatever the rule."""
    whose: ClassVar[str] = "a machine"
    """Of which the habits are, as `_whose` tells them apart."""
    usual: ClassVar[str] = "Commands of everyday administration."
    """What would not have been found."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Sequence[Example]:
        """As any detector's."""


def base_name(path: str) -> str:
    """A program's name without its folder, short enough for a sentence."""
    return path.replace("/", "\\").rpartition("\\")[2][:64]


def process_example(name: str, fires: bool, *events: Mapping[str, object]) -> Example:
    """A story of processes on one workstation, a minute apart."""
    start = {"kind": "process", "action": "start", "host": "ws-1", "user": "nurse1"}
    return Example(name, [start | {"ts": 1e6 + 60.0 * i} | dict(e) for i, e in enumerate(events)], fires)

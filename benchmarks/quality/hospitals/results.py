"""Several hospitals played and judged, once a process: every table is made from the same run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.quality.hospitals.beacon_scores import BeaconScores
from benchmarks.quality.hospitals.judging import Judged, found_by, judge
from benchmarks.quality.hospitals.naive import NaiveThresholds
from benchmarks.quality.hospitals.peers import Peer
from benchmarks.quality.hospitals.playing import Play, chosen_detectors, fitting_kinds, play
from benchmarks.quality.hospitals.raised import Raised
from benchmarks.quality.hospitals.reason_trees import ReasonTrees
from benchmarks.quality.hospitals.setting import Setting
from benchmarks.quality.hospitals.volume_only import VolumeOnly
from pipeline.simulator import StoryLabel

OURS = "wardwatch"
WIRE, LOGS, EHR, CLAIMS = "network and devices", "logs", "EHR", "claims"
AREAS = (WIRE, LOGS, EHR, CLAIMS)


def area(detectors: Sequence[str]) -> str:
    """Where a detector, or a story by what it expects, belongs."""
    rooms = {d.split(".")[0] for d in detectors}
    if rooms & {"network", "devices", "rita", "naive"}:
        return WIRE
    if "logs" in rooms:
        return LOGS
    return EHR if "ehr" in rooms else CLAIMS


@dataclass(frozen=True)
class Outcome:
    """One hospital, judged. `by`: alerts of each contender; `found`: alerts by contender and story."""

    played: Play
    by: dict[str, list[Judged]]
    found: dict[str, dict[str, list[Raised]]]

    @property
    def stories(self) -> list[StoryLabel]:
        """Stories that some detector of the catalogue should find."""
        return [x for x in self.played.labels if x.expected]


def outcome(setting: Setting, kinds: Sequence[str], enabled: set[str], *, peers: bool, level: str | None) -> Outcome:
    """Play a hospital and judge everyone's alerts."""
    contenders: tuple[Peer, ...] = ()
    if peers:
        wire = (BeaconScores(), NaiveThresholds())
        contenders = (VolumeOnly(setting), ReasonTrees(setting)) if setting.records else wire
    played = play(setting, kinds, enabled, contenders, level)
    by = {
        who: judge(raised, played.labels, played.tags)
        for who, raised in ({OURS: played.raised} | played.by_peer).items()
    }
    found = {
        who: {label.story: found_by(label, judged, played.tags) for label in played.labels if label.expected}
        for who, judged in by.items()
    }
    return Outcome(played, by, found)


@lru_cache(maxsize=1)
def outcomes(settings: tuple[Setting, ...]) -> tuple[Outcome, ...]:
    """All detectors, all stories, all peers."""
    enabled = chosen_detectors(())
    kinds = fitting_kinds(enabled)
    return tuple(outcome(s, kinds, enabled, peers=True, level=None) for s in settings)

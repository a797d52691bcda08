"""Which hospitals are played: two disjoint lists of seeds, one to tune on, one to report."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.simulator.playbill import story_kinds
from pipeline.simulator.stories.story import DIFFICULTIES

MONDAY = 1_772_409_600.0
"""2026-03-02 00:00 UTC."""
DAY_S = 86_400.0
# What a mirror port sees of one hospital by day, for one member of staff: about a connection every 20 seconds, with the
# DNS, TLS and log events beside it. A longer span or larger house costs in proportion.
_EVENTS_PER_STAFF_S = 0.065


@dataclass(frozen=True)
class Setting:
    """One hospital. `each`: so many stories of every kind, their difficulties in turn by seed."""

    seed: int
    staff: int = 200
    hours: float = 24.0
    each: int = 1
    weekday: int = 0
    begins_h: float = 0.0
    bare: bool = False
    """Without the lists a user would give: inventory and scanners."""

    @property
    def start_ts(self) -> float:
        """First moment."""
        return MONDAY + self.weekday * DAY_S + 3600.0 * self.begins_h

    @property
    def seconds(self) -> float:
        """Length of the span."""
        return 3600.0 * self.hours

    @property
    def days(self) -> float:
        """Length of the span."""
        return self.hours / 24.0

    @property
    def events_per_s(self) -> float:
        """In proportion to the staff."""
        return _EVENTS_PER_STAFF_S * self.staff

    @property
    def size(self) -> dict[str, int]:
        """What the hospital is built with."""
        return {"staff": self.staff, "patients": 8 * self.staff, "devices": self.staff // 2}

    def stories(self, kinds: Sequence[str], difficulty: str | None = None) -> list[str]:
        """`kind:difficulty`, each kind `each` times."""
        order = sorted(story_kinds())
        return [
            f"{kind}:{difficulty or DIFFICULTIES[(order.index(kind) + self.seed + turn) % len(DIFFICULTIES)]}"
            for turn in range(self.each)
            for kind in kinds
        ]


TUNING = (
    Setting(11), Setting(12, weekday=2), Setting(13, staff=400, hours=8.0, begins_h=7.0),
    Setting(14, weekday=5, hours=12.0, begins_h=7.0),
)  # fmt: skip
REPORT = (
    Setting(101), Setting(102, weekday=1, hours=12.0, begins_h=7.0), Setting(103, weekday=6, hours=12.0, begins_h=7.0),
    Setting(104, staff=500, hours=5.0, begins_h=8.0), Setting(105, weekday=3, hours=12.0, begins_h=19.0),
    Setting(106, staff=1000, hours=3.0, begins_h=9.0),
)  # fmt: skip

"""Which hospitals are played: two disjoint lists of seeds, one to tune on, one to report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.simulator.playbill import story_kinds
from pipeline.simulator.stories.story import DIFFICULTIES

MONDAY = 1_772_409_600.0
"""2026-03-02 00:00 UTC."""
CHATTY = 3.0
"""Times as busy, under the strain of that name."""
DAY_S = 86_400.0
# What a mirror port sees of one hospital by day, for one member of staff: about a connection every 20 seconds, with the
# DNS, TLS and log events beside it. A longer span or larger house costs in proportion.
_EVENTS_PER_STAFF_S = 0.065
# The record side: some 45 accesses, pieces of context and claims a day for one member of staff.
_RECORDS_PER_STAFF_S = 0.0005
RECORDS = ("ehr", "context", "claims")
# Of the record side alone: patients in the index for one member of staff; most are not treated in any one month.
_INDEX_PER_STAFF = 60


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
    """Without the lists a user would give: inventory and scanners, VIPs, excluded providers, code pairs."""
    records: bool = False
    """The record side alone, over weeks."""
    strains: tuple[str, ...] = ()
    """What the hospital's systems do not tell, tell late or write otherwise, one after the other, see `strains`."""

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
        times = CHATTY if "chatty" in self.strains else 1.0
        return times * (_RECORDS_PER_STAFF_S if self.records else _EVENTS_PER_STAFF_S) * self.staff

    @property
    def size(self) -> dict[str, int]:
        """What the hospital is built with."""
        patients = _INDEX_PER_STAFF if self.records else 8
        return {"staff": self.staff, "patients": patients * self.staff, "devices": self.staff // 2}

    @property
    def hospital(self) -> dict[str, Any]:
        """Arguments of the simulator but for the stories."""
        sources = RECORDS if self.records else None
        return self.size | {
            "seed": self.seed, "start_ts": self.start_ts, "events_per_s": self.events_per_s, "sources": sources,
        }  # fmt: skip

    def fits(self, kind: str) -> bool:
        """Whether a kind of story can be played here: on this side, within this span."""
        story = story_kinds()[kind]
        return self.seconds >= story.least_s and (story.records or not self.records)

    def stories(self, kinds: Sequence[str], difficulty: str | None = None) -> list[str]:
        """`kind:difficulty`, each kind `each` times."""
        order = sorted(story_kinds())
        return [
            f"{kind}:{difficulty or DIFFICULTIES[(order.index(kind) + self.seed + turn) % len(DIFFICULTIES)]}"
            for turn in range(self.each)
            for kind in kinds
            if self.fits(kind)
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

# The record side: difficulties of every kind in each hospital, since weeks of one cost more than a day of the wire.
RECORD_TUNING = (
    Setting(11, staff=400, hours=21 * 24.0, each=3, records=True),
    Setting(12, staff=1000, hours=14 * 24.0, each=3, records=True, weekday=2),
    Setting(13, staff=500, hours=50 * 24.0, each=3, records=True, weekday=4),
    Setting(14, staff=2000, hours=14 * 24.0, each=3, records=True),
)
RECORD_REPORT = (
    Setting(101, staff=400, hours=30 * 24.0, each=3, records=True),
    Setting(102, staff=1000, hours=21 * 24.0, each=3, records=True, weekday=1),
    Setting(103, staff=600, hours=60 * 24.0, each=3, records=True, weekday=6),
    Setting(104, staff=2000, hours=14 * 24.0, each=3, records=True, weekday=3),
    Setting(105, staff=5000, hours=14 * 24.0, each=3, records=True),
    Setting(106, staff=1500, hours=28 * 24.0, each=3, records=True, weekday=5),
)

"""What somebody orders of a detector's champion: a row of the list `champions`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

PROMOTE, ROLLBACK = "promote", "rollback"
COLUMNS = ("detector", "action", "by", "at", "reason")


@dataclass(frozen=True, slots=True)
class ChampionOrder:
    """Swap a detector's champion and challenger, or take the swap back. The latest of a detector counts."""

    detector: str
    action: str
    by: str
    at: float
    """Seconds since the epoch."""
    reason: str

    @classmethod
    def of(cls, row: Mapping[str, str]) -> "ChampionOrder":
        """ValueError when `fault_of` finds one."""
        wrong = fault_of(row)
        if wrong:
            raise ValueError(wrong)
        at = _instant(row["at"])
        assert at is not None  # noqa: S101  (fault_of refuses what is none)
        return cls(row["detector"], row["action"], row["by"], at, row["reason"])

    def to_row(self) -> dict[str, str]:
        """As it travels on the topic `lists`."""
        at = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")
        return dict(zip(COLUMNS, (self.detector, self.action, self.by, at, self.reason), strict=True))


def fault_of(row: Mapping[str, str]) -> str | None:
    """Why a row orders nothing; None for one that does."""
    for column in COLUMNS:
        if not row.get(column, "").strip():
            return f"{column} is missing: an order names {', '.join(COLUMNS)}"
    if row["action"] not in (PROMOTE, ROLLBACK):
        return f"action is {PROMOTE} or {ROLLBACK}"
    return None if _instant(row["at"]) is not None else "at is no instant: write 2026-11-26T08:00:00Z"


def _instant(text: str) -> float | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()

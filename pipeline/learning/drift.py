"""A detector's scores are no longer what they were, in one key group."""

from dataclasses import dataclass
from datetime import UTC, datetime

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Drift:
    """One alarm."""

    detector: str
    source: str
    group: int
    ts: float
    """Event time at which it was noticed, seconds since the epoch."""
    since_ts: float
    """Begin of the hour from which on scores are others."""
    mean_before: float
    mean_after: float
    top_before: float
    """Share of scores as high as the usual highest 5 %."""
    top_after: float
    by: str
    """mean or top: which of the two told."""

    @property
    def worse(self) -> bool:
        """Whether scores rose: more will be found, or the threshold rises with them."""
        return self.mean_after + self.top_after > self.mean_before + self.top_before

    def sentence(self) -> str:
        """For somebody who looks after detectors."""
        since = datetime.fromtimestamp(self.since_ts, UTC).strftime("%Y-%m-%d %H:%M")
        if self.by == "top":
            what = f"{self.top_after:.0%} of its scores are as high as the highest 5 % were (was {self.top_before:.0%})"
        else:
            what = f"its mean score is {self.mean_after:.3f}, and was {self.mean_before:.3f}"
        return (
            f"What {self.detector} sees has changed since {since} UTC (key group {self.group}): {what}."
            " Either the hospital changed, or somebody teaches it."
        )

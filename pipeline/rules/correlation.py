"""A Sigma correlation, compiled: what it counts, over which time, under which key."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.rules.rule import About


@dataclass(frozen=True, slots=True)
class Correlation:
    """Judged at every event that one of its rules matches, over the `timespan_s` that end with it."""

    about: About
    kind: str
    """event_count, value_count, value_sum, value_avg, value_median, value_percentile, temporal, temporal_ordered."""
    rules: tuple[str, ...]
    """Keys of the rules (or correlations) it looks at, in their order."""
    group_by: tuple[tuple[str, ...], ...]
    """For each of `rules` the fields, in lower case, whose values make the key."""
    timespan_s: float
    holds: Callable[[float], bool] = field(default=bool, repr=False)
    """Whether a count or value fulfils the condition."""
    wants: Callable[[frozenset[int]], bool] = field(default=bool, repr=False)
    """Temporal ones: whether these of `rules` together fulfil it."""
    fields: tuple[str, ...] = ()
    """Fields, in lower case, whose values are counted or summed."""
    percentile: float = 50.0
    condition: str = ""
    """In words, for its sentence."""
    sources: frozenset[str] = frozenset()
    silent: bool = False

"""Which part of a log is meant: times and offsets as people write them, and what they are in a partition."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipeline.errors import UsageError

_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)([smhd])")
_OFFSET = re.compile(r"(?:(\d{1,9}):)?(\d{1,18})")
ALL = math.inf
"""A warm-up that begins where the log does."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range: a time, an offset, or, with neither, the log's own beginning or end."""

    at_s: float | None = None
    """The first record that was sent then or later, seconds since the epoch (Kafka's time, not the event's)."""
    offset: int | None = None
    """For every partition that is not named in `offsets`."""
    offsets: Mapping[int, int] = field(default_factory=dict)
    """By partition."""

    def offset_of(self, partition: int) -> int | None:
        """The offset given for a partition, None when a time or the log decides."""
        return self.offsets.get(partition, self.offset)


@dataclass(frozen=True, slots=True)
class ReplayRange:
    """From where to where, and how much before it is read to learn only. Raises UsageError for what cannot be."""

    start: Bound
    end: Bound
    warm_up_s: float = 0.0

    def __post_init__(self) -> None:
        first, last = self.start.at_s, self.end.at_s
        if first is not None and last is not None and first >= last:
            raise UsageError("the range ends before it begins: --from has to be earlier than --to")
        low, high = self.start.offset, self.end.offset
        if low is not None and high is not None and low >= high:
            raise UsageError("the range ends before it begins: --from-offset has to be below --to-offset")
        if 0 < self.warm_up_s < ALL and first is None:
            raise UsageError("a warm-up of some time needs a time as --from; --warm-up all reads whatever lies before")

    def only(self) -> frozenset[int] | None:
        """The partitions that are read, where offsets name some; None for all."""
        named = frozenset((*self.start.offsets, *self.end.offsets))
        plain = self.start.offset is not None or self.end.offset is not None
        return named if named and not plain else None


@dataclass(frozen=True, slots=True)
class Slice:
    """What is read of one partition: from `warm`, counted from `start`, up to but without `end`."""

    topic: str
    partition: int
    partitions: int
    """How many the topic has."""
    held: tuple[int, int]
    """The first offset that the log holds, and the one it gives next."""
    warm: int
    start: int
    end: int
    gone: tuple[int, int] | None = None
    """First and last offset that were wanted, or may have been, and that the log no longer holds."""

    @classmethod
    def of(
        cls, span: ReplayRange, place: tuple[str, int, int], held: tuple[int, int], wanted: tuple[int, int, int]
    ) -> "Slice":
        """What can be read of `place` (topic, partition, number of partitions) where the log holds `held`, and
        `wanted` are the offsets to read from, to count from and to stop at."""
        first, after = held
        warm, start, stop = wanted
        # A time before the log's first record says nothing of what was there once: it may have been wanted.
        named = span.start.offset_of(place[1]) is not None and not span.warm_up_s
        lowest = warm if named else 0 if warm <= first else first
        start, end = min(max(start, first), after), min(stop, after)
        gone = (lowest, first - 1) if lowest < first else None
        return cls(*place, held, min(max(warm, first), start), start, end, gone)


def bound(time: str | None, offsets: tuple[str, ...], now_s: float, option: str) -> Bound:
    """What `--from` or `--to` and its `-offset` sister say; `now_s` is the time that `-2d` counts from.

    Raises UsageError for both at once, and for what is no time or offset.
    """
    if time is not None and offsets:
        raise UsageError(f"--{option} and --{option}-offset say the same thing twice: leave one out")
    if offsets:
        return _offsets(offsets, option)
    return Bound() if time is None else Bound(at_s=_time(time, now_s, option))


def _offsets(texts: tuple[str, ...], option: str) -> Bound:
    plain: int | None = None
    named: dict[int, int] = {}
    for text in texts:
        found = _OFFSET.fullmatch(text.strip())
        if found is None:
            raise UsageError(f"--{option}-offset {text[:40]!r} is neither OFFSET nor PARTITION:OFFSET")
        if found[1] is None:
            plain = int(found[2])
        else:
            named[int(found[1])] = int(found[2])
    return Bound(offset=plain, offsets=named)


def _time(text: str, now_s: float, option: str) -> float | None:
    """Seconds since the epoch, None for the log's own beginning or end. Without a zone a time is in UTC."""
    text = text.strip()
    if text == {"from": "beginning", "to": "end"}[option]:
        return None
    if text == "now":
        return now_s
    if text.startswith("-"):
        return now_s - duration_s(text[1:], f"--{option} {text[:40]!r}")
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        own = "beginning" if option == "from" else "end"
        raise UsageError(
            f"--{option} {text[:40]!r} is no time: give 2026-11-20T00:00Z, -2d (two days ago) or {own}"
        ) from None
    at_s = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    if at_s < 0:
        raise UsageError(f"--{option} {text[:40]!r} lies before 1970, where Kafka's time begins")
    return at_s


def duration_s(text: str, what: str) -> float:
    """Seconds of `90s`, `30m`, `12h` or `2d`. Raises UsageError with `what` in front."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{what} is no duration: give 90s, 30m, 12h or 2d")
    return float(found[1]) * _UNIT_S[found[2]]


def warm_up_s(text: str | None) -> float:
    """What `--warm-up` says: seconds, ALL, or 0 for none."""
    if text is None:
        return 0.0
    return ALL if text.strip() == "all" else duration_s(text, f"--warm-up {text[:40]!r}")

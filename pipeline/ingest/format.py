"""What a format is: it recognises its own bytes and turns them into event fields, record by record."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Protocol, TypeVar

Fields = dict[str, Any]


def whole_number(text: str | None) -> int | None:
    """The whole number that a text of at most 15 digits is; None for any other."""
    return int(text) if text is not None and text.isdecimal() and len(text) < 16 else None


@dataclass(frozen=True, slots=True)
class Item:
    """A record that was understood."""

    source: str
    """Name in `schemas.sources.INPUTS`."""
    fields: Fields
    """Fields of the event model: at least `ts`, `format` and `kind`; without `event_id` and `origin`, which the
    reader adds (only an event that was one of ours before keeps its own). None and empty strings mean unset."""
    position: str
    """Where it stands: `line 12`, `record 3`, `line 4 item 2`."""
    raw: bytes
    """The bytes of the record; its event id is their hash, together with the format and `part`."""
    part: int = 0
    """Tells apart several events made from one record."""
    identified: bool = False
    """Whether the record names itself (a resource's id): an identical one is the same told again, and not another
    that looks the same."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that could not be read; it becomes a dead letter."""

    position: str
    reason: str
    """One sentence without any content of the record."""
    raw: bytes
    format: str = "unknown"
    sensitive: bool = True
    """Whether the excerpt may hold patient data and has to be masked."""


class Cut(Protocol):
    """A record as it was cut out of a stream: a line, a row, a JSON value."""

    @property
    def position(self) -> str:
        """Where it stands."""

    @property
    def raw(self) -> bytes:
        """Its bytes."""


C = TypeVar("C", bound=Cut)
T = TypeVar("T")


def each(cuts: Iterable[C | Bad], events: Callable[[C], Iterable[T]], format: str) -> Iterator[T | Bad]:
    """What `events` makes of every record. Should it fail on one, that one is refused and the others go on."""
    for cut in cuts:
        if isinstance(cut, Bad):
            yield cut
            continue
        try:
            yield from events(cut)
        except Exception as error:
            reason = f"the {format} reader failed on it ({type(error).__name__}): please report it"
            yield Bad(cut.position, reason, cut.raw, format)


class Format(ABC):
    """A file format. Stateless: everything about a file lives in the generator that `read` returns."""

    id: ClassVar[str]
    """Permanent, lower case: `zeek`, `suricata`, `fhir` …; what `--format` takes."""
    title: ClassVar[str]
    ends_with_returns: ClassVar[bool] = False
    """Whether a lone carriage return ends a part of its records; elsewhere it ends a line, as on old systems."""

    @abstractmethod
    def sniff(self, head: bytes, name: str) -> float:
        """How surely these are our bytes, 0 to 1, from the first 64 KiB (decompressed) and the file's base name.

        Content decides; the name may only break a tie.
        """

    @abstractmethod
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """Every record of the stream in order, in constant memory. Raises nothing for bad content."""

    def beside(self, path: Path) -> "Format":
        """The format as it reads the file at `path`, where what lies beside a file belongs to it; itself elsewhere."""
        return self

"""Merges files in event time: what happened first comes first, whatever file tells it."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.ingest.archives import unpacked
from pipeline.ingest.event_ids import kept_ids
from pipeline.ingest.format import Bad, Format
from pipeline.ingest.letters import dead_letter
from pipeline.ingest.listing import Listing, list_files
from pipeline.ingest.reader import USUAL, Manner, Parsed, forced_format, read_with
from pipeline.ingest.streams import STDIN, display_name
from schemas.dead_letter import DeadLetter

Result = Parsed | DeadLetter

WINDOW_RECORDS = 512
"""Within a file the earliest of so many records comes next: sensors write by end time, and one record with a clock
in the future must not hold back those behind it."""
TOTAL_RECORDS = 131_072
"""Records held by all files together; with more than 256 files each window is smaller, down to SMALLEST_WINDOW."""
SMALLEST_WINDOW = 16
PEEK_RECORDS = 1000
PEEK_EVENTS = 64
"""How far a file is read ahead for its earliest time, to open it no sooner than needed: the earliest of so many
events; a file without any among so many records is read first."""


@dataclass(frozen=True, slots=True)
class _File:
    """How one file is read."""

    path: Path
    chosen: Format | None
    offer: bool
    manner: Manner
    kept: int
    """Ids that it remembers, see `EventIds`."""

    def results(self) -> Iterator[Result]:
        """The file's records; one that cannot be opened (any more) gives a dead letter, as the others go on."""
        try:
            yield from read_with(self.path, self.chosen, self.manner, offer=self.offer, kept=self.kept)
        except UsageError as error:
            yield dead_letter(display_name(self.path), Bad("file", str(error), b""), mask=self.manner.mask)

    def first_ts(self) -> float:
        """Earliest time among the first records; 0 for a pipe, which can be read only once."""
        if self.path == STDIN or not self.path.is_file():
            return 0.0
        times: list[float] = []
        for _, result in zip(range(PEEK_RECORDS), self.results(), strict=False):
            if isinstance(result, Parsed):
                times.append(result.ts)
            if len(times) == PEEK_EVENTS:
                break
        return min(times, default=0.0)


def read_paths(
    paths: Iterable[Path], *, format: str | None = None, mapping: Path | None = None, manner: Manner = USUAL
) -> Iterator[Result]:
    """Every record of files, folders and archives (read as the folders they were), merged in event time.

    Bounded memory, no file kept open between blocks. Records of one time come in the order of their paths and of
    their place in the file, so the result does not depend on the order of a folder on disk. Dead letters follow
    the event before them. A mapping is used for every file that is named, and for those files of folders that have
    its columns. `list_files` tells what is passed over. UsageError: a path that cannot be read, and what
    `read_path` raises.
    """
    chosen = forced_format(format, mapping)
    return _unpacked(list_files(paths), chosen, offered=bool(mapping), manner=manner)


def _unpacked(listing: Listing, chosen: Format | None, *, offered: bool, manner: Manner) -> Iterator[Result]:
    with unpacked(listing) as whole:
        yield from read_files(whole, chosen, offered=offered, manner=manner)


def read_files(listing: Listing, chosen: Format | None, *, offered: bool, manner: Manner) -> Iterator[Result]:
    """`read_paths` of a listing whose archives are unpacked. `offered`: see there of mappings."""
    for archive, why in listing.problems:
        yield dead_letter(display_name(archive), Bad("file", why, b""), mask=manner.mask)
    kept = kept_ids(len(listing.files))
    files = [_File(path, chosen, offered and path not in listing.named, manner, kept) for path in listing.files]
    yield from _merged(files, max(SMALLEST_WINDOW, min(WINDOW_RECORDS, TOTAL_RECORDS // max(1, len(files)))))


def _merged(files: list[_File], window: int) -> Iterator[Result]:
    waiting = sorted(((file.first_ts(), rank) for rank, file in enumerate(files)), reverse=True)
    active: list[tuple[float, int, int, Result, Iterator[tuple[float, int, Result]]]] = []

    def advance(rank: int, records: Iterator[tuple[float, int, Result]]) -> None:
        for ts, place, result in islice(records, 1):
            heapq.heappush(active, (ts, rank, place, result, records))

    while waiting or active:
        while waiting and (not active or waiting[-1][0] <= active[0][0]):
            rank = waiting.pop()[1]
            advance(rank, _ordered(files[rank].results(), window))
        if active:
            _, rank, _, result, records = heapq.heappop(active)
            yield result
            advance(rank, records)


def _ordered(results: Iterator[Result], window: int) -> Iterator[tuple[float, int, Result]]:
    """(time, place in the file, record), the earliest of the next `window` first."""
    held: list[tuple[float, int, Result]] = []
    ts = 0.0
    for place, result in enumerate(results):
        if isinstance(result, Parsed):
            ts = result.ts
        entry = (ts, place, result)
        if len(held) < window:
            heapq.heappush(held, entry)
        else:
            yield heapq.heappushpop(held, entry)
    while held:
        yield heapq.heappop(held)

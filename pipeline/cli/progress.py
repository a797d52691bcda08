"""Progress of long work: on stderr, and only where a person looks at it."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

_EVERY = 256  # records between two looks at the clock


class Progress:
    """Counts records and shows count and rate. Use as a context manager; cheap enough to call for every record."""

    def __init__(self, doing: str, total: int | None = None) -> None:
        self.count = 0
        self.started = time.monotonic()
        console = Console(stderr=True)
        self._bar: RichProgress | None = None
        if sys.stderr.isatty():
            parts = [SpinnerColumn(), TextColumn("{task.description}")] + ([BarColumn()] if total else [])
            parts += [TextColumn("{task.completed:,.0f} records  {task.fields[rate]}"), TimeElapsedColumn()]
            self._bar = RichProgress(*parts, console=console, transient=True)
            self._task = self._bar.add_task(doing, total=total, rate="")

    def expect(self, total: int) -> None:
        """How many records there will be, once that is known."""
        if self._bar is not None:
            self._bar.update(self._task, total=total)

    def advance(self, records: int = 1) -> None:
        """So many more records."""
        before, self.count = self.count, self.count + records
        if self._bar is not None and before // _EVERY != self.count // _EVERY:
            self._bar.update(self._task, completed=self.count, rate=f"{self.rate():,.0f}/s")

    def rate(self) -> float:
        """Records a second since the beginning."""
        return self.count / max(time.monotonic() - self.started, 1e-9)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

"""What every part of the quality benchmark is told."""

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.quality.data_absent import DataAbsentError

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Options:
    """`data`: folder of the public sets; `out`: where plots and tables go; `peers`: Python of the optional peers."""

    data: Path = field(default_factory=lambda: _ROOT.parent / "shared" / "data")
    out: Path | None = None
    seeds: int = 3
    rows: int = 60_000
    peers: str | None = None

    def path(self, *names: str) -> Path:
        """A file or folder of the data; DataAbsentError when this copy does not have it."""
        found = self.data.joinpath(*names)
        if not found.exists():
            raise DataAbsentError(f"{'/'.join(names)} is not in the data folder")
        return found

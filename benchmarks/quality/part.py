"""The parts of the quality benchmark, found by scanning `benchmarks/quality/parts`.

A part is a module there with
    title: str      a heading
    protocol: str   data, split or order of the stream, seeds, peers, what is counted: printed above its table
    run(options: Options) -> list[dict[str, object]]   rows of the table, all keys of a row are columns
    plot(rows, folder: Path) -> None                   optional: PNG files for a report
It raises DataAbsentError (`options.path` does) when its data is not there.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality import parts
from benchmarks.quality.options import Options

Row = dict[str, object]


@dataclass(frozen=True)
class Part:
    """One part, as its module gives it."""

    name: str
    title: str
    protocol: str
    run: Callable[[Options], list[Row]]
    plot: Callable[[list[Row], Path], None] | None


def find_parts() -> dict[str, Part]:
    """Every part by its module's name, in alphabetical order."""
    found = {}
    for name in sorted(info.name for info in pkgutil.iter_modules(parts.__path__)):
        module = importlib.import_module(f"{parts.__name__}.{name}")
        protocol = " ".join(module.protocol.split())
        found[name] = Part(name, module.title, protocol, module.run, getattr(module, "plot", None))
    return found

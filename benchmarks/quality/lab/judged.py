"""What wardwatch says of the laboratory's captures and of its servers' logs.

    python -m benchmarks.quality.lab.judged DATA/lab [--half "looked into"] [SCENE …]

An alert is right where it names who attacks in a scene, and false where it does not, as every one of honest work is.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.quality.halves import HALVES, in_half
from benchmarks.quality.hospitals.raised import Raised, of_alert
from benchmarks.quality.lab.__main__ import LOGS, PACKETS, QUIET, TRUTH
from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Manner
from pipeline.runtime.line import Plan
from pipeline.runtime.lists.files import indexed
from pipeline.runtime.scan import Scan

WAYS = ("alone", "after quiet hours", "logs")
"""The packets by themselves; quiet hours of the same hospital first, and what is told later than these; the logs."""
_CHUNK = 8000


@dataclass(frozen=True)
class Scene:
    """A folder that the laboratory wrote."""

    folder: Path

    @property
    def name(self) -> str:
        """Of the scene."""
        return self.folder.name

    @cached_property
    def truth(self) -> dict[str, object]:
        """What the laboratory says of it."""
        return dict(json.loads((self.folder / TRUTH).read_text()))

    @property
    def by(self) -> frozenset[str]:
        """Whoever attacks; nobody in honest work."""
        by = self.truth["by"]
        assert isinstance(by, list)
        return frozenset(by)

    def within(self, half: str) -> bool:
        """Whether it is of this half: as the laboratory says, else by the hash of its name."""
        said = self.truth.get("half")
        return said == half if said else in_half(self.name, half)

    def raised(self, way: str) -> list[Raised]:
        """Alerts in one of the WAYS."""
        packets, quiet = self.folder / PACKETS, self.folder.parent / QUIET
        if way == "alone":
            return _scanned([packets], self._lists())
        if way == "logs":
            return _scanned([self.folder / LOGS], self._lists())
        until = json.loads((quiet / TRUTH).read_text())["end"]
        return [one for one in _scanned([quiet / PACKETS, packets], self._lists()) if one.last_ts > until]

    def right(self, one: Raised) -> bool:
        """Whether it names who attacks."""
        return bool(self.by & one.values)

    def _lists(self) -> Lists:
        scanners = self.truth["scanners"]
        assert isinstance(scanners, list)
        return Lists({"scanners": indexed("scanners", [{"value": one} for one in scanners], None)}, {})


def scenes(folder: Path, half: str | None = None) -> Iterator[Scene]:
    """Those of a half, in order of name; the quiet hours belong to neither."""
    for one in sorted(folder.iterdir()):
        if (one / TRUTH).exists() and (half is None or (one.name != QUIET and Scene(one).within(half))):
            yield Scene(one)


def _scanned(paths: list[Path], lists: Lists) -> list[Raised]:
    found: list[Raised] = []
    scan = Scan(
        Plan(EngineConfig(), lists, None, 0), "lab", _CHUNK, on_alert=lambda alert: found.append(of_alert(alert))
    )
    for record in read_paths(paths, manner=Manner(mask=False)):
        scan.add(record)
    scan.finish()
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Every alert with its sentence; of the report half numbers only."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("scenes", nargs="*")
    parser.add_argument("--half", choices=HALVES, default=HALVES[0])
    parser.add_argument("--way", choices=WAYS, action="append")
    options = parser.parse_args(words)
    for scene in scenes(options.folder, options.half):
        if options.scenes and scene.name not in options.scenes:
            continue
        for way in options.way or WAYS:
            raised = scene.raised(way)
            right = sum(scene.right(one) for one in raised)
            kind = "attack" if scene.by else "honest"
            print(f"{scene.name:22} {kind} {way:18} {right} right {len(raised) - right} not", flush=True)
            if options.half == HALVES[0]:
                for one in raised:
                    print(f"    {'+' if scene.right(one) else '-'} {one.detector}: {one.sentence[:200]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Real traffic and logs in which nothing is known to have happened, through the engine at its default budgets."""

import gzip
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from benchmarks.quality.options import Options
from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Manner
from pipeline.runtime.line import Plan
from pipeline.runtime.scan import Scan
from schemas.alert import Alert

_CHUNK = 8000
DAY_MS = 86_400_000
# Systems of loghub whose lines are ordinary work; OpenSSH and Linux hold guessed passwords. Two mark what is normal.
SYSTEMS = ("HealthApp", "HDFS", "Windows", "Zookeeper", "Proxifier", "OpenStack", "BGL", "Thunderbird")
_MARKED = ("BGL", "Thunderbird")
_NORMAL = "- "


@dataclass
class Quiet:
    """What one scan raised."""

    name: str
    events: int = 0
    alerts: list[Alert] = field(default_factory=list)

    @property
    def ranked(self) -> list[Alert]:
        """Gravest first: severity, score, count."""
        return sorted(self.alerts, key=lambda a: (-a.severity_id, -a.confidence_score, -a.count, a.start_time))


def scan(name: str, paths: Iterable[Path]) -> Quiet:
    """All alerts of some files."""
    out = Quiet(name)
    one = Scan(Plan(EngineConfig(), Lists(), None, 0), name, _CHUNK, on_alert=out.alerts.append)
    for record in read_paths([*paths], manner=Manner(mask=False)):
        one.add(record)
    out.events = one.finish().rows
    return out


@lru_cache(maxsize=2)
def quiet_scans(options: Options) -> tuple[Quiet, ...]:
    """The day of one internet-facing host, then the logs of eight systems."""
    found = [scan("zeek_day", [options.path("network", "zeek_day")])]
    with tempfile.TemporaryDirectory(prefix="wardwatch-quiet-") as folder:
        for system in SYSTEMS:
            source = options.path("logs", "loghub", system, f"{system}_2k.log.gz")
            file = Path(folder) / source.stem
            lines = gzip.decompress(source.read_bytes()).decode(errors="replace").splitlines(keepends=True)
            if system in _MARKED:
                lines = [line.removeprefix(_NORMAL) for line in lines if line.startswith(_NORMAL)]
            file.write_text("".join(lines))
            found.append(scan(f"loghub/{system}", [file]))
    return tuple(found)

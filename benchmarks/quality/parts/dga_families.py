"""Names that known generators draw, family by family, asked by one machine."""

import re
from pathlib import Path

import numpy as np
import orjson

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode

title = "Families of drawn names"
protocol = """DATA/dga (baderj/domain_generation_algorithms as it comes): a folder a family, its lists of example names.
One machine asks for the first names of a family, one every twenty seconds, and none exists; nothing learned before.
Told: `network.dga` scores .5 or more at one of them."""
MOST, LEAST = 60, 20
_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,12}")


def run(options: Options) -> list[Row]:
    """One row."""
    told, families = 0, 0
    missed: list[str] = []
    for folder in sorted(path for path in options.path("dga").iterdir() if path.is_dir()):
        names = _names(folder)
        if len(names) < LEAST:
            continue
        families += 1
        if _told(names):
            told += 1
        else:
            missed.append(folder.name)
    return [{"families": families, "told": told, "missed": ", ".join(missed) or "none"}]


def _names(folder: Path) -> list[str]:
    found: dict[str, None] = {}
    for path in sorted(folder.rglob("*.txt")):
        for line in path.read_text(encoding="utf-8", errors="replace").lower().splitlines():
            name = line.strip().split(",")[0]
            if _NAME.fullmatch(name) and len(found) < MOST:
                found[name] = None
    return list(found)


def _told(names: list[str]) -> bool:
    asked = [
        orjson.dumps({
            "kind": "dns", "event_id": f"{k:032x}", "origin": "dga", "format": "zeek.dns", "ts": 1.7e9 + 20 * k,
            "src_ip": "10.0.5.9", "dst_ip": "10.0.0.53", "dst_port": 53, "proto": "udp", "query": name, "qtype": "A",
            "rcode": "NXDOMAIN",
        })
        for k, name in enumerate(names)
    ]  # fmt: skip
    batch = decode("network", asked, EngineConfig().key_groups).batch
    scores = Engine("network", EngineConfig()).process(batch, Origin("network", 0, np.arange(batch.n))).scores
    return bool((scores["network.dga"] >= 0.5).any())

"""What real tools did in a laboratory of network namespaces, and what of it is told."""

from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.quality.halves import HALVES
from benchmarks.quality.lab.judged import WAYS, scenes
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row

title = "Laboratories' captures"
protocol = """DATA/lab, as `python -m benchmarks.quality.lab --out DATA/lab` writes it: tools of attackers and of honest
work in a segment of network namespaces, a capture a scene, and what its servers logged meanwhile. DATA/domain, as
`python -m benchmarks.quality.lab.domain --out DATA/domain` writes it: the same in a domain of Samba servers. Read by
itself; after quiet hours of the same segment (three, of the domain eight; alerts since then); logs by themselves. Told:
scenes of attacks with an alert that names who attacks. False: alerts that do not, and all of honest scenes. Halves by
the hash of the scene's name; the report's were only counted. Hours pass at once between two actions (their times are
moved), each action has its real pace."""
_LABORATORIES = ("lab", "domain")


def run(options: Options) -> list[Row]:
    """A row a laboratory, half, kind of scene and way; laboratories that were not played are left out."""
    folders = [options.data / name for name in _LABORATORIES if (options.data / name).is_dir()]
    return [row for folder in folders or [options.path(_LABORATORIES[0])] for row in _rows(folder)]


def _rows(folder: Path) -> list[Row]:
    rows: list[Row] = []
    for half in HALVES:
        counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        missed: dict[tuple[str, str], list[str]] = defaultdict(list)
        for scene in scenes(folder, half):
            kind = "attack" if scene.by else "honest"
            for way in WAYS:
                raised = scene.raised(way)
                right = sum(scene.right(one) for one in raised)
                counts[kind, way].update(scenes=1, told=right > 0, false=len(raised) - right)
                if scene.by and not right:
                    missed[kind, way].append(scene.name)
        for (kind, way), count in counts.items():
            rows.append({
                "laboratory": folder.name, "half": half, "kind": kind, "read": way, "scenes": count["scenes"],
                "told": count["told"], "false alerts": count["false"], "missed": ", ".join(missed[kind, way]),
            })  # fmt: skip
    return rows

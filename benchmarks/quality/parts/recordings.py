"""Windows attack recordings of other collections than those at hand, beside the public Sigma rules."""

import hashlib
import re
from pathlib import Path

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.recorded import batches_of, findings_of
from benchmarks.quality.tactics import tactics_of
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import EngineConfig
from pipeline.rules.reading import read_rules
from schemas.finding import Finding

title = "Windows attack recordings of other collections (EVTX)"
protocol = """Each folder in DATA/recordings but `sigma` is a collection, as it comes (`git clone`): event log
files, filed under tactics (`Credential Access/…`, `TA0006-…/…`). Each file by itself, nothing learned before, no
rules loaded but our own: found, and found with a technique of the file's tactic. A cleared log is only counted
where the file is about that: most begin with one. Half of a collection's files, by the hash of their path, is for
the report and is not looked into by anybody; rules may be written after the other half (of EVTX-ATTACK-SAMPLES,
both were). Peer, on the same events through the same engine: the Sigma rules for Windows in DATA/recordings/sigma
of level medium and above, with none of our detectors."""
TACTICS = {
    "TA0001": "initial_access", "TA0002": "execution", "TA0003": "persistence", "TA0004": "privilege_escalation",
    "TA0005": "defense_evasion", "TA0006": "credential_access", "TA0007": "discovery", "TA0008": "lateral_movement",
    "TA0009": "collection", "TA0011": "command_and_control", "TA0040": "impact",
}  # fmt: skip
_LEVEL = re.compile(r"^level:\s*(medium|high|critical)\b", re.MULTILINE)


def run(options: Options) -> list[Row]:
    """A row a collection, half and party."""
    root = options.path("recordings")
    parties = {"wardwatch": EngineConfig()}
    texts = [(str(path), path.read_text(encoding="utf-8")) for path in sorted((root / "sigma").rglob("*.yml"))]
    rules = read_rules((name, text) for name, text in texts if _LEVEL.search(text))
    if rules.rules:
        others = tuple(name for name in catalogue() if name != "logs.sigma")
        parties[f"{len(rules.rules):,} Sigma rules"] = EngineConfig(rules=rules, disabled=others)
    rows: list[Row] = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and path.name != "sigma"):
        files = sorted(path for path in folder.rglob("*.evtx") if path.relative_to(folder).parts[1:])
        for half in ("looked into", "report"):
            chosen = [path for path in files if _for_report(path.relative_to(folder)) == (half == "report")]
            rows += [_row(folder, half, chosen, party, config) for party, config in parties.items()]
    return rows


def _row(folder: Path, half: str, files: list[Path], party: str, config: EngineConfig) -> Row:
    found, right, filed, events = 0, 0, 0, 0
    for path in files:
        batches = list(batches_of(path))
        events += sum(batch.n for batch in batches)
        findings = [f for f in findings_of(batches, config) if "clear" in path.name.lower() or not _is_clearing(f)]
        tactic = _tactic(path.relative_to(folder))
        told = {t for finding in findings for attack in finding.attacks for t in tactics_of(attack)}
        found += bool(findings)
        filed += tactic in TACTICS.values()
        right += tactic in told
    return {
        "collection": folder.name, "half": half, "who": party, "files": len(files), "events": events,
        "found": f"{found}/{len(files)}", "of the right tactic": f"{right}/{filed}",
    }  # fmt: skip


def _is_clearing(finding: Finding) -> bool:
    return "T1070.001" in finding.attacks


def _tactic(path: Path) -> str:
    head = path.parts[0]
    return TACTICS.get(head[:6], head.lower().replace(" ", "_"))


def _for_report(path: Path) -> bool:
    """By the hash of the name under which the file was looked into, or not: as one word, converted to JSON lines."""
    name = "__".join(path.parts).replace(" ", "_") + ".jsonl"
    return hashlib.sha1(name.encode(), usedforsecurity=False).digest()[0] % 2 == 0

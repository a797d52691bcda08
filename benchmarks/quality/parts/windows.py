"""Windows attack recordings and Windows background: which tactics our own detectors tell, and how often in vain."""

from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.recorded import CHUNK, batches_of, findings_of
from benchmarks.quality.tactics import tactics_of
from pipeline.detectors.catalogue import catalogue
from pipeline.features.batch import Batch
from schemas.finding import Finding

title = "Windows attack recordings (OTRF), findings of our own detectors"
protocol = """Each recording by itself through the engine with all log detectors, nothing learned before, no rules
loaded but our own. Right: a finding's ATT&CK technique belongs to the tactic the recording is filed under.
Background: events of a recording whose program, and its parent, are among Windows' own services (a fixed list), or
that name no program and no person's account, PowerShell's log and the clearing of a log left out; and all of
loghub/Windows. False: a finding that stands on a background event: an upper bound, for what the system does at the
attacker's bidding counts too. Budgeted detectors (thresholds learned from the stream) are counted apart: a recording
of minutes is their cold start."""
SERVICES = frozenset((
    "svchost.exe", "lsass.exe", "services.exe", "vboxservice.exe", "taskhostw.exe", "searchapp.exe", "msmpeng.exe",
    "system", "csrss.exe", "wininit.exe", "smss.exe", "winlogon.exe", "dwm.exe", "tiworker.exe",
    "trustedinstaller.exe", "compattelrunner.exe", "vssvc.exe", "spoolsv.exe", "searchindexer.exe", "sihost.exe",
    "runtimebroker.exe", "backgroundtaskhost.exe", "vds.exe", "dns.exe", "dfsrs.exe", "ismserv.exe", "nissrv.exe",
    "microsoft.activedirectory.webservices.exe", "audiodg.exe", "fontdrvhost.exe", "conhost.exe", "ctfmon.exe",
    "waappagent.exe", "windowsazureguestagent.exe", "monitoringhost.exe", "healthservice.exe", "winlogbeat.exe",
    "nxlog.exe", "wmiapsrv.exe", "sppsvc.exe", "microsoftedgeupdate.exe", "onedrive.exe", "shellexperiencehost.exe",
))  # fmt: skip


def run(options: Options) -> list[Row]:
    """A row a recording, and the background."""
    rows: list[Row] = []
    for path in sorted(options.path("logs", "windows_attack").glob("*.jsonl.gz")):
        rows.append(_recording(path))
    rows.append(_background(options.path("logs", "loghub", "Windows", "Windows_2k.log.gz")))
    events, false = (sum(int(str(r[name])) for r in rows) for name in ("background events", "false"))
    told = [r for r in rows if r["right"]]
    right = sum(r["right"] == "yes" for r in told)
    total: Row = dict.fromkeys(rows[0], "")
    total |= {"recording": "all", "right": f"{right}/{len(told)}", "background events": events, "false": false}
    return [*rows, total | {"false per 10,000": round(1e4 * false / max(events, 1), 2)}]


def _recording(path: Path) -> Row:
    tactic = path.name.split("__")[2]
    batches = list(batches_of(path))
    found = findings_of(batches)
    tactics = Counter(t for f in found for a in f.attacks for t in tactics_of(a))
    quiet = sum(int(_is_background(b).sum()) for b in batches)
    false, budgeted = _false(found, batches)
    return {
        "recording": path.name.split("__")[-1].removesuffix(".jsonl.gz"), "tactic": tactic,
        "right": "yes" if tactics[tactic] else "no", "tactics found": ", ".join(sorted(tactics)),
        "alerts": len({(f.detector, f.group_key) for f in found}), "events": sum(b.n for b in batches),
        "background events": quiet, "false": false, "false, budgeted": budgeted,
        "false per 10,000": round(1e4 * false / max(quiet, 1), 2),
    }  # fmt: skip


def _background(path: Path) -> Row:
    batches = list(batches_of(path))
    found = findings_of(batches)
    fixed = [f for f in found if not _budgeted(f)]
    events = sum(b.n for b in batches)
    return {
        "recording": "loghub/Windows", "tactic": "", "right": "", "tactics found": "",
        "alerts": len({(f.detector, f.group_key) for f in found}), "events": events, "background events": events,
        "false": len(fixed), "false, budgeted": len(found) - len(fixed),
        "false per 10,000": round(1e4 * len(fixed) / max(events, 1), 2),
    }  # fmt: skip


def _budgeted(finding: Finding) -> bool:
    return catalogue()[finding.detector].threshold is None


def _is_background(batch: Batch) -> np.ndarray:
    """bool[n]"""
    return np.array([_quiet(batch, row) for row in range(batch.n)])


def _quiet(batch: Batch, row: int) -> bool:
    names = [_base(batch.text(field, row)) for field in ("image", "parent_image")]
    user = batch.text("user", row) or ""
    known = [name for name in names if name]
    # PowerShell's own log tells what the attack's scripts did; and the recordings begin with a log that was cleared.
    if "PowerShell" in (batch.text("program", row) or "") or batch.text("action", row) == "log_cleared":
        return False
    if known:
        return all(name in SERVICES for name in known)
    return not user or user.endswith("$") or user.upper().endswith(("SYSTEM", "SERVICE"))


def _base(path: str | None) -> str:
    return (path or "").rpartition("\\")[2].lower()


def _false(found: list[Finding], batches: list[Batch]) -> tuple[int, int]:
    """(findings on background events by fixed thresholds, by learned ones)."""
    places = [divmod(f.evidence.offset, CHUNK) for f in found]
    on_quiet = [f for f, (chunk, row) in zip(found, places, strict=True) if _quiet(batches[chunk], row)]
    budgeted = sum(map(_budgeted, on_quiet))
    return len(on_quiet) - budgeted, budgeted

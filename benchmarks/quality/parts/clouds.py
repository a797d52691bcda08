"""Records of clouds and directories that somebody labelled: which are told, and which should not be."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import yaml

from benchmarks.quality.halves import HALVES, in_half
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.recorded import batches_of, findings_of
from schemas.finding import Finding

title = "Records of clouds and directories"
protocol = """The tests of panther-labs/panther-analysis in DATA/clouds (`git clone`): records of clouds' own logs with
what a rule of that collection is expected to say of each. Told: any finding of ours on the record by itself, nothing
learned before. "Grave": its rule's severity is medium or above and it is on by default there; the others are what a
house may wish to know. "Should not": records that its rule leaves alone, among them failed attempts, the same act by
somebody else and everyday records. That collection
keeps some records in a form of its own; they are put back into the maker's (Okta's names, Google's lists of events),
and where a record has no time it gets one. Halves by the hash of the rule's file name."""
FOLDERS = {
    "CloudTrail": ("aws_cloudtrail_rules",),
    "Entra, Azure and Microsoft 365": ("azure_activity_rules", "azure_signin_rules", "microsoft_rules"),
    "Okta": ("okta_rules",), "Google": ("gsuite_activityevent_rules", "gcp_audit_rules"),
}  # fmt: skip
OKTA = {"eventtype": "eventType", "displaymessage": "displayMessage", "debugcontext": "debugContext",
        "securitycontext": "securityContext"}  # fmt: skip
GRAVE = frozenset(("Medium", "High", "Critical"))


def run(options: Options) -> list[Row]:
    """A row a product and half."""
    root = options.path("clouds") / "panther-analysis" / "rules"
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        for product, names in FOLDERS.items():
            cases = [
                (*case, bool(findings(case[-1], Path(folder)))) for name in names for case in labelled(root / name)
            ]
            for half in HALVES:
                mine = [case for case in cases if in_half(case[0], half)]
                row: Row = {"product": product, "half": half}
                for kind, wanted in (("grave", (True, True)), ("others", (True, False)), ("should not", (False, None))):
                    of = [told for _, bad, grave, _, told in mine if bad == wanted[0] and wanted[1] in (None, grave)]
                    row[kind] = f"{sum(of)} of {len(of)}"
                rows.append(row)
    return rows


def labelled(folder: Path) -> Iterator[tuple[str, bool, bool, dict[str, Any]]]:
    """(rule's file, expected to be told, grave, record)."""
    for path in sorted(folder.glob("*.yml")):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        grave = told.get("Severity") in GRAVE and bool(told.get("Enabled"))
        for test in (t for t in told.get("Tests") or [] if "Log" in t):
            yield path.name, bool(test["ExpectedResult"]), grave, test["Log"]


def findings(record: dict[str, Any], folder: Path) -> list[Finding]:
    """Of one record, read as a file of its own."""
    path = folder / "record.json"
    path.write_bytes(orjson.dumps(as_delivered(record), default=str))
    return findings_of(list(batches_of(path)))


def as_delivered(record: dict[str, Any]) -> dict[str, Any]:
    """A record as its maker writes it, of one in the form that the collection keeps."""
    made = dict(record)
    if "eventtype" in made:
        made |= {real: made[kept] for kept, real in OKTA.items() if kept in made}
    if isinstance(made.get("id"), dict) and "applicationName" in made["id"] and "events" not in made:
        parameters = [{"name": k, "value": v} for k, v in (made.get("parameters") or {}).items()]
        made["events"] = [{"type": made.get("type"), "name": made.get("name"), "parameters": parameters}]
        made = {k: v for k, v in made.items() if k not in ("name", "type", "parameters")}
        made["id"] = {"time": "2024-01-01T00:00:00.000Z"} | made["id"]
    return made

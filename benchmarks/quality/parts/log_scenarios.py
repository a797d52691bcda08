"""Short logs of attacks that others collected to test their own scenarios: which of them are told."""

import re
from collections import Counter
from pathlib import Path

from benchmarks.quality.halves import HALVES, in_half
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.quiet_scans import scan

title = "Attacks in other people's test logs"
protocol = """DATA/log_samples/crowdsec (`.tests` of crowdsecurity/hub): folders whose scenario must find something,
each log by itself with all detectors at their default budgets, nothing learned before. Most logs are just long enough
for a ban (five failures; one request). Found: an alert that names one of the addresses to ban. Guessing: folders
named after brute force (`bf`). The others are probes of one product's hole, crawlers, spam, floods. Half of the
folders, by the hash of their names, is for the report and was not looked into. Of parsers: folders that only test a
parser, a few lines each; they hold failed logons and requests, too, so their alerts are not all false."""
_RESULTS = re.compile(r"^len\(results\) == (\d+)", re.MULTILINE)
_SOURCE = re.compile(r'Sources\["([^"]+)"\]')
_GUESSING = re.compile(r"(?:^|[-_])bf(?:$|[-_])")


def run(options: Options) -> list[Row]:
    """A row a half and kind of folder."""
    root = options.path("log_samples", "crowdsec")
    rows: list[Row] = []
    for half in HALVES:
        counts: Counter[str] = Counter()
        for test in sorted(path for path in root.iterdir() if path.is_dir() and in_half(path.name, half)):
            _play(test, counts)
        for kind in ("guessing", "other attacks", "of parsers"):
            rows.append({
                "half": half, "kind": kind, "folders": counts[kind], "events": counts[f"{kind}: events"],
                "found": counts[f"{kind}: found"], "alerts": counts[f"{kind}: alerts"],
            })  # fmt: skip
    return rows


def _play(test: Path, counts: Counter[str]) -> None:
    log = re.search(r"^log_file:\s*\"?([^\s\"]+)", (test / "config.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    if not log or not (test / log[1]).is_file():
        return
    told = test / "scenario.assert"
    text = told.read_text(encoding="utf-8", errors="replace") if told.is_file() else ""
    expected = _RESULTS.search(text)
    attacked = expected is not None and expected[1] != "0"
    kind = "of parsers" if not attacked else "guessing" if _GUESSING.search(test.name) else "other attacks"
    quiet = scan(test.name, [test / log[1]])
    sources = set(_SOURCE.findall(text))
    documents = [alert.model_dump_json() for alert in quiet.alerts]
    found = attacked and any(source in document for source in sources for document in documents)
    counts.update(
        {kind: 1, f"{kind}: events": quiet.events, f"{kind}: alerts": len(documents), f"{kind}: found": found}
    )

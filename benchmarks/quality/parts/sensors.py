"""The Windows attack recordings as other sensors would tell them: whether our rules depend on Sysmon's words."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.recorded import batches_of, findings_of
from benchmarks.quality.tactics import tactics_of
from pipeline.ingest.reader import open_stream
from pipeline.ingest.sensors.products import ACTED, LOGON, PRODUCTS, START, Product
from pipeline.ingest.windows.record import WindowsRecord, is_windows

title = "Windows attack recordings in the words of other sensors"
protocol = """Every event of the 15 recordings of which a maker's sensor has one of its own is written in that maker's
words, by our own table of names read backwards, and read again; the same events as Windows and Sysmon wrote them beside
it. Each recording by itself, nothing learned before. Right: a finding's ATT&CK technique belongs to the tactic the
recording is filed under. It tells whether the rules hold for what a sensor leaves out (no original file names, no
access rights); whether the makers' names are right, their references and samples say, not this."""
_JOINED = {"key": "TargetObject"}


def run(options: Options) -> list[Row]:
    """A row a maker."""
    paths = sorted(options.path("logs", "windows_attack").glob("*.jsonl.gz"))
    recordings = {path: list(_windows(path)) for path in paths}
    return [row for product in PRODUCTS if (row := _row(product, recordings))]


def _row(product: Product, recordings: dict[Path, list[dict[str, Any]]]) -> Row | None:
    acts = {code: word for word, code in reversed(product.acts.items()) if not word.startswith("*")}
    ours, theirs, events, findings = 0, 0, 0, [0, 0]
    for path, records in recordings.items():
        told = [(r, _told(product, acts, w)) for r in records if (w := WindowsRecord(r)).code in acts and w.ts]
        both = [(record, one) for record, one in told if one]
        events += len(both)
        for k, lines in enumerate(([record for record, _ in both], [one for _, one in both])):
            found = _findings(lines)
            findings[k] += len(found)
            right = path.name.split("__")[2] in {t for f in found for a in f.attacks for t in tactics_of(a)}
            ours, theirs = ours + (right and k == 0), theirs + (right and k == 1)
    return {
        "sensor": product.id, "events": events, "right as Windows tells": f"{ours}/{len(recordings)}",
        "right as the sensor tells": f"{theirs}/{len(recordings)}", "findings as Windows tells": findings[0],
        "findings as the sensor tells": findings[1],
    }  # fmt: skip


def _windows(path: Path) -> Iterator[dict[str, Any]]:
    with open_stream(path, []) as stream:
        for line in stream:
            record = json.loads(line)
            if is_windows(record):
                yield record


def _told(product: Product, acts: dict[str, str], event: WindowsRecord) -> dict[str, Any] | None:
    """The event in the maker's words; None where it tells nothing of what the maker names."""
    fields = dict(product.fields.get(event.code, product.fields.get(LOGON, {}) if event.code.startswith("46") else {}))
    values = {theirs[0]: event.data.get(_JOINED.get(ours, ours)) for ours, theirs in fields.items() if ours != "value"}
    if not any(values.values()):
        return None
    if event.code != START:
        actor = product.fields.get(ACTED, {})
        values = {theirs[0]: event.data.get(ours) for ours, theirs in actor.items()} | values
        values |= {actor["Image"][0]: event.get("Image", "SourceImage")} if actor else {}
    act = {product.act[0]: acts[event.code]} if len(product.act) else {}
    marks = {product.mark[0]: "x"} | {product.host[0]: event.host or "host"}
    return {"event_timestamp": event.ts, **marks, **{name: text for name, text in values.items() if text}, **act}


def _findings(lines: list[dict[str, Any]]) -> list[Any]:
    if not lines:
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        return findings_of(list(batches_of(path)))

"""Records of products of many makers: whether they are read, and as what, held against SEKOIA.IO's formats."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from benchmarks.quality.data_absent import DataAbsentError
from benchmarks.quality.halves import HALVES, in_half
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from pipeline.ingest.reader import Parsed, read_path

title = "Records of products of many makers"
protocol = """`git clone https://github.com/SEKOIA-IO/intake-formats DATA/vendors/intake-formats`: some 4,000 records
with what that project's parsers make of them in the Elastic Common Schema. Each record by itself: JSON as a line, XML
as it is, all else as the message of an RFC 5424 line with the time that is expected of it (the collection keeps no
heads). Read: an event, no dead letter. Kind: of records that are expected to be a log-on (category authentication), a
query (question), a request (method and URL), a program's start (category process, command line), traffic (category
network, two addresses), those that we tell as one. The other columns: of the records in which the field is expected,
those in which ours is the same. Products in halves by the hash of their name; samples of one product resemble each
other, so that `products` counts those of which most records have their kind and addresses right."""
FIELDS = {
    "src": ("source.ip", "src_ip"), "dst": ("destination.ip", "dst_ip"), "user": ("user.name", "user"),
    "query": ("dns.question.name", "query"), "command": ("process.command_line", "command_line"),
    "outcome": ("event.outcome", "outcome"),
}  # fmt: skip
KINDS = {"logon": ("auth",), "query": ("dns",), "request": ("web", "http"), "start": ("process",),
         "traffic": ("flow", "ids_alert")}  # fmt: skip


def run(options: Options) -> list[Row]:
    """A row a half."""
    root = options.path("vendors", "intake-formats")
    found: dict[str, list[Counter[str]]] = {}
    for product, path in _samples(root):
        found.setdefault(product, []).append(judge(path))
    if not found:
        raise DataAbsentError("vendors/intake-formats holds no */*/tests/*.json in the data folder")
    rows = []
    for half in HALVES:
        mine = {product: counts for product, counts in found.items() if in_half(product, half)}
        rows.append({"half": half, **_row(mine)})
    return rows


def _samples(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.glob("*/*/tests/*.json")):
        yield "/".join(path.relative_to(root).parts[:2]), path


def _row(found: dict[str, list[Counter[str]]]) -> Row:
    total = sum((one for counts in found.values() for one in counts), Counter())
    good = sum(_mostly(sum(counts, Counter())) for counts in found.values())
    names = ["read", *(f"as {kind}" for kind in KINDS), *FIELDS]
    return {
        "products": f"{good}/{len(found)}", "records": total["records"],
        **{name: f"{total[name]}/{total[f'{name} of']}" for name in names},
    }  # fmt: skip


def _mostly(counts: Counter[str]) -> bool:
    names = [*(f"as {kind}" for kind in KINDS), "src", "dst"]
    return 2 * sum(counts[name] for name in names) >= sum(counts[f"{name} of"] for name in names)


def judge(path: Path) -> Counter[str]:
    """What was expected of one record (`X of`), and what of it is told (`X`)."""
    sample = json.loads(path.read_text())
    expected, told = sample.get("expected", {}), list(_told(sample))
    counts: Counter[str] = Counter({"records": 1, "read of": 1, "read": int(bool(told))})
    for kind in _kinds(expected):
        counts[f"as {kind} of"] += 1
        counts[f"as {kind}"] += any(event.get("kind") in KINDS[kind] for event in told)
    for name, (theirs, ours) in FIELDS.items():
        value = _at(expected, theirs)
        if isinstance(value, str) and value not in ("", "-") and (name != "outcome" or "logon" in _kinds(expected)):
            counts[f"{name} of"] += 1
            counts[name] += any(_same(event.get(ours), value) for event in told)
    return counts


def _same(ours: Any, theirs: str) -> bool:
    return isinstance(ours, str) and ours.lower().rstrip(".") == theirs.lower().rstrip(".")


def _kinds(expected: dict[str, Any]) -> list[str]:
    categories = _at(expected, "event.category")
    categories = categories if isinstance(categories, list) else [categories]
    both = _at(expected, "source.ip") and _at(expected, "destination.ip")
    url = _at(expected, "url.original") or _at(expected, "url.path") or _at(expected, "url.full")
    tests = {
        "logon": "authentication" in categories, "query": bool(_at(expected, "dns.question.name")),
        "request": bool(_at(expected, "http.request.method") and url),
        "start": "process" in categories and bool(_at(expected, "process.command_line")),
        "traffic": "network" in categories and bool(both) and not _at(expected, "dns.question.name"),
    }  # fmt: skip
    return [kind for kind, holds in tests.items() if holds]


def _at(record: Any, dotted: str) -> Any:
    for name in dotted.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _told(sample: dict[str, Any]) -> Iterator[dict[str, Any]]:
    message = sample["input"]["message"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.log"
        path.write_text(_line(message, sample.get("expected", {})))
        for result in read_path(path):
            if isinstance(result, Parsed):
                yield orjson.loads(result.value)


def _line(message: str, expected: dict[str, Any]) -> str:
    try:
        return json.dumps(json.loads(message)) + "\n"
    except ValueError:
        if message.lstrip().startswith("<Event"):
            return message + "\n"
    when = _at(expected, "@timestamp") or "2026-01-01T00:00:00Z"
    program = _at(expected, "process.name") or "-"
    flat = message.replace("\n", " ")
    return f"<13>1 {when} {_at(expected, 'host.name') or 'gw'} {str(program).replace(' ', '')} - - - {flat}\n"

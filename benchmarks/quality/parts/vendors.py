"""Records of products of many makers: whether they are read, and as what, held against what others' parsers make."""

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
from benchmarks.quality.vendor_samples import COLLECTIONS, Expected, Sample, at
from pipeline.ingest.reader import Parsed, read_path

title = "Records of products of many makers"
protocol = """Folders in DATA/vendors, each that is there: `intake-formats` (SEKOIA-IO/intake-formats; no heads of
lines, so that each gets an RFC 5424 head with the time expected), `beats` (filebeat/module and x-pack/filebeat/module
of elastic/beats as of 2021; without the texts that a generator made), `wazuh` (folder `ruleset` of wazuh/wazuh 4.14.9:
lines and the groups of the rule that fits), `extras` (`*/assets/logs` of DataDog/integrations-extras). Each record by
itself, as a file. Read: an event, no dead letter. Kind: of records that are expected to be a log-on (category
authentication), a query (question), a request (method and URL), a program's start (category process, command line),
traffic (category network, two addresses), those that we tell as one (requests and handshakes are traffic, too). The
other columns: of the records in which the field is expected, those in which ours is the same (accounts without their
domain, URLs without their query). No log-on, told as one: of records with other categories. Makers in halves by the
hash of their name; samples of one product resemble each other, so that `products` counts those of which most records
have their kind and addresses right, of those of which either is expected (in brackets: read, of the others)."""
FIELDS = {
    "src": ("source.ip", "src_ip"), "dst": ("destination.ip", "dst_ip"), "port": ("destination.port", "dst_port"),
    "user": ("user.name", "user"), "query": ("dns.question.name", "query"), "url": ("url.path", "uri"),
    "command": ("process.command_line", "command_line"), "outcome": ("event.outcome", "outcome"),
}  # fmt: skip
KINDS = {"logon": ("auth",), "query": ("dns",), "request": ("web", "http"), "start": ("process",),
         "traffic": ("flow", "ids_alert", "http", "tls")}  # fmt: skip
_LOGON_ACTS = ("logon", "authentication")
_NOT_ONE = "no logon, told as one"


def run(options: Options) -> list[Row]:
    """A row a collection and half."""
    rows = []
    for name, samples in COLLECTIONS.items():
        root = options.path("vendors") / name
        found: dict[tuple[str, str], list[Counter[str]]] = {}
        for sample in samples(root) if root.exists() else ():
            found.setdefault((sample.maker, sample.product), []).append(judge(sample))
        for half in HALVES if found else ():
            mine = [sum(counts, Counter()) for (maker, _), counts in found.items() if in_half(maker, half)]
            rows.append({"collection": name, "half": half, **_row(mine)})
    if not rows:
        raise DataAbsentError("vendors holds none of the collections in the data folder")
    return rows


def _row(products: list[Counter[str]]) -> Row:
    total = sum(products, Counter())
    asked = [counts for counts in products if _asked(counts)]
    good = sum(2 * sum(counts[name] for name in _MOSTLY) >= _asked(counts) for counts in asked)
    others = [counts for counts in products if not _asked(counts)]
    names = ["read", *(f"as {kind}" for kind in KINDS), *FIELDS, _NOT_ONE]
    return {
        "products": f"{good}/{len(asked)} ({sum(2 * one['read'] >= one['records'] for one in others)}/{len(others)})",
        **{name: f"{total[name]}/{total[f'{name} of']}" for name in names},
    }  # fmt: skip


_MOSTLY = (*(f"as {kind}" for kind in KINDS), "src", "dst")


def _asked(counts: Counter[str]) -> int:
    return sum(counts[f"{name} of"] for name in _MOSTLY)


def judge(sample: Sample) -> Counter[str]:
    """What was expected of one record (`X of`), and what of it is told (`X`)."""
    expected, told = sample.expected, list(_told(sample.text))
    counts: Counter[str] = Counter({"records": 1, "read of": 1, "read": int(bool(told))})
    kinds = _kinds(expected)
    for kind in kinds:
        counts[f"as {kind} of"] += 1
        counts[f"as {kind}"] += any(event.get("kind") in KINDS[kind] for event in told)
    for name, (theirs, ours) in FIELDS.items():
        value = at(expected, theirs)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str | int) and value not in ("", "-", 0) and (name != "outcome" or "logon" in kinds):
            counts[f"{name} of"] += 1
            plain = _account if name == "user" else _text
            counts[name] += any(plain(event.get(ours)) == plain(value) for event in told)
    if at(expected, "event.category") and "logon" not in kinds:
        counts[f"{_NOT_ONE} of"] += 1
        counts[_NOT_ONE] += any(event.get("action") in _LOGON_ACTS and event["kind"] == "auth" for event in told)
    return counts


def _text(value: Any) -> str:
    return str(value).lower().partition("?")[0].rstrip(".")


def _account(value: Any) -> str:
    """Without its domain, which some parsers keep apart."""
    return _text(value).rpartition("\\")[2].partition("@")[0]


def _kinds(expected: Expected) -> list[str]:
    categories = at(expected, "event.category")
    categories = categories if isinstance(categories, list) else [categories]
    both = at(expected, "source.ip") and at(expected, "destination.ip")
    url = at(expected, "url.original") or at(expected, "url.path") or at(expected, "url.full")
    tests = {
        "logon": "authentication" in categories, "query": bool(at(expected, "dns.question.name")),
        "request": bool(at(expected, "http.request.method") and url),
        "start": "process" in categories and bool(at(expected, "process.command_line")),
        "traffic": "network" in categories and bool(both) and not at(expected, "dns.question.name"),
    }  # fmt: skip
    return [kind for kind, holds in tests.items() if holds]


def _told(text: str) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.log"
        path.write_text(text)
        for result in read_path(path):
            if isinstance(result, Parsed):
                yield orjson.loads(result.value)

"""Lists of what attackers try on web servers, as requests to a site, beside honest values."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson
import yaml

from benchmarks.quality.halves import HALVES, in_half
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode

title = "Payload lists against a web server"
protocol = """DATA/payloads (swisskyrepo/PayloadsAllTheThings as it comes): the lists in the folders `Intruder(s)` of
seven kinds of attack, the first 400 lines of each, every line as the value of a parameter of one request from an
address of its own, answered with 200, nothing learned before. Told: `logs.web_attack` scores .5 or more. Lists hold
lines that are no attack by themselves (a quote, a closing bracket, a path of a log file). Half of the lists, by the
hash of their names, is for the report. DATA/coreruleset (coreruleset/coreruleset as it comes): the requests of its
rules' own tests with a query or a form (as a query) of which a rule is expected to speak, at every paranoia level,
many of them fragments written to try one expression. Honest: the first 20,000 honest values of HttpParamsDataset in
the same requests."""
KINDS = ("SQL Injection", "XSS Injection", "Directory Traversal", "File Inclusion", "Command Injection",
         "Server Side Template Injection", "NoSQL Injection")  # fmt: skip
MOST, HONEST, CHUNK = 400, 20_000, 2000


def run(options: Options) -> list[Row]:
    """A row a half and kind, then the honest ones."""
    root, rows = options.path("payloads"), list[Row]()
    for half in HALVES:
        for kind in KINDS:
            lists = [p for p in sorted((root / kind).rglob("Intruder*/*")) if p.is_file() and in_half(p.name, half)]
            told = total = 0
            for path in lists:
                values = _values(path)
                told, total = told + _told(values), total + len(values)
            if total:
                rows.append(_row(half, kind, len(lists), total, told))
        tests: dict[str, list[str]] = defaultdict(list)
        folder = root.parent / "coreruleset" / "tests" / "regression" / "tests"
        for path in sorted(folder.glob("REQUEST-9[34]*/*.yaml")):
            if in_half(path.name, half):
                tests[path.parent.name.rsplit("-", 1)[-1]] += _tested(path)
        rows += [_row(half, f"core rules: {kind}", 1, len(uris), _told(uris)) for kind, uris in tests.items() if uris]
    with gzip.open(options.path("text", "http_params_train.csv.gz"), "rt", encoding="utf-8") as file:
        honest = [row["payload"] for row in csv.DictReader(file) if row["label"] == "norm"][:HONEST]
    uris = [_search(value) for value in honest]
    return [*rows, _row("", "honest", 1, len(uris), _told(uris))]


def _row(half: str, kind: str, lists: int, requests: int, told: int) -> Row:
    share = round(told / max(requests, 1), 4)
    return {"half": half, "kind": kind, "lists": lists, "requests": requests, "told": told, "share": share}


def _values(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    return [_search(line) for line in lines if line and not line.startswith("#")][:MOST]


def _search(value: str) -> str:
    return "/search?q=" + quote(value, safe="/")


def _tested(path: Path) -> list[str]:
    """URIs of the attacks of one file of the core rules' tests."""
    stages = (s for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"] for s in test["stages"])
    return [uri for stage in stages for uri in _asked(stage) if "?" in uri]


def _asked(stage: dict[str, Any]) -> Iterator[str]:
    request, log = stage["input"], stage["output"].get("log") or {}
    if not log.get("expect_ids") or "encoded_request" in request:
        return
    uri, data = str(request.get("uri", "/")), request.get("data")
    headers = {name.lower(): str(value) for name, value in (request.get("headers") or {}).items()}
    kind = headers.get("content-type", "")
    if isinstance(data, str) and not any(other in kind for other in ("json", "xml", "multipart")):
        uri += ("&" if "?" in uri else "?") + data.strip()
    yield uri


def _told(uris: list[str]) -> int:
    engine, told = Engine("logs", EngineConfig()), 0
    for at in range(0, len(uris), CHUNK):
        documents = [_request(at + k, uri) for k, uri in enumerate(uris[at : at + CHUNK])]
        batch = decode("logs", documents, EngineConfig().key_groups).batch
        scores = engine.process(batch, Origin("logs", 0, np.arange(at, at + batch.n))).scores["logs.web_attack"]
        told += int((scores >= 0.5).sum())
    return told


def _request(number: int, uri: str) -> bytes:
    return orjson.dumps({
        "kind": "web", "event_id": f"{number:032x}", "origin": "payloads", "format": "access", "ts": 1.7e9 + 9 * number,
        "host": "www", "src_ip": f"203.{number >> 16}.{number >> 8 & 255}.{number & 255}", "method": "GET",
        "uri": uri, "status": 200, "user_agent": "Mozilla/5.0",
    })  # fmt: skip

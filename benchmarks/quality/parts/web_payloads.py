"""Lists of what attackers try on web servers, as requests to a site, beside honest values."""

import csv
import gzip
from pathlib import Path
from urllib.parse import quote

import numpy as np
import orjson

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
hash of their names, is for the report. Honest: the first 20,000 honest values of HttpParamsDataset in the same
requests."""
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
                rows.append({"half": half, "kind": kind, "lists": len(lists), "requests": total, "told": told,
                             "share": round(told / total, 3)})  # fmt: skip
    with gzip.open(options.path("text", "http_params_train.csv.gz"), "rt", encoding="utf-8") as file:
        honest = [row["payload"] for row in csv.DictReader(file) if row["label"] == "norm"][:HONEST]
    told = _told(honest)
    rows.append({"half": "", "kind": "honest", "lists": 1, "requests": len(honest), "told": told,
                 "share": round(told / max(len(honest), 1), 4)})  # fmt: skip
    return rows


def _values(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    return [line for line in lines if line and not line.startswith("#")][:MOST]


def _told(values: list[str]) -> int:
    engine, told = Engine("logs", EngineConfig()), 0
    for at in range(0, len(values), CHUNK):
        documents = [_request(at + k, value) for k, value in enumerate(values[at : at + CHUNK])]
        batch = decode("logs", documents, EngineConfig().key_groups).batch
        scores = engine.process(batch, Origin("logs", 0, np.arange(at, at + batch.n))).scores["logs.web_attack"]
        told += int((scores >= 0.5).sum())
    return told


def _request(number: int, value: str) -> bytes:
    return orjson.dumps({
        "kind": "web", "event_id": f"{number:032x}", "origin": "payloads", "format": "access", "ts": 1.7e9 + 9 * number,
        "host": "www", "src_ip": f"203.{number >> 16}.{number >> 8 & 255}.{number & 255}", "method": "GET",
        "uri": "/search?q=" + quote(value, safe="/"), "status": 200, "user_agent": "Mozilla/5.0",
    })  # fmt: skip

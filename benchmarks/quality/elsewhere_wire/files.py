"""The sensors' files: Zeek's logs as JSON, as TSV or as Corelight's JSON, by seed; the rest as JSON and text."""

from datetime import UTC, datetime
from pathlib import Path

import orjson

from benchmarks.quality.elsewhere_wire.site import Record, Site

_OTHERS = {"windows": "winlogbeat.ndjson", "eve": "eve.json"}
_LINES = {"messages": "messages.log", "portal_access": "portal_access.log"}
MANNERS = ("tsv", "json", "corelight")


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, list):
        return ",".join(_cell(v).replace(",", "\\x2c") for v in value) or "(empty)"
    return f"{value:.6f}" if isinstance(value, float) else str(value).replace("\t", "\\x09")


def _type(name: str, value: object) -> str:
    if name.endswith(("_h", "_addr")) and "l2" not in name:
        return "addr"
    if name.endswith(("orig_p", "resp_p")):
        return "port"
    if isinstance(value, list):
        return "vector[string]"
    kinds = {bool: "bool", int: "count", float: "interval"}
    return "time" if name == "ts" else kinds.get(type(value), "string")


def _tsv(log: str, records: list[Record]) -> bytes:
    types: dict[str, str] = {}
    for record in records:
        for key, value in record.items():
            if key not in types:
                types[key] = _type(key, value)
    head = [
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        f"#path\t{log}",
        "#open\t2026-10-19-01-00-00",
        "\t".join(("#fields", *types)),
        "\t".join(("#types", *types.values())),
    ]
    rows = ["\t".join(_cell(record.get(key)) for key in types) for record in records]
    return "\n".join([*head, *rows, "#close\t2026-10-20-07-00-00", ""]).encode()


def _corelight(log: str, record: Record) -> Record:
    when = datetime.fromtimestamp(record["ts"], UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {"_path": log, "_system_name": "ap200", "_write_ts": when} | record | {"ts": when}


def written(site: Site, folder: Path) -> list[Path]:
    """All files, each in the order in which it was written."""
    folder.mkdir(parents=True, exist_ok=True)
    manner, paths = MANNERS[site.seed % 3], []
    for log, told in site.told.items():
        told.sort(key=lambda x: x[0])
        records = [record for ts, record in told if site.begin <= ts < site.end + 60]
        if not records:
            continue
        if log in _LINES:
            name, text = _LINES[log], "\n".join([*records, ""]).encode()
        elif log in _OTHERS or manner != "tsv":
            lines = (
                (_corelight(log, r) for r in records) if manner == "corelight" and log not in _OTHERS else iter(records)
            )
            name, text = _OTHERS.get(log, f"{log}.log"), b"\n".join([*(orjson.dumps(r) for r in lines), b""])
        else:
            name, text = f"{log}.log", _tsv(log, records)
        path = folder / name
        path.write_bytes(text)
        paths.append(path)
    return paths

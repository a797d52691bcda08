"""Short forms of events in the tests of rules → documents as they travel."""

from typing import Any

import numpy as np
import orjson

from pipeline.features.batch import Batch
from pipeline.features.decode import decode

_SYSMON = {
    "p": ("1", "start", {"i": "Image", "c": "CommandLine", "p": "ParentImage", "pc": "ParentCommandLine"}),
    "reg": ("13", "registry_set", {"o": "TargetObject", "d": "Details", "i": "Image"}),
    "file": ("11", "file_created", {"f": "TargetFilename", "i": "Image"}),
    "conn": ("3", "connect", {}),
}
_CHANNELS = {"sec": "security", "system": "system"}


def document(short: dict[str, Any], number: int = 0) -> tuple[str, dict[str, Any]]:
    """(source, document)."""
    ((form, fields),) = short.items()
    common = {"ts": 1_700_000_000.0 + number, "event_id": str(number), "host": "ws-1", "format": "windows.sysmon"}
    if form in _SYSMON:
        code, action, names = _SYSMON[form]
        data = {names.get(k, k): v for k, v in fields.items()}
        return "logs", common | {"kind": "process", "action": action, "event_code": code, "data": _json(data)}
    if form == "sysmon":
        data = {k: v for k, v in fields.items() if k not in ("EventID", "action")}
        code, action = str(fields["EventID"]), fields["action"]
        return "logs", common | {"kind": "process", "action": action, "event_code": code, "data": _json(data)}
    if form in _CHANNELS:
        data = {k: str(v) for k, v in fields.items() if k != "EventID"}
        channel = {"format": f"windows.{_CHANNELS[form]}", "event_code": str(fields["EventID"])}
        return "logs", common | {"kind": "line", "data": _json(data)} | channel
    if form == "ps":
        script = {"format": "windows", "event_code": "4104", "program": "Microsoft-Windows-PowerShell"}
        return "logs", common | {"kind": "line", "data": _json({"ScriptBlockText": fields["b"]})} | script
    if form == "lp":
        started = {"kind": "process", "action": "start", "image": fields["i"], "command_line": fields["c"]}
        return "logs", common | started | {"format": "linux"}
    if form == "log":
        return "logs", common | {"kind": "line", "format": "syslog"} | fields
    if form == "web":
        return "logs", common | {"kind": "web", "format": "access"} | fields
    return "network", common | {"src_ip": "10.1.1.5", "dst_ip": "10.1.9.9", "format": "zeek.x"} | fields


def batch_of(documents: list[dict[str, Any]], source: str, groups: int = 8) -> Batch:
    """The documents as a batch; all have to be accepted."""
    keep = ("host",) if source == "network" else ()
    plain = [{k: v for k, v in d.items() if k not in keep or d.get("kind") == "http"} for d in documents]
    decoded = decode(source, [orjson.dumps(d) for d in plain], groups)
    assert not decoded.refused, decoded.refused
    assert np.all(np.diff(decoded.rows) > 0)
    return decoded.batch


def _json(data: dict[str, Any]) -> str:
    return orjson.dumps(data).decode()

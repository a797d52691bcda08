"""What wardwatch reads from packets beside what Zeek writes of the same ones."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from pipeline.ingest.format import Fields, Item
from pipeline.ingest.reader import guarded
from pipeline.ingest.registry import recognise
from pipeline.ingest.streams import head_of, open_stream

title = "Packets, beside Zeek"
protocol = """DATA/zeek (zeek/zeek, its testing folder): each of Zeek's own tests that reads one trace and keeps a
whole log of conn, dns, http, ssl, or of what Windows machines, shells, desktops, directories, databases, telephones,
proxies and controllers say; of databases and telephones log-ons alone are compared (tests that set Zeek's timeouts,
filters or tunnels otherwise are left out). Connections are known by their ends and order, all else by its source and
what is compared of it: names, paths, actions, operations; of Kerberos type, service, success and cipher, of SSH both
greetings, attempts and success. Only ours: rows that Zeek has not, of files those of actions that it tells. State,
bytes, service: of the connections found, how many have Zeek's conn_state, its payload bytes both ways, and its service
where it names one. Tunnels and odd links: traces in Traces/tunnels, and those of link layers between Ethernet and IP;
the others are plain."""
_TRACE = re.compile(r"zeek[^\n]*-\w*r \$\{?TRACES\}?/(\S+)")
_OTHERWISE = re.compile(r"likely_server_ports|Conn::|inactivity|ignore_checksums *=|DPD|encap|zeek[^\n]* -f ")
_SCRIPTS = (".zeek", ".test", ".sh")
_ODD = re.compile(r"tunnels/|cisco|erspan|pbb|ppp|vntag|radiotap|wlan|nflog|mpls|sctp|ayiya")
_LOGS: dict[str, dict[str, str]] = {
    "conn": {"conn_state": "conn_state"}, "dns": {"query": "query"}, "http": {"uri": "uri"},
    "ssl": {"server_name": "sni"}, "smb_files": {"action": "action", "name": "filename"},
    "smb_mapping": {"path": "share"}, "dce_rpc": {"endpoint": "endpoint", "operation": "operation"},
    "ntlm": {"username": "user", "hostname": "client", "domainname": "domain"},
    "kerberos": {"request_type": "request_type", "service": "target", "success": "outcome", "cipher": "cipher"},
    "rdp": {"cookie": "user", "client_name": "client"},
    "ssh": {"client": "client", "server": "server", "auth_attempts": "attempts", "auth_success": "outcome"},
    "radius": {"username": "user", "result": "outcome"},
    "ldap": {"opcode": "opcode", "object": "object", "result": "result"},
    "ldap_search": {"scope": "scope", "base_object": "base_object", "filter": "filter", "result_count": "result_count"},
    "mysql": {"cmd": "request_type", "arg": "user", "success": "outcome"},
    "postgresql": {"user": "user", "database": "target", "success": "outcome"},
    "redis": {"success": "outcome"}, "rfb": {"authentication_method": "request_type", "auth": "outcome"},
    "sip": {"method": "method", "status_code": "status_code"}, "socks": {"user": "user", "status": "status"},
    "dnp3": {"fc_request": "fc_request"},
}  # fmt: skip
"""Log → Zeek's columns that are compared, and the fields that are made of them."""
_ONLY = {
    "mysql": ("cmd", ("login", "change_user")), "postgresql": ("frontend", ("startup",)),
    "redis": ("cmd.name", ("AUTH",)), "sip": ("method", ("REGISTER",)),
}  # fmt: skip
"""Log → the column, and what stands in it of rows that are compared, where others are not told by design."""
_SAME = {"-": "", "(empty)": "", "T": "success", "F": "failure", "None": "", "unknown": "", "failed": "failure"}


def run(options: Options) -> list[Row]:
    """A row a log and kind of trace."""
    root = options.path("zeek") / "testing" / "btest"
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for script in sorted(p for p in root.rglob("*") if p.suffix in _SCRIPTS and "Baseline" not in p.parts):
        text = script.read_text(encoding="utf-8", errors="replace")
        traces = set(_TRACE.findall(text))
        baseline = root / "Baseline" / ".".join(script.relative_to(root).with_suffix("").parts)
        if len(traces) != 1 or _OTHERWISE.search(text):
            continue
        trace = root / "Traces" / traces.pop()
        kind = "tunnels and odd links" if _ODD.search(str(trace.relative_to(root))) else "plain"
        for log in _LOGS:
            rows = _zeek_rows(baseline, log)
            if rows and trace.is_file():
                counts[log, kind]["logs"] += 1
                (_connections if log == "conn" else _said)(rows, _ours(trace), log, counts[log, kind])
    return [_row(log, kind, counts[log, kind]) for log, kind in sorted(counts)]


def _row(log: str, kind: str, found: Counter[str]) -> Row:
    row: Row = {"log": log, "traces": kind, "logs": found["logs"], "found": f"{found['found']}/{found['rows']}"}
    if log != "conn":
        return row | {"only ours": found["only ours"]}
    return row | {n: f"{found[n]}/{found['found']}" for n in ("state", "bytes")} | {
        "service": f"{found['service']}/{found['of service']}"
    }  # fmt: skip


def _zeek_rows(baseline: Path, log: str) -> list[dict[str, str]]:
    file = next((f for name in (f"{log}.log", f"{log}.log.cut") if (f := baseline / name).is_file()), None)
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file else []
    fields = next((line.split("\t")[1:] for line in lines if line.startswith("#fields")), [])
    needed = {"id.orig_h", "id.orig_p", *_LOGS[log]}
    if not needed <= set(fields):
        return []
    rows = [dict(zip(fields, line.split("\t"), strict=False)) for line in lines if line and line[0] != "#"]
    column, chosen = _ONLY.get(log, ("", ()))
    return [row for row in rows if not column or row.get(column) in chosen]


def _ours(trace: Path) -> list[Fields]:
    stream = open_stream(trace, [])
    chosen = recognise(head_of(stream), trace.name)
    return [i.fields for i in guarded(chosen, stream, trace.name) if isinstance(i, Item)] if chosen else []


def _connections(rows: list[dict[str, str]], ours: list[Fields], _: str, found: Counter[str]) -> None:
    mine: dict[tuple[Any, ...], list[Fields]] = defaultdict(list)
    for flow in ours:
        if flow["kind"] == "flow":
            ends = tuple(str(flow[name]) for name in ("src_ip", "src_port", "dst_ip", "dst_port", "proto"))
            mine[ends].append(flow)
    for row in rows:
        found["rows"] += 1
        ends = tuple(row.get(name, "") for name in ("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto"))
        if not mine[ends]:
            continue
        flow = mine[ends].pop(0)
        found["found"] += 1
        found["state"] += flow["conn_state"] == row["conn_state"]
        zeeks = [row.get(name, "-").replace("-", "0") for name in ("orig_bytes", "resp_bytes")]
        found["bytes"] += zeeks == [str(flow.get(name) or 0) for name in ("bytes_out", "bytes_in")]
        if row.get("service", "-") != "-":
            found["of service"] += 1
            found["service"] += str(flow.get("service")) in row["service"].split(",")


def _said(rows: list[dict[str, str]], ours: list[Fields], log: str, found: Counter[str]) -> None:
    columns, fields = list(_LOGS[log]), list(_LOGS[log].values())
    side, end = ("resp", "dst") if log == "radius" else ("orig", "src")  # who asks RADIUS asks for others
    theirs = Counter(
        (r[f"id.{side}_h"], r[f"id.{side}_p"], *(_plain(r[c]).replace("\\\\", "\\") for c in columns)) for r in rows
    )
    mine = Counter(
        (e[f"{end}_ip"], str(e[f"{end}_port"]), *(_plain(str(e.get(f))) for f in fields))
        for e in map(_opened, ours)
        if e["format"] == f"zeek.{log}" and (log != "sip" or e.get("method") == "REGISTER")
    )
    found["rows"] += sum(theirs.values())
    found["found"] += sum((theirs & mine).values())
    told = {key[2] for key in theirs} if log == "smb_files" else None
    found["only ours"] += sum(n for key, n in (mine - theirs).items() if told is None or key[2] in told)


def _plain(value: str) -> str:
    return _SAME.get(value, value)


def _opened(event: Fields) -> Fields:
    """With what stands in its detail; of log-ons among other rows, in the words of those."""
    words: Fields = {}
    if event["kind"] == "auth":
        words = {name: event.get("request_type") for name in ("opcode", "method", "cmd")} | {
            "object": event.get("user")
        }
        words["result"] = {"success": "success"}.get(str(event.get("outcome")), "invalid credentials")
        words["status_code"] = str(event.get("error") or "200")[:3]
        words["status"] = event.get("error") or "succeeded"
    return event | words | json.loads(event.get("detail") or "{}")

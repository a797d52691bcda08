"""What wardwatch reads from packets beside what Zeek writes of the same ones."""

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
protocol = """DATA/zeek (zeek/zeek, its testing folder): each of Zeek's own tests that reads one trace and keeps a whole
conn, dns, http or ssl log of it (tests that set Zeek's timeouts, filters or tunnels otherwise are left out).
Connections are known by their ends and order, questions by source and name, requests by source and path, handshakes by
source and server name. State, bytes, service: of the connections found, how many have Zeek's conn_state, its payload
bytes both ways, and its service where it names one. Tunnels and odd links: traces in Traces/tunnels, and those of link
layers between Ethernet and IP that the reader does not take apart; the others are plain."""
_TRACE = re.compile(r"zeek[^\n]*-r \$TRACES/(\S+)")
_OTHERWISE = re.compile(r"likely_server_ports|Conn::|inactivity|ignore_checksums *=|DPD|encap|-f ")
_SCRIPTS = (".zeek", ".test", ".sh")
_ODD = re.compile(r"tunnels/|cisco|erspan|pbb|ppp|vntag|radiotap|wlan|nflog|mpls|sctp|ayiya")
_LOGS = {"conn": ("flow", "", ""), "dns": ("dns", "query", "query"), "http": ("http", "uri", "uri"),
         "ssl": ("tls", "server_name", "sni")}  # fmt: skip


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
    needed = {"id.orig_h", "id.orig_p", _LOGS[log][1] or "conn_state"}
    if not needed <= set(fields):
        return []
    return [dict(zip(fields, line.split("\t"), strict=False)) for line in lines if line and line[0] != "#"]


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
    kind, column, field = _LOGS[log]
    theirs = Counter((r["id.orig_h"], r["id.orig_p"], "" if r[column] == "-" else r[column]) for r in rows)
    mine = Counter((f["src_ip"], str(f["src_port"]), str(f.get(field) or "")) for f in ours if f["kind"] == kind)
    found["rows"] += sum(theirs.values())
    found["found"] += sum((theirs & mine).values())
    found["only ours"] += sum((mine - theirs).values())

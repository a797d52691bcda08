"""Lines of PAN-OS, told by where they stand: traffic, threats, log-ons (its syslog field descriptions)."""

import csv

from pipeline.ingest.format import Fields, whole_number

_SIDES, _PORTS, _PROTO, _ACTION, _BYTES = 3, 20, 25, 26, 28
"""Columns behind the word that says which log it is, of traffic and threats."""
_LOGONS = {",USERID,": (5, 4, 0, None), ",AUTH,": (5, 4, 14, None), ",GLOBALPROTECT,": (8, 11, 24, 5)}
"""Log → columns of user, address, how it went, and of the stage of the log-on."""
_BEGUN = frozenset(("login", "logon"))


def pan_cells(message: str, log: str) -> list[str]:
    """The cells behind the word that names the log; none where they are not told apart (a lone carriage return)."""
    try:
        return next(csv.reader([message.partition(log)[2]]), [])
    except csv.Error:
        return []


def pan_ends(cells: list[str]) -> Fields:
    """Both ends, protocol and action of a line, of its cells behind the word TRAFFIC or THREAT."""
    return {
        "src_ip": cells[_SIDES], "src_port": whole_number(cells[_PORTS]), "dst_ip": cells[_SIDES + 1],
        "dst_port": whole_number(cells[_PORTS + 1]), "proto": cells[_PROTO].lower() or None,
        "action": cells[_ACTION],
    }  # fmt: skip


def pan_flow(message: str) -> Fields | None:
    """Fields of a FlowEvent, of a line that holds TRAFFIC; None of what only begins."""
    cells = pan_cells(message, ",TRAFFIC,")
    if len(cells) <= _BYTES + 1 or cells[0] == "start":
        return None  # what begins is told again when it ends
    sent, got = (whole_number(cell) for cell in cells[_BYTES : _BYTES + 2])
    ends = pan_ends(cells)
    blocked = ends.pop("action") != "allow"
    return {"kind": "flow", **ends, "conn_state": "S0" if blocked else None, "bytes_out": sent, "bytes_in": got}


def pan_page(message: str) -> Fields | None:
    """Fields of an HttpEvent, of a page that was asked for (`THREAT,url`); None of all else in the threat log."""
    cells = pan_cells(message, ",THREAT,")
    if len(cells) <= _ACTION + 1 or cells[0] != "url":
        return None
    host, slash, path = cells[_ACTION + 1].partition("/")
    ends = pan_ends(cells)
    del ends["action"]
    return {"kind": "http", **ends, "host": host.partition(":")[0] or None, "uri": f"{slash}{path}" or "/"}


def pan_logon(message: str) -> Fields | None:
    """Fields of an AuthEvent; None of lines that tell of no log-on."""
    for log, (user, address, told, stage) in _LOGONS.items():
        if log not in message:
            continue
        cells = pan_cells(message, log)
        if len(cells) <= max(user, address, told, stage or 0):
            return None
        said = cells[told].lower()
        if (stage is not None and cells[stage] not in _BEGUN) or said == "logout" or not cells[user]:
            return None
        good = said in _BEGUN or "success" in said
        return {
            "action": "logon", "outcome": "success" if good else "failure",
            "user": cells[user].rpartition("\\")[2], "src_ip": cells[address] or None,
        }  # fmt: skip
    return None

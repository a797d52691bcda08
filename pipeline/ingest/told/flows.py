"""What a firewall writes about a packet or connection → a flow: netfilter, pf, ASA, FortiGate, CEF, PAN-OS and kin.

What was blocked looks to us as to the one who sent it: nobody answered. So a scan that a firewall stopped is a scan.
"""

import re

from pipeline.ingest.format import Fields, whole_number
from pipeline.ingest.told.pairs import LOOK_AT, has_pairs, pairs_in
from pipeline.ingest.told.pan import pan_flow, pan_page
from pipeline.ingest.told.roles import roles_in

_BYTES = {
    "bytes_out": ("sentbyte", "sent_bytes", "bytes_sent", "out", "srcbytes", "origsent", "initiatorbytes", "sent"),
    "bytes_in": ("rcvdbyte", "recv_bytes", "bytes_received", "in", "dstbytes", "termsent", "responderbytes", "rcvd"),
}
"""Their own names of what passed, in small letters."""
_ACTION = ("action", "act", "fw_action", "disposition", "accesscontrolruleaction", "verdict")
_ENDS = {"source.ip": "src_ip", "destination.ip": "dst_ip", "source.port": "src_port",
         "destination.port": "dst_port", "network.transport": "proto"}  # fmt: skip
_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp"}
_BLOCKED = re.compile(r"\b(?:block\w*|drop\w*|den(?:y|ied)|reject\w*|discard\w*|refus\w*)\b", re.IGNORECASE)
_ALLOWED = re.compile(
    r"\b(?:accept\w*|allow\w*|pass(?:ed)?|permit\w*|built|close|client-rst|server-rst|timeout)\b", re.IGNORECASE
)
_ASA = re.compile(r"%(?:ASA|FTD|PIX)-(?:\w{1,16}-)?\d-\d{6}(?:: |$)")
"""Where Cisco's firewalls say which message it is: before it, or where syslog has the program."""
_ASA_ENDS = re.compile(
    r"(?P<what>\bDeny\b|\bdenied\b|\bpermitted\b|\bTeardown\b).{0,60}?"
    r"(?<![\d.])(?P<src>\d{1,3}(?:\.\d{1,3}){3})(?:[/(](?P<sport>\d{1,5}))?.{0,160}?(?:\b(?:dst|to)|->) "
    r"(?:[^\s:/]{1,64}[:/])?(?P<dst>\d{1,3}(?:\.\d{1,3}){3})(?:[/(](?P<dport>\d{1,5}))?",
    re.IGNORECASE,
)
_ASA_END = re.compile(r" duration (\d{1,6}):(\d\d):(\d\d) bytes (\d{1,18})(?: (.*))?$")
_ASA_PROTO = re.compile(r"\b(tcp|udp|icmp)\b", re.IGNORECASE)
_ARROW = re.compile(
    r"(?<![\w.:])(?P<src>\d{1,3}(?:\.\d{1,3}){3})(?:[:/(](?P<sport>\d{1,5})\)?)? ?-> ?"
    r"(?P<dst>\d{1,3}(?:\.\d{1,3}){3})(?:[:/(](?P<dport>\d{1,5}))?"
)
"""MikroTik, IOS and Junos: `10.0.0.9:40000->10.0.0.1:22`, with brackets or slashes."""
_PROTO_BESIDE = re.compile(r"\b(tcp|udp|icmp)\b| (1|6|17)\(\d{1,5}\)", re.IGNORECASE)
_VPC = re.compile(
    r"^\d{1,2} \d{6,20} eni-\w{1,40} (?P<src>[\da-fA-F.:]{3,39}) (?P<dst>[\da-fA-F.:]{3,39}) (?P<sport>\d{1,5}) "
    r"(?P<dport>\d{1,5}) (?P<proto>\d{1,3}) \d{1,12} (?P<bytes>\d{1,15}) \d{9,11} \d{9,11} (?P<what>ACCEPT|REJECT) "
)
"""A record of Amazon's flow logs whose header stays behind when it is sent on."""
_PF_ACTION, _PF_VERSION = 6, 8
_PF_FIELDS = {"4": (16, 18), "6": (12, 15)}
"""Columns of protocol and source address (OPNsense and pfSense filter log format)."""


def told_flow(program: str, message: str) -> Fields | None:
    """Fields of a FlowEvent; None where the line is none of a firewall."""
    message = message[:LOOK_AT]
    if program == "filterlog":
        return _pf(message)
    if (program[:1] == "%" and _ASA.match(program)) or ("%" in message and _ASA.search(message)):
        return _asa(message) or (_pairs(message) if has_pairs(message) else None)
    if ",TRAFFIC," in message:
        return pan_flow(message)
    if ",THREAT," in message:
        return pan_page(message)
    if " eni-" in message:
        return _vpc(message)
    found = _pairs(message) if has_pairs(message) else None
    return found or (_arrow(message) if "->" in message else None)


def pair_ends(pairs: dict[str, str]) -> Fields | None:
    """What pairs say of both ends, a value or None for each name of ours; None where one address is missing."""
    roles = roles_in(pairs)
    if "source.ip" not in roles or "destination.ip" not in roles:
        return None
    found: Fields = {ours: roles.get(role) for role, ours in _ENDS.items()}
    for side in ("src", "dst"):  # SonicWall: `src=10.0.0.9:40000:X1`
        port = (pairs.get(side) or "").partition(":")[2].partition(":")[0]
        if port.isdecimal() and "." in (found[f"{side}_ip"] or ""):
            found[f"{side}_port"] = port
    sizes = {field: next((pairs[n] for n in names if n in pairs), None) for field, names in _BYTES.items()}
    proto = found["proto"] or ""
    return {**found, **sizes, "proto": _NUMBERS.get(proto, proto)}


def _pairs(message: str) -> Fields | None:
    pairs = pairs_in(message)
    found = pair_ends(pairs)
    if found is None or not (found["proto"] or whole_number(found["dst_port"])):
        return None
    action = next((pairs[name] for name in _ACTION if name in pairs), None)
    said = action or pairs.get("msg") or message[: message.find("=")]
    blocked = bool(_BLOCKED.search(said))
    whole = found["proto"] and found["src_port"] and found["dst_port"]
    if not blocked and not _ALLOWED.search(said) and "SRC=" not in message and not whole:
        return None  # another program's pairs that speak of addresses
    if "WINDOW=" in message and (" SYN " not in message or " ACK " in message):
        return None  # a stray packet of a connection that is over
    return _flow(
        found["src_ip"], found["src_port"], found["dst_ip"], found["dst_port"], found["proto"], blocked,
        bytes_out=whole_number(found["bytes_out"]), bytes_in=whole_number(found["bytes_in"]),
    )  # fmt: skip


def _arrow(message: str) -> Fields | None:
    match = _ARROW.search(message)
    if match is None:
        return None
    around = message[: match.start()] + message[match.end() :]
    proto = _PROTO_BESIDE.search(around)
    blocked = _BLOCKED.search(around)
    if proto is None or not (blocked or _ALLOWED.search(around)):
        return None
    word = (proto[1] or _NUMBERS[proto[2]]).lower()
    return _flow(match["src"], match["sport"], match["dst"], match["dport"], word, blocked is not None)


def _vpc(message: str) -> Fields | None:
    match = _VPC.match(message)
    if match is None:
        return None
    proto = _NUMBERS.get(match["proto"], match["proto"])
    return _flow(
        match["src"], match["sport"], match["dst"], match["dport"], proto, match["what"] == "REJECT",
        bytes_out=whole_number(match["bytes"]),
    )  # fmt: skip


def _pf(message: str) -> Fields | None:
    cells = message.split(",")
    at = _PF_FIELDS.get(cells[_PF_VERSION] if len(cells) > _PF_VERSION else "")
    if at is None or len(cells) < at[1] + 2:
        return None
    proto, source, blocked = cells[at[0]].lower(), cells[at[1] : at[1] + 4], cells[_PF_ACTION] != "pass"
    ports = source[2:4] if len(source) == 4 and proto in ("tcp", "udp") else (None, None)
    if proto == "tcp" and cells[at[1] + 5 : at[1] + 6] != ["S"]:
        return None  # a stray packet of a connection that is over
    return _flow(source[0], ports[0], source[1], ports[1], "icmp" if "icmp" in proto else proto, blocked)


def _asa(message: str) -> Fields | None:
    match, proto = _ASA_ENDS.search(message), _ASA_PROTO.search(message)
    if not match or not proto or "(no connection)" in message:
        return None  # a stray packet of a connection that is over, or no connection at all
    ends = [(match["src"], match["sport"]), (match["dst"], match["dport"])]
    what, word = match["what"].lower(), proto[1].lower()
    if what != "teardown":
        return _flow(*ends[0], *ends[1], word, what != "permitted")
    over = _ASA_END.search(message)
    if over is None:
        return None
    # Who began is said only when a connection begins; one that ends names the far side first. A service's port is low.
    if (whole_number(match["sport"]) or 0) <= (whole_number(match["dport"]) or 0):
        ends.reverse()
    hours, minutes, seconds, passed = (int(part) for part in over.groups()[:4])
    flow = _flow(*ends[0], *ends[1], word, not passed or "SYN Timeout" in (over[5] or ""))
    lasted = hours * 3600.0 + minutes * 60.0 + seconds
    return {**flow, "conn_state": flow["conn_state"] or "SF", "duration_s": lasted}


def _flow(
    src: str | None,
    sport: str | None,
    dst: str | None,
    dport: str | None,
    proto: str,
    blocked: bool,
    **more: int | None,
) -> Fields:
    return {
        "kind": "flow",
        "src_ip": src,
        "src_port": whole_number(sport),
        "dst_ip": dst,
        "dst_port": whole_number(dport),
        "proto": proto or None,
        "conn_state": "S0" if blocked else None,
        **more,
    }

"""What another sensor writes in one line about an attack → an alert of another detector.

Snort and Suricata (fast.log, syslog), the guards inside firewalls (FortiGate, PAN-OS), and whoever speaks CEF.
"""

import re

from pipeline.ingest.format import Fields, whole_number
from pipeline.ingest.told.flows import pair_ends
from pipeline.ingest.told.pairs import LOOK_AT, pairs_in
from pipeline.ingest.told.pan import pan_cells, pan_ends

_IP = r"[\da-fA-F.:]{3,39}?"
_ALERT = re.compile(
    r"\[(?P<gid>\d{1,10}):(?P<sid>\d{1,10}):\d{1,10}\] (?P<signature>.{1,1024}?)(?: \[\*\*\])?"
    r"(?: \[Classification: (?P<category>[^\]]{1,256})\])?(?: \[Priority: (?P<priority>\d{1,3})\]):? "
    rf"\{{(?P<proto>[\w-]{{1,24}})\}} (?P<src>{_IP})(?::(?P<sport>\d{{1,5}}))? -> "
    rf"(?P<dst>{_IP})(?::(?P<dport>\d{{1,5}}))?$"
)
_FORTI_NAMES = ("attack", "virus", "botnetdomain")
_FORTI = tuple(f"{name}=" for name in _FORTI_NAMES)
_PAN_KINDS = frozenset(("vulnerability", "spyware", "virus", "wildfire", "wildfire-virus", "scan", "flood", "packet",
                        "ml-virus"))  # fmt: skip
_PAN_NAME, _PAN_GRADE = 28, 30
"""Columns of PAN-OS' threat log behind the word THREAT, beside those of `pan_ends`."""
_PAN_ID = re.compile(r"(.{1,1024})\((\d{1,10})\)$")
_FIELD = r"(?:[^|\\]|\\.)"
_CEF = re.compile(
    rf"CEF:\d\|(?:{_FIELD}{{0,256}}\|){{3}}(?P<id>{_FIELD}{{0,256}})\|(?P<name>{_FIELD}{{1,512}})\|(?P<grade>[\w-]{{1,16}})\|"
)
_TRAFFIC = re.compile(
    r"\b(?:traffic|connection|session|flow|accept\w*|allow\w*|permit\w*|den(?:y|ied)|drop\w*|block\w*|reject\w*|log[io]n"
    r"|log(?:ged)? ?(?:in|on|off|out))\b",
    re.IGNORECASE,
)
"""Names of events that tell of traffic or log-ons, which are told as such."""
_GRADES = {"critical": 1, "very-high": 1, "high": 1, "medium": 2, "low": 3, "informational": 4, "info": 4,
           "information": 4, "notice": 4}  # fmt: skip
_GRAVE = 7  # of CEF's ten


def told_alert(message: str) -> Fields | None:
    """Fields of an IdsAlert; None for all other lines."""
    message = message[:LOOK_AT]
    if "[Priority: " in message:
        return _snort(message)
    if ",THREAT," in message:
        return _pan(message)
    if "CEF:" in message:
        return _cef(message)
    return _forti(message) if any(name in message for name in _FORTI) else None


def _snort(message: str) -> Fields | None:
    match = _ALERT.search(message.rstrip())
    if match is None:
        return None
    ends: Fields = {
        "src_ip": match["src"], "src_port": whole_number(match["sport"]), "dst_ip": match["dst"],
        "dst_port": whole_number(match["dport"]), "proto": match["proto"].lower(),
    }  # fmt: skip
    return _alert(ends, match["signature"], match["sid"], match["category"], whole_number(match["priority"]))


def _forti(message: str) -> Fields | None:
    pairs = pairs_in(message)
    name = next((pairs[n] for n in _FORTI_NAMES if n in pairs), None)
    grade = pairs.get("severity") or pairs.get("crlevel")
    return _of_pairs(pairs, name, pairs.get("attackid") or pairs.get("virusid"), grade, pairs.get("subtype"))


def _cef(message: str) -> Fields | None:
    match = _CEF.search(message)
    if match is None or _TRAFFIC.search(match["name"]):
        return None
    number = whole_number(match["grade"])
    grade = match["grade"].lower() if number is None else "high" if number >= _GRAVE else "low"
    if _GRADES.get(grade) != 1:
        return None  # any program may speak CEF: what it calls less than high is its own log
    pairs = pairs_in(message)
    return _of_pairs(pairs, match["name"], match["id"], grade, pairs.get("cat"))


def _of_pairs(
    pairs: dict[str, str], name: str | None, number: str | None, grade: str | None, category: str | None
) -> Fields | None:
    ends = pair_ends(pairs)
    if ends is None or not name:
        return None
    sides: Fields = {
        "src_ip": ends["src_ip"], "src_port": whole_number(ends["src_port"]), "dst_ip": ends["dst_ip"],
        "dst_port": whole_number(ends["dst_port"]), "proto": ends["proto"] or None,
        "action": pairs.get("action") or pairs.get("act"),
    }  # fmt: skip
    return _alert(sides, name, number, category, _GRADES.get((grade or "").lower()))


def _pan(message: str) -> Fields | None:
    cells = pan_cells(message, ",THREAT,")
    if len(cells) <= _PAN_GRADE or cells[0] not in _PAN_KINDS:
        return None  # a request that was filtered, a file that passed
    named = _PAN_ID.match(cells[_PAN_NAME])
    name, number = (named[1], named[2]) if named else (cells[_PAN_NAME], None)
    return _alert(pan_ends(cells), name, number, cells[0], _GRADES.get(cells[_PAN_GRADE].lower()))


def _alert(ends: Fields, name: str, number: str | None, category: str | None, severity: int | None) -> Fields:
    return {
        "kind": "ids_alert", **ends, "signature": name, "signature_id": number, "category": category,
        "severity": severity,
    }  # fmt: skip

"""One syslog message (RFC 5424, RFC 3164 or rsyslog with ISO times) → its parts."""

import re

from pipeline.ingest.format import Fields, whole_number
from pipeline.ingest.times import MONTHS, iso_ts
from pipeline.ingest.year_clock import YearClock

_ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_BSD = (
    r"(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2})(?: (?P<year>\d{4}))? "
    r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?P<f>\.\d{1,9})?(?: UTC(?=:))?"
)
_NEW = re.compile(
    rf"<(?P<pri>\d{{1,3}})>1 (?:(?P<iso>{_ISO})|-) (?P<host>\S{{1,255}}) (?P<program>\S{{1,255}}) "
    r"(?P<pid>\S{1,128}) (?P<id>\S{0,255}) (?P<data>-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: (?P<message>.*))?$",
    re.DOTALL,
)
_OLD = re.compile(
    rf"(?:<(?P<pri>\d{{1,3}})>(?:(?:\d{{1,10}})?: ?)?)?[*.]?(?:(?P<iso>{_ISO})|{_BSD}:?) (?P<rest>.*)$", re.DOTALL
)
"""Cisco counts its messages before the time (`<189>29: *Nov 27 …`), and may write but the colon."""
_TAG = re.compile(
    r"(?P<program>[^\s\[\]:(){\"]{1,128})(?:\([^)\s]{0,64}\))?(?:\[(?P<pid>\d{1,10})\])?:(?!\d{1,5} ) ?"
    r"(?P<message>.*)$",
    re.DOTALL,
)
_FORMS = frozenset(("CEF", "LEEF"))
"""These are no programs: they say how the message is written, and who reads it looks for them in it."""
_HOST = re.compile(r"[\w.:%@/-]{1,255}$")
_LOOK_AT = 400


def parse(line: str, clock: YearClock) -> Fields | None:
    """`ts`, `host`, `program`, `pid`, `severity`, `message`, `data` where the line has them; None for no syslog.

    A message of RFC 5424 may come without a time: then `ts` is missing.
    """
    new = _NEW.match(line) if line[:1] == "<" else None
    if new:
        return _new(new)
    old = _OLD.match(line)
    return _old(old, clock) if old else None


def looks_like(line: str) -> bool:
    """Whether the line opens as syslog does: a priority, or a time and then a host and a tag."""
    if _NEW.match(line):
        return True
    old = _OLD.match(line)
    if not old or (old["month"] and old["month"] not in MONTHS):
        return False
    host, _, rest = old["rest"].partition(" ")
    tagged = old["pri"] is not None or bool(_TAG.match(rest[:_LOOK_AT])) or rest[:1] == "{" or "last message" in rest
    return tagged and bool(_HOST.match(host))


def _severity(pri: str | None) -> int | None:
    return int(pri) & 7 if pri is not None and int(pri) < 192 else None


def _new(match: re.Match[str]) -> Fields:
    pid = match["pid"]
    message = match["message"] or ""
    fields: Fields = {
        "host": _set(match["host"]),
        "program": _set(match["program"]),
        "pid": whole_number(pid),
        "severity": _severity(match["pri"]),
        "event_code": _set(match["id"]),
        "message": message.removeprefix("\ufeff") or match["data"],
        "data": _set(match["data"]),
    }
    if match["iso"]:
        fields["ts"] = iso_ts(match["iso"])
    return fields


def _old(match: re.Match[str], clock: YearClock) -> Fields | None:
    if match["iso"]:
        ts = iso_ts(match["iso"])
    else:
        month = MONTHS.get(match["month"])
        if month is None:
            return None
        day, hour, minute, second = (int(match[name]) for name in ("day", "h", "m", "s"))
        dated = YearClock(int(match["year"])) if match["year"] else clock
        ts = dated.ts(month, day, hour, minute, second, float(match["f"] or 0))
    if ts is None:
        return None
    host, _, rest = match["rest"].partition(" ")
    tag = _TAG.match(rest)
    if tag is None and host.endswith(":"):
        tag, host = _TAG.match(match["rest"]), ""  # a relay that leaves the host out
    fields: Fields = {"ts": ts, "host": host or None, "severity": _severity(match["pri"])}
    if tag:
        pid = tag["pid"]
        message = tag[0] if tag["program"] in _FORMS else tag["message"]
        fields.update(program=tag["program"], pid=int(pid) if pid else None, message=message)
    else:
        fields["message"] = rest
    return fields


def _set(text: str | None) -> str | None:
    return None if text in ("-", None, "") else text

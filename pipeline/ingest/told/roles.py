"""What a name means in records of makers that nobody listed: the end, port, user, act or time that it stands for.

What a name means is told by its words (`name_words`), or by the lists here where words do not say it. Names are read
without case and signs, whole, then by their last two parts, then by the last, so that `httpRequest.clientIp`,
`client_ip` and `ClientIP` are one. Values have to be of the sort: an address, a port, a time.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pipeline.ingest.tables import plain_name
from pipeline.ingest.times import any_ts
from pipeline.ingest.told.name_words import worded

_ADDRESS = re.compile(
    r"(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5}(?::[\w.-]{1,16})?)?$|\[?((?=[\da-fA-F:]*:[\da-fA-F]*:)[\da-fA-F:]{2,39})\]?(?:\:\d{1,5})?$"
)
_NAME = re.compile(r"(?!(?:n/?a|none|null|unknown|undefined|\(null\)|anonymous|\*)$)[^\s,;|]{1,128}$", re.IGNORECASE)
_QUESTION = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,40}\.?$")
_METHOD = re.compile(r"(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS|CONNECT|TRACE)$", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|/)\S{0,4096}$")
_PROTO = re.compile(r"(?:tcp|udp|icmp|icmpv6|ipv6-icmp|sctp|esp|gre|6|17|1|58)(?:[/ ].{0,32})?$", re.IGNORECASE)
_WORD = re.compile(r".{1,256}$")
EARLIEST, _LATEST = 631_152_000.0, 4_102_444_800.0
"""1990 to 2100: other numbers count something else."""
_MOST_NAMES, _LONGEST = 4096, 128
"""Names that are remembered, and signs of each: what is longer names nothing, and would only be kept."""
_LISTED, _DEEPER = 32, 64
"""How much less sure a listed name is than one whose words say whose it is, and one further inside than one outside."""
_MOST_SHAPES, _WIDEST = 512, 256
"""Sets of names that are remembered, and names in one of them."""


def _address(value: Any) -> Any:
    match = _ADDRESS.match(value) if isinstance(value, str) else None
    return match and (match[1] or match[2])


def _port(value: Any) -> Any:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isdecimal() and 0 < int(text[:6]) < 65_536 else None


def _time(value: Any) -> Any:
    ts = any_ts(value)
    return ts if ts is not None and EARLIEST <= ts < _LATEST else None


def _outcome(value: Any) -> Any:
    return ("success" if value else "failure") if isinstance(value, bool) else _like(_WORD)(value)


def _like(pattern: re.Pattern[str]) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, str) and value != "-" and pattern.match(value) else None


def _transport(value: Any) -> Any:
    found = _like(_PROTO)(str(value) if isinstance(value, int) else value)
    return found and found.lower().partition("/")[0].partition(" ")[0]


Names = tuple[str, ...]
Role = tuple[Callable[[Any], Any], str]
ROLES: dict[str, Role] = {
    "source.ip": (_address, """
        src source sip cip client ipsource callingstationid framedipaddress xforwardedfor origclientip attackersip
        clickip ipaddress privateip srchost
    """),
    "destination.ip": (_address, """
        dst dest destination dip nasipaddress dnsresolverip target
    """),
    "source.port": (_port, """
        spt sport
    """),
    "destination.port": (_port, """
        dpt dport
    """),
    "network.transport": (_transport, """
        proto protocol transport l4proto transportprotocol
    """),
    "user.name": (_like(_NAME), """
        suser duser susr usrname user username actoremail login performedbyname targetusername targetuser upn actorname
        adminname samaccountname uid identityuser account administrator
    """),
    "dns.question.name": (_like(_QUESTION), """
        qname dnsdomain
    """),
    "http.request.method": (_like(_METHOD), """
        method httprequestmethod csmethod verb meth
    """),
    "url.original": (_like(_URL), """
        url uri request requestpath path endpoint
    """),
    "process.command_line": (_like(_WORD), """
        commandline cmdline processcommandline cmd commandlineparameters
    """),
    "event.action": (_like(_WORD), """
        eventaction eventname eventtype operation operationname activity activityname activitytype actiontype
        action auditaction eventcategory messagetype msgtype type subtype event
    """),
    "event.outcome": (_outcome, """
        outcome result status success succeeded successful issuccess reaction
    """),
    "threat.name": (_like(_WORD), """
        detectname detectionname threatinfothreatname virus malware bitdefendergzmalwarename threatsignaturename
    """),
    "host.name": (_like(_NAME), """
        hostname host computer servername dvchost dvc
    """),
    "@timestamp": (_time, """
        timestamp time eventcreationtime datetime utctimestamp isotimestamp when date unixtime ts created lastupdate
        ioctime clicktime threattime firstdetected received statustimestamp timelocal
    """),
    "log.level": (lambda value: value if isinstance(value, int | str) and str(value) else None, """
        severityname severitylabel severity level priority loglevel severitylevel vendorseverity criticality risklevel
    """),
}  # fmt: skip
"""The name by which the readers of JSON know it, what a value has to be, and what makers call it beyond its words,
surest first."""
_RANKS = {
    plain: (role, rank)
    for role, (_, names) in ROLES.items()
    for rank, plain in enumerate(names.split())
}  # fmt: skip


def meaning(name: str) -> tuple[str, int] | None:
    """The role of a name and how sure it is (0 is surest); None for all other names."""
    return _meaning(name) if len(name) <= _LONGEST else None


@lru_cache(_MOST_NAMES)
def _meaning(name: str) -> tuple[str, int] | None:
    parts = name.split(".")
    by_words = worded(parts)
    if by_words:
        role, rank, taken = by_words
        return role, rank + (0 if taken == len(parts) else _DEEPER * (3 - taken))
    plain = [plain_name(part) for part in parts]
    for depth, whole in enumerate(("".join(plain), "".join(plain[-2:]), plain[-1])):
        found = _RANKS.get(whole)
        if found:
            return found[0], _LISTED + found[1] + _DEEPER * depth
    return None


def remembered(by_names: Callable[[Names], dict[str, Names]]) -> Callable[[Names], dict[str, Names]]:
    """The same function of a record's names, remembering: records of one stream share theirs. Odd ones are not kept."""
    known = lru_cache(_MOST_SHAPES)(by_names)

    def of(names: Names) -> dict[str, Names]:
        odd = len(names) > _WIDEST or max(map(len, names), default=0) > _LONGEST
        return by_names(names) if odd else known(names)

    return of


@remembered
def candidates(names: Names) -> dict[str, Names]:
    """Role → the names among these that may tell it, surest first."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for at, name in enumerate(names):
        known = meaning(name)
        if known:
            found.setdefault(known[0], []).append((known[1], at, name))
    return {role: tuple(name for _, _, name in sorted(ranked)) for role, ranked in found.items()}


def fitting(role: str, names: Names, row: dict[str, Any]) -> Any:
    """The first value of these names that is of the role's sort; None without one."""
    fits = ROLES[role][0]
    for name in names:
        value = row[name]
        fit = fits(value[0] if isinstance(value, list) and value else value)
        if fit is not None:
            return fit
    return None


def roles_in(row: dict[str, Any]) -> dict[str, Any]:
    """The surest value of every role that the names of a flat record tell."""
    told = {role: fitting(role, names, row) for role, names in candidates(tuple(row)).items()}
    return {role: value for role, value in told.items() if value is not None}

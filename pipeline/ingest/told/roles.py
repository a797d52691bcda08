"""What a name means in records of makers that nobody listed: the end, port, user, act or time that it stands for.

Names are compared without case and signs, whole, then by their last two parts, then by the last, so that
`httpRequest.clientIp`, `client_ip` and `ClientIP` are one. Values have to be of the sort: an address, a port, a time.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pipeline.ingest.tables import plain_name
from pipeline.ingest.times import access_ts, any_ts

_ADDRESS = re.compile(
    r"(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5}(?::[\w.-]{1,16})?)?$|\[?((?=[\da-fA-F:]*:[\da-fA-F]*:)[\da-fA-F:]{2,39})\]?(?:\:\d{1,5})?$"
)
_NAME = re.compile(r"[^\s,;|]{1,128}$")
_QUESTION = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,40}\.?$")
_METHOD = re.compile(r"(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS|CONNECT|TRACE)$", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|/)\S{0,4096}$")
_PROTO = re.compile(r"(?:tcp|udp|icmp|icmpv6|ipv6-icmp|sctp|esp|gre|6|17|1|58)(?:[/ ].{0,32})?$", re.IGNORECASE)
_WORD = re.compile(r".{1,256}$")
EARLIEST, _LATEST = 631_152_000.0, 4_102_444_800.0
"""1990 to 2100: other numbers count something else."""
_MOST_NAMES, _LONGEST = 4096, 128
"""Names that are remembered, and signs of each: what is longer names nothing, and would only be kept."""
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
    if ts is None and isinstance(value, str):
        ts = access_ts(value)
    return ts if ts is not None and EARLIEST <= ts < _LATEST else None


def _like(pattern: re.Pattern[str]) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, str) and value != "-" and pattern.match(value) else None


def _transport(value: Any) -> Any:
    found = _like(_PROTO)(str(value) if isinstance(value, int) else value)
    return found and found.lower().partition("/")[0].partition(" ")[0]


Names = tuple[str, ...]
Role = tuple[Callable[[Any], Any], str]
ROLES: dict[str, Role] = {
    "source.ip": (_address, """
        srcip sourceip sourceaddress srcaddr srcaddress srcipaddr clientip clientaddress clientaddr
        clientipaddress cip remoteaddr remoteaddress remoteip remotehostip userip ipsource actorip callerip
        calleripaddress callingip initiatorip originip connsrcip sourceipv4 sourceipaddress peerip attackerip
        attackersip clickip senderip fromip origclientip originalclientip xforwardedfor framedipaddress
        callingstationid ipaddress src source sip client privateip loginip useripaddress srchost
    """),
    "destination.ip": (_address, """
        dstip destip destinationip destinationaddress destaddress destaddr dstaddr dstaddress destipaddr serverip
        serveraddr serveraddress targetip responderip conndestip targetipv4 destinationipv4 victimip dnsresolverip
        destinationipaddress nasipaddress dst dest destination dip target
    """),
    "source.port": (_port, """
        spt srcport sourceport sport clientport connsrcport initiatorport srcipport
    """),
    "destination.port": (_port, """
        dpt dstport destport destinationport dport serverport conndestport responderport targetport dstipport
    """),
    "network.transport": (_transport, """
        proto protocol ipprotocol connipproto l4proto transport ipproto transportprotocol
    """),
    "user.name": (_like(_NAME), """
        suser duser susr usrname user username userid useremail actoremail srcuser sourceuser sourceusername
        userprincipalname accountname login loginname subjectusername targetusername targetuser performedbyname
        upn actorname adminname samaccountname uid clientuser identityuser account administrator
    """),
    "dns.question.name": (_like(_QUESTION), """
        queryname dnsquery questionname qname dnsquestionname dnsqueryname dnsdomain
    """),
    "http.request.method": (_like(_METHOD), """
        requestmethod httpmethod method httprequestmethod csmethod httpverb verb meth
    """),
    "url.original": (_like(_URL), """
        requesturl requesturi url uri requestpath httpurl csuri csuristem urlpath path endpoint
    """),
    "process.command_line": (_like(_WORD), """
        commandline cmdline processcommandline cmd commandlineparameters
    """),
    "event.action": (_like(_WORD), """
        eventaction eventname eventtype operation operationname activity activityname activitytype actiontype
        action auditaction eventcategory messagetype msgtype type subtype
    """),
    "event.outcome": (_like(_WORD), """
        outcome result status actionresult authresult eventresult eventoutcome reaction
    """),
    "threat.name": (_like(_WORD), """
        threatname detectname detectionname malwarename virusname threatinfothreatname virus malware infectionname
        threatfamily bitdefendergzmalwarename threatsignaturename
    """),
    "host.name": (_like(_NAME), """
        hostname host devicename machinename computername computer endpointname servername devicehostname
        sensorname assetname dvchost dvc
    """),
    "@timestamp": (_time, """
        timestamp time eventtime eventtimestamp eventcreationtime creationtime createdtime createdat datetime
        utctimestamp timegenerated generatedtime occurredat receivedtime logtime starttime isotimestamp when
        date unixtime ts created timestampdetected detectedat detectiontime lastupdate updatedat ioctime
        eventdate clicktime messagetime threattime createdtimeutc firstdetected received statustimestamp
        timelocal
    """),
    "log.level": (lambda value: value if isinstance(value, int | str) and str(value) else None, """
        severityname severitylabel severity level priority loglevel severitylevel vendorseverity criticality risklevel
    """),
}  # fmt: skip
"""The name by which the readers of JSON know it, what a value has to be, and what makers call it, surest first."""
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
    parts = [plain_name(part) for part in name.split(".")]
    for depth, plain in enumerate(("".join(parts), "".join(parts[-2:]), parts[-1])):
        found = _RANKS.get(plain)
        if found:
            return found[0], found[1] + 64 * depth
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

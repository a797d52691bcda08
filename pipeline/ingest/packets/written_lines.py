"""Lines of tcpdump and tshark → the packet that each is of."""

import re

from pipeline.ingest.packets.packet import ICMP, TCP, UDP
from pipeline.ingest.packets.written import CODES, Question, Written, flags_of, icmp_of, is_address
from pipeline.ingest.times import any_ts

_MAC = r"[\da-f]{2}(?::[\da-f]{2}){5}"
_TIME = r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,9}|\d{9,10}\.\d{1,9})"
_TCPDUMP = re.compile(
    rf"{_TIME} (?:\S{{1,16}} +(?:In|Out|B|M|P) +)?"
    rf"(?:(?P<smac>{_MAC}) > (?P<dmac>{_MAC}|Broadcast), ethertype [^:]{{1,80}}, length \d{{1,6}}: )?(?:IP6? )?"
    r"(?:\(.{0,400}?\) +)?(?P<src>\S{2,80}) > (?P<dst>\S{2,80}): (?P<rest>.*)",
    re.DOTALL,
)
_OTHER = re.compile(
    rf"{_TIME} (?:\S{{1,16}} +(?:In|Out|B|M|P) +)?(?:ARP|IP6?|STP|LLDP|CDP|802|EAPOL|LLC|{_MAC}|\S{{2,80}} > )"
)
"""A packet that carries none of IP's, or in a form that is not read."""
_TSHARK = re.compile(
    rf" *\d{{1,12}} +{_TIME} +(?P<src>\S{{2,64}}) +(?:→|->|>) +(?P<dst>\S{{2,64}}) +(?P<name>\S{{1,32}}) +"
    r"(?P<length>\d{1,6}) (?P<info>.*)",
    re.DOTALL,
)
_END = re.compile(
    r"(\d{1,3}(?:\.\d{1,3}){3}|(?=[\da-f]*:)[\da-f:]{2,39}(?::\d{1,3}(?:\.\d{1,3}){3})?)(?:\.([\w-]{1,32}))?"
)
_FLAGS = re.compile(r"Flags \[([^\]]{0,16})\]")
_LENGTH = re.compile(r"length (\d{1,6})")
_IN_ALL = re.compile(r"\((\d{1,5})\)\s*$")
_ASKS = re.compile(r"(?:UDP, )?(\d{1,5})[+*%|-]* (?:\[[^\]]{1,32}\] )*([A-Z]{1,10})\? (\S{1,255})")
_ANSWERS = re.compile(r"(\d{1,5}) ?([A-Za-z]{4,12})?[*$|-]* \d{1,5}/\d{1,5}/\d{1,5}")
_PORTS = {
    "domain": 53, "http": 80, "https": 443, "ssh": 22, "mdns": 5353, "ntp": 123, "bootps": 67, "bootpc": 68,
    "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "microsoft-ds": 445, "snmp": 161, "syslog": 514,
    "ftp": 21, "telnet": 23, "smtp": 25, "pop3": 110, "imap": 143, "imap2": 143, "imaps": 993, "ldap": 389,
    "ldaps": 636, "kerberos": 88, "ms-wbt-server": 3389, "mysql": 3306, "postgresql": 5432, "sip": 5060, "ssdp": 1900,
    "epmap": 135, "domain-s": 853, "acr-nema": 104, "http-alt": 8080, "mqtt": 1883,
}  # fmt: skip
"""Names that tcpdump writes for ports unless it is told not to."""
_TO_FROM = re.compile(r"(\d{1,5}) *(?:→|->|>) *(\d{1,5}) \[([A-Z, ]{2,48})\].{0,200}?Len=(\d{1,6})", re.DOTALL)
_DATAGRAM = re.compile(r"(\d{1,5}) *(?:→|->|>) *(\d{1,5}) Len=(\d{1,6})")
_NAME_ASKED = re.compile(r"Standard query 0x([\da-f]{4}) ([A-Z]{1,10}) ([^\s,]{1,255})")
_NAME_ANSWERED = re.compile(r"Standard query response 0x([\da-f]{4})(?: (No such name|Server failure|Refused))?")
_MOST = 65_536
"""Pairs of machines that are remembered."""
_NAMES = {"DNS": 53, "MDNS": 5353, "LLMNR": 5355}
_DATAGRAM_HEADS, _HEADS = 42, 54
"""Bytes of Ethernet, IP, and UDP or TCP without options, in front of what a protocol says."""


def packet_of_line(line: str, seen: dict[tuple[str, str], tuple[int, int]]) -> Written | None:
    """The packet; None of a line of another form, and of packets that are not read. `seen`: see `packet_of_info`."""
    match = _TSHARK.match(line)
    if match:
        ts = any_ts(match["time"])
        length = int(match["length"])
        return (
            packet_of_info(ts, match["src"], match["dst"], match["name"], length, match["info"], seen) if ts else None
        )
    match = _TCPDUMP.match(line)
    ts = any_ts(match["time"]) if match else None
    return _of_tcpdump(match, ts) if match and ts else None


def is_packet(line: str) -> bool:
    """Whether a line is of a packet, whatever it carries."""
    return bool(_OTHER.match(line) or _TSHARK.match(line))


def packet_of_info(
    ts: float, src: str, dst: str, name: str, length: int, info: str, seen: dict[tuple[str, str], tuple[int, int]]
) -> Written | None:
    """The packet of a row as Wireshark shows it: its ports stand in the words of TCP and UDP alone, so what a protocol
    inside says belongs to the connection last `seen` between the two."""
    if not (is_address(src) and is_address(dst)):
        return None
    sent = _TO_FROM.search(info)
    if sent and "[" in sent[0]:
        ports = int(sent[1]), int(sent[2])
        if len(seen) > _MOST:
            seen.clear()
        seen[src, dst], seen[dst, src] = ports, ports[::-1]
        return Written(ts, TCP, src, dst, *ports, int(sent[4]), flags_of(sent[3]))
    sent = _DATAGRAM.match(info)
    if sent:
        return Written(ts, UDP, src, dst, int(sent[1]), int(sent[2]), int(sent[3]))
    datagram = _DATAGRAM_HEADS + (20 if ":" in src else 0)
    if name in _NAMES:
        return _asked(ts, src, dst, _NAMES[name], max(length - datagram, 0), info)
    if name in ("ICMP", "ICMPv6"):
        kinds = icmp_of(info, 6 if ":" in src else 4)
        return Written(ts, ICMP, src, dst, *kinds, max(length - datagram, 0)) if kinds else None
    ports = seen.get((src, dst), (0, 0))
    return Written(ts, TCP, src, dst, *ports, max(length - _HEADS, 0), 24) if any(ports) else None


def _asked(ts: float, src: str, dst: str, port: int, size: int, info: str) -> Written | None:
    asked, answered = _NAME_ASKED.match(info), _NAME_ANSWERED.match(info)
    other = 0 if port == _NAMES["DNS"] else port  # the port of who asks stands nowhere
    if asked:
        question = Question(int(asked[1], 16), None, asked[3], asked[2])
        return Written(ts, UDP, src, dst, other, port, size, question=question)
    if answered is None:
        return None
    question = Question(int(answered[1], 16), CODES.get((answered[2] or "").upper(), 0))
    return Written(ts, UDP, src, dst, port, other, size, question=question)


def _of_tcpdump(match: re.Match[str], ts: float) -> Written | None:
    (src, sport), (dst, dport) = _end(match["src"]), _end(match["dst"])
    if not src or not dst:
        return None
    rest = match["rest"]
    macs = match["smac"] or "", match["dmac"] or ""
    length = _LENGTH.search(rest)
    size = int(length[1]) if length else 0
    flags = _FLAGS.match(rest)
    if flags:
        return Written(ts, TCP, src, dst, sport, dport, size, flags_of(flags[1]), *macs)
    if "ICMP" in rest[:64]:
        kinds = icmp_of(rest, 6 if ":" in src else 4)
        return Written(ts, ICMP, src, dst, *kinds, max(size - 8, 0), 0, *macs) if kinds else None
    if not sport or not dport:
        return None
    told = Written(ts, UDP, src, dst, sport, dport, size, 0, *macs)
    in_all = _IN_ALL.search(rest)
    if in_all:
        told.size = int(in_all[1])
    if {sport, dport} & {53, 5353, 5355}:
        asked, answered = _ASKS.match(rest), _ANSWERS.match(rest)
        if asked:
            told.question = Question(int(asked[1]), None, asked[3], asked[2])
        elif answered:
            told.question = Question(int(answered[1]), CODES.get((answered[2] or "").upper(), 0))
    return told


def _end(text: str) -> tuple[str, int]:
    """Address and port; nothing where machines are written by their names."""
    match = _END.fullmatch(text)
    if match is None:
        return "", 0
    port = match[2] or ""
    return match[1], int(port) if port.isdecimal() and len(port) < 6 else _PORTS.get(port, 0)

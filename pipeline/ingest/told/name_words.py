"""What the words of a name say, whoever made it: `ClientRequestMethod`, `orig_client_ip`, `loginuser`, `EdgeStartTime`.

Makers build their names of the same few words: whose end it is, and what of it. A name is read when all of its words
fit; one word too many (`destination_country_ip`, `natSrcPort`, `userAgent`, `parent_command_line`) makes it another.
"""

import re
from dataclasses import dataclass

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_VERSION = re.compile(r"(?:I[Pp]|ip)_?[Vv][46]")


@dataclass(frozen=True)
class _Rule:
    """A name has to hold a word of each set of `needs`, and no others but of the first set and `also`. How sure it is
    goes by the place of its word in the first set, behind `less`."""

    role: str
    needs: tuple[tuple[str, ...], ...]
    also: frozenset[str] = frozenset()
    less: int = 0


def _w(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _rule(role: str, *needs: str, also: str = "", less: int = 0) -> _Rule:
    return _Rule(role, tuple(map(_w, needs)), frozenset(_w(also)), less)


_SOURCES = """src source client remote peer initiator caller calling requester requestor origin orig attacker sender
    from actor user visitor login viewer cli clt"""
_DESTINATIONS = "dst dest destination server target responder resp victim to backend upstream"
_ADDRESSES = "ip ips addr address ipaddr ipaddress"
_ENDS = """ip addr address host network net conn connection endpoint original true real event http
    request the tcp udp l4 number num string"""
_WHO = """src source client subject actor caller effective login logon audit admin remote event performed by initiating
    authenticated principal session the requesting db os vpn"""
_ACTS = "event action auth authn authentication login logon signin access operation activity request sso token mfa"
_RULES = (
    _rule("source.ip", _SOURCES, _ADDRESSES, also=_ENDS),
    _rule("destination.ip", _DESTINATIONS, _ADDRESSES, also=_ENDS),
    _rule("source.port", _SOURCES, "port", also=f"{_ENDS} ip"),
    _rule("destination.port", _DESTINATIONS, "port", also=f"{_ENDS} ip"),
    _rule("network.transport", "transport proto protocol", also="ip l4 network net transport layer 4 name conn iana"),
    _rule("user.name", "user username account principal login upn", "name username upn login", also=f"{_WHO} user"),
    _rule("user.name", "user username", also=_WHO, less=10),
    _rule("user.name", "user", "email mail id", also=f"{_WHO} address", less=20),
    _rule("dns.question.name", "dns question query", "query question qname rrname", also="request host event rr name"),
    _rule("dns.question.name", "query question queried rr", "name domain hostname", also="event dns request"),
    _rule("http.request.method", "request req http", "method verb", also="client cs"),
    _rule("url.original", "url uri",
          also="request req http full original requested client access raw path stem cs web"),
    _rule("process.command_line", "command cmd commandline cmdline", "line commandline cmdline",
          also="process proc full raw executed event"),
    _rule("event.outcome", "outcome result success succeeded successful status", _ACTS, also=_ACTS),
    _rule("event.outcome", "outcome result success succeeded successful", "is was", also=_ACTS),
    _rule("threat.name", "threat malware virus infection", "name family", also="event detected"),
    _rule("host.name", "host device computer machine endpoint agent asset sensor",
          "name hostname fqdn", also="dvc dns"),
    _rule("@timestamp", """event log logged record recorded created creation occurred occured login logon access
          detected detection generated generation reported observed alert message action system begin start started
          request received timestamp datetime date update updated modified""", "time timestamp datetime date at ts",
          also="utc iso ms millis milliseconds epoch unix nano ns gmt edge server local device of the"),
)  # fmt: skip
_VOCABULARY = frozenset().union(*(rule.also.union(*rule.needs) for rule in _RULES))
_LONG = sorted((word for word in _VOCABULARY if len(word) > 1), key=len, reverse=True)
_TOGETHER = re.compile("|".join(_LONG))
_ALL_TOGETHER = re.compile(f"(?>{'|'.join(_LONG)})++")
"""Never goes back: `usernameusername…` has many readings, and the longest words are the ones that count."""


def words_of(name: str) -> tuple[str, ...]:
    """The words of one part of a name, in small letters, those written as one apart where all are known.

    >>> words_of("ClientIPv4"), words_of("src_port"), words_of("servername"), words_of("surname")
    (('client', 'ip'), ('src', 'port'), ('server', 'name'), ('surname',))
    """
    found: list[str] = []
    for word in _WORDS.findall(_VERSION.sub("Ip", name)):
        low = word.lower()
        known = low in _VOCABULARY or not _ALL_TOGETHER.fullmatch(low)
        found += [low] if known else _TOGETHER.findall(low)
    return tuple(found)


def worded(parts: list[str]) -> tuple[str, int, int] | None:
    """Role of a dotted name, how sure it is (0 is surest), and how many of its last parts say so; None for others."""
    last = words_of(parts[-1])
    for taken, words in ((1, last), (2, words_of(parts[-2]) + last if len(parts) > 1 else ())):
        for rule in _RULES if words else ():
            rank = _fits(rule, words)
            if rank is not None:
                return rule.role, rank, taken
    return None


def _fits(rule: _Rule, words: tuple[str, ...]) -> int | None:
    told = [words.index(word) for need in rule.needs for word in _first(need, words)]
    if len(set(told)) < len(rule.needs):
        return None
    rest = [word for at, word in enumerate(words) if at not in told]
    if not rule.also.union(rule.needs[0]).issuperset(rest):
        return None
    return rule.less + rule.needs[0].index(words[told[0]])


def _first(need: tuple[str, ...], words: tuple[str, ...]) -> list[str]:
    return [word for word in need if word in words][:1]

"""What the words of a name say, whoever made it: `ClientRequestMethod`, `orig_client_ip`, `loginuser`, `EdgeStartTime`.

Makers build their names of the same few words: whose end it is, and what of it. A name is read when all of its words
fit; one word too many (`destination_country_ip`, `natSrcPort`, `userAgent`, `parent_command_line`) makes it another.
"""

import re

from pipeline.ingest.told.word_rules import Vocabulary, rule

_VERSION = re.compile(r"(?:I[Pp]|ip)_?[Vv][46]")
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
    rule("source.ip", _SOURCES, _ADDRESSES, also=_ENDS),
    rule("destination.ip", _DESTINATIONS, _ADDRESSES, also=_ENDS),
    rule("source.port", _SOURCES, "port", also=f"{_ENDS} ip"),
    rule("destination.port", _DESTINATIONS, "port", also=f"{_ENDS} ip"),
    rule("network.transport", "transport proto protocol", also="ip l4 network net transport layer 4 name conn iana"),
    rule("user.name", "user username account principal login upn", "name username upn login", also=f"{_WHO} user"),
    rule("user.name", "user username", also=_WHO, less=10),
    rule("user.name", "user", "email mail id", also=f"{_WHO} address", less=20),
    rule("dns.question.name", "dns question query", "query question qname rrname", also="request host event rr name"),
    rule("dns.question.name", "query question queried rr", "name domain hostname", also="event dns request"),
    rule("http.request.method", "request req http", "method verb", also="client cs"),
    rule("url.original", "url uri",
          also="request req http full original requested client access raw path stem cs web"),
    rule("process.command_line", "command cmd commandline cmdline", "line commandline cmdline",
          also="process proc full raw executed event"),
    rule("event.outcome", "outcome result success succeeded successful status", _ACTS, also=_ACTS),
    rule("event.outcome", "outcome result success succeeded successful", "is was", also=_ACTS),
    rule("threat.name", "threat malware virus infection", "name family", also="event detected"),
    rule("host.name", "host device computer machine endpoint agent asset sensor",
          "name hostname fqdn", also="dvc dns"),
    rule("@timestamp", """event log logged record recorded created creation occurred occured login logon access
          detected detection generated generation reported observed alert message action system begin start started
          request received timestamp datetime date update updated modified""", "time timestamp datetime date at ts",
          also="utc iso ms millis milliseconds epoch unix nano ns gmt edge server local device of the"),
)  # fmt: skip
_VOCABULARY = Vocabulary(_RULES)


def words_of(name: str) -> tuple[str, ...]:
    """The words of one part of a name, in small letters, those written as one apart where all are known.

    >>> words_of("ClientIPv4"), words_of("src_port"), words_of("servername"), words_of("surname")
    (('client', 'ip'), ('src', 'port'), ('server', 'name'), ('surname',))
    """
    return _VOCABULARY.words_of(_VERSION.sub("Ip", name))


def worded(parts: list[str]) -> tuple[str, int, int] | None:
    """Role of a dotted name, how sure it is (0 is surest), and how many of its last parts say so; None for others."""
    last = words_of(parts[-1])
    for taken, words in ((1, last), (2, words_of(parts[-2]) + last if len(parts) > 1 else ())):
        for known in _RULES if words else ():
            rank = known.fits(words)
            if rank is not None:
                return known.role, rank, taken
    return None

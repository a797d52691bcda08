"""Protocols that are recognised by their first words; most are not followed any further."""

import re

_SIP = rb"SIP/2\.0 |(?:REGISTER|INVITE|OPTIONS|SUBSCRIBE|NOTIFY|MESSAGE|ACK|BYE|CANCEL|INFO|PRACK) sips?:"
_FIRST: tuple[tuple[bool | None, re.Pattern[bytes], str], ...] = tuple(
    (mine, re.compile(pattern, re.DOTALL), service)
    for mine, pattern, service in (
        (None, _SIP, "sip"),
        (None, rb"RTSP/1\.0 |(?:OPTIONS|DESCRIBE|SETUP|PLAY|TEARDOWN|GET_PARAMETER|ANNOUNCE) rtsp", "rtsp"),
        (False, rb"RFB 003\.\d{3}\n", "rfb"),
        (False, rb"...\x00\x0a[3-9]\.[\d.]{1,8}", "mysql"),
        (False, rb".\x00\x00\x00\x0a(?:5\.5\.5-)?\d{1,2}\.\d", "mysql"),
        (True, rb"\x00\x00..\x00\x03\x00\x00user\x00|\x00\x00\x00\x08\x04\xd2\x16\x2f", "postgresql"),
        (None, rb"\x03\x00..[\x02-\xff]\xe0.{5}[\xc0-\xc2]", "s7comm"),  # TPKT that names places, unlike RDP
        (None, rb"\x05\x64.[\x00-\xff]", "dnp3_tcp"),
        (True, rb"HEL[FC].\x00\x00\x00", "opcua"),
        (True, rb"\x63\x00..\x00\x00\x00\x00\x00\x00\x00\x00|\x65\x00..\x00\x00\x00\x00\x00\x00\x00\x00", "enip"),
        (True, rb"\x30(?:.|\x84....|\x81.|\x82..)\x02(?:\x01.|\x02..|\x03...)[\x60\x63\x77]", "ldap_tcp"),
        (False, rb"\+OK[ \r]", "pop3"),
        (False, rb"\* (?:OK|PREAUTH)[ \r]", "imap"),
        (True, rb"(?:NICK|PASS) [^\r\n]{1,64}\r?\nUSER ", "irc"),
        (None, rb"\x13BitTorrent protocol", "bittorrent"),
        (True, rb"\*\d\r\n\$\d{1,2}\r\n[A-Za-z]", "redis"),
    )
)
_UDP: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), service)
    for pattern, service in (
        (_SIP, "sip"),
        (rb"\x81[\x00-\x0b]..\x01", "bacnet"),
        (rb"[\x00-\x01][\x01-\x1f]..\x21\x12\xa4\x42", "stun"),
        (rb"(?:\x00[\x01\x02][^\x00]{1,128}\x00(?i:octet|netascii)\x00)", "tftp"),
        (rb"\x05\x64.[\x00-\xff]", "dnp3_udp"),
    )
)


def named_by_words(payload: bytes, *, mine: bool) -> str | None:
    """Zeek's name of a protocol over TCP, where it has one; None where these words say nothing."""
    for by, pattern, service in _FIRST:
        if (by is None or by == mine) and pattern.match(payload):
            return service
    return None


def datagram_named(payload: bytes) -> str | None:
    """The same of a datagram."""
    return next((service for pattern, service in _UDP if pattern.match(payload)), None)

"""One message (RFC 5322) as event fields: who says to be whom, what the receiving server found, where it leads."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import getaddresses, parsedate_to_datetime

from typing_extensions import override

from pipeline.ingest.format import Fields
from pipeline.ingest.mail.bait import bait_words
from pipeline.ingest.mail.links import Link, chosen, html_links, text_links
from pipeline.ingest.mail.signs import signs

_RESULT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]{2,24})", re.IGNORECASE)
_IP = re.compile(r"\[(?:IPv6:)?([0-9a-fA-F.:]{3,45})\]")
_MOST_PARTS = 200
_LONGEST_HEADER = 16_384
"""Characters of a header that are parsed: 400 recipients. The library takes seconds for twice as many odd ones."""
_LONGEST_OF_A_PART = 2_048
"""The same of those that each part of a mail has."""
_MOST_COMMENTS = 50
"""Brackets open a comment, and comments nest; the library calls itself once for each."""
_MOST_QUOTES = 1_000
"""Names of 500 recipients; the library takes seconds for headers of quotes alone."""
_MOST_OF_A_NAME = 4
"""Headers of recipients that are looked at; one of each is allowed."""


class _Bounded(EmailPolicy):
    """Headers as the library parses them, of a length and depth that it can."""

    @override
    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, value = super().header_source_parse([*sourcelines])
        value = value[: _LONGEST_OF_A_PART if name.lower().startswith("content-") else _LONGEST_HEADER]
        for sign, most in (("(", _MOST_COMMENTS), ('"', _MOST_QUOTES)):
            value = value.replace(sign, " ") if value.count(sign) > most else value
        return name, value


_POLICY = _Bounded()


@dataclass(frozen=True, slots=True)
class Message:
    """A mail's event fields, and the links that other hosts may open."""

    fields: Fields
    links: list[Link]


def read_message(raw: bytes, seen: float | None = None) -> Message | None:
    """The message; None where it has no time. Anything else that is missing or broken is left out. `seen`: when it was
    on the wire, in seconds since 1970, where that is known."""
    mail = message_from_bytes(raw, policy=_POLICY)
    assert isinstance(mail, EmailMessage)  # noqa: S101 - the policy makes nothing else
    ts = _ts(mail) if seen is None else seen
    if ts is None:
        return None
    links, words, attachments = _content(mail)
    name, sender = _address(mail, "from")
    fields: Fields = {
        "ts": ts,
        "kind": "mail",
        "service": "smtp",
        "src_ip": _sender_ip(mail),
        "mail_from": sender,
        "from_name": name,
        "reply_to": _address(mail, "reply-to")[1],
        "rcpt_to": [address for field in ("to", "cc") for _, address in _addresses(mail, field)],
        "subject": _header(mail, "subject"),
        "user_agent": _header(mail, "user-agent") or _header(mail, "x-mailer"),
        "attachments": attachments,
        "words": bait_words(_header(mail, "subject"), words),
        **_authentication(mail),
    }
    return Message(fields | signs(fields, links), links)


def _header(mail: EmailMessage, name: str) -> str:
    """A header's text; malformed ones make the standard library raise all sorts of errors."""
    try:
        return " ".join(str(mail.get(name, "")).split())
    except Exception:
        return ""


def _addresses(mail: EmailMessage, name: str) -> list[tuple[str, str]]:
    try:
        texts = _values(mail, name, _MOST_OF_A_NAME)
        return [(n, a.lower()) for n, a in getaddresses(texts) if "@" in a][:1000]
    except Exception:
        return []


def _address(mail: EmailMessage, name: str) -> tuple[str, str]:
    return next(iter(_addresses(mail, name)), ("", ""))


def _received(mail: EmailMessage) -> list[str]:
    try:
        return [" ".join(value.split()) for value in _values(mail, "received", 50)]
    except Exception:
        return []


def _values(mail: EmailMessage, name: str, most: int) -> list[str]:
    """The first headers of a name; no other is parsed."""
    raw = [value for key, value in mail.raw_items() if key.lower() == name][:most]
    return [str(mail.policy.header_fetch_parse(name, value)) for value in raw]


def _ts(mail: EmailMessage) -> float | None:
    """When our own server received it, which no sender can choose; else the time the sender states."""
    texts = [line.rpartition(";")[2] for line in _received(mail)[:1]] + [_header(mail, "date")]
    for text in texts:
        try:
            ts = parsedate_to_datetime(text.strip()).timestamp()
        except (ValueError, TypeError, OverflowError):
            continue
        if ts > 0:
            return ts
    return None


def _sender_ip(mail: EmailMessage) -> str | None:
    """The first address outside that handed the mail over, from our server's line downwards."""
    first = None
    for line in _received(mail):
        for text in _IP.findall(line):
            try:
                address = ipaddress.ip_address(text)
            except ValueError:
                continue
            if address.is_global:
                return str(address)
            first = first or str(address)
    return first


def _authentication(mail: EmailMessage) -> Fields:
    found: Fields = {}
    for name in ("authentication-results", "arc-authentication-results"):
        for check, result in _RESULT.findall(_header(mail, name)):
            found.setdefault(check.lower(), result.lower())
    spf = _header(mail, "received-spf").split(" ")[0].lower()
    if spf:
        found.setdefault("spf", spf)
    return found


def _content(mail: EmailMessage) -> tuple[list[Link], str, list[str]]:
    """Links, text, and names of attachments."""
    links: list[Link] = []
    texts: list[str] = []
    names: list[str] = []
    for count, part in enumerate(mail.walk()):
        if count >= _MOST_PARTS:
            break
        try:
            name = part.get_filename()
            if name:
                names.append(name)
            if part.get_content_maintype() != "text" or part.is_attachment():
                continue
            text = part.get_content()
        except Exception:  # noqa: S112 - a part that cannot be decoded says nothing; the others still do
            continue
        if part.get_content_subtype() == "html":
            more, text = html_links(text)
            links += more
        else:
            links += text_links(text)
        texts.append(text)
    return chosen(links), " ".join(texts), names[:100]

"""Mail as a sensor on the line heard it: envelope and a few header lines, no body, and nothing about who vouches."""

import re
from collections.abc import Mapping
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import Any

from pipeline.ingest.format import Fields
from pipeline.ingest.mail.links import chosen, text_links
from pipeline.ingest.mail.signs import signs

ADDRESS = re.compile(r"[^\s<>,;\"']{1,64}@[^\s<>,;\"']{1,255}")


def name_and_address(text: str) -> tuple[str, str]:
    """The shown name and the address, in lower case, of a header line that says who; both empty where there is none.

    >>> name_and_address('"service@bank.example" <x7@else.example>')
    ('service@bank.example', 'x7@else.example')
    """
    for name, address in getaddresses([text[:2000]]):
        if ADDRESS.fullmatch(address):
            return name.strip(" \"'"), address.lower()
    bare = ADDRESS.search(text[:2000])  # what is no header line after all
    return (text[: bare.start()].strip(" <\"'"), bare[0].lower()) if bare else ("", "")


def decoded(text: str) -> str:
    """A header line as people read it (RFC 2047); as it stands where its encoding is broken."""
    try:
        return str(make_header(decode_header(text[:2000])))
    except (ValueError, LookupError):
        return text


def heard(fields: Fields, header: Mapping[str, Any]) -> None:
    """Put what the header lines `from`, `reply_to`, `url` and `attachment` say into a mail's fields, beside its signs.

    People see the header's sender, not the envelope's, which is that of a mailer where one sends for somebody.
    """
    name, sender = name_and_address(_text(header.get("from")))
    envelope = _text(fields.get("mail_from"))
    fields["mail_from"] = sender or name_and_address(envelope)[1] or envelope or None
    fields["subject"] = decoded(_text(fields.get("subject"))) or None
    if not fields["mail_from"]:
        return  # a session in which nothing was sent, or one that went on over TLS
    name = decoded(name)
    fields["from_name"] = name if name.lower() != sender else None
    fields["reply_to"] = name_and_address(_text(header.get("reply_to")))[1] or None
    fields["attachments"] = [a for a in _list(header.get("attachment")) if "." in a][:100]
    links = chosen(text_links(_text(header.get("url"))))
    fields |= signs(fields, links)


def _text(value: Any) -> str:
    return " ".join(_list(value))


def _list(value: Any) -> list[str]:
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)][:1000]

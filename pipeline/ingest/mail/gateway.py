"""One record of a mail gateway, under the names that the usual products give → a mail and the sites it links to."""

import re
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.format import Fields, Item
from pipeline.ingest.mail.bait import bait_words
from pipeline.ingest.mail.items import mail_items
from pipeline.ingest.mail.links import chosen, html_links, text_links
from pipeline.ingest.mail.signs import signs
from pipeline.ingest.mail.sniffed import ADDRESS, decoded, name_and_address
from pipeline.ingest.tables import plain_name

# Lower case, without punctuation: `SenderFromAddress`, `sender_from_address` and `sender.from.address` are one name.
_NAMES = {
    "ts": ("timestamp", "receivedtime", "receiveddatetime", "received", "datetimeutc", "origintimestamputc",
           "datetime", "date", "time", "messagetime", "eventtime", "ts"),
    "mail_from": ("senderfromaddress", "mailfrom", "fromaddress", "headerfrom", "from", "sender", "envelopefrom",
                  "sendermailfromaddress", "emailfromaddress", "senderaddress"),
    "from_name": ("senderdisplayname", "fromname", "displayname"),
    "reply_to": ("replyto", "replytoaddress", "headerreplyto", "emailreplytoaddress"),
    "rcpt_to": ("recipientemailaddress", "rcptto", "toaddresses", "recipients", "recipient", "to", "emailtoaddress",
                "recipientaddress", "receiver", "receivers"),
    "subject": ("subject", "headersubject", "messagesubject", "emailsubject"),
    "user_agent": ("xmailer", "useragent", "emailxmailer"),
    "src_ip": ("senderipv4", "senderip", "clientip", "senderipaddress", "sourceip", "srcip", "fromip", "ip"),
    "links": ("urls", "links", "url", "messageurls"),
    "attachments": ("attachments", "attachmentnames", "filenames", "messageparts"),
    "body": ("body", "text", "content", "bodytext", "html", "bodyhtml", "message"),
    "checks": ("authenticationdetails", "authenticationresults", "auth", "authentication", "authresults"),
    "spf": ("spf", "spfresult", "receivedspf"),
    "dkim": ("dkim", "dkimresult"),
    "dmarc": ("dmarc", "dmarcresult"),
}  # fmt: skip
_RESULT = re.compile(r"\b(spf|dkim|dmarc)\W{1,6}([a-z]{2,12})", re.IGNORECASE)


def gateway_items(row: dict[str, Any], ts: float, format: str, position: str, raw: bytes) -> Iterator[Item]:
    """The mail of a row of `named_values`, and the sites it links to."""
    links = text_links(" ".join(_texts(row.get("links"))))
    body = " ".join(_texts(row.get("body")))
    more, text = html_links(body) if "<" in body else (text_links(body), body)
    fields = _fields(row, ts, format)
    links = chosen(links + more)
    fields["words"] = bait_words(fields["subject"], text)
    fields |= signs(fields, links)
    yield from mail_items(fields, links, position, raw)


def named_values(row: dict[str, Any]) -> dict[str, Any]:
    """Values by our names; the first name of the list that has a value wins. One level of nesting is looked into."""
    plain = {plain_name(key): value for key, value in row.items() if isinstance(key, str)}
    for key, value in row.items():
        if isinstance(value, dict):
            plain |= {plain_name(f"{key}{inner}"): v for inner, v in value.items()} | plain
    found = {ours: next((plain[n] for n in names if plain.get(n) not in (None, "", [])), None)
             for ours, names in _NAMES.items()}  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def is_mail(row: dict[str, Any]) -> bool:
    """Whether a row of `named_values` has a time, a sender, and a recipient or a subject."""
    sender = any("@" in text for text in _texts(row.get("mail_from")))
    return "ts" in row and sender and ("subject" in row or "rcpt_to" in row)


def _fields(row: dict[str, Any], ts: float, format: str) -> Fields:
    fields: Fields = {"ts": ts, "format": format, "kind": "mail", "service": "smtp"}
    for check, result in _RESULT.findall(" ".join(_texts(row.get("checks")))):
        fields.setdefault(check.lower(), result.lower())
    for name in ("spf", "dkim", "dmarc"):
        given = " ".join(_texts(row.get(name))).split(" ")[0].lower()
        if given:
            fields[name] = given
    sender = " ".join(_texts(row["mail_from"]))
    name, address = name_and_address(sender)
    shown = decoded(" ".join(_texts(row.get("from_name"))) or name)
    fields["mail_from"] = address or sender.lower()
    fields["from_name"] = shown if shown.lower() != fields["mail_from"] else None
    fields["reply_to"] = name_and_address(" ".join(_texts(row.get("reply_to"))))[1]
    fields["rcpt_to"] = [a.lower() for a in ADDRESS.findall(" ".join(_texts(row.get("rcpt_to"))))][:1000]
    fields["subject"] = " ".join(decoded(" ".join(_texts(row.get("subject")))).split())
    fields["user_agent"] = " ".join(_texts(row.get("user_agent")))
    fields["src_ip"] = next(iter(_texts(row.get("src_ip"))), None)
    fields["attachments"] = [name for name in _texts(row.get("attachments")) if "." in name][:100]
    return fields


def _texts(value: Any) -> list[str]:
    """Texts in a value, however it is nested; at most a thousand."""
    waiting: list[Any] = [value]
    found: list[str] = []
    while waiting and len(found) < 1000:
        item = waiting.pop(0)
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, list):
            waiting[:0] = item[:1000]
        elif isinstance(item, dict):
            waiting[:0] = list(item.values())[:100]
        elif isinstance(item, bool | int | float):
            found.append(str(item))
    return found

"""Records of a mail gateway as JSON: one object a mail, under the names that the usual products give."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Format, Item
from pipeline.ingest.json_records import head_objects, json_records
from pipeline.ingest.mail.bait import bait_words
from pipeline.ingest.mail.items import mail_items
from pipeline.ingest.mail.links import chosen, html_links, text_links
from pipeline.ingest.mail.signs import signs
from pipeline.ingest.times import any_ts

# Lower case, without punctuation: `SenderFromAddress`, `sender_from_address` and `sender.from.address` are one name.
_NAMES = {
    "ts": ("timestamp", "receivedtime", "receiveddatetime", "received", "date", "time", "messagetime", "eventtime",
           "ts"),
    "mail_from": ("senderfromaddress", "mailfrom", "fromaddress", "headerfrom", "from", "sender", "envelopefrom",
                  "sendermailfromaddress", "emailfromaddress", "senderaddress"),
    "from_name": ("senderdisplayname", "fromname", "displayname"),
    "reply_to": ("replyto", "replytoaddress", "headerreplyto", "emailreplytoaddress"),
    "rcpt_to": ("recipientemailaddress", "rcptto", "toaddresses", "recipients", "recipient", "to", "emailtoaddress",
                "recipientaddress"),
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
_ADDRESS = re.compile(r"[^\s<>,;\"']{1,64}@[^\s<>,;\"']{1,255}")
_NOT_NAME = re.compile(r"[^a-z0-9]")


class MailGateway(Format):
    """Objects with a time, a sender, recipients and a subject."""

    id = "mail_gateway"
    title = "Mail gateway records (JSON)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Above plain JSON logs, below formats that know their fields."""
        rows = head_objects(head)
        return 0.6 * sum(_is_mail(_named(row)) for row in rows) / len(rows) if rows else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """A mail of every object, and the sites it links to."""
        for record in json_records(stream, self.id):
            if isinstance(record, Bad):
                yield record
                continue
            row = _named(record.value) if isinstance(record.value, dict) else {}
            ts = any_ts(row["ts"]) if _is_mail(row) else None
            if ts is None:
                reason = "the record is no mail: it needs a time, a sender, and a recipient or a subject"
                yield Bad(record.position, reason, record.raw, self.id)
                continue
            links = text_links(" ".join(_texts(row.get("links"))))
            body = " ".join(_texts(row.get("body")))
            more, text = html_links(body) if "<" in body else (text_links(body), body)
            fields = _fields(row, ts)
            links = chosen(links + more)
            fields["links"] = [link.url for link in links]
            fields["link_mismatch"] = sum(link.mismatch for link in links)
            fields["words"] = bait_words(fields["subject"], text)
            fields["suspicion"] = signs(fields)
            yield from mail_items(fields, links, record.position, record.raw)


def _fields(row: dict[str, Any], ts: float) -> Fields:
    fields: Fields = {"ts": ts, "format": MailGateway.id, "kind": "mail", "service": "smtp"}
    for check, result in _RESULT.findall(" ".join(_texts(row.get("checks")))):
        fields.setdefault(check.lower(), result.lower())
    for name in ("spf", "dkim", "dmarc"):
        given = " ".join(_texts(row.get(name))).split(" ")[0].lower()
        if given:
            fields[name] = given
    sender = " ".join(_texts(row["mail_from"]))
    shown = " ".join(_texts(row.get("from_name"))) or sender.partition("<")[0].strip(" \"'")
    fields["mail_from"] = next(iter(_ADDRESS.findall(sender)), sender).lower()
    fields["from_name"] = shown if shown.lower() != fields["mail_from"] else None
    fields["reply_to"] = next(iter(_ADDRESS.findall(" ".join(_texts(row.get("reply_to"))))), "").lower()
    fields["rcpt_to"] = [a.lower() for a in _ADDRESS.findall(" ".join(_texts(row.get("rcpt_to"))))][:1000]
    fields["subject"] = " ".join(" ".join(_texts(row.get("subject"))).split())
    fields["user_agent"] = " ".join(_texts(row.get("user_agent")))
    fields["src_ip"] = next(iter(_texts(row.get("src_ip"))), None)
    fields["attachments"] = [name for name in _texts(row.get("attachments")) if "." in name][:100]
    return fields


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """Values by our names; the first name of the list that has a value wins. One level of nesting is looked into."""
    plain = {_NOT_NAME.sub("", f"{key}".lower()): value for key, value in row.items() if isinstance(key, str)}
    for key, value in row.items():
        if isinstance(value, dict):
            plain |= {_NOT_NAME.sub("", f"{key}{inner}".lower()): v for inner, v in value.items()} | plain
    found = {ours: next((plain[n] for n in names if plain.get(n) not in (None, "", [])), None)
             for ours, names in _NAMES.items()}  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def _is_mail(row: dict[str, Any]) -> bool:
    sender = any("@" in text for text in _texts(row.get("mail_from")))
    return "ts" in row and sender and ("subject" in row or "rcpt_to" in row)


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

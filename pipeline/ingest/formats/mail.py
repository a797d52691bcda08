"""Mail as files: single messages (EML) and mailboxes (mbox)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.mail.items import mail_items
from pipeline.ingest.mail.message import read_message

MAX_MESSAGE_BYTES = 32 * 2**20
"""Most servers refuse larger ones; what is beyond is not read, as links and text stand before it."""
_FROM = re.compile(rb"From \S{1,320} {1,2}[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d")
_HEADER = re.compile(rb"([!-9;-~]{1,76}):(?:[ \t\r]|$)")
"""A field's name is anything printable (RFC 5322, 3.6.8), and its value may begin on the next line."""
_KNOWN = {b"from", b"to", b"subject", b"date", b"received", b"message-id", b"return-path", b"delivered-to",
          b"mime-version", b"content-type", b"dkim-signature", b"received-spf", b"authentication-results",
          b"reply-to", b"sender", b"cc"}  # fmt: skip
_ENOUGH = 3


class Mail(Format):
    """RFC 5322 messages; bodies are looked through and not kept."""

    id = "mail"
    title = "Mail (EML, mbox)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Known header fields from the first line on, or the line that begins a mailbox."""
        first, _, rest = head.partition(b"\n")
        if _FROM.match(first):
            first, _, rest = rest.partition(b"\n")
        names = set()
        for line in (first, *rest.split(b"\n", 100)[:100]):
            if not line.strip():
                break
            found = _HEADER.match(line)
            if found:
                names.add(found[1].lower())
            elif line[:1] not in (b" ", b"\t"):
                return 0.0
        return 0.9 if len(names & _KNOWN) >= _ENOUGH else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """Every message of the file."""
        return each(_cuts(stream), _told, self.id)


@dataclass(frozen=True, slots=True)
class _Message:
    """A message as it was cut out of its file; `whole` is false where it goes on behind MAX_MESSAGE_BYTES."""

    position: str
    raw: bytes
    whole: bool


def _told(message: _Message) -> Iterator[Item | Bad]:
    found = read_message(message.raw)
    if found is None:
        reason = "the message has neither a Date nor a Received line with a time"
        yield Bad(message.position, reason, message.raw[:65_536], Mail.id)
        return
    if not message.whole:
        reason = f"the message is longer than {MAX_MESSAGE_BYTES:,} bytes; what is behind was not read"
        yield Bad(message.position, reason, message.raw[:65_536], Mail.id)
    yield from mail_items(found.fields | {"format": Mail.id}, found.links, message.position, message.raw)


def _cuts(stream: BinaryIO) -> Iterator[_Message]:
    for number, (raw, whole) in enumerate(_messages(stream), 1):
        yield _Message(f"message {number}", raw, whole)


def _messages(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """(bytes, whole) of each message: one, or as many as lines `From …` begin after an empty line or at the start."""
    parts: list[bytes] = []
    size, whole, blank, mailbox, first = 0, True, True, False, True
    while line := stream.readline(1 << 20):
        begins = _FROM.match(line) if (first or (mailbox and blank)) else None
        if begins:
            if parts:
                yield b"".join(parts), whole
            parts, size, whole, mailbox = [], 0, True, True
        elif size + len(line) <= MAX_MESSAGE_BYTES:
            parts.append(line)
            size += len(line)
        else:
            whole = False
        blank = not line.strip()
        first = False
    if any(part.strip() for part in parts):
        yield b"".join(parts), whole

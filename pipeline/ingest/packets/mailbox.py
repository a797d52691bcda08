"""Log-ons to mailboxes over POP3 and IMAP (RFC 1939, 9051). Once somebody is in, nothing more is looked at: what
follows is mail."""

import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator

from typing_extensions import override

from pipeline.ingest.packets.attempt import Attempt
from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.lines import Lines
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown

_BANNER = re.compile(
    rb"\b(Dovecot|Courier-IMAP|Courier|Cyrus (?:IMAP|POP3)[ \w.+-]{0,24}|Microsoft Exchange|hMailServer|Zimbra)\b"
)
_DONE, _REFUSED = b"+OK", b"-ERR"
_TAGGED = re.compile(rb"(\S{1,64}) (OK|NO|BAD)\b ?(.*)", re.DOTALL | re.IGNORECASE)
_ASKED = re.compile(rb"(\S{1,64}) (LOGIN|AUTHENTICATE) (.*)", re.DOTALL | re.IGNORECASE)
_LITERAL = re.compile(rb"\{(\d{1,4})\+?\}$")
_NAME = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\S+)')
_MOST_WAIT, _MOST_NAME = 16, 256


class Mailbox(Clear, ABC):
    """Of one connection: a row of each log-on with its outcome, until one succeeds."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self._lines = {True: Lines(), False: Lines()}
        self._sasl: Attempt | None = None
        """Whose next lines are answers to what the server asks."""
        self._greeted = self._entered = False

    @override
    def said(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """Rows of log-ons that are answered now."""
        at = 0
        while at < len(payload) and not self._entered:
            line, at = self._lines[mine].take(payload, at)
            if line is None:
                break
            if not mine:
                yield from self._shown(ts, line)
                yield from self._answer(line)
            elif self._sasl is not None:
                self._sasl.hear_text(line)
            else:
                self._command(ts, line)

    @override
    def missed(self, size: int, *, mine: bool) -> None:
        """What was begun is not known any more."""
        self._lines[mine].drop()
        self._forget()

    def _shown(self, ts: float, line: bytes) -> Iterator[Row]:
        if self._greeted:
            return
        self._greeted = True
        found = _BANNER.search(line)
        if found and (row := shown(ts, found[1].decode(), f"{self.service.upper()}::SERVER", by_server=True)):
            yield row

    def _begun(self, ts: float, words: list[bytes]) -> Attempt:
        """A log-on by SASL: its mechanism, and what is said at once."""
        found = Attempt(ts, mechanism=words[0].decode("latin-1"))
        if len(words) > 1:
            found.hear_text(words[1])
        self._sasl = found
        return found

    def _told(self, attempt: Attempt, *, success: bool, text: bytes) -> Iterator[Row]:
        self._entered = success
        yield from attempt.rows(self.service, success=success, error=text.decode("utf-8", "replace").strip() or None)

    @abstractmethod
    def _command(self, ts: float, line: bytes) -> None:
        """What the client asks."""

    @abstractmethod
    def _answer(self, line: bytes) -> Iterator[Row]:
        """Rows of log-ons that the server answers with this line."""

    @abstractmethod
    def _forget(self) -> None:
        """What waits for an answer is lost."""


class Pop3(Mailbox):
    """Commands are answered in order."""

    def __init__(self) -> None:
        super().__init__("pop3")
        self._user: str | None = None
        self._waits: deque[Attempt | None] = deque(maxlen=_MOST_WAIT)
        """For each command without an answer its log-on, if it is one."""

    @override
    def _command(self, ts: float, line: bytes) -> None:
        command, *words = line.split(maxsplit=2) or [b""]
        attempt, name = None, command.upper()
        if name == b"USER" and words:
            self._user = words[0].decode("utf-8", "replace")
        elif name == b"PASS":
            attempt = Attempt(ts, user=self._user)
        elif name == b"APOP" and words:
            attempt = Attempt(ts, mechanism="APOP", user=words[0].decode("utf-8", "replace"))
        elif name == b"AUTH" and words:
            attempt = self._begun(ts, words)
        self._waits.append(attempt)

    @override
    def _answer(self, line: bytes) -> Iterator[Row]:
        word, _, text = line.partition(b" ")
        if word not in (_DONE, _REFUSED) or not self._waits:
            return
        attempt, self._sasl = self._waits.popleft(), None
        if attempt is not None:
            yield from self._told(attempt, success=word == _DONE, text=text)

    @override
    def _forget(self) -> None:
        self._waits.clear()
        self._sasl = None


class Imap(Mailbox):
    """Commands have names of their own, by which they are answered."""

    def __init__(self) -> None:
        super().__init__("imap")
        self._waits: dict[bytes, Attempt] = {}
        self._unnamed: tuple[Attempt, int] | None = None
        """Whose name the next line begins with, and how many bytes it has."""

    @override
    def _command(self, ts: float, line: bytes) -> None:
        if self._unnamed is not None:
            (attempt, size), self._unnamed = self._unnamed, None
            attempt.user = line[: min(size, _MOST_NAME)].decode("utf-8", "replace") or None
            return
        found = _ASKED.match(line)
        if found is None or len(self._waits) >= _MOST_WAIT:
            return
        tag, command, rest = found[1], found[2].upper(), found[3]
        if command == b"AUTHENTICATE" and (words := rest.split(maxsplit=1)):
            self._waits[tag] = self._begun(ts, words)
        elif command == b"LOGIN":
            literal = _LITERAL.fullmatch(rest)
            attempt = self._waits[tag] = Attempt(ts, user=None if literal else _name(rest))
            if literal:
                self._unnamed = attempt, int(literal[1])

    @override
    def _answer(self, line: bytes) -> Iterator[Row]:
        found = _TAGGED.match(line)
        attempt = self._waits.pop(found[1], None) if found else None
        if found is None or attempt is None:
            return
        self._sasl = self._unnamed = None
        if found[2].upper() != b"BAD":  # what was not understood was no try
            yield from self._told(attempt, success=found[2].upper() == b"OK", text=found[3])

    @override
    def _forget(self) -> None:
        self._waits.clear()
        self._sasl = self._unnamed = None


def _name(rest: bytes) -> str | None:
    """The first of a command's words."""
    found = _NAME.match(rest)
    said = found[1] if found and found[1] is not None else found[2] if found else b""
    return re.sub(rb"\\(.)", rb"\1", said)[:_MOST_NAME].decode("utf-8", "replace") or None

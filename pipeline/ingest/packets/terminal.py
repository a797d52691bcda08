"""Log-ons over Telnet, whose outcome only the words on the screen tell; passwords are not kept."""

import re
from collections.abc import Iterator

from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.packet import Row

TELNET = re.compile(rb"\xff[\xfb-\xfe][\x00-\x31](?:\xff|$)")
_OPTIONS = re.compile(rb"\xff(?:[\xfb-\xfe].|\xfa.{0,64}?\xff\xf0|[^\xff])", re.DOTALL)
_WHO = re.compile(rb"(?:login|user ?name|user)\s*: *$", re.IGNORECASE)
_SECRET = re.compile(rb"pass(?:word|code|wd)\s*: *$", re.IGNORECASE)
_REFUSED = re.compile(rb"incorrect|fail|denied|invalid|bad pass|wrong|not allowed|unknown user", re.IGNORECASE)
_LET_IN = re.compile(rb"(?:[$#>%\]] *$)|last login|welcome", re.IGNORECASE)
_SCREEN, _LINE = 512, 256


class Terminal(Clear):
    """Of one connection: a row of each log-on whose outcome the screen told. In languages that ask and refuse in other
    words than English nothing is told but the connection."""

    def __init__(self) -> None:
        super().__init__("telnet")
        self._screen = b""
        self._typed = b""
        self._user: str | None = None
        self._tried: float | None = None
        """When a password was sent that has no answer yet."""

    def said(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row of a log-on that is answered now."""
        text = _OPTIONS.sub(b"", payload)
        if not mine:
            self._screen = (self._screen + text)[-_SCREEN:]
            yield from self._outcome()
            return
        self._typed = (self._typed + text.replace(b"\n", b"\r"))[:_LINE]
        while b"\r" in self._typed:
            line, _, rest = self._typed.partition(b"\r")
            self._typed = rest.lstrip(b"\r\0")
            self._entered(ts, line)

    def missed(self, size: int, *, mine: bool) -> None:
        """What was typed or shown meanwhile is not known."""
        self._typed = self._screen = b""
        self._tried = None

    def _entered(self, ts: float, line: bytes) -> None:
        if _SECRET.search(self._screen):
            self._tried, self._screen = ts, b""
        elif self._tried is None and (asked := _WHO.search(self._echoless(line))):
            name = line.decode("utf-8", "replace").strip()
            self._user, self._screen = name or None, self._screen[asked.end() :]

    def _echoless(self, line: bytes) -> bytes:
        """The screen without what the server showed of the line that was typed."""
        shown = self._screen.rstrip(b"\r\n")
        return shown.removesuffix(line) if line else shown

    def _outcome(self) -> Iterator[Row]:
        if self._tried is None:
            return
        refused = _REFUSED.search(self._screen) or _WHO.search(self._screen)
        if refused or _LET_IN.search(self._screen):
            yield "telnet", {"ts": self._tried, "user": self._user, "success": not refused}
            self._tried = None

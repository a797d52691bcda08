"""Commands of FTP and their answers, as rows of Zeek's ftp.log; passwords are not kept."""

import re
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.lines import Lines
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown

_TOLD = frozenset(("RETR", "STOR", "STOU", "APPE", "DELE", "RNFR", "RNTO", "MKD", "RMD", "SITE"))
_ANSWER = re.compile(rb"(\d{3}) (.*)", re.DOTALL)
_BANNER = re.compile(
    r"\b((?:vsFTPd|ProFTPD|Pure-FTPd|FileZilla Server|Serv-U|Microsoft FTP)[^()\r\n]{0,40})", re.IGNORECASE
)
_MOST_WAIT = 16


class FileCommands(Clear):
    """Of one connection: a row of each log-on with its outcome, and of each file that was moved, with its answer."""

    def __init__(self) -> None:
        super().__init__("ftp")
        self._lines = {True: Lines(), False: Lines()}
        self._user: str | None = None
        self._waits: list[dict[str, Any]] = []
        self._left: list[dict[str, Any]] = []
        """Commands whose answer will not be known any more."""

    def said(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """Rows of commands that are answered now."""
        yield from self._unanswered()
        at = 0
        while at < len(payload):
            line, at = self._lines[mine].take(payload, at)
            if line is None:
                break
            if mine:
                self._command(ts, line)
                yield from self._unanswered()
            elif answer := _ANSWER.match(line):
                yield from self._answer(ts, answer[1].decode(), answer[2].decode("utf-8", "replace"))

    def missed(self, size: int, *, mine: bool) -> None:
        """What waits has no answer that could be told."""
        self._lines[mine].drop()
        self._give_up(len(self._waits))

    def ended(self) -> Iterator[Row]:
        """Commands without an answer."""
        self._give_up(len(self._waits))
        yield from self._unanswered()

    def _command(self, ts: float, line: bytes) -> None:
        command, _, arg = line.decode("utf-8", "replace").partition(" ")
        command = command.strip().upper()[:8]
        if command == "USER":
            self._user = arg.strip()[:256] or None
        row = {"ts": ts, "user": self._user, "command": command}
        if command in _TOLD:
            row["arg"] = arg[:1_024]
        self._waits.append(row)
        self._give_up(len(self._waits) - _MOST_WAIT)

    def _give_up(self, count: int) -> None:
        """Of those who wait the first, if any."""
        self._left += self._waits[: max(count, 0)]
        del self._waits[: max(count, 0)]

    def _unanswered(self) -> Iterator[Row]:
        for row in self._left:
            if _is_told(row):
                yield "ftp", row
        self._left.clear()

    def _answer(self, ts: float, code: str, text: str) -> Iterator[Row]:
        if code[0] == "1":
            return  # the last word comes later
        row = self._waits.pop(0) if self._waits else None
        if row is None:
            banner = _BANNER.search(text) if code == "220" else None
            if banner and (software := shown(ts, banner[1], "FTP::SERVER", by_server=True)):
                yield software
        elif _is_told(row):
            yield "ftp", row | {"reply_code": int(code), "reply_msg": text[:256]}


def _is_told(row: dict[str, Any]) -> bool:
    return row["command"] in _TOLD or row["command"] == "PASS"

"""One try to log on, by name and password or by SASL (RFC 4422), whatever protocol carries it. Of a password nothing
is looked at."""

import re
from base64 import b64decode
from collections.abc import Iterator

from pipeline.ingest.packets.logon import MARK, Logon
from pipeline.ingest.packets.packet import Row

_MOST_NAME, _MOST_ERROR, _MOST_TOKEN = 256, 256, 16_384
_SCRAM = re.compile(rb"(?:^|,)n=([^,]*)")
_DIGEST = re.compile(rb'username="([^"]*)"')
_TOKEN = re.compile(rb"(?:^|[\x01,])(?:user|a)=([^\x01,]*)")


class Attempt:
    """Who tries, as far as he said it, and by which mechanism."""

    __slots__ = ("_answered", "_logon", "_ts", "mechanism", "user")

    def __init__(self, ts: float, *, mechanism: str = "", user: str | None = None) -> None:
        self._ts = ts
        self.mechanism = mechanism.upper()[:32]
        self.user = user[:_MOST_NAME] if user else None
        self._logon = Logon()
        self._answered = self.user is not None

    def hear(self, said: bytes) -> None:
        """What the client answers, as bytes. The first answer alone tells a name: the next may be the password."""
        if MARK in said:
            self._logon.hear(said)
        elif not self._answered:
            self.user = _named(self.mechanism, said)
        self._answered = True

    def hear_text(self, text: bytes) -> None:
        """The same as it stands in a line (base64)."""
        try:
            said = b64decode(text.strip()[:_MOST_TOKEN])
        except ValueError:
            said = b""
        self.hear(said)

    def rows(self, log: str, *, success: bool | None, error: str | None = None) -> Iterator[Row]:
        """How it went, as a row of `log`, or of ntlm.log where that is how it was tried."""
        if self._logon.waits:
            if row := self._logon.row(self._ts, success=success, error=error):
                yield row
            return
        row_of = {"ts": self._ts, "user": self.user, "mechanism": self.mechanism or None, "success": success}
        yield log, row_of | {"error": error[:_MOST_ERROR] if error and not success else None}


def _named(mechanism: str, said: bytes) -> str | None:
    """The name in a first answer."""
    name: bytes | None = None
    if mechanism == "PLAIN":  # RFC 4616: for whom, who, password
        parts = said.split(b"\0")
        name = (parts[1] or parts[0]) if len(parts) > 2 else None  # of two the last would be the password
    elif mechanism == "LOGIN":
        name = said
    elif mechanism == "CRAM-MD5":
        name = said.rpartition(b" ")[0]
    elif mechanism in ("DIGEST-MD5", "XOAUTH2", "OAUTHBEARER"):
        found = (_DIGEST if mechanism == "DIGEST-MD5" else _TOKEN).search(said)
        name = found[1] if found else None
    elif mechanism.startswith("SCRAM-") and (found := _SCRAM.search(said)):
        name = found[1].replace(b"=2C", b",").replace(b"=3D", b"=")
    return name[:_MOST_NAME].decode("utf-8", "replace").strip() or None if name else None

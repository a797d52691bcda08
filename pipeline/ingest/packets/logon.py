"""Logons by NTLM, wherever they are carried, as rows of Zeek's ntlm.log (MS-NLMP)."""

import struct
from typing import Any

from pipeline.ingest.packets.packet import Row

MARK = b"NTLMSSP\x00"
_CHALLENGE, _AUTHENTICATE = 2, 3
_UNICODE = 1
_NAMES = {1: "server_nb_computer_name", 3: "server_dns_computer_name", 5: "server_tree_name"}
"""Of a challenge's list of pairs (MsvAvNbComputerName, MsvAvDnsComputerName, MsvAvDnsTreeName)."""
_MOST_NAME = 512
_STATUS = {
    0xC0000022: "STATUS_ACCESS_DENIED", 0xC0000064: "STATUS_NO_SUCH_USER", 0xC000006A: "STATUS_WRONG_PASSWORD",
    0xC000006D: "STATUS_LOGON_FAILURE", 0xC000006E: "STATUS_ACCOUNT_RESTRICTION",
    0xC000006F: "STATUS_INVALID_LOGON_HOURS", 0xC0000070: "STATUS_INVALID_WORKSTATION",
    0xC0000071: "STATUS_PASSWORD_EXPIRED", 0xC0000072: "STATUS_ACCOUNT_DISABLED",
    0xC000015B: "STATUS_LOGON_TYPE_NOT_GRANTED", 0xC0000193: "STATUS_ACCOUNT_EXPIRED",
    0xC0000224: "STATUS_PASSWORD_MUST_CHANGE", 0xC0000234: "STATUS_ACCOUNT_LOCKED_OUT",
}  # fmt: skip
"""MS-ERREF, 2.3.1: why a logon is refused."""


def status_named(status: int) -> str:
    """Windows' name of an answer's status."""
    return _STATUS.get(status, f"0x{status:08x}")


class Logon:
    """One logon: what the server asked, who answered, and whether that was taken."""

    __slots__ = ("_known", "_who")

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}
        self._who: dict[str, Any] | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody named himself and has no answer yet."""
        return self._who is not None

    def hear(self, token: bytes) -> None:
        """Take what a security token says, in whatever it is wrapped."""
        at = token.find(MARK)
        said = token[at:] if at >= 0 else b""
        try:
            if len(said) >= 12:
                self._message(said, int.from_bytes(said[8:12], "little"))
        except struct.error:
            return

    def row(self, ts: float, *, success: bool | None, error: str | None = None) -> Row | None:
        """The logon, once; None where nobody named himself, or nobody's logon was refused: machines try that before
        they are asked for a name."""
        if self._who is None:
            return None
        who, known = self._who, self._known
        self._who, self._known = None, {}
        if who["username"] is None and success is False:
            return None
        return "ntlm", {"ts": ts, **who, **known, "success": success, "status": error}

    def _message(self, said: bytes, kind: int) -> None:
        if kind == _CHALLENGE:
            self._known = {}
            pairs = _field(said, 40)
            while len(pairs) >= 4:
                name, size = struct.unpack_from("<HH", pairs)
                if name in _NAMES:
                    self._known[_NAMES[name]] = _text(pairs[4 : 4 + size], unicode=True)
                pairs = pairs[4 + size :]
        elif kind == _AUTHENTICATE:
            (flags,) = struct.unpack_from("<I", said, 60) if len(said) >= 64 else (_UNICODE,)
            self._who = {
                name: _text(_field(said, at), unicode=bool(flags & _UNICODE)) or None
                for name, at in (("domainname", 28), ("username", 36), ("hostname", 44))
            }


def _field(said: bytes, at: int) -> bytes:
    size, _, begin = struct.unpack_from("<HHI", said, at)
    found = said[begin : begin + size]
    if len(found) < size:
        raise struct.error("cut off")
    return found


def _text(data: bytes, *, unicode: bool) -> str:
    return data[:_MOST_NAME].decode("utf-16-le" if unicode else "latin-1", "replace").strip("\x00")

"""Logons by NTLM to a directory over LDAP (RFC 4511, MS-ADTS), which relayed logons are after."""

import re
from collections.abc import Iterator

from typing_extensions import override

from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.logon import MARK, Logon
from pipeline.ingest.packets.packet import Row

_BOUND = re.compile(rb"\x61(?:[\x00-\x7f]|\x81.|\x82..|\x84....)\x0a\x01(.)", re.DOTALL)
"""BindResponse with its resultCode."""
_SUCCESS, _GOES_ON = 0, 14


class Directory(Clear):
    """Of one connection; of what is looked up there nothing is told."""

    name = "ldap_tcp"

    def __init__(self) -> None:
        super().__init__(self.name)
        self._logon = Logon()

    @override
    def said(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row for each logon that is answered now."""
        if MARK in payload:
            self._logon.hear(payload)
        if mine or not self._logon.waits or not (found := _BOUND.search(payload)):
            return
        code = found[1][0]
        if code != _GOES_ON:
            error = None if code == _SUCCESS else f"LDAP result {code}"
            if row := self._logon.row(ts, success=code == _SUCCESS, error=error):
                yield row

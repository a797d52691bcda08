"""Samba's audit of log-ons in words (`auth_audit`), told as its JSON record tells it."""

import re
from typing import Any

_LOOK_AT = 4096
_AUTH = re.compile(
    r"\s*Auth: \[(?P<serviceDescription>[^,\]]*),(?P<authDescription>[^\]]*)\] "
    r"user \[(?P<clientDomain>[^\]]*)\]\\\[(?P<clientAccount>[^\]]*)\] at \[[^\]]*\] "
    r"with \[(?P<passwordType>[^\]]*)\] status \[(?P<status>NT_STATUS_\w+)\] workstation \[(?P<workstation>[^\]]*)\] "
    r"remote host \[(?P<remoteAddress>[^\]]*)\] "
    r"(?:became \[(?P<becameDomain>[^\]]*)\]\\\[(?P<becameAccount>[^\]]*)\][^.]*"
    r"|mapped to \[(?P<mappedDomain>[^\]]*)\]\\\[(?P<mappedAccount>[^\]]*)\])\."
    r"(?: local host \[(?P<localAddress>[^\]]*)\])?"
)
_NOTHING = "(null)"


def told_logon_of_samba(message: str) -> dict[str, Any] | None:
    """What the record `Authentication` would hold; None of any other line."""
    match = _AUTH.match(message, 0, _LOOK_AT) if "Auth: [" in message[:64] else None
    if not match:
        return None
    told = {name: word for name, word in match.groupdict().items() if word and word != _NOTHING}
    return {**told, "eventId": 4624 if told["status"] == "NT_STATUS_OK" else 4625}

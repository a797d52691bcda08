"""Tickets asked for and given or refused, as rows of Zeek's kerberos.log."""

from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.kerberos_messages import FirstReply, FirstRequest, Refusal, ServiceReply, ServiceRequest
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown
from pipeline.ingest.toolkits import ASKS_FOR_TICKETS, IMPACKET

_MESSAGES: dict[int, Any] = {
    0x6A: FirstRequest,
    0x6B: FirstReply,
    0x6C: ServiceRequest,
    0x6D: ServiceReply,
    0x7E: Refusal,
}
"""By the first byte: the number of each as a tag of applications."""
_FIRST = 0x6A
_REQUESTS = {_FIRST: "AS", 0x6C: "TGS"}
_MOST = 65_536
_OPTIONS = tuple(int(bit in (1, 3, 8)) for bit in range(32))
"""Forwardable, proxiable, renewable (RFC 4120, 5.4.1), and nothing else."""
_CIPHERS = {
    1: "des-cbc-crc", 2: "des-cbc-md4", 3: "des-cbc-md5", 5: "des3-cbc-md5", 7: "des3-cbc-sha1",
    16: "des3-cbc-sha1-kd", 17: "aes128-cts-hmac-sha1-96", 18: "aes256-cts-hmac-sha1-96", 23: "rc4-hmac",
    24: "rc4-hmac-exp", 25: "camellia128-cts-cmac", 26: "camellia256-cts-cmac",
}  # fmt: skip
"""Zeek's names (IANA, Kerberos Encryption Type Numbers)."""
_ERRORS = {
    1: "KDC_ERR_NAME_EXP", 3: "KDC_ERR_BAD_PVNO", 6: "KDC_ERR_C_PRINCIPAL_UNKNOWN", 7: "KDC_ERR_S_PRINCIPAL_UNKNOWN",
    8: "KDC_ERR_PRINCIPAL_NOT_UNIQUE", 9: "KDC_ERR_NULL_KEY", 11: "KDC_ERR_NEVER_VALID", 12: "KDC_ERR_POLICY",
    13: "KDC_ERR_BADOPTION", 14: "KDC_ERR_ETYPE_NOSUPP", 16: "KDC_ERR_PADATA_TYPE_NOSUPP",
    18: "KDC_ERR_CLIENT_REVOKED", 20: "KDC_ERR_TGT_REVOKED", 23: "KDC_ERR_KEY_EXPIRED",
    24: "KDC_ERR_PREAUTH_FAILED", 25: "KDC_ERR_PREAUTH_REQUIRED", 26: "KDC_ERR_SERVER_NOMATCH",
    27: "KDC_ERR_MUST_USE_USER2USER", 29: "KDC_ERR_SVC_UNAVAILABLE", 31: "KRB_AP_ERR_BAD_INTEGRITY",
    32: "KRB_AP_ERR_TKT_EXPIRED", 33: "KRB_AP_ERR_TKT_NYV", 34: "KRB_AP_ERR_REPEAT", 36: "KRB_AP_ERR_BADMATCH",
    37: "KRB_AP_ERR_SKEW", 41: "KRB_AP_ERR_MODIFIED", 52: "KRB_ERR_RESPONSE_TOO_BIG", 60: "KRB_ERR_GENERIC",
    68: "KDC_ERR_WRONG_REALM",
}  # fmt: skip
"""RFC 4120, 7.5.9."""
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


def _size(data: bytes, at: int) -> int:
    return 4 + int.from_bytes(data[at : at + 4], "big") if data[at + 4] in _MESSAGES else 0


class Kerberos:
    """Of one connection: one request that waits for its answer."""

    service = "krb"

    def __init__(self, *, stream: bool) -> None:
        self._frames = {mine: Framing(5, _size, _MOST) for mine in (True, False)} if stream else None
        """TCP: messages have their length in front."""
        self._asked: dict[str, Any] = {}

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row for each request that is answered now."""
        for message in self._frames[mine].feed(payload) if self._frames else (payload,):
            said = message[4:] if self._frames else message
            kind = said[0] if said else 0
            if kind not in _MESSAGES:
                continue
            try:
                read = _MESSAGES[kind].load(said)
                row = _row(kind, read, ts)
                known = shown(ts, IMPACKET, ASKS_FOR_TICKETS, by_server=False) if _of_toolkit(kind, read) else None
            except _BROKEN:
                continue  # no Kerberos, or cut short
            yield from (known,) if known else ()
            if kind in _REQUESTS:
                yield from self.end()
                self._asked = row
            else:
                given = {name: value for name, value in row.items() if value is not None}
                yield "kerberos", {**given, **self._asked, **_kept(self._asked, given)}
                self._asked = {}

    def miss(self, size: int, *, mine: bool) -> None:
        """Go on at the next message."""
        if self._frames:
            self._frames[mine].miss(size)

    def end(self) -> Iterator[Row]:
        """A request that nobody answered."""
        if self._asked:
            yield "kerberos", self._asked
        self._asked = {}


def _of_toolkit(kind: int, message: Any) -> bool:
    """Whether impacket asks, or minikerberos, which took its way of asking: a first ticket that may be passed on for
    another's address and can be renewed until the moment it ends, which asks for nothing."""
    if kind != _FIRST:
        return False
    body = message["body"]
    return body["options"].native == _OPTIONS and body["renew"].native == body["till"].native


def _kept(asked: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Of an answer, what counts more than what the request said: the service that a ticket is really for."""
    names = ["service"] if "service" in given else []
    return {name: given[name] for name in names + (["client"] if not asked.get("client") else []) if name in given}


def _row(kind: int, message: Any, ts: float) -> dict[str, Any]:
    if kind in _REQUESTS:
        body = message["body"]
        realm = body["realm"].native
        client = _named(body["client"])
        row: dict[str, Any] = {"ts": ts, "request_type": _REQUESTS[kind], "service": _named(body["service"])}
        return row | ({"client": f"{client or ''}/{realm}"} if kind == _FIRST else {})
    if kind == 0x7E:
        code, client = int(message["code"].native), _named(message["client"])
        realm = message["client_realm"].native or message["realm"].native
        return {
            "ts": ts, "success": False, "error_msg": _ERRORS.get(code, f"unknown-{code}"),
            "client": f"{client}/{realm}" if client else None, "service": _named(message["service"]),
        }  # fmt: skip
    cipher = int(message["ticket"]["sealed"]["cipher"].native)
    return {
        "ts": ts, "request_type": "AS" if kind == 0x6B else "TGS", "success": True,
        "cipher": _CIPHERS.get(cipher, f"unknown-{cipher}"),
        "client": f"{_named(message['client'])}/{message['realm'].native}",
        "service": _named(message["ticket"]["service"]),
    }  # fmt: skip


def _named(name: Any) -> str | None:
    """The parts of a name, joined as Kerberos writes them; None where there is none."""
    parts = name["parts"].native if name.native is not None else None
    return "/".join(parts) if parts else None

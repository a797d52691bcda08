"""Addresses that were lent, as rows of Zeek's dhcp.log."""

import socket
from collections.abc import Iterator
from typing import Any

import dpkt
from dpkt.dhcp import DHCP

from pipeline.ingest.packets.packet import Row

_WISH, _SERVER = dpkt.dhcp.DHCP_OPT_REQ_IP, dpkt.dhcp.DHCP_OPT_SERVER_ID
_KIND, _NAME, _LEASE = dpkt.dhcp.DHCP_OPT_MSGTYPE, dpkt.dhcp.DHCP_OPT_HOSTNAME, dpkt.dhcp.DHCP_OPT_LEASE_SEC
_OF_SERVERS, _NOBODY = ("OFFER", "ACK", "NAK"), "0.0.0.0"  # noqa: S104 - as who asks for an address writes itself
_KINDS = {1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK", 6: "NAK", 7: "RELEASE", 8: "INFORM"}


class Leases:
    """Of one connection: each message by itself."""

    service = "dhcp"

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row a message."""
        try:
            found = DHCP(payload)
        except (dpkt.Error, ValueError, IndexError):
            return
        options = {kind: value for kind, value in found.opts if isinstance(value, bytes)}
        kind = _KINDS.get(options.get(_KIND, b"\x00")[0] if options.get(_KIND) else 0)
        if kind is None:
            return
        row: dict[str, Any] = {"ts": ts, "mac": found.chaddr[:6].hex(":"), "msg_types": [kind]}
        if name := options.get(_NAME, b"").decode("utf-8", "replace").strip("\x00 "):
            row["host_name"] = name
        # Messages go to everybody or over a relay: between whom they are, they say themselves.
        wished = int.from_bytes(options.get(_WISH, b"")[:4], "big") if kind == "REQUEST" else 0
        # A refusal to everybody names no client: whose connection it is, is the server.
        nobody = _NOBODY if kind in _OF_SERVERS else None
        row["client_addr"] = _address(found.yiaddr or found.ciaddr or wished) or nobody
        row["server_addr"] = _address(int.from_bytes(options.get(_SERVER, b"")[:4], "big"))
        if kind == "ACK" and found.yiaddr:
            row["assigned_addr"] = _address(found.yiaddr)
            if len(options.get(_LEASE, b"")) == 4:
                row["lease_time"] = float(int.from_bytes(options[_LEASE], "big"))
        yield "dhcp", row

    def miss(self, size: int, *, mine: bool) -> None:
        """Nothing is kept."""

    def end(self) -> Iterator[Row]:
        """Nothing waits."""
        return iter(())


def _address(number: int) -> str | None:
    return socket.inet_ntop(socket.AF_INET, number.to_bytes(4, "big")) if number else None

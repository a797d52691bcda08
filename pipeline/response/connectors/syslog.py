"""Syslog, RFC 5424, by UDP, TCP or TLS."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime

from pipeline.response.connector_options import Syslog
from pipeline.response.connectors.connector import Order, Outcome, Passing, Refused

# OCSF severity → syslog severity (RFC 5424, table 2): informational, notice, warning, error, critical.
_SEVERITIES = {"Informational": 6, "Low": 5, "Medium": 4, "High": 3, "Critical": 2}
_MOST_UDP = 1400  # fits an Ethernet frame; longer datagrams are lost more easily
_MOST_TCP = 8192
_ENTERPRISE = "32473"  # RFC 5612: for documentation, as we have no number of our own


class SyslogConnector:
    """One collector."""

    can_undo = False

    def __init__(self, options: Syslog, clock: Callable[[], float]) -> None:
        self._options = options
        self._clock = clock

    async def do(self, order: Order) -> Outcome:
        """Send one message. UDP cannot tell whether it arrived."""
        o = self._options
        try:
            if o.protocol == "udp":
                await self._datagram(self.message(order, _MOST_UDP))
                return Outcome("sent by UDP, which is not acknowledged")
            await asyncio.wait_for(self._stream(self.message(order, _MOST_TCP)), o.timeout_s)
        except ssl.SSLCertVerificationError as error:
            raise Refused(f"{o.host}: no trustworthy TLS") from error
        except TimeoutError as error:
            raise Passing(f"{o.host} did not answer within {o.timeout_s:g} s") from error
        except OSError as error:
            raise Passing(f"{o.host}: {type(error).__name__}") from error
        return Outcome(f"sent by {o.protocol.upper()}")

    async def check(self, order: Order) -> bool | None:
        """A collector does not tell what it took."""
        return None

    async def close(self) -> None:
        """A connection is closed with its message."""

    def message(self, order: Order, most: int) -> bytes:
        """The message; the action's id is its MSGID's structured data, so that a repeated one is recognised."""
        o, d = self._options, order.detail
        priority = o.facility * 8 + _SEVERITIES.get(order.severity, 5)
        when = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        data = {"id": order.key, "incident": d.incident_id, "action": d.action, "target": order.target}
        pairs = "".join(f' {name}="{_escaped(value)}"' for name, value in data.items())
        head = f"<{priority}>1 {when} {_name(socket.gethostname())} wardwatch - {_name(d.action)[:32]} "
        line = f"{head}[wardwatch@{_ENTERPRISE}{pairs}] \ufeff{_line(order.subject)}"
        return line.encode()[:most].decode("utf-8", "ignore").encode()

    async def _datagram(self, message: bytes) -> None:
        loop = asyncio.get_running_loop()
        o = self._options
        transport, _ = await asyncio.wait_for(
            loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(o.host, o.port)), o.timeout_s
        )
        transport.sendto(message)
        transport.close()

    async def _stream(self, message: bytes) -> None:
        o = self._options
        context = None
        if o.protocol == "tls":
            context = ssl.create_default_context(cafile=str(o.ca_file) if o.ca_file else None)
        _, writer = await asyncio.open_connection(o.host, o.port, ssl=context)
        try:
            writer.write(b"%d %s" % (len(message), message))
            await writer.drain()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _escaped(value: str) -> str:
    return _line(value).replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def _name(text: str) -> str:
    return "".join(c if "!" <= c <= "~" else "_" for c in text)[:255] or "-"

"""Syslog by real sockets: UDP, TCP, TLS."""

import asyncio
import re
from pathlib import Path
from typing import Any

from response.certificates import certificate
from response.receivers import udp_socket
from response.stage import Clock, Log, answered, incident, responder, steps
from schemas.action import ActionDetail


async def told(port: int, log: Log, **more: Any) -> ActionDetail:
    """How a message to a collector ended."""
    siem = {"kind": "syslog", "host": "127.0.0.1", "port": port, "timeout_s": 2, "attempts": 2} | more
    options = {"dry_run": False, "connectors": {"siem": siem}, "actions": {"notify": ["siem"]}}
    who = responder(options, [steps({"do": "notify"})], log, Clock())
    await answered(who, incident(message='a "quoted] thing\nwith <13>1 a line'))
    await who.close()
    return log.one("notify")


def looks_right(message: bytes, action_id: str) -> None:
    """RFC 5424, one line, severity critical of facility log audit."""
    text = message.decode()
    head = r"<106>1 2027-01-15T08:00:00\.000Z \S+ wardwatch - notify "
    found = re.fullmatch(head + r"\[wardwatch@32473 id=\"(\w+)\" [^\n]*\] \ufeff([^\n]*)", text)
    assert found, text
    assert found[1] == action_id and 'a "quoted] thing with <13>1 a line' in found[2]


async def test_udp() -> None:
    log = Log()
    with udp_socket() as collector:
        done = await told(collector.getsockname()[1], log)
        message, _ = collector.recvfrom(65_536)
    assert done.state == "done"
    looks_right(message, done.action_id)


async def _collected(log: Log, protocol: str, tls: Any = None, **more: Any) -> tuple[ActionDetail, list[bytes]]:
    got: list[bytes] = []
    ended = asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.read())
        writer.close()
        ended.set()

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=tls)
    async with server:
        done = await told(server.sockets[0].getsockname()[1], log, protocol=protocol, **more)
        if done.state == "done":
            await asyncio.wait_for(ended.wait(), 5)
    return done, got


async def test_tcp_counts_its_octets() -> None:
    done, (message,) = await _collected(Log(), "tcp")
    count, _, rest = message.partition(b" ")
    assert int(count) == len(rest)
    looks_right(rest, done.action_id)


async def test_tls_and_a_certificate_that_nobody_knows(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    done, (message,) = await _collected(Log(), "tls", context, ca_file=trusted)
    looks_right(message.partition(b" ")[2], done.action_id)
    refused, _ = await _collected(Log(), "tls", context)
    assert (refused.state, refused.attempts) == ("failed", 1)


async def test_nobody_there() -> None:
    with udp_socket() as unused:  # nothing listens on this port by TCP
        done = await told(unused.getsockname()[1], Log(), protocol="tcp")
    assert (done.state, done.attempts) == ("failed", 2)

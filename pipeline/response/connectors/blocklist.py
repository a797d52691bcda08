"""A file of what is blocked, for firewalls and name servers that read lists: rewritten whole, atomically."""

import asyncio
import contextlib
import ipaddress
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipeline.response.addresses import safe_target
from pipeline.response.connector_options import Blocklist
from pipeline.response.connectors.connector import Order, Outcome, Passing
from schemas.action import ActionDetail

_SERIAL = re.compile(r"^@ SOA \S+ \S+ (\d+) ", re.MULTILINE)
_READABLE = 0o644  # the firewall or name server that fetches it runs as somebody else


class BlocklistConnector:
    """One file. Its content is what the ledger says to be in force, so a lost or altered file heals itself."""

    can_undo = True

    def __init__(
        self, options: Blocklist, held: Callable[[], Sequence[ActionDetail]], clock: Callable[[], float]
    ) -> None:
        self._options = options
        self._held = held
        self._clock = clock
        self._lock = asyncio.Lock()

    async def do(self, order: Order) -> Outcome:
        """Write the file with the order's target, or without it."""
        async with self._lock:
            entries = self._entries(order)
            try:
                await asyncio.to_thread(self._write, entries)
            except OSError as error:
                raise Passing(f"the list cannot be written ({type(error).__name__})") from error
        return Outcome(f"the list has {len(entries)} entries")

    async def check(self, order: Order) -> bool | None:
        """Writing again is as good as looking."""
        return None

    async def close(self) -> None:
        """Nothing is open."""

    def _entries(self, order: Order) -> dict[str, float | None]:
        """Target → until when."""
        found: dict[str, float | None] = {}
        if not order.undo:
            found[order.target] = order.detail.undo_at
        for held in self._held():
            if held.action_id == order.detail.action_id:
                continue
            target = safe_target(held.target_type, held.target)
            known = found.get(target, 0.0)
            found[target] = None if known is None or held.undo_at is None else max(known, held.undo_at)
        return found

    def _write(self, entries: dict[str, float | None]) -> None:
        path = self._options.path.expanduser()
        text = self._addresses(entries) if self._options.format == "addresses" else self._zone(entries, path)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w") as file:
                file.write(text)
                file.flush()
                os.fchmod(file.fileno(), _READABLE)
                os.fsync(file.fileno())
            os.replace(name, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _addresses(self, entries: dict[str, float | None]) -> str:
        lines = ["# written by wardwatch; do not edit, it is rewritten"]
        lines += [f"{target} # until {_until(ts)}" for target, ts in sorted(entries.items())]
        return "\n".join(lines) + "\n"

    def _zone(self, entries: dict[str, float | None], path: Path) -> str:
        """A response policy zone: names and addresses are answered with NXDOMAIN."""
        lines = [
            "; written by wardwatch; do not edit, it is rewritten",
            "$TTL 60",
            f"@ SOA localhost. root.localhost. {self._serial(path)} 60 60 86400 60",
            "@ NS localhost.",
        ]
        for target, ts in sorted(entries.items()):
            names = _trigger(target)
            lines += [f"{name} CNAME . ; until {_until(ts)}" for name in names]
        return "\n".join(lines) + "\n"

    def _serial(self, path: Path) -> int:
        """Grows with every write (RFC 1982), also within a second."""
        old = 0
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if found := _SERIAL.search(path.read_text()):
                old = int(found[1])
        return max(int(self._clock()), old + 1) % 2**32


def _trigger(target: str) -> list[str]:
    try:
        address = ipaddress.ip_address(target)
    except ValueError:
        return [target, f"*.{target}"]
    if address.version == 4:
        return [f"32.{'.'.join(reversed(target.split('.')))}.rpz-ip"]
    words = [format(int(w, 16), "x") for w in address.exploded.split(":")]
    return [f"128.{'.'.join(reversed(words))}.rpz-ip"]


def _until(ts: float | None) -> str:
    return datetime.fromtimestamp(ts, UTC).isoformat(timespec="seconds") if ts else "taken out by hand"

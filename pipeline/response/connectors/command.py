"""The hospital's own programs: no shell, a time limit, and no child left behind."""

import asyncio
import contextlib
import os
import signal

from pipeline.response.connector_options import Command
from pipeline.response.connectors.connector import Order, Outcome, Passing, Refused, filled
from pipeline.response.connectors.secret import secret_of, without

_TEMPFAIL = 75  # sysexits.h: EX_TEMPFAIL
_GRACE_S = 2.0
_MOST_READ = 65_536
_NO, _YES = 1, 0


class CommandConnector:
    """One program, and those that take back and ask."""

    def __init__(self, options: Command) -> None:
        self._options = options

    @property
    def can_undo(self) -> bool:
        """Whether there is a program for it."""
        return bool(self._options.undo_argv)

    async def do(self, order: Order) -> Outcome:
        """Run it."""
        o = self._options
        status, told = await self._run(o.undo_argv if order.undo else o.argv, order)
        if status == 0:
            lines = told.splitlines()
            return Outcome(told[:300], lines[-1][:256] if lines and not order.undo else "")
        if status == _TEMPFAIL:
            raise Passing(f"exit status {status}: {told}")
        raise Refused(f"exit status {status}: {told}")

    async def check(self, order: Order) -> bool | None:
        """Ask its sister program."""
        if not self._options.check_argv or order.undo:
            return None
        try:
            status, _ = await self._run(self._options.check_argv, order)
        except (Passing, Refused):
            return None
        return {_YES: True, _NO: False}.get(status)

    async def close(self) -> None:
        """Programs end with their action."""

    async def _run(self, argv: tuple[str, ...], order: Order) -> tuple[int, str]:
        fields = order.fields()
        arguments = [filled(a, fields).replace("\0", "") for a in argv]
        secrets = {name: secret_of(name, path, None) for name, path in self._options.secrets.items()}
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
                env=self._environment(order) | secrets, start_new_session=True, cwd="/",
            )  # fmt: skip
        except OSError as error:
            raise Refused(f"{argv[0]} cannot be run ({type(error).__name__})") from error
        try:
            told = await asyncio.wait_for(_read(process), self._options.timeout_s)
        except TimeoutError as error:
            raise Passing(f"{argv[0]} took longer than {self._options.timeout_s:g} s and was ended") from error
        finally:
            await _end(process)
        status = process.returncode if process.returncode is not None else -1
        return status, without(told.decode("utf-8", "replace"), *secrets.values())

    def _environment(self, order: Order) -> dict[str, str]:
        d = order.detail
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            **self._options.environment,
            "WARDWATCH_ACTION_ID": order.key,
            "WARDWATCH_ACTION": d.action,
            "WARDWATCH_UNDO": "1" if order.undo else "",
            "WARDWATCH_TARGET": order.target,
            "WARDWATCH_TARGET_TYPE": d.target_type,
            "WARDWATCH_INCIDENT": d.incident_id,
        }


async def _read(process: asyncio.subprocess.Process) -> bytes:
    """What it says, the first part of it; and its end."""
    assert process.stdout is not None  # noqa: S101  (asked for)
    told = b""
    while block := await process.stdout.read(8192):
        told = (told + block)[:_MOST_READ]
    await process.wait()
    return told


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the whole group, if anything of it is left, gently at first."""
    if process.returncode is not None:
        _signal(process, signal.SIGKILL)  # what it left behind in the background
        return
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _GRACE_S)
    _signal(process, signal.SIGKILL)
    await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)

"""`python -m pipeline.local.clickhouse_server --data DIR`: the embedded engine as a ClickHouse HTTP server."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from pipeline.errors import ConfigError, LocalServiceError, WardwatchError
from pipeline.local.clickhouse_access import PASSWORD_ENV, Users
from pipeline.local.clickhouse_engine import ClickHouseEngine
from pipeline.local.clickhouse_http import ClickHouseHttp, Limits, is_loopback
from pipeline.local.service_folder import ServiceFolder, check_port_free, folder_trouble

STOP_S = 20.0  # running statements get this long to finish after SIGTERM


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="clickhouse_server", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder for tables")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--allow-remote", action="store_true", help="permit an address other than loopback")
    parser.add_argument("--query-seconds", type=float, default=300.0, help="time limit of one statement")
    parser.add_argument("--concurrent", type=int, default=16, help="statements that run at once")
    parser.add_argument("--no-lock", action="store_true", help="the caller holds the folder's lock already")
    return parser.parse_args(argv)


def _check_exposure(host: str, *, allow_remote: bool) -> bool:
    """Whether `host` is loopback; any other address must be asked for and guarded by a password."""
    if is_loopback(host):
        return True
    if not allow_remote:
        raise ConfigError(f"clickhouse: {host} is not loopback; add --allow-remote if others shall reach it")
    if not os.environ.get(PASSWORD_ENV["default"]):
        raise ConfigError(f"clickhouse: set {PASSWORD_ENV['default']} before listening on {host}")
    return False


async def _serve(args: argparse.Namespace, engine: ClickHouseEngine, users: Users, limits: Limits) -> bool:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    protocol = ClickHouseHttp(engine, users, limits)
    runner = web.AppRunner(
        protocol.app,
        access_log=None,
        auto_decompress=False,
        handler_cancellation=False,
        shutdown_timeout=1.0,
        read_bufsize=1 << 20,
        max_line_size=1 << 17,
        max_field_size=1 << 16,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, args.host, args.port, backlog=256)
        await site.start()
        await stop.wait()
        await site.stop()
        return await protocol.drain(STOP_S)
    finally:
        await runner.cleanup()


def main(argv: list[str]) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit status."""
    args = _arguments(argv)
    try:
        loopback = _check_exposure(args.host, allow_remote=args.allow_remote)
        folder = ServiceFolder("clickhouse", args.data)
        if not args.no_lock:
            folder.acquire()
        check_port_free("clickhouse", args.host, args.port)
        try:
            os.chdir(_empty_folder(args.data))
            engine = ClickHouseEngine(args.data)
        except OSError as error:
            raise LocalServiceError(f"clickhouse: {folder_trouble(args.data, error)}") from error
        limits = Limits(concurrent=args.concurrent, query_s=args.query_seconds, loopback=loopback)
        if not asyncio.run(_serve(args, engine, Users.from_environment(loopback=loopback), limits)):
            os._exit(1)  # a statement would not end: its thread would keep the interpreter from ending
        engine.close()
    except WardwatchError as error:
        sys.stderr.write(f"ERROR {error}\n")
        return 1
    return 0


def _empty_folder(data: Path) -> Path:
    """Where the process stands: chDB takes an unknown table's name for a file beside it, so there is none."""
    folder = data / "empty"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Runs a worker until it is told to stop: start, watch, save, stop."""

import asyncio
import contextlib
import logging
import signal
import sys
import time
import traceback

from pipeline.errors import CheckpointError, SinkError, WardwatchError
from pipeline.runtime.app import create_worker
from pipeline.runtime.kept_memory import keep_memory
from pipeline.runtime.quarantine import where
from pipeline.runtime.watchdog import LoopWatchdog
from pipeline.runtime.worker import Worker
from pipeline.settings import Settings
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.kafka import create_topics

log = logging.getLogger(__name__)
_WATCH_S = 1.0
_SAVE_S = 60.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 15.0
EXIT_CRASHED, EXIT_STUCK = 1, 3
# Libraries that tell every step; aiokafka calls each retry an error, and we say what matters ourselves.
_QUIET = {
    "faust": logging.CRITICAL,
    "mode": logging.CRITICAL,
    "pipeline.runtime.transport.chunk_transport": logging.CRITICAL,
    "aiokafka": logging.CRITICAL,
    "kafka": logging.CRITICAL,
    "clickhouse_connect": logging.ERROR,
    "numba": logging.WARNING,
    "urllib3": logging.ERROR,
}


def configure_logging(level: int = logging.INFO) -> None:
    """One line a message on stderr, with UTC time; Faust and aiokafka only from warnings on."""
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        stream=sys.stderr, level=level, format="%(asctime)sZ %(levelname)s %(name)s %(message)s", force=True
    )
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)


def prepare(settings: Settings) -> tuple[list[str], list[int]]:
    """Topics and tables: what was made now. Raises SinkError when a server does not answer."""
    return create_topics(settings), _make_tables(settings)


def _make_tables(settings: Settings) -> list[int]:
    database = ClickHouse.connect(settings)
    try:
        return database.migrate()
    finally:
        database.close()


def run_worker(settings: Settings, *, make_keys: bool) -> int:
    """Run until SIGINT or SIGTERM; the exit status. Topics and tables are made when missing.

    A worker that is started while ClickHouse is away waits for it, outside of the group. Raises SinkError when Kafka
    does not answer.
    """
    keep_memory()
    create_topics(settings)
    wait_s = _FIRST_WAIT_S
    while True:
        try:
            _make_tables(settings)
            break
        except SinkError as error:
            log.warning("the worker waits for its database: %s; trying again in %.0f s", error, wait_s)
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
    return asyncio.run(_run(settings, make_keys=make_keys))


async def _run(settings: Settings, *, make_keys: bool) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    worker = create_worker(settings, make_keys=make_keys)
    app = worker.app
    assert app is not None  # noqa: S101  (create_worker made it)
    watchdog = LoopWatchdog(EXIT_STUCK)
    watchdog.start()
    try:
        await worker.start()
        app.finalize()
        await app.start()
        log.info("worker ready: %s, ClickHouse %s", settings.kafka_bootstrap, settings.clickhouse_url)
        return await _watch(worker, stopping, watchdog)
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(app.stop(), _SAVE_S)
        await worker.stop()
        watchdog.stop()
        log.info("worker stopped after %d events", worker.events)


async def _watch(worker: Worker, stopping: asyncio.Event, watchdog: LoopWatchdog) -> int:
    app = worker.app
    assert app is not None  # noqa: S101  (create_worker made it)
    while not stopping.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _WATCH_S)
        watchdog.beat()
        fault = worker.fault()
        if fault is not None:
            _tell_fault(fault)
            return EXIT_CRASHED
        if app.crashed:
            log.error("the Kafka consumer failed: the worker ends and should be started again")
            return EXIT_CRASHED
        if await worker.stuck():
            log.error("nothing was processed for two minutes though there is work: the worker ends")
            return EXIT_STUCK
    app.consumer.stop_flow()
    app.flow_control.suspend()
    try:
        await asyncio.wait_for(worker.save(), _SAVE_S)
    except (TimeoutError, SinkError, CheckpointError) as error:
        log.warning("stopped before all was durable (%s): the rest is read again", type(error).__name__)
    return 0


def _tell_fault(fault: BaseException) -> None:
    if isinstance(fault, WardwatchError):
        log.error("the worker ends: %s", fault)
        return
    # Without the message, which may quote a record.
    stack = "".join(traceback.format_tb(fault.__traceback__)).rstrip()
    log.error("a part of the worker failed, it ends: %s\n%s", where(fault), stack)

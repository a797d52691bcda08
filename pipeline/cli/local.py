"""The local stack as commands start it: with a line for each step, topics and tables made."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from pipeline import kernel_cache
from pipeline.cli.warm_up import warm_up
from pipeline.errors import LocalServiceError
from pipeline.local.stack import Stack
from pipeline.runtime.run import prepare
from pipeline.settings import Settings, load_settings


def say(text: str) -> None:
    """A line for people, on stderr, so that stdout stays for results."""
    print(text, file=sys.stderr, flush=True)


def stack_settings(stack: Stack) -> Settings:
    """The user's settings, pointed at this stack."""
    return load_settings(
        data_dir=stack.folder, kafka_bootstrap=stack.kafka.bootstrap, clickhouse_url=stack.clickhouse.url
    )


@contextmanager
def running_stack(
    folder: Path,
    *,
    kafka_port: int,
    clickhouse_port: int,
    workers: int = 1,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Stack]:
    """Servers, topics, tables and workers with settings of their own, all stopped at the end."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise LocalServiceError(f"{folder}: {error.strerror}; set WARDWATCH_DATA_DIR to another folder") from error
    stack = Stack(
        folder, kafka_port=kafka_port, clickhouse_port=clickhouse_port, workers=workers, environment=environment
    )
    say(f"starting Kafka on {stack.kafka.bootstrap} and ClickHouse on {stack.clickhouse.url} …")
    stack.start_servers()
    try:
        prepare(stack_settings(stack))
        if kernel_cache.is_empty():
            say("preparing the detectors, this first time: two to five minutes …")
            warm_up()
        say("starting the worker …")
        stack.start_workers()
        yield stack
    finally:
        stack.stop()

"""One broker and one database for all tests of this room: real ones; each test has its own topics and database."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.faults.records import hospital_records
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port
from pipeline.settings import Settings
from pipeline.sinks.clickhouse import ClickHouse
from runtime.bench import Bench, Record

_numbers = itertools.count()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    with LocalKafka(tmp_path_factory.mktemp("kafka"), port=free_port()) as broker:
        yield broker


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalClickHouse]:
    with LocalClickHouse(tmp_path_factory.mktemp("clickhouse"), port=free_port()) as server:
        yield server


@pytest.fixture
def make_settings(kafka: LocalKafka, clickhouse: LocalClickHouse, tmp_path: Path) -> Callable[..., Settings]:
    """Settings with topics, group, database and folder of their own."""

    def make(**more: object) -> Settings:
        name = f"t{next(_numbers)}"
        root = ClickHouse.connect(Settings(clickhouse_url=clickhouse.url))
        root.query(f"CREATE DATABASE {name}")
        root.close()
        fields: dict[str, object] = {
            "data_dir": tmp_path / name,
            "kafka_bootstrap": kafka.bootstrap,
            "clickhouse_url": clickhouse.url,
            "clickhouse_database": name,
            "topic_prefix": f"{name}-",
            "consumer_group": name,
            "checkpoint_every_s": 0.5,
            "insert_every_s": 0.2,
            "pseudonym_key": "a key that all tests of this room share",
        }
        return Settings(**(fields | more))  # type: ignore[arg-type]

    return make


@pytest.fixture
def bench(make_settings: Callable[..., Settings]) -> Iterator[Callable[..., Bench]]:
    """Topics, tables and workers; every worker is ended with the test."""
    made: list[Bench] = []

    def make(**more: object) -> Bench:
        made.append(Bench(make_settings(**more)))
        return made[-1]

    yield make
    for each in made:
        each.end()


@pytest.fixture(scope="session")
def records() -> list[Record]:
    """About 20,000 events of a hospital under attack, with records in between that nobody can read."""
    return hospital_records(19_800)

"""One broker and one database for all tests of this room: real ones, on free loopback ports."""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest

from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, whatever its status."""

    status: int
    body: bytes
    headers: dict[str, str]


Call = Callable[..., Reply]


@pytest.fixture(scope="session")
def kafka_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kafka")


@pytest.fixture(scope="session")
def kafka(kafka_folder: Path) -> Iterator[LocalKafka]:
    with LocalKafka(kafka_folder, port=free_port()) as broker:
        yield broker


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalClickHouse]:
    with LocalClickHouse(tmp_path_factory.mktemp("clickhouse"), port=free_port()) as server:
        yield server


@pytest.fixture
def client(clickhouse: LocalClickHouse) -> Iterator[Any]:
    connected = clickhouse_connect.get_client(host=clickhouse.host, port=clickhouse.port, compress=False)
    yield connected
    connected.close()


def ask(url: str, body: bytes | None = None, headers: dict[str, str] | None = None, **query: object) -> Reply:
    """One request; keyword arguments become the query string."""
    text = "/?" + urllib.parse.urlencode({name: str(value) for name, value in query.items()}) if query else "/"
    request = urllib.request.Request(url + text, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Reply(answer.status, answer.read(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.read(), dict(error.headers))


@pytest.fixture
def http(clickhouse: LocalClickHouse) -> Call:
    return lambda *args, **query: ask(clickhouse.url, *args, **query)

"""Checkpoints in an object store that speaks S3, in memory, and where nothing answers."""

import itertools
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import boto3
import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from moto.server import ThreadedMotoServer

from pipeline.errors import CheckpointError, ConfigError
from pipeline.runtime.checkpoint.folder import LocalFolder, open_folder
from pipeline.runtime.checkpoint.name import KEEP
from pipeline.runtime.checkpoint.remote import CheckpointsUnreachableError, RemoteFolder
from pipeline.runtime.checkpoint.store import CheckpointStore
from runtime.checkpoint.checkpoint_parts import KEY, WHERE, loaded, saved

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """URL of a server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket of the test's own; the environment leads to it and nowhere else."""
    for name in [n for n in os.environ if n.startswith(("AWS_", "FSSPEC_"))]:
        monkeypatch.delenv(name)
    given = {
        "ENDPOINT_URL": server,
        "ACCESS_KEY_ID": "someone",
        "SECRET_ACCESS_KEY": "something",
        "DEFAULT_REGION": "us-east-1",
        "MAX_ATTEMPTS": "1",
        "EC2_METADATA_DISABLED": "true",
        "CONFIG_FILE": "/dev/null",
        "SHARED_CREDENTIALS_FILE": "/dev/null",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    name = f"hospital{next(_numbers)}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


def objects(bucket: str) -> list[str]:
    """Keys in a bucket."""
    return [o["Key"] for o in boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())]


@pytest.mark.parametrize("prefix", ["", "/deep/er"])
def test_kept_and_found_in_an_object_store(bucket: str, prefix: str) -> None:
    url = f"s3://{bucket}{prefix}"
    store = CheckpointStore(url, KEY)
    assert store.load(*WHERE, "abc") is None
    wholes = [saved(store, n).whole for n in range(1, 10)]
    assert wholes == [True] + [False] * 8
    assert loaded(url) == 9
    assert len(objects(bucket)) == KEEP + 1
    boto3.client("s3").put_object(Bucket=bucket, Key=max(objects(bucket)), Body=b"WWCP\x02 damaged")
    assert loaded(url) == 8


def test_another_workers_files_are_seen(bucket: str) -> None:
    """Listings must not come from a cache."""
    one, two = CheckpointStore(f"s3://{bucket}", KEY), CheckpointStore(f"s3://{bucket}", KEY)
    for n in range(1, 4):
        saved(one, n)
        found = two.load(*WHERE, "abc")
        assert found is not None
        assert found.next_offset == n


def test_a_missing_bucket_and_missing_credentials_are_told(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="make it first"):
        open_folder("s3://nowhere/prefix")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ConfigError, match="no credentials"):
        open_folder(f"s3://{bucket}")


def test_a_bucket_that_is_emptied_or_removed_is_told_and_used_again(bucket: str) -> None:
    client, store = boto3.client("s3"), CheckpointStore(f"s3://{bucket}", KEY)
    saved(store, 1)
    client.delete_object(Bucket=bucket, Key=objects(bucket)[0])
    with pytest.raises(CheckpointError, match="next one is whole"):
        saved(store, 2)
    assert saved(store, 3).whole
    for key in objects(bucket):
        client.delete_object(Bucket=bucket, Key=key)
    client.delete_bucket(Bucket=bucket)
    with pytest.raises(CheckpointsUnreachableError, match="gone"):
        saved(store, 4)
    client.create_bucket(Bucket=bucket)
    with pytest.raises(CheckpointError, match="next one is whole"):
        saved(store, 5)
    saved(store, 6)
    assert loaded(f"s3://{bucket}") == 6


@pytest.mark.parametrize("listens", [False, True], ids=["refuses", "is silent"])
def test_a_server_that_does_not_answer_is_told(bucket: str, monkeypatch: pytest.MonkeyPatch, listens: bool) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listens:
            other.listen()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{other.getsockname()[1]}")
        with pytest.raises(CheckpointsUnreachableError, match="cannot be used"):
            RemoteFolder(f"s3://{bucket}", limit_s=2.0)


class SlowFileSystem(MemoryFileSystem):
    """In memory, and without an answer until `answers` is set."""

    protocol = "slow"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    answers = threading.Event()

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        self.answers.wait(60)
        return super().ls(path, detail)


def test_calls_that_hang_are_few_and_end_by_themselves() -> None:
    fsspec.register_implementation("slow", SlowFileSystem)
    folder = RemoteFolder("slow://place", limit_s=0.1)
    folder.write("network/1/a.ckpt", [b"a", b"b"])
    for _ in range(4):
        with pytest.raises(CheckpointsUnreachableError, match="no answer in time"):
            folder.names("network/1")
    for _ in range(2):
        with pytest.raises(CheckpointsUnreachableError, match="still hang"):
            folder.names("network/1")
    SlowFileSystem.answers.set()
    for thread in folder._hanging:
        thread.join(10)
    assert folder.names("network/1") == ["a.ckpt"]
    assert folder.read("network/1/a.ckpt") == b"ab"


def test_in_memory(tmp_path: Path) -> None:
    url = f"memory://{tmp_path.name}"
    store = CheckpointStore(url, KEY)
    assert store.load(*WHERE, "abc") is None
    saved(store, 1)
    saved(store, 2)
    assert loaded(url) == 2


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense://bucket", "no protocol"),
        ("gs://bucket", "gcsfs"),
        ("simplecache::s3://bucket", "chained"),
    ],
)
def test_what_cannot_be_used_is_told_at_the_start(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        open_folder(url)


def test_a_url_of_a_file_is_a_folder(tmp_path: Path) -> None:
    assert isinstance(open_folder(f"file://{tmp_path}/here"), LocalFolder)
    assert (tmp_path / "here").stat().st_mode & 0o777 == 0o700

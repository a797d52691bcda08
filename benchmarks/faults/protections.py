"""The worker without one of its protections: what negative controls run, to show that it is needed and noticed."""

import hmac
import secrets
from collections.abc import Callable
from typing import Any

from pipeline.errors import SinkError
from pipeline.runtime.checkpoint.store import CheckpointStore
from pipeline.runtime.row_writer import RowWriter
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.document_producer import DocumentProducer


def _no_checkpoints() -> None:
    """A restart finds no state: models begin anew at the committed offset."""
    CheckpointStore.load = lambda *_: None  # type: ignore[method-assign]


def _no_order() -> None:
    """Checkpoints and commits do not wait for rows."""

    async def settle(self: RowWriter) -> None:
        """At once."""

    RowWriter.settle = settle  # type: ignore[method-assign]


def _no_retries() -> None:
    """A failed insert is given up."""
    original = ClickHouse.insert

    def insert(self: ClickHouse, table: str, rows: Any, token: str | None = None) -> None:
        try:
            original(self, table, rows, token)
        except SinkError as error:
            print(f"given up: {error}", flush=True)

    ClickHouse.insert = insert  # type: ignore[method-assign]


def _no_tokens() -> None:
    """Every insert counts as a new one; with no token at all ClickHouse would recognise the content."""
    original = ClickHouse.insert

    def insert(self: ClickHouse, table: str, rows: Any, token: str | None = None) -> None:
        original(self, table, rows, f"{token}-{secrets.token_hex()}")

    ClickHouse.insert = insert  # type: ignore[method-assign]


def _no_verification() -> None:
    """Any checkpoint is believed, whoever wrote it."""
    hmac.compare_digest = lambda *_: True


def _no_dead_letters() -> None:
    """What cannot be read is dropped."""

    async def dead_letters(self: DocumentProducer, letters: Any) -> None:
        """Forgets them."""

    DocumentProducer.dead_letters = dead_letters  # type: ignore[method-assign]


PROTECTIONS: dict[str, Callable[[], None]] = {
    "checkpoints": _no_checkpoints,
    "order": _no_order,
    "retries": _no_retries,
    "tokens": _no_tokens,
    "verification": _no_verification,
    "dead-letters": _no_dead_letters,
}
"""Name → what takes it away."""

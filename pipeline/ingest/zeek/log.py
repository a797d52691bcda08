"""What a Zeek log is to us: the kind of its events, and what its columns mean."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipeline.ingest.format import Fields

ADDRESSES = {
    "ts": "ts", "uid": "uid", "id.orig_h": "src_ip", "id.orig_p": "src_port", "id.resp_h": "dst_ip",
    "id.resp_p": "dst_port", "proto": "proto", "orig_l2_addr": "src_mac", "resp_l2_addr": "dst_mac",
}  # fmt: skip
"""Columns that most logs share."""

SECRETS = frozenset(("password", "request_password", "community"))
"""Columns that are never kept."""


@dataclass(frozen=True)
class ZeekLog:
    """One log: the kind of its events, its columns, and a last step over the row."""

    kind: str
    columns: dict[str, str] = field(default_factory=dict)
    extra: frozenset[str] = frozenset()
    """Columns that only `finish` looks at."""
    finish: Callable[[Fields, dict[str, Any]], None] | None = None
    """Gets the event's fields and the values of `extra`."""
    logon: Callable[[dict[str, Any]], Fields | None] | None = None
    """Of logs of kind `other`: a row's columns → the fields of a log-on; None where the row tells of something else."""
    hidden: frozenset[str] = frozenset()
    """Columns that are not kept of such rows: what is asked of a database, and what it answers."""
    service: str | None = None
    marks: frozenset[str] = frozenset()
    """Columns that give the log away where nothing names it."""

    def target(self, column: str) -> str | None:
        """The event field of a column."""
        return self.columns.get(column) or ADDRESSES.get(column)


def zeek_log(kind: str, marks: str, columns: dict[str, str], extra: str = "", **more: Any) -> ZeekLog:
    """The same with columns named in texts."""
    return ZeekLog(kind, columns, frozenset(extra.split()), marks=frozenset(marks.split()), **more)

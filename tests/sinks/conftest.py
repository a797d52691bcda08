"""The servers and settings of the runtime's tests: a broker and a database of this room's own."""

from runtime.conftest import clickhouse, kafka, make_settings

__all__ = ["clickhouse", "kafka", "make_settings"]

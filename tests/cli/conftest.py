"""Shared by the tests of the command line."""

from cli.running import clickhouse_server, command, kafka_server, nobodys_settings

__all__ = ["clickhouse_server", "command", "kafka_server", "nobodys_settings"]

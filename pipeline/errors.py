"""The errors a user can meet. Each says in one line what happened and what to do, and holds no patient data."""


class WardwatchError(Exception):
    """Base of every error wardwatch raises on purpose; the command line prints it as one line and exits 1."""


class UsageError(WardwatchError):
    """The caller asked for something that cannot be: a wrong option, a missing path (exit 2)."""


class ConfigError(UsageError):
    """A setting is missing, contradictory or unsafe (exit 2)."""


class LocalServiceError(WardwatchError):
    """A local Kafka or ClickHouse could not start or went away: port taken, disk full, missing extra."""


class SinkError(WardwatchError):
    """Rows or documents could not be written to ClickHouse or Kafka."""


class CheckpointError(WardwatchError):
    """A checkpoint is truncated, altered, foreign or of another version."""


class PoisonError(WardwatchError):
    """The engine fails on so many records that the fault is in a detector, not in the records."""

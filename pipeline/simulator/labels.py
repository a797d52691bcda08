"""Ground truth: which story touched whom, when, and what should find it. Kept in its own file, never in events."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from pipeline.errors import UsageError


@dataclass(frozen=True, slots=True)
class StoryLabel:
    """One story, or one benign oddity (`kind` begins with `benign:`), so that false alarms can be told apart."""

    story: str
    """Id, as in `Emitted.label`: kind and number."""
    kind: str
    difficulty: str
    techniques: tuple[str, ...]
    """ATT&CK ids; empty for fraud and privacy, which ATT&CK does not describe."""
    entities: dict[str, tuple[str, ...]]
    """By sort: user, host, ip, mac, patient, provider, domain."""
    first_ts: float
    last_ts: float
    events: int
    expected: tuple[str, ...]
    """Ids of detectors in the catalogue that should find it; empty for benign ones, and where none looks for it yet."""


def write_labels(path: Path, labels: Iterable[StoryLabel]) -> None:
    """Write labels as JSON lines. Raises UsageError when the file cannot be written."""
    lines = [orjson.dumps(asdict(label), option=orjson.OPT_APPEND_NEWLINE) for label in labels]
    try:
        path.write_bytes(b"".join(lines))
    except OSError as error:
        raise UsageError(f"cannot write labels to {path}: {error.strerror}; choose a writable path") from error

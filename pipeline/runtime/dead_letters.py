"""Documents the engine refuses, as dead letters, and dead letters as rows."""

from collections.abc import Sequence

import pyarrow as pa

from pipeline.features.record_batch import Records
from pipeline.ingest.format import Bad
from pipeline.ingest.letters import dead_letter
from pipeline.runtime.refusals import Refused
from schemas.dead_letter import DeadLetter


def topic_letter(topic: str, partition: int, offset: int, document: bytes, reason: str, *, mask: bool) -> DeadLetter:
    """The letter of one document on a topic; masked by default, as any topic may carry patient data."""
    bad = Bad(f"partition {partition} offset {offset}", reason, document, "wardwatch.event")
    return dead_letter(topic, bad, mask=mask).model_copy(update={"partition": partition, "offset": offset})


def letters_of(topic: str, partition: int, records: Records, *, mask: bool) -> list[DeadLetter]:
    """The letters on the dead-letter topic; what is none there becomes one."""
    letters = []
    for offset, value in zip(records.offsets.tolist(), records.values, strict=True):
        try:
            letters.append(DeadLetter.model_validate_json(value))
        except ValueError:
            reason = "not a dead letter of wardwatch"
            letters.append(topic_letter(topic, partition, offset, value, reason, mask=mask))
    return letters


def refused_letters(table: str, refused: Sequence[Refused], *, mask: bool) -> list[DeadLetter]:
    """Letters of rows that ClickHouse refuses; none for a dead letter's row, as it is one already."""
    letters = []
    for each in refused:
        row = each.row.to_pylist()[0]
        reason = f"ClickHouse refuses its row (code {each.code})"
        if table == "scored_events":
            raw = row["raw"].encode()
            letters.append(topic_letter(row["topic"], row["partition"], row["offset"], raw, reason, mask=mask))
        elif table == "alerts":
            letters.append(topic_letter(table, -1, -1, row["document"].encode(), reason, mask=mask))
    return letters


def letter_rows(letters: Sequence[DeadLetter]) -> pa.Table:
    """Rows for the table `dead_letters`."""
    return pa.table(
        {
            "letter_id": [x.letter_id for x in letters],
            "source": [x.source for x in letters],
            "position": [x.position for x in letters],
            "partition": pa.array([x.partition for x in letters], pa.int32()),
            "offset": pa.array([x.offset for x in letters], pa.int64()),
            "format": [x.format for x in letters],
            "reason": [x.reason for x in letters],
            "excerpt": [x.excerpt for x in letters],
            "size_bytes": pa.array([x.size_bytes for x in letters], pa.uint64()),
            "sha256": [x.sha256 for x in letters],
        }
    )

"""A generated hospital whose patients have names, addresses and numbers that are recognised wherever they turn up."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pyarrow as pa

from pipeline.ingest.reader import Parsed
from pipeline.runtime.line import Plan
from pipeline.runtime.scan import Scan
from pipeline.simulator import Emitted
from schemas.alert import Alert
from schemas.dead_letter import DeadLetter
from schemas.sources import SOURCES

MARK = "zqxjvk"
"""Stands in everything of a patient that must not get out, and in nothing else: too long for a pseudonym's chance."""


def marks(value: object) -> list[str]:
    """Where the mark stands in what got out."""
    text = value.to_json().decode() if isinstance(value, Alert | DeadLetter) else str(value)
    return [text[max(m.start() - 60, 0) : m.end() + 40] for m in re.finditer(MARK, text, re.IGNORECASE)]


def marked(event: Emitted, form: str) -> dict[str, Any]:
    """The event with all that identifies a patient in clear text. `form`: how an identifier is written, with `{}`."""
    document: dict[str, Any] = orjson.loads(event.value)
    names = {
        value: form.format(f"{MARK.upper()}{value}")
        for field in SOURCES[event.source].patient_fields
        if isinstance(value := document.get(field), str)
    }
    return {k: names.get(v, v) if isinstance(v, str) else v for k, v in document.items()}


def with_copies_of_the_name(document: dict[str, Any]) -> dict[str, Any]:
    """Other fields that name the patient too, as records do: the object opened, the visit, who sent it."""
    patient = document.get("patient")
    if not isinstance(patient, str):
        return document
    more = {
        "object_id": f"Patient/{patient}/_history/2",
        "encounter": f"visit of {patient}",
        "origin": f"export/{patient}.json",
    }
    return document | {k: v for k, v in more.items() if document["kind"] in ("access", "claim", "encounter")}


class Told:
    """What a scan lets out: alerts, dead letters, and every row for the database."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.letters: list[DeadLetter] = []
        self.tables: list[tuple[str, pa.Table]] = []

    def insert(self, table: str, rows: pa.Table) -> None:
        """Stands in for the database."""
        self.tables.append((table, rows))

    def everything(self) -> Iterator[object]:
        """All of it, in pieces."""
        yield from self.alerts
        yield from self.letters
        for name, rows in self.tables:
            for row in rows.to_pylist():
                yield name, row


def scan(plan: Plan, documents: Sequence[tuple[str, bytes]], chunk: int = 500) -> Told:
    """(source, document) through a scan."""
    told = Told()
    scan = Scan(
        plan, "scan-of-a-test", chunk,
        database=told,  # type: ignore[arg-type]
        on_alert=told.alerts.append, on_letter=told.letters.append,
    )  # fmt: skip
    for source, document in documents:
        scan.add(Parsed(source, 0.0, "", document))
    summary = scan.finish()
    assert summary.records == summary.rows + summary.dead_letters + summary.copies
    return told

"""Records of a mail gateway as JSON: one object a mail, under the names that the usual products give."""

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.json_records import JsonRecord, head_objects, json_records
from pipeline.ingest.mail.gateway import gateway_items, is_mail, named_values
from pipeline.ingest.times import any_ts
from pipeline.ingest.told.envelopes import opened, singly


class MailGateway(Format):
    """Objects with a time, a sender, recipients and a subject."""

    id = "mail_gateway"
    title = "Mail gateway records (JSON)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Above plain JSON logs, below formats that know their fields."""
        rows = [row for value in head_objects(head) for row in opened(value) if isinstance(row, dict)]
        return 0.6 * sum(is_mail(named_values(row)) for row in rows) / len(rows) if rows else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """A mail of every object, and the sites it links to."""
        return each(chain.from_iterable(map(singly, json_records(stream, self.id))), _mail, self.id)


def _mail(record: JsonRecord) -> Iterator[Item | Bad]:
    row = named_values(record.value) if isinstance(record.value, dict) else {}
    ts = any_ts(row["ts"]) if is_mail(row) else None
    if ts is None:
        reason = "the record is no mail: it needs a time, a sender, and a recipient or a subject"
        yield Bad(record.position, reason, record.raw, MailGateway.id)
    else:
        yield from gateway_items(row, ts, MailGateway.id, record.position, record.raw)

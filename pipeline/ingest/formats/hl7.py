"""HL7 version 2: admissions, appointments, orders, results, charges and staff, as interface engines exchange them."""

import re
from collections.abc import Iterator
from typing import BinaryIO, ClassVar

from pipeline.ingest.fhir.values import UnreadableError
from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.hl7.care import events
from pipeline.ingest.hl7.messages import BOM, Cut, messages
from pipeline.ingest.hl7.segments import Message

_HEAD = re.compile(rb"(?:MSH|FHS|BHS)[^A-Za-z0-9\s][^A-Za-z0-9\s]")
_NAME = re.compile(r"[A-Z0-9]{1,8}\Z")


class Hl7(Format):
    """Messages of versions 2.1 to 2.9 become clinical context: ADT and BAR, SIU, orders and results (ORM, OMG, OML,
    ORU …), medications (RDE, RAS …), charges (DFT), documents (MDM), staff (MFN, PMU). What else there is,
    acknowledgements above all, is refused by its type. One a file or many in a row, in a batch, or framed by MLLP.
    """

    id: ClassVar[str] = "hl7"
    title: ClassVar[str] = "HL7 version 2 messages"
    ends_with_returns: ClassVar[bool] = True

    def sniff(self, head: bytes, name: str) -> float:
        return 0.98 if _HEAD.match(head.removeprefix(BOM).lstrip(b"\x0b\x1c \t\r\n")) else 0.0

    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        return each(messages(stream), _events, self.id)


def _events(cut: Cut) -> Iterator[Item | Bad]:
    if cut.damage:
        yield Bad(cut.position, cut.damage, cut.raw, "hl7")
        return
    kind = "hl7"
    try:
        message = Message(cut.segments)
        if _NAME.match(message.type):
            kind = f"hl7.{message.type}"
        found = events(message)
    except UnreadableError as err:
        yield Bad(cut.position, str(err), cut.raw, kind)
        return
    identified = message.head.get(10) is not None
    for part, fields in enumerate(found):
        yield Item("context", fields | {"format": kind}, cut.position, cut.raw, part, identified=identified)

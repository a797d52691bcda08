"""Walks through interchanges and hands out one claim per CLM, with what the loops above it say.

Levels (HL): 20 billing provider, 22 subscriber, 23 patient. Damage in the levels of subscriber and patient or
in the claim itself refuses the claims concerned; damage of the envelope (counts, control numbers) or of the
provider's address does not: their claims can still be read.
"""

from collections.abc import Iterator

from pipeline.ingest.fhir.values import UnreadableError, clean
from pipeline.ingest.format import Bad, Item
from pipeline.ingest.x12.claims import ClaimBuilder, Person, day, plain
from pipeline.ingest.x12.segments import Segment

FORMAT = "x12.837"
_MAX_CLAIM_SEGMENTS = 20_000
_ENVELOPE = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"})
# Implementation guides by the number within GS08 or ST03, 004010 first.
_GUIDES = {"X098": "P", "X222": "P", "X096": "I", "X223": "I", "X097": "D", "X224": "D"}
_LEVELS = {"20": "billing", "22": "subscriber", "23": "patient"}


class Transactions:
    """State of the walk. Feed segments in order, then `finish`."""

    def __init__(self) -> None:
        self.envelope: dict[str, bytes] = {}
        self.guide = ""
        self.transaction: Segment | None = None
        self.claims_seen = 0
        self.astray = False
        """Whether the segments that stand outside a transaction set here were told."""
        self._enter_transaction(None)

    def _enter_transaction(self, segment: Segment | None) -> None:
        self.transaction = segment
        self.claims_seen = 0
        self.created: float | None = None
        self._enter_level("header")

    def _enter_level(self, level: str) -> None:
        """A level replaces those below it; a subscriber is the patient until told otherwise."""
        self.level = level
        self.at_home = False
        """Whether an address that comes now is that of subscriber or patient, and not of a payer."""
        self.builder: ClaimBuilder | None = None
        self.pending: list[Segment] = []
        if level in ("header", "billing"):
            self.provider: str | None = None
            self.tax_number: str | None = None
            self.payer: str | None = None
            self.subscriber_damage: Segment | None = None
            self.subscriber_raw: list[bytes] = []
            self.subscriber = Person()
        elif level == "subscriber":
            self.payer = None
            self.subscriber_damage, self.subscriber_raw, self.subscriber = None, [], Person()
        if level != "other":
            self.patient_damage: Segment | None = None
            self.patient_raw: list[bytes] = []
            self.patient: Person | None = Person() if level == "patient" else None

    def feed(self, segment: Segment) -> Iterator[Item | Bad]:
        """What this segment completes."""
        name = segment.name
        if segment.breaks_off:
            if self.pending:
                self.pending.append(segment)
                yield from self.finish()
            else:
                yield from self.finish()
                yield Bad(f"segment {segment.number}", segment.damage, segment.raw, FORMAT)
        elif name in _ENVELOPE:
            yield from self._close_claim()
            yield from self._envelope(segment)
        elif self.transaction is None:
            if not self.astray:
                self.astray = True
                yield Bad(f"segment {segment.number}", "the segments stand in no transaction set", segment.raw, FORMAT)
        elif self.transaction.get(1) != "837":
            return
        elif name == "HL":
            yield from self._close_claim()
            self._enter_level("subscriber" if segment.damage else _LEVELS.get(segment.get(3), "other"))
            self.subscriber_damage = self.subscriber_damage or (segment if segment.damage else None)
        elif name == "CLM":
            yield from self._close_claim()
            self.pending = [segment]
            self.claims_seen += 1
        elif self.pending:
            if len(self.pending) < _MAX_CLAIM_SEGMENTS:
                self.pending.append(segment)
        else:
            self._context(segment)

    def finish(self) -> Iterator[Item | Bad]:
        """What the end of the file (or of the readable part) leaves open."""
        yield from self._close_claim()
        yield from self._close_transaction()

    def _envelope(self, segment: Segment) -> Iterator[Bad]:
        name, self.astray = segment.name, False
        if name in ("ISA", "GS", "ST", "SE", "GE", "IEA"):
            yield from self._close_transaction()
        if name in ("ISA", "GS", "ST"):
            self.envelope[name] = segment.raw
        if name == "GS":
            self.guide = segment.get(8)
        elif name == "ST":
            self._enter_transaction(segment)

    def _close_transaction(self) -> Iterator[Bad]:
        opened, self.transaction = self.transaction, None
        if opened is None:
            return
        number = opened.get(1)
        if number != "837":
            known = len(number) == 3 and number.isascii() and number.isdigit()
            reason = f"transaction set {number if known else 'of unknown kind'} is not a claim"
            yield Bad(f"segment {opened.number}", reason, opened.raw, FORMAT)
        elif not self.claims_seen:
            yield Bad(f"segment {opened.number}", "the transaction set holds no claim", opened.raw, FORMAT)

    def _context(self, segment: Segment) -> None:
        """A segment above the claims: billing provider, subscriber, patient, payer, time of creation."""
        if self.level == "subscriber":
            self.subscriber_raw.append(segment.raw)
            self.subscriber_damage = self.subscriber_damage or (segment if segment.damage else None)
        elif self.level == "patient":
            self.patient_raw.append(segment.raw)
            self.patient_damage = self.patient_damage or (segment if segment.damage else None)
        if segment.damage:
            return
        name, role = segment.name, segment.get(1)
        if name == "NM1":
            self.at_home = role in ("IL", "QC")
        person = self.patient or self.subscriber
        if name == "NM1" and role == "85" and self.level == "billing":
            self.provider = segment.get(9) or None
        elif name == "REF" and role == "EI" and self.level == "billing":
            self.tax_number = self.tax_number or segment.get(2) or None
        elif name == "NM1" and role in ("IL", "QC"):
            person.name(segment)
        elif name == "PAT" and self.level == "patient":
            person.relation = role
        elif name == "NM1" and role == "PR":
            self.payer = segment.get(9) or segment.get(3) or None
        elif name in ("N3", "N4") and self.at_home:
            person.lives(segment)
        elif name == "DMG" and self.level in ("subscriber", "patient"):
            person.demographics(segment)
        elif name == "BHT":
            self.created = _created(segment)

    def _close_claim(self) -> Iterator[Item | Bad]:
        pending, self.pending = self.pending, []
        if not pending:
            return
        position = f"segment {pending[0].number}"
        raw = b"~".join(s.raw for s in pending)
        if len(pending) >= _MAX_CLAIM_SEGMENTS:
            yield Bad(position, "the claim has too many segments", raw, FORMAT)
            return
        damaged = self.subscriber_damage or self.patient_damage or next((s for s in pending if s.damage), None)
        at = damaged or pending[0]
        try:
            if damaged:
                raise UnreadableError(damaged.damage)
            builder = ClaimBuilder(pending[0], self._kind())
            for at in pending[1:]:
                builder.take(at)
            at = pending[0]
            fields = self._fields(builder)
        except UnreadableError as err:
            yield Bad(position, f"segment {at.number}: {err}", raw, FORMAT)
            return
        # Two claims of the same content are two claims (perhaps the fraud looked for), while one file read
        # twice is one: the envelope's control numbers and the place within the set make the difference.
        context = [*self.envelope.values(), *self.subscriber_raw, *self.patient_raw, raw]
        yield Item("claims", fields, position, b"~".join(context), self.claims_seen - 1)

    def _kind(self) -> str:
        told = self.guide + (self.transaction.get(3) if self.transaction else "")
        return next((kind for number, kind in _GUIDES.items() if number in told), "")

    def _fields(self, builder: ClaimBuilder) -> dict[str, object]:
        person, member = self.patient or self.subscriber, self.subscriber.number or ""
        told = builder.result(self.created)
        number = person.number or (person.within(member) if self.patient and member else member)
        fields = told | {
            "format": FORMAT + builder.kind,
            "patient": told.get("patient") or plain(number),
            "member_id": plain(member),
            "birth_year": person.born,
            "sex": person.sex,
            "family_token": person.family,
            "address_token": person.home,
            "provider": plain(self.provider or self.tax_number or ""),
            "payer": plain(self.payer or ""),
        }
        return clean(fields)


def _created(segment: Segment) -> float | None:
    """BHT04 and BHT05; a date that is none is no reason to refuse the claims below."""
    date, time = segment.get(4), segment.get(5)[:4]
    try:
        return day(date + time if len(time) == 4 else date)
    except UnreadableError:
        return None

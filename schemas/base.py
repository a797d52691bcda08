"""What every event shares, and the limits that keep one hostile record from harming its neighbours."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

# Latest accepted event time, 2100-01-01 UTC: beyond it a clock or a unit (milliseconds) is wrong.
MAX_TS = 4_102_444_800.0

ID_SIZE = 64
"""Characters of an event id at most."""

Text = Annotated[str, Field(max_length=1024)]
"""A name, identifier or address."""
LongText = Annotated[str, Field(max_length=32_768)]
"""A message, URI or command line."""
Port = Annotated[int, Field(ge=0, le=65_535)]
Count = Annotated[int, Field(ge=0, lt=2**53)]
"""A whole number every JSON reader and every float64 column holds exactly (RFC 8259, section 6)."""
Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Timestamp = Annotated[float, Field(ge=0, le=MAX_TS, allow_inf_nan=False)]
"""Seconds since 1970-01-01 UTC, microsecond precision."""
Amount = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
TextList = Annotated[list[Text], Field(max_length=1024)]


class Wire(BaseModel):
    """Base of all documents on topics: unknown fields are ignored, so that producers may be newer than we are."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def to_json(self) -> bytes:
        """The compact document as it travels: fields that are unset are left out."""
        return self.model_dump_json(exclude_none=True).encode()


class Event(Wire):
    """One thing that happened. `ts` is event time; nothing downstream looks at a wall clock."""

    KEY: ClassVar[tuple[str, ...]] = ("format",)
    """Fields that name the entity owning the state; the first that is set is the Kafka key."""
    PATIENT_FIELDS: ClassVar[tuple[str, ...]] = ()
    """Fields that identify a patient: replaced by keyed pseudonyms before anything is stored or scored."""

    ts: Timestamp
    event_id: Annotated[str, Field(min_length=1, max_length=ID_SIZE)]
    """Deterministic: the same record always has the same id, wherever and however often it is read."""
    format: Annotated[str, Field(min_length=1, max_length=64)]
    """What it was read from, for example `zeek.conn`, `suricata.dns`, `fhir.AuditEvent`."""
    origin: Text | None = None
    """File, sensor or feed it came from."""

    def key(self) -> str:
        """The entity whose state this event belongs to (the Kafka message key)."""
        return key_of(self.__dict__, self.KEY)


def key_of(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    """First non-empty value among `names`, as text; the event's format when none is set."""
    for name in names:
        value = fields.get(name)
        if value:
            return str(value)
    return str(fields["format"])

"""Clinical context: what gives a reason to open a chart (encounters, appointments, orders, teams, people)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import Event, Text, TextList, Timestamp


class ContextBase(Event):
    """A relation between patient, staff and department, valid from `start_ts` to `end_ts`."""

    KEY: ClassVar[tuple[str, ...]] = ("patient", "practitioner")
    PATIENT_FIELDS: ClassVar[tuple[str, ...]] = ("patient",)

    resource_id: Text | None = None
    status: Text | None = None
    patient: Text | None = None
    practitioner: Text | None = None
    """The person chiefly responsible."""
    practitioners: TextList | None = None
    """Everyone named, the chief one included."""
    department: Text | None = None
    service: Text | None = None
    """What is asked for or given: kind of encounter, ordered item, medication."""
    start_ts: Timestamp | None = None
    end_ts: Timestamp | None = None
    encounter: Text | None = None


class Encounter(ContextBase):
    """A visit or stay."""

    kind: Literal["encounter"] = "encounter"


class Appointment(ContextBase):
    """A planned visit."""

    kind: Literal["appointment"] = "appointment"


class Order(ContextBase):
    """Something asked for: a service or a medication."""

    kind: Literal["order"] = "order"


class CareTeam(ContextBase):
    """Who treats the patient together."""

    kind: Literal["care_team"] = "care_team"


class Practitioner(ContextBase):
    """A member of staff, with role and department."""

    kind: Literal["practitioner"] = "practitioner"
    name: Text | None = None
    role: Text | None = None
    family_token: Text | None = None
    address_token: Text | None = None
    PATIENT_FIELDS: ClassVar[tuple[str, ...]] = ("patient", "family_token", "address_token")


class Patient(ContextBase):
    """What relations need of a person, and no more: names and addresses are compared as pseudonyms only."""

    kind: Literal["patient"] = "patient"
    family_token: Text | None = None
    """Family name in lower case; a keyed pseudonym once inside."""
    address_token: Text | None = None
    """Postal code and street in lower case; a keyed pseudonym once inside."""
    birth_year: Annotated[int, Field(ge=1850, le=2100)] | None = None
    sex: Text | None = None
    deceased_ts: Timestamp | None = None
    member_id: Text | None = None
    PATIENT_FIELDS: ClassVar[tuple[str, ...]] = ("patient", "family_token", "address_token", "member_id")


class Organization(ContextBase):
    """A department, clinic, payer or hospital."""

    kind: Literal["organization"] = "organization"
    name: Text | None = None


ClinicalContext = Annotated[
    Encounter | Appointment | Order | CareTeam | Practitioner | Patient | Organization,
    Field(discriminator="kind"),
]
"""Any piece of clinical context, told apart by `kind`."""

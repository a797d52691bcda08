"""Claims: what was billed for whom, by whom, for which days."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import Amount, Event, Text, TextList, Timestamp, Wire


class ClaimLine(Wire):
    """One billed service."""

    procedure: Text | None = None
    """CPT, HCPCS, ICD-PCS or revenue code."""
    modifiers: TextList | None = None
    quantity: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None = None
    unit: Text | None = None
    """UN units, MJ minutes, DA days (X12) or the UCUM unit."""
    amount: Amount | None = None
    from_ts: Timestamp | None = None
    through_ts: Timestamp | None = None
    place_of_service: Text | None = None


class ClaimBase(Event):
    """A claim without its lines."""

    KEY: ClassVar[tuple[str, ...]] = ("provider",)
    PATIENT_FIELDS: ClassVar[tuple[str, ...]] = ("patient", "member_id", "family_token", "address_token")

    kind: Literal["claim", "benefit"] = "claim"
    """`benefit`: an ExplanationOfBenefit, which repeats a claim with what was paid."""
    claim_id: Text | None = None
    claim_type: Text | None = None
    """professional, institutional, pharmacy …"""
    patient: Text | None = None
    member_id: Text | None = None
    birth_year: Annotated[int, Field(ge=1850, le=2100)] | None = None
    sex: Text | None = None
    family_token: Text | None = None
    """Family name of the patient in lower case; a keyed pseudonym once inside, as in registrations."""
    address_token: Text | None = None
    """Postal code and street in lower case; a keyed pseudonym once inside."""
    provider: Text | None = None
    """Billing provider (NPI where known)."""
    rendering: Text | None = None
    facility: Text | None = None
    payer: Text | None = None
    encounter: Text | None = None
    place_of_service: Text | None = None
    from_ts: Timestamp | None = None
    through_ts: Timestamp | None = None
    created_ts: Timestamp | None = None
    diagnoses: TextList | None = None
    total_amount: Amount | None = None
    paid_amount: Amount | None = None


class Claim(ClaimBase):
    """A professional or institutional claim. `ts` orders the stream: the first service date, or the submission in a
    live feed; detectors look at the service dates themselves."""

    lines: Annotated[list[ClaimLine], Field(max_length=1024)] | None = None

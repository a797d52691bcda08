"""Access to records: who opened which chart, where, and what for (FHIR AuditEvent, ATNA, vendors' exports)."""

from typing import ClassVar, Literal

from schemas.base import Count, Event, Text


class EhrAccess(Event):
    """One access to a patient's record (OCSF 6003/6005). The free text of a query is never kept."""

    KEY: ClassVar[tuple[str, ...]] = ("user",)
    PATIENT_FIELDS: ClassVar[tuple[str, ...]] = ("patient",)

    kind: Literal["access"] = "access"
    user: Text | None = None
    """The account, written as `schemas.account` has it: a record system's spellings of it are one person."""
    user_written: Text | None = None
    """As the record system wrote it, where that differs."""
    user_name: Text | None = None
    role: Text | None = None
    department: Text | None = None
    patient: Text | None = None
    action: Text | None = None
    """read, create, update, delete, execute, query, export, print, login, logout."""
    resource: Text | None = None
    """Kind of record: FHIR resource type or the application's word."""
    object_id: Text | None = None
    encounter: Text | None = None
    purpose: Text | None = None
    """Purpose of use: TREAT, BTG, HRESCH, HPAYMT …"""
    break_glass: bool | None = None
    outcome: Literal["success", "failure", "unknown"] = "unknown"
    workstation: Text | None = None
    src_ip: Text | None = None
    site: Text | None = None
    application: Text | None = None
    records: Count | None = None
    """How many records the action returned, printed or exported, where the source says so."""

"""Orders, and what came of them: each tells of a patient and of those who asked, did or read it."""

from collections.abc import Iterator
from typing import Any

from pipeline.ingest.hl7.segments import Segment
from pipeline.ingest.hl7.values import Clock, people

ORDERS = frozenset(
    ("ORM", "OMG", "OML", "OMI", "OMP", "OMD", "OMN", "OMS", "ORU", "OUL", "RDE", "RDS", "RGV", "RAS", "VXU", "DFT",
     "MDM")
)  # fmt: skip
"""Types of messages that hold some: orders, results, medications and vaccinations, charges, documents."""
# Segments that make an order: one of each name, so that a second begins the next.
_PARTS = ("ORC", "OBR", "RXO", "RXE", "RXD", "RXG", "RXA", "FT1", "TXA")
# Who asked, entered, verified, did, read, signed, and who gets a copy.
_PEOPLE = (
    ("ORC", 12), ("OBR", 16), ("RXE", 13), ("FT1", 21), ("TXA", 9), ("TXA", 5), ("ORC", 10), ("ORC", 11), ("ORC", 19),
    ("OBR", 10), ("OBR", 32), ("OBR", 33), ("OBR", 34), ("OBR", 35), ("OBX", 16), ("RXA", 10), ("FT1", 20),
    ("TXA", 22), ("PRT", 5), ("ROL", 4), ("OBR", 28),
)  # fmt: skip
_NUMBERS = (("ORC", 2), ("ORC", 3), ("OBR", 2), ("OBR", 3), ("TXA", 12), ("FT1", 2))
# When it is to be done or was done: scheduled, observed, given, charged, written.
_TIMES = (("OBR", 36), ("TQ1", 7), ("OBR", 7), ("RXA", 3), ("FT1", 4), ("TXA", 4), ("ORC", 9))
_ITEMS = (("OBR", 4), ("RXE", 2), ("RXO", 1), ("RXD", 2), ("RXG", 4), ("RXA", 5), ("FT1", 7), ("TXA", 2))
# Tables 0119 and 0038: asked to be cancelled or discontinued, and done so.
_CALLED_OFF = frozenset(("CA", "OC", "CR", "DC", "OD", "DR"))
# Table 0074: the service that does it, as hospitals call their departments.
_SERVICES = {
    "AU": "Audiology", "BLB": "Blood bank", "CG": "Cytogenetics", "CH": "Chemistry", "CP": "Cytopathology",
    "CT": "Radiology", "CTH": "Cardiology", "CUS": "Cardiology", "EC": "Cardiology", "EN": "Neurology",
    "HM": "Hematology", "ICU": "Intensive care", "IMM": "Immunology", "LAB": "Laboratory", "MB": "Microbiology",
    "MCB": "Mycobacteriology", "MYC": "Mycology", "NMR": "Radiology", "NMS": "Nuclear medicine", "NRS": "Nursing",
    "OT": "Occupational therapy", "OUS": "Radiology", "PF": "Pulmonary function", "PHR": "Pharmacy",
    "PT": "Physical therapy", "RAD": "Radiology", "RC": "Respiratory care", "RT": "Radiation therapy",
    "RUS": "Radiology", "RX": "Radiology", "SP": "Surgical pathology", "SR": "Serology", "TX": "Toxicology",
    "VUS": "Radiology", "VR": "Virology", "XRC": "Radiology",
}  # fmt: skip
_DRUGS = (("RXE", 2), ("RXO", 1), ("RXD", 2))
"""Medications asked for, encoded and dispensed: whichever drug it is, a pharmacy works on it."""


def orders(segments: list[Segment], clock: Clock) -> Iterator[dict[str, Any]]:
    """The orders among the segments of one patient."""
    for group in _groups(segments):
        staff = people(group, _PEOPLE)
        section = _first(group, (("OBR", 24),))
        yield {
            "kind": "order", "ts": clock.told, "resource_id": _first(group, _NUMBERS), "status": _status(group),
            "practitioner": staff[0] if staff else None, "practitioners": staff,
            "service": _SERVICES.get(section or "", section) or _asked(group),
            "start_ts": next((t for s, n in _found(group, _TIMES) if (t := clock.time(s, n)) is not None), None),
        }  # fmt: skip


def _asked(group: list[Segment]) -> str | None:
    """The service that works on what is asked for where no section is named, else what that is."""
    if _first(group, _DRUGS) or _first(group, _DRUGS, 2):
        return "Pharmacy"
    return _first(group, _ITEMS, 2) or _first(group, _ITEMS)


def _groups(segments: list[Segment]) -> list[list[Segment]]:
    groups: list[list[Segment]] = []
    for segment in segments:
        held = {s.name for s in groups[-1]} if groups else set()
        if segment.name in _PARTS and (not groups or segment.name in held or segment.name == "ORC"):
            groups.append([segment])
        elif groups:
            groups[-1].append(segment)
    return groups


def _found(group: list[Segment], places: tuple[tuple[str, int], ...]) -> Iterator[tuple[Segment, int]]:
    for name, number in places:
        for segment in group:
            if segment.name == name:
                yield segment, number
                break


def _first(group: list[Segment], places: tuple[tuple[str, int], ...], component: int = 1) -> str | None:
    return next((v for s, n in _found(group, places) if (v := s.get(n, component))), None)


def _status(group: list[Segment]) -> str:
    control, state = _first(group, (("ORC", 1),)), _first(group, (("ORC", 5),))
    result, charge = _first(group, (("OBR", 25),)), _first(group, (("FT1", 6),))
    if control in _CALLED_OFF or state in _CALLED_OFF or result == "X" or charge == "CR":
        return "revoked"
    done = state == "CM" or result in ("F", "C") or any(s.name in ("RXA", "FT1", "TXA") for s in group)
    return "completed" if done else "active"

"""What the interface engine sent: the schedule (SIU) and orders (ORM, pharmacy RDE) in HL7 version 2."""

from pathlib import Path

from benchmarks.quality.county.audit import stamp
from benchmarks.quality.county.house import Booking, House, Order, Visit
from benchmarks.quality.county.people import BEFORE, BEGIN, DAY, HOUR, Person
from benchmarks.quality.county.staff import Worker

_FORM = "%Y%m%d%H%M%S"
_POINTS = {
    "EMERGENCY DEPT": "ED",
    "MED SURG 2 EAST": "2E",
    "MED SURG 3 WEST": "3W",
    "TELEMETRY 4": "4T",
    "MOTHER BABY": "MB",
    "BEHAVIORAL HEALTH": "BHU",
}
"""Interfaces have short codes for wards."""


def write(house: House, folder: Path) -> list[Path]:
    """Two files, each in the order in which the engine sent them."""
    orders = {o.number: (o.ts, order(o, v)) for v in house.visits for o in v.orders}
    schedule = [(b.booked, booking(b, "S12", b.booked)) for b in house.bookings]
    schedule += [(b.cancelled, booking(b, "S15", b.cancelled)) for b in house.bookings if b.cancelled is not None]
    paths = []
    for name, sent in (("orders", list(orders.values())), ("schedule", schedule)):
        sent.sort(key=lambda x: x[0])
        path = folder / f"{name}.hl7"
        path.write_text("\n".join(m for ts, m in sent if BEGIN - BEFORE * DAY <= ts < house.end), newline="")
        paths.append(path)
    return paths


def _head(kind: str, ts: float, number: str) -> str:
    return f"MSH|^~\\&|EHR|COUNTY GENERAL|ENGINE|ALL|{stamp(ts, _FORM)}||{kind}|{number}|P|2.5.1"


def _pid(person: Person) -> str:
    born = stamp(person.born.timestamp(), "%Y%m%d")
    return (
        f"PID|1||{person.mrn}^^^COUNTY^MR||{person.last.upper()}^{person.first.upper()}||{born}|{person.sex}|||"
        f"{person.street}^^{person.town}^IL^{person.postcode}"
    )


def _xcn(worker: Worker) -> str:
    """A provider's national number, or the login of somebody who has none."""
    kind = "NPI" if worker.npi else "LOGIN"
    return f"{worker.npi or worker.login}^{worker.name[0].upper()}^{worker.name[1].upper()}^^^^^^{kind}"


def order(order: Order, visit: Visit) -> str:
    """An order as it went to the laboratory, imaging, pharmacy or a service."""
    unit = visit.unit_at(order.ts)
    klass = {"Inpatient": "I", "Emergency": "E"}.get(visit.klass, "O")
    drug, entered, asks = order.section == "PHARM", order.entered, _xcn(order.by)
    lines = [
        _head("RDE^O11^RDE_O11" if drug else "ORM^O01^ORM_O01", order.ts, f"M{order.number}"),
        _pid(visit.person),
        f"PV1|1|{klass}|{_POINTS.get(unit, unit)}||||{_xcn(visit.attending)}||||||||||||{visit.csn}",
        f"ORC|NW|{order.number}|||||||{stamp(order.ts, _FORM)}|{entered.login}^{entered.name[0].upper()}||{asks}",
    ]
    if drug:
        lines.append(f"RXE|1^^^{stamp(order.ts, _FORM)}|{order.code}^{order.text}^L|1||EA")
    else:
        section = order.section if order.section in ("LAB", "RAD", "PT", "RT") else ""
        lines.append(
            f"OBR|1|{order.number}||{order.code}^{order.text}^L|||{stamp(order.ts, _FORM)}"
            f"|||||||||{asks}||||||||{section}"
        )
    return "\r".join(lines) + "\r"


def booking(booking: Booking, event: str, ts: float) -> str:
    """A booking or its cancellation."""
    start, minutes = stamp(booking.start, _FORM), 30
    head = ["SCH", booking.number, "", "", "", "", booking.reason, "", "OFFICE", str(minutes), "min"]
    head += [f"^^{minutes}^{start}^{stamp(booking.start + HOUR / 2, _FORM)}", *[""] * 13]
    head.append("Cancelled" if event == "S15" else "Booked")
    return (
        "\r".join(
            [
                _head(f"SIU^{event}^SIU_S12", ts, f"S{booking.number}{event}"),
                "|".join(head),
                _pid(booking.person),
                "PV1|1|O",
                "RGS|1|A",
                f"AIL|1|A|{booking.unit}|||{start}|||{minutes}|min",
                f"AIP|1|A|{_xcn(booking.worker)}|||{start}|||{minutes}|min",
            ]
        )
        + "\r"
    )

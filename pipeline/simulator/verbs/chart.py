"""Opening charts: what the audit trail of the record system notes, and the connection below it."""

from pipeline.simulator.documents import records
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person
from pipeline.simulator.world.stay import Stay

_READS = (
    "Patient",
    "Observation",
    "DiagnosticReport",
    "MedicationRequest",
    "DocumentReference",
    "Condition",
    "Encounter",
)
_WRITES = {
    "nurse": ("Observation", "MedicationAdministration"), "physician": ("MedicationRequest", "DocumentReference"),
    "resident": ("DocumentReference", "ServiceRequest"), "lab_tech": ("DiagnosticReport",),
    "radiologist": ("DiagnosticReport",), "pharmacist": ("MedicationDispense",),
    "registrar": ("Patient", "Coverage"), "therapist": ("Procedure", "DocumentReference"),
    "anaesthetist": ("Procedure", "MedicationAdministration"), "porter": ("Task",), "student": ("DocumentReference",),
}  # fmt: skip
SITES = ("Main Campus", "North Clinic")


def access(
    s: Scene, ts: float, user: Person, desk: Host, patient: Patient | None, action: str, resource: str, *,
    stay: Stay | None = None, purpose: str = "TREAT", break_glass: bool | None = None,
    records_n: int | None = None,
    site: str = SITES[0], ok: bool = True,
) -> None:  # fmt: skip
    """One line of the audit trail."""
    d = s.draws
    object_id = f"{resource.lower()[:3]}-{d.hex(10)}" if resource != "Session" else None
    records.access(
        s.tape, ts, user.id, role=user.role, department=user.department, patient=patient.id if patient else None,
        action=action, resource=resource, object_id=object_id,
        encounter=stay.id if stay else None, purpose=purpose,
        break_glass=break_glass, outcome="success" if ok else "failure", workstation=desk.name, src_ip=desk.ip,
        site=site, application="ehr", records=records_n,
    )  # fmt: skip


def read_chart(
    s: Scene, ts: float, user: Person, desk: Host, patient: Patient, stay: Stay | None, *,
    pages: int | None = None, purpose: str = "TREAT", break_glass: bool | None = None,
) -> float:  # fmt: skip
    """Look through a chart: some pages, sometimes an entry. Returns when it is closed."""
    d = s.draws
    count = pages if pages is not None else d.whole(1, 7)
    server = s.world.servers["ehr1" if user.index % 2 else "ehr2"]
    at = ts
    writes = _WRITES.get(user.role)
    for page in range(count):
        if page and writes is not None and stay is not None and d.chance(0.18):
            access(s, at, user, desk, patient, "create", d.pick(writes), stay=stay, purpose=purpose)
        else:
            resource = "Patient" if page == 0 else d.pick(_READS)
            access(s, at, user, desk, patient, "read", resource, stay=stay, purpose=purpose, break_glass=break_glass)
        at += d.lognormal(7.0, 0.8)
    if s.tape.takes("network"):
        connect(s, ts, link(s, desk, server, 443, "tcp", "ssl"), 1800 * count, d.size(42_000, 0.5) * count, at - ts)
    return at

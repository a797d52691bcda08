"""Single visits and prescriptions outside the plan of care: what stories and oddities need to leave a true trail."""

from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.verbs import billing, care, opening, price_list
from pipeline.simulator.verbs.billing import Bill
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person, npi
from pipeline.simulator.world.stay import Stay

_PHARMACIES = tuple(npi(61_000_000 + k) for k in range(5))
_OFTEN_OPIOID = 0.05


def visit(s: Scene, ts: float, provider: Person, patient: Patient, *, length_s: float = 0.6 * HOUR_S) -> Stay:
    """A visit that takes place: the encounter is told, provider and registration open the chart."""
    d = s.draws
    stay = Stay(
        f"e{d.whole(500_000, 999_999)}", patient, provider.department, "ambulatory", ts, ts + length_s, provider,
        [provider], [provider], [], booked_ts=ts - d.between(1, 4) * DAY_S,
    )  # fmt: skip
    care.tell_patient(s, ts, patient)
    care.tell_stay(s, ts + d.between(5, 120), stay, "in-progress")
    clerk = s.world.roster.pick(d, ts, "Registration", "registrar")
    for at, who in ((ts + d.between(1, 100), clerk), (ts + d.between(200, 900), provider)):
        opening.look(s, at, who, stay, d.whole(1, 4))
    care.tell_stay(s, stay.end_ts, stay, "finished")
    return stay


def dispensed(
    s: Scene, patient: Patient, prescriber: str, day: float, encounter: str | None, *, opioid: bool = False
) -> Bill:
    """What a pharmacy in town claims for a drug."""
    d = s.draws
    opioid = opioid or d.chance(_OFTEN_OPIOID)
    table = price_list.OPIOIDS if opioid else price_list.DRUGS
    line = billing.priced(s, table, d.pick(list(table)), day)
    return billing.bill(
        s, patient, d.pick(_PHARMACIES), (line,), "01", encounter, kind="pharmacy", rendering=prescriber
    )

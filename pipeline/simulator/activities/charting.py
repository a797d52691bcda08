"""Clinical work in the record system: every role opens the charts that its work asks for."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.rhythm import office
from pipeline.simulator.verbs import chart
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.care import Stay
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.staff import WARDS, Person

_SERVICES = {
    "radiographer": "Radiology", "radiologist": "Radiology", "lab_tech": "Laboratory", "pathologist": "Laboratory",
    "pharmacist": "Pharmacy",
}  # fmt: skip


def next_stay(s: Scene, ts: float, person: Person) -> Stay | None:
    """Whose chart someone opens next: own patients, those of the ward, or those with an order for the service."""
    d = s.draws
    census = s.world.care.census(ts)
    if person.role in _SERVICES:
        candidates = census.by_service.get(_SERVICES[person.role])
    elif person.role == "registrar":
        candidates = census.everyone
    else:
        own = census.by_user.get(person.id)
        ward = d.pick(WARDS) if person.floats else person.department
        candidates = own if own and d.chance(0.85) else census.by_place.get(ward)
    return d.pick(candidates) if candidates else None


class Charting(Activity):
    """Rounds: a few charts in a row."""

    share = 0.055

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.on_duty(ts))
        desk = s.world.desk(person, d)
        at = ts
        for _ in range(d.whole(1, 4)):
            stay = next_stay(s, at, person)
            if stay is None or not stay.start_ts <= at:
                return
            at = self._one(s, at, person, desk, stay) + d.lognormal(12, 0.8)

    def _one(self, s: Scene, ts: float, person: Person, desk: Host, stay: Stay) -> float:
        d = s.draws
        # An emergency chart that nobody is assigned to yet: rare, and right.
        glass = True if person.department == "Emergency" and d.chance(0.01) else None
        pages = d.whole(1, 2) if person.role == "registrar" else None
        done = chart.read_chart(s, ts, person, desk, stay.patient, stay, pages=pages, break_glass=glass)
        if d.chance(0.03):
            chart.access(
                s,
                done,
                person,
                desk,
                stay.patient,
                "print",
                "DocumentReference",
                stay=stay,
                records_n=d.whole(1, 4),
            )
        return done


class RecordSessions(Activity):
    """Logging in to and out of the record system."""

    share = 0.006

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.on_duty(ts))
        desk = s.world.desk(person, d)
        if d.chance(0.04):
            chart.access(s, ts, person, desk, None, "login", "Session", ok=False)
            ts += d.lognormal(6, 0.4)
        chart.access(
            s,
            ts,
            person,
            desk,
            None,
            "login",
            "Session",
            site=d.pick(chart.SITES) if d.chance(0.03) else chart.SITES[0],
        )
        if d.chance(0.6):
            chart.access(s, ts + d.lognormal(1200, 0.6), person, desk, None, "logout", "Session")


class OfficeWork(Activity):
    """Billing reads what it bills, research exports what it may."""

    share = 0.006

    def level(self, ts: float) -> float:
        return office(ts)

    def session(self, s: Scene, ts: float) -> None:
        d, care = s.draws, s.world.care
        if d.chance(0.97):
            person = d.pick(s.world.on_duty_in(ts, "Billing"))
            stay = d.pick(care.stays)
            if stay.end_ts < ts:
                desk = s.world.desk(person, d)
                chart.read_chart(s, ts, person, desk, stay.patient, stay, pages=d.whole(1, 3), purpose="HPAYMT")
            return
        person = d.pick(s.world.on_duty_in(ts, "Research"))
        count = d.size(180, 0.5)
        chart.access(
            s, ts, person, s.world.desk(person, d), None, "query", "Observation", purpose="HRESCH", records_n=count
        )

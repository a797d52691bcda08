"""Work in the record system beside what single visits need: rounds, sessions, the offices."""

from pipeline.simulator.activities.activity import Activity, Planned
from pipeline.simulator.rhythm import DAY_S, HOUR_S, office
from pipeline.simulator.verbs import care, chart, opening
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.verbs.seat import seat
from pipeline.simulator.world.posts import base_of
from pipeline.simulator.world.staff import Person
from pipeline.simulator.world.stay import Stay

_SERVICES = ("Radiology", "Laboratory", "Pharmacy", "Transport", "Therapy", "Anaesthesia")
_PRINTS, _BREAKS_GLASS = 0.02, 0.001
# Float staff are put on the care team of most they look after, some hours later.
_FLOAT_NAMED, _FLOAT_NAMED_S = 0.75, 5400.0


def ward_of(s: Scene, ts: float, person: Person) -> str:
    """Where someone works today: float staff on another ward each day."""
    wards = s.world.care.wards
    return wards[(person.index + int(ts // DAY_S)) % len(wards)] if person.floats else person.department


def next_stay(s: Scene, ts: float, person: Person) -> Stay | None:
    """Whose chart someone opens next: own patients, those of the ward, or those with an order for the service."""
    d = s.draws
    census = s.world.care.census(ts)
    if person.department in _SERVICES:
        stays = census.by_service.get(person.department)
        stay = d.pick(stays) if stays else None
        asked = stay and any(o.department == person.department and o.ts <= ts for o in stay.orders)
        return stay if asked else None
    if person.role == "registrar":
        candidates = census.everyone
    else:
        own = census.by_user.get(person.id)
        candidates = own if own and d.chance(0.85) else census.by_place.get(ward_of(s, ts, person), [])
    return d.pick(candidates) if candidates else None


class Charting(Activity):
    """Rounds: a few charts in a row."""

    share = 0.055
    records = True

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.on_duty(ts))
        at = ts
        for _ in range(d.whole(1, 4)):
            stay = next_stay(s, at, person)
            if stay is None or not stay.start_ts <= at:
                return
            self._one(s, at, person, stay)
            at += d.lognormal(45, 0.8)

    def _one(self, s: Scene, ts: float, person: Person, stay: Stay) -> None:
        d = s.draws
        # An emergency chart that nobody is assigned to yet: rare, and right.
        glass = base_of(person.department) == "Emergency" and d.chance(_BREAKS_GLASS)
        pages = d.whole(1, 2) if person.role in ("registrar", "porter") else d.whole(1, 7)
        opening.look(s, ts, person, stay, pages, break_glass=glass, purpose="BTG" if glass else "TREAT")
        if d.chance(_PRINTS) and ts < s.world.end_ts:
            desk, count = seat(s, ts + 20, person), d.whole(1, 4)
            chart.access(
                s, ts + 20, person, desk, stay.patient, "print", "DocumentReference", stay=stay, records_n=count
            )
        known = any(p.id == person.id for p in stay.named)
        if person.floats and not known and d.chance(_FLOAT_NAMED):
            stay.named.append(person)
            care.tell_team(s, ts + d.lognormal(_FLOAT_NAMED_S, 0.7), stay)


class ShiftLogins(Planned):
    """Everyone who comes on duty logs in to the record system."""

    records = True

    def play(self, s: Scene) -> None:
        d, world = s.draws, s.world
        edge = world.start_ts // HOUR_S * HOUR_S + HOUR_S
        present = {p.id for p in world.on_duty(world.start_ts)}
        while edge < world.end_ts:
            now = world.on_duty(edge + 1)
            for person in now:
                if person.id not in present and person.role != "it_admin":
                    ts = edge + d.between(0, 1200)
                    chart.access(s, ts, person, seat(s, ts, person), None, "login", "Session")
                    if d.chance(0.7):
                        ts += d.between(3.5, 7.4) * HOUR_S
                        chart.access(s, ts, person, seat(s, ts, person), None, "logout", "Session")
            present = {p.id for p in now}
            edge += HOUR_S


class RecordSessions(Activity):
    """Logging in again to the record system, and out of it."""

    share = 0.004
    records = True

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.on_duty(ts))
        desk = seat(s, ts, person)
        if d.chance(0.04):
            chart.access(s, ts, person, desk, None, "login", "Session", ok=False)
            ts += d.lognormal(6, 0.4)
        site = d.pick(chart.SITES) if d.chance(0.03) else chart.SITES[0]
        chart.access(s, ts, person, desk, None, "login", "Session", site=site)
        if d.chance(0.6):
            chart.access(s, ts + d.lognormal(1200, 0.6), person, desk, None, "logout", "Session")


class OfficeWork(Activity):
    """Billing reads what it bills, research queries what it may."""

    share = 0.003
    records = True

    def level(self, ts: float) -> float:
        return office(ts)

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        if d.chance(0.95):
            person = d.pick(s.world.on_duty_in(ts, "Billing"))
            stay = d.pick(s.world.care.stays)
            if stay.end_ts < ts:
                opening.look(s, ts, person, stay, d.whole(1, 3), purpose="HPAYMT")
            return
        person = d.pick(s.world.on_duty_in(ts, "Research"))
        count = d.size(180, 0.5)
        chart.access(
            s, ts, person, seat(s, ts, person), None, "query", "Observation", purpose="HRESCH", records_n=count
        )

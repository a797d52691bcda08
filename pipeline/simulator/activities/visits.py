"""What care does with the chart: from the preparation of a visit to the coder, weeks later."""

from pipeline.simulator.activities.activity import OfStays
from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.verbs import opening
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.posts import base_of
from pipeline.simulator.world.staff import Person
from pipeline.simulator.world.stay import Order, Stay

_MINUTE = 60.0
# Who serves an order: (role, how often that role opens the chart, minutes after the order within which).
_SERVICES: dict[str, tuple[tuple[str, float, float], ...]] = {
    "Laboratory": (("lab_tech", 0.8, 90.0), ("pathologist", 0.12, 400.0)),
    "Radiology": (("radiographer", 0.9, 90.0), ("radiologist", 0.95, 240.0)),
    "Pharmacy": (("pharmacist", 0.85, 60.0),),
    "Transport": (("porter", 0.9, 60.0),),
    "Therapy": (("therapist", 1.0, 1200.0),),
    "Anaesthesia": (("anaesthetist", 1.0, 300.0),),
}
# Of the first looks in an emergency, so many come before anybody is assigned, with the glass broken.
_BREAKS_GLASS = 0.012
_CODED = {"ambulatory": 0.5, "emergency": 0.6, "inpatient": 0.95, "therapy": 0.2}
_DISPUTED, _REVIEWED, _FOLLOWED_UP, _CALLED_BACK, _PREPARED = 0.06, 0.02, 0.35, 0.1, 0.45


class Visits(OfStays):
    """Every look into a chart that a stay needs. A stay of one hour brings some seven, a day in bed about nine."""

    lead_s = 2 * DAY_S
    tail_s = 14 * DAY_S

    def tell(self, s: Scene, stay: Stay) -> None:
        d, start, end = s.draws, stay.start_ts, stay.end_ts
        if end > s.world.start_ts:
            if stay.booked_ts is not None:
                self._prepare(s, stay)
            self._arrive(s, stay)
            if stay.kind == "inpatient":
                self._days(s, stay)
            for order in stay.orders:
                self._serve(s, stay, order)
            if d.chance(0.5):
                opening.look(s, end + d.between(0, 2.5 * HOUR_S), stay.attending, stay, d.whole(1, 3))
        self._afterwards(s, stay)
        if start < s.world.end_ts and d.chance(_CODED[stay.kind]):
            self._office(s, stay, ("Billing", "coder"), end + DAY_S, "HPAYMT")
        if d.chance(_DISPUTED):
            self._office(s, stay, ("Billing", "biller"), end + 6 * DAY_S, "HPAYMT")
        if d.chance(_REVIEWED):
            self._office(s, stay, ("Quality", "quality_manager"), end + 2 * DAY_S, "HOPERAT")

    def _prepare(self, s: Scene, stay: Stay) -> None:
        d = s.draws
        if d.chance(_PREPARED):
            who = d.pick(stay.team)
            ts = opening.when(s, who, stay.start_ts - 1.2 * DAY_S, stay.start_ts)
            opening.look(s, ts, who, stay, d.whole(1, 4), of_stay=False)

    def _arrive(self, s: Scene, stay: Stay) -> None:
        d, start = s.draws, stay.start_ts
        at = start + d.between(-3, 8) * _MINUTE
        clerk = s.world.roster.pick(d, at, "Registration", "registrar")
        opening.look(s, at, clerk, stay, d.whole(1, 2))
        at = start
        length = min(stay.end_ts - start, 3 * HOUR_S)
        first = [p for p in stay.team[1:4] if p.role in ("nurse", "resident")]
        emergency = base_of(stay.department) == "Emergency"
        for place, person in enumerate((*first[:2], stay.attending, *first[2:], stay.attending)):
            at = max(at, start + (place + d.random()) / 6 * length)
            glass = emergency and place < 2 and d.chance(_BREAKS_GLASS)
            who = opening.standing_in(s, at, person)
            opening.look(s, at, who, stay, d.whole(2, 5), break_glass=glass, purpose="BTG" if glass else "TREAT")

    def _days(self, s: Scene, stay: Stay) -> None:
        """Each shift a nurse of the ward, each morning a doctor; students now and then."""
        d, at = s.draws, stay.start_ts + 4 * HOUR_S
        nurses = [p for p in stay.team if p.role == "nurse"]
        doctors = [p for p in stay.team if p.role in ("physician", "resident", "student")]
        while at < stay.end_ts:
            place = stay.place(at)
            here = [p for p in nurses if p.department == place and p.works(at)]
            nurse = d.pick(here) if here else s.world.roster.pick(d, at, place, "nurse")
            for _ in range(d.whole(1, 2)):
                opening.look(s, at + d.between(0, 7 * HOUR_S), nurse, stay, d.whole(1, 4))
            rounds = [p for p in doctors if p.department == place and p.works(at)]
            if rounds and d.chance(0.8):
                opening.look(s, at + d.between(0, 4 * HOUR_S), d.pick(rounds), stay, d.whole(2, 6))
            at += 8 * HOUR_S

    def _serve(self, s: Scene, stay: Stay, order: Order) -> None:
        d = s.draws
        for role, share, minutes in _SERVICES.get(order.department, (("physician", 1.0, 360.0),)):
            if d.chance(share):
                at = order.ts + d.random() * minutes * _MINUTE
                who = s.world.roster.pick(d, at, order.department, role)
                opening.look(s, at, who, stay, d.whole(1, 1 if role == "porter" else 4))

    def _afterwards(self, s: Scene, stay: Stay) -> None:
        """Results that came later, and a call to hear how it goes."""
        d, end = s.draws, stay.end_ts
        if d.chance(_FOLLOWED_UP):
            ts = opening.when(s, stay.attending, end + 0.5 * DAY_S, end + 4 * DAY_S)
            opening.look(s, ts, stay.attending, stay, d.whole(1, 3), of_stay=False)
        nurses = [p for p in stay.team if p.role == "nurse"]
        if nurses and d.chance(_CALLED_BACK):
            nurse: Person = d.pick(nurses)
            ts = opening.when(s, nurse, end + DAY_S, end + 3 * DAY_S)
            opening.look(s, ts, nurse, stay, d.whole(1, 2), of_stay=False)

    def _office(self, s: Scene, stay: Stay, post: tuple[str, str], earliest: float, purpose: str) -> None:
        d = s.draws
        at = earliest + d.lognormal(1.5 * DAY_S, 0.6)
        who = s.world.roster.pick(d, at, *post)
        ts = opening.when(s, who, at, at + 2 * DAY_S)
        opening.look(s, ts, who, stay, d.whole(1, 4), purpose=purpose, of_stay=purpose == "HPAYMT")

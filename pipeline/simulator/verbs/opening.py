"""How charts are opened in the course of work: by whom, when, and with the slips that nobody writes down."""

from pipeline.simulator.verbs import chart
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.verbs.seat import seat
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person
from pipeline.simulator.world.stay import Stay

# Shares of openings beside which a chart is opened that no document explains. Fabbri & LeFevre (PMC3555324) are left
# with some 6 % of accesses, much of it for want of data; here 2 to 4 % of all pages.
_WRONG_CHART, _ASKED, _ASKED_DESK = 0.025, 0.035, 0.08


def standing_in(s: Scene, ts: float, person: Person) -> Person:
    """The person, or who has the post at that time: at shift's end some stay on, the others hand over."""
    if person.works(ts) or (person.employed(ts) and person.works(ts - 2700)):
        return person
    return s.world.roster.pick(s.draws, ts, person.department, person.role)


def when(s: Scene, person: Person, low: float, high: float) -> float | None:
    """A moment between two times at which someone is at work; None where a few tries find none."""
    for _ in range(12):
        ts = s.draws.between(low, high)
        if person.works(ts):
            return ts
    return None


def look(
    s: Scene, ts: float | None, person: Person, stay: Stay, pages: int, *, purpose: str = "TREAT",
    break_glass: bool | None = None, of_stay: bool = True,
) -> None:  # fmt: skip
    """Open the chart of a stay, unless that is outside the span or employment; slips happen on the way.

    `of_stay`: within the encounter, in which entries can be made; else before or after it.
    """
    if ts is None or not s.world.start_ts <= ts < s.world.end_ts or not person.employed(ts):
        return
    desk = seat(s, ts, person)
    ts = slip(s, ts, person, stay)
    glass = True if break_glass else None
    within = stay if of_stay else None
    chart.read_chart(s, ts, person, desk, stay.patient, within, pages=pages, purpose=purpose, break_glass=glass)


def slip(s: Scene, ts: float, person: Person, stay: Stay) -> float:
    """Now and then the wrong chart is opened first, or somebody asks about a patient nobody treats: no document says
    why. Returns when the chart that was meant is opened."""
    d = s.draws
    roll = d.random()
    asked = _ASKED_DESK if person.role == "registrar" else _ASKED
    if roll < _WRONG_CHART:
        other = _next_to(s, ts, stay)
        chart.read_chart(s, ts, person, seat(s, ts, person), other, None, pages=1)
        return ts + d.lognormal(9, 0.5)
    if roll < _WRONG_CHART + asked:
        other = s.draws.pick(s.world.care.stays).patient
        end = chart.read_chart(s, ts, person, seat(s, ts, person), other, None, pages=d.whole(1, 3))
        return end + d.lognormal(30, 0.8)
    return ts


def _next_to(s: Scene, ts: float, stay: Stay) -> Patient:
    """Who stands beside a patient on the ward's list, or beside the name in the index."""
    d = s.draws
    if d.chance(0.4):
        ward = s.world.care.census(ts).by_place.get(stay.place(ts))
        if ward:
            return d.pick(ward).patient
    return s.world.patients[int(d.random() * len(s.world.patients))]

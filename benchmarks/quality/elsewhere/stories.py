"""What happened in published cases (settlements of the Office for Civil Rights, indictments, news of staff dismissed),
written down before it was looked at what is found. Each says who did it, to whom and when."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.quality.elsewhere import forms
from benchmarks.quality.elsewhere.house import BEGIN, DAY, HOUR, MINUTE, House, Patient, Worker


@dataclass(frozen=True)
class Story:
    """Ground truth. `actors`: logins, providers or patients, any of whom an alert may be about."""

    name: str
    actors: tuple[str, ...]
    first_ts: float
    last_ts: float
    claims: bool = False


def _days(house: House, count: int, after: float = 0.4) -> list[float]:
    """Local midnights of so many days, spread over what is left of the span."""
    first = int(house.days * after)
    chosen = house.rng.choice(range(first, house.days), min(count, house.days - first), replace=False)
    return [BEGIN + int(d) * DAY for d in sorted(chosen)]


def _any(house: House, role: str) -> Worker:
    return house.some(house.of(role))


def _at_work(house: House, worker: Worker, day: float) -> float:
    return day + ((20 if worker.nights else 9) + float(house.rng.uniform(0, 7))) * HOUR


def _told(name: str, worker: Worker, times: list[float]) -> Story:
    return Story(name, (worker.login,), min(times), max(times) + HOUR)


def _looks(house: House, name: str, worker: Worker, patient: Patient, count: int, pages: int) -> Story:
    times = [_at_work(house, worker, day) for day in _days(house, count)]
    for ts in times:
        house.open(worker, patient, ts, pages)
    return _told(name, worker, times)


def famous(house: House) -> list[Story]:
    """An actor is in the house; people of other wards, the coding office and a clinic have a look (UCLA 2008, Chicago
    2019)."""
    vip = house.vip
    begin = BEGIN + house.days * 0.5 * DAY
    out = []
    for role in ("RN", "Rev Cycle Analyst", "CMA"):
        w = _any(house, role)
        ts = _at_work(house, w, begin)
        house.open(w, vip, ts, 1 + int(house.rng.integers(1, 4)))
        out.append(_told("famous", w, [ts]))
    return out


def former_partner(house: House) -> list[Story]:
    """A nurse reads a former partner's notes again and again (Walgreen v. Hinchy 2014, and yearly since)."""
    return [_looks(house, "former partner", _any(house, "RN"), house.some(house.patients), 6, 3)]


def colleague(house: House) -> list[Story]:
    """An aide looks up the results of somebody at work."""
    w, other = _any(house, "CMA"), _any(house, "PharmD")
    return [_looks(house, "colleague", w, house.own_chart(other), 1, 3)]


def own_child(house: House) -> list[Story]:
    """A parent opens the chart of a grown child at the same address."""
    for w in house.of("Pt Care Tech"):
        home = [p for p in house.patients if (p.family, p.address) == (w.family, w.address)]
        if len(home) > 1:
            return [_looks(house, "own child", w, home[-1], 2, 3)]
    return []


def accident_leads(house: House) -> list[Story]:
    """A registration clerk looks for victims of accidents, for lawyers (Celebration, Florida 2011): some fifteen charts
    a shift registered by others, for weeks."""
    w, times = _any(house, "Pt Access Rep II"), []
    for day in _days(house, 12):
        for _ in range(15):
            ts = _at_work(house, w, day)
            house.open(w, house.some(house.patients), ts, 1)
            times.append(ts)
    return [_told("accident leads", w, times)]


def sold_identities(house: House) -> list[Story]:
    """An assistant prints face sheets of up to thirty patients a day and sells them (Montefiore 2013)."""
    w, times = _any(house, "ROI Spec"), []
    for day in _days(house, 8):
        for n in range(30):
            ts = day + 9 * HOUR + n * 9 * MINUTE
            house.open(w, house.some(house.patients), ts, 1, "Coverage", "print")
            times.append(ts)
    return [_told("sold identities", w, times)]


def bored_nights(house: House) -> list[Story]:
    """Somebody at a ward's desk reads through other wards' charts at night (Yakima 2023)."""
    w = next(x for x in house.of("Health Unit Coord") if x.nights)
    times = []
    for day in _days(house, 4):
        for n in range(9):
            ts = day + 25 * HOUR + n * 11 * MINUTE
            house.open(w, house.some(house.patients), ts, 2)
            times.append(ts)
    return [_told("bored nights", w, times)]


def left_account(house: House) -> list[Story]:
    """The account of a clerk who does not work there any more is used from outside (Memorial Healthcare 2012)."""
    w = house.left
    times = [BEGIN + (house.days - 2) * DAY + 21 * HOUR + n * 4 * MINUTE for n in range(14)]
    for ts in times:
        house.open(w, house.some(house.patients), ts, 1, login=w.login)
    return [_told("left account", w, times)]


def glass_broken(house: House) -> list[Story]:
    """A resident breaks the glass of somebody known from the news whom nobody treats."""
    w, ts = _any(house, "Resident"), _days(house, 1)[0] + 22 * HOUR
    house.open(w, house.some(house.patients), ts, 4, purpose="BTG")
    return [_told("glass broken", w, [ts])]


def after_death(house: House) -> list[Story]:
    """The chart of a victim of a crime is opened after the death (Tucson 2011)."""
    victim = house.some(house.patients)
    died = BEGIN + house.days * 0.45 * DAY
    house.register(victim, died, died)
    out = []
    for role in ("RN", "Phlebotomist"):
        w = _any(house, role)
        ts = _at_work(house, w, died + 2 * DAY)
        house.open(w, victim, ts, 2)
        out.append(_told("after death", w, [ts]))
    return out


def curious_student(house: House) -> list[Story]:
    """A student goes on reading charts of wards that are no longer the student's, five a day."""
    w, times = _any(house, "Med Student"), []
    for day in _days(house, 7):
        for _ in range(5):
            ts = day + float(house.rng.uniform(9, 16)) * HOUR
            house.open(w, house.some(house.patients), ts, 3)
            times.append(ts)
    return [_told("curious student", w, times)]


def taken_along(house: House) -> list[Story]:
    """An analyst exports a list of thousands before leaving for a competitor."""
    w = _any(house, "Rev Cycle Analyst")
    ts = BEGIN + (house.days - 4) * DAY + 18 * HOUR
    house.open(w, house.some(house.patients), ts, 1, "Group", "export", records=4200)
    return [_told("taken along", w, [ts])]


def _billed(name: str, actors: list[str], times: list[float]) -> Story:
    return Story(name, tuple(actors), min(times), max(times) + DAY, claims=True)


def endless_day(house: House) -> list[Story]:
    """A psychologist bills eighteen hours of sessions on a day, for people seen once."""
    w, times = house.of("Physician", "20150")[0], []
    for day in _days(house, 5):
        for _ in range(17):
            p = house.some(house.patients)
            house.bill(
                day + 2 * DAY,
                forms.claim(house.next_id("PB"), p.ident, day + 2 * DAY, day + 9 * HOUR, w.ident, [("90837", 150.0)]),
            )
            times.append(day)
    return [_billed("endless day", [w.ident], times)]


def always_the_dearest(house: House) -> list[Story]:
    """From a day on nearly each visit is of the highest level."""
    w, begin, times = house.of("Physician", "20110")[0], BEGIN + 0.4 * house.days * DAY, []
    for ts, claim in house.told["claims"]:
        line = claim["item"][0]
        if (
            claim["provider"]["reference"].endswith(w.ident)
            and line["servicedDate"] >= forms.at(begin)[:10]
            and line["productOrService"]["coding"][0]["code"].startswith("9921")
        ):
            line["productOrService"]["coding"][0]["code"], line["net"]["value"] = "99215", 185.0
            times.append(ts)
    return [_billed("always the dearest", [w.ident], times)]


def never_seen(house: House) -> list[Story]:
    """A home visit company bills people it never saw: no visit, nobody opened a chart."""
    times = []
    for day in _days(house, 10):
        for _ in range(6):
            p = house.some(house.patients)
            house.bill(
                day + 3 * DAY,
                forms.claim(house.next_id("PB"), p.ident, day + 3 * DAY, day + 12 * HOUR, "P9901", [("99349", 130.0)]),
            )
            times.append(day)
    return [_billed("never seen", ["P9901"], times)]


def dead_billed(house: House) -> list[Story]:
    """Equipment is billed every week for people who have died."""
    times, dead = [], []
    for _ in range(4):
        p = house.some(house.patients)
        died = BEGIN + 3 * DAY
        house.register(p, died, died)
        dead.append(p.ident)
        for day in _days(house, 3):
            house.bill(
                day + DAY,
                forms.claim(house.next_id("PB"), p.ident, day + DAY, day + 12 * HOUR, "P9902", [("E1390", 180.0)]),
            )
            times.append(day)
    return [_billed("dead billed", ["P9902", *dead], times)]


def billed_twice(house: House) -> list[Story]:
    """The same services come again under new numbers a day later."""
    w, last = house.of("Physician", "20130")[1], house.end - 4 * DAY
    told = [(ts, c) for ts, c in house.told["claims"] if c["provider"]["reference"].endswith(w.ident) and ts < last]
    times = []
    for ts, claim in sorted(told, key=lambda x: x[0])[-12:]:
        house.bill(ts + DAY, claim | {"id": house.next_id("PB")})
        times.append(ts + DAY)
    return [_billed("billed twice", [w.ident], [min(times) - 20 * DAY, *times])]


def excluded(house: House) -> list[Story]:
    """Somebody on the list of those excluded bills under a new practice."""
    times = _days(house, 6)
    for day in times:
        p = house.some(house.patients)
        house.bill(
            day + DAY,
            forms.claim(house.next_id("PB"), p.ident, day + DAY, day + 12 * HOUR, house.excluded, [("99213", 95.0)]),
        )
    return [_billed("excluded", [house.excluded], times)]


def gene_tests(house: House) -> list[Story]:
    """Three companies share one list of people whom telephones gained: a video visit, a test, equipment (Operation
    Double Helix 2019)."""
    people = [house.some(house.patients) for _ in range(25)]
    times = []
    for firm, code in (("P9911", "99443"), ("P9912", "81162"), ("P9913", "L0650")):
        for p in people:
            day = _days(house, 1)[0]
            house.bill(
                day + DAY, forms.claim(house.next_id("PB"), p.ident, day + DAY, day + 12 * HOUR, firm, [(code, 900.0)])
            )
            times.append(day)
    return [_billed("gene tests", ["P9911", "P9912", "P9913"], times)]


ALL: tuple[Callable[[House], list[Story]], ...] = (
    famous,
    former_partner,
    colleague,
    own_child,
    accident_leads,
    sold_identities,
    bored_nights,
    left_account,
    glass_broken,
    after_death,
    curious_student,
    taken_along,
    endless_day,
    always_the_dearest,
    never_seen,
    dead_billed,
    billed_twice,
    excluded,
    gene_tests,
)

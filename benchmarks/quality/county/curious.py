"""People who open what they should not, at three levels each: from published sanctions, no two alike."""

from collections.abc import Callable

from benchmarks.quality.county.house import House, Touch, at
from benchmarks.quality.county.people import DAY, HOUR, Person, some
from benchmarks.quality.county.staff import Worker
from benchmarks.quality.county.story import LEVELS, Story

_OFFICE = ("BILLING", "SCHEDULER", "FRONT DESK", "REGISTRAR")
_NURSES = ("ED RN", "INPATIENT RN", "AMBULATORY RN", "PACU RN", "OR RN")


class Curious:
    """Each actor has one story. Times are within their shifts unless the story is about that."""

    def __init__(self, house: House) -> None:
        self.house, self.rng = house, house.rng
        self.used: set[int] = {id(w) for w in house.sleepers}
        self.first = max(1, round(0.4 * house.days))
        self._now: list[Touch] = []
        self._tag = ""
        self.treated = {v.person.mrn for v in house.visits}

    def play(self) -> list[Story]:
        """Every kind at every level."""
        kinds: list[tuple[str, Callable[[int], Worker]]] = [
            ("coworker", self.coworker),
            ("family", self.family),
            ("neighbour", self.neighbour),
            ("vip", self.vip),
            ("self", self.own),
            ("deceased", self.deceased),
            ("former partner", self.partner),
            ("glass", self.glass),
            ("volume", self.volume),
            ("harvest", self.harvest),
            ("taken out", self.taken),
            ("night", self.night),
            ("shared", self.shared),
            ("dormant", self.dormant),
            ("mismatch", self.mismatch),
        ]
        told = []
        for name, kind in kinds:
            for level in range(3):
                self._now, self._tag = [], f"{name} {LEVELS[level]}"
                worker = kind(level)
                if self._now:
                    times = [t.ts for t in self._now]
                    told.append(
                        Story(
                            name,
                            LEVELS[level],
                            False,
                            frozenset({worker.login, worker.login.lower()}),
                            min(times),
                            max(times),
                        )
                    )
        return told

    def actor(self, *templates: str, need: Callable[[Worker], bool] = lambda w: True) -> Worker:
        """Somebody who has no story yet and works in the time of stories."""
        for every in (templates, ()):
            able = [
                w
                for w in self.house.staff.all
                if id(w) not in self.used
                and (not every or w.template in every)
                and not w.moved
                and w.hired < at(0, 0)
                and need(w)
                and len(self.shifts(w)) >= min(2, self.house.days // 4)
            ]
            if able:
                break
        worker = self.rng.choice(able)
        self.used.add(id(worker))
        return worker

    def shifts(self, worker: Worker) -> list[tuple[float, float]]:
        """Those in which a story may take place."""
        return [s for s in worker.shifts if at(self.first, 0) <= s[0] < at(self.house.days - 1, 0)]

    def moment(self, worker: Worker) -> float:
        """Some time at work."""
        start, end = self.rng.choice(self.shifts(worker))
        return start + self.rng.uniform(0.08, 0.85) * (end - start)

    def open(
        self, worker: Worker, ts: float, who: Person, style: str, desk: str = "", glass: str = "", unit: str = ""
    ) -> None:
        """A page or more of the story."""
        touch = self.house.touch(ts, worker, who, style, unit, desk, glass)
        if touch is not None:
            touch.story = self._tag
            self._now.append(touch)

    def stranger(self) -> Person:
        """Known to the house or not, alive, no relation drawn on purpose."""
        while True:
            if self.rng.random() < 0.5:
                who = self.rng.choice(self.house.people.all)
            else:
                who = self.rng.choice(self.house.visits).person
            if who.died is None and who.mrn not in self.house.guarded:
                return who

    def coworker(self, level: int) -> Worker:
        """Five of the same unit in two days; two; one chart of somebody who is ill."""
        worker = self.actor(*_NURSES, "MEDICAL ASSISTANT", *_OFFICE)
        near = [
            w.person
            for w in self.house.staff.all
            if w.person and w is not worker and w.unit == worker.unit and w.person is not worker.person
        ]
        others = [w.person for w in self.house.staff.all if w.person and w is not worker]
        for who in (near + self.rng.sample(others, 5))[: (5, 2, 1)[level]]:
            self.open(worker, self.moment(worker), who, "browse")
        return worker

    def family(self, level: int) -> Worker:
        """The whole household again and again; a child twice; one look."""

        def kin(worker: Worker) -> list[Person]:
            return (
                [p for p in self.house.people.homes[worker.person.home] if p is not worker.person]
                if worker.person
                else []
            )

        worker = self.actor(*_NURSES, *_OFFICE, "LAB TECH", need=lambda w: bool(kin(w)))
        home = kin(worker)
        for _ in range((5, 2, 1)[level]):
            self.open(worker, self.moment(worker), self.rng.choice(home), "browse" if level < 2 else "peek")
        return worker

    def neighbour(self, level: int) -> Worker:
        """People of the next houses: four, two, one."""
        worker = self.actor(*_NURSES, *_OFFICE, "IMAGING TECH", need=lambda w: w.person is not None)
        here = worker.person.home if worker.person else 0
        homes = [
            h
            for k in (here - 1, here + 1, here - 2, here + 2)
            if 0 <= k < len(self.house.people.homes)
            for h in [self.house.people.homes[k]]
        ]
        for home in homes[: (4, 2, 1)[level]]:
            self.open(worker, self.moment(worker), home[0], "browse" if level < 2 else "peek")
        return worker

    def vip(self, level: int) -> Worker:
        """A famous chart: five looks from an office, one from another ward's nurse, a peek by imaging."""
        worker = self.actor(*(_OFFICE, ("INPATIENT RN",), ("IMAGING TECH", "LAB TECH"))[level])
        who = self.house.vips[5 + level]
        for _ in range((5, 1, 1)[level]):
            self.open(worker, self.moment(worker), who, ("browse", "browse", "peek")[level])
        return worker

    def own(self, level: int) -> Worker:
        """One's own results: four times, twice, once."""
        worker = self.actor(*_NURSES, *_OFFICE, "PHARMACY TECH", need=lambda w: w.person is not None)
        for _ in range((4, 2, 1)[level]):
            assert worker.person is not None
            self.open(worker, self.moment(worker), worker.person, "results" if level < 2 else "glance")
        return worker

    def deceased(self, level: int) -> Worker:
        """People dead for months: four, two; one who died some weeks ago."""
        worker = self.actor(*_NURSES, "MEDICAL ASSISTANT")
        long = [p for p in self.house.people.all if p.died and p.died < at(-60, 0)]
        late = [p for p in self.house.people.all if p.died and at(-60, 0) <= p.died < at(-5, 0)] or long
        for who in some(self.rng, late if level == 2 else long, (4, 2, 1)[level]):
            self.open(worker, self.moment(worker), who, "browse")
        return worker

    def partner(self, level: int) -> Worker:
        """One stranger again and again for two weeks: nine, six, four looks."""
        worker = self.actor(*_NURSES, *_OFFICE, need=lambda w: len(self.shifts(w)) >= min(4, self.house.days // 4))
        who = self.stranger()
        shifts = self.shifts(worker)
        for k in range((9, 6, 4)[level]):
            start, end = shifts[k * len(shifts) // (9, 6, 4)[level] % len(shifts)]
            self.open(worker, start + self.rng.uniform(0.1, 0.85) * (end - start), who, "browse" if k % 2 else "peek")
        return worker

    def glass(self, level: int) -> Worker:
        """Breaks the glass of people whom nobody treats: five, three, one."""
        worker = self.actor(*_NURSES, "LAB TECH")
        for _ in range((5, 3, 1)[level]):
            self.open(worker, self.moment(worker), self.stranger(), "browse", glass="Direct patient care")
        return worker

    def volume(self, level: int) -> Worker:
        """One shift through strangers' charts: 110, 50, 25."""
        worker = self.actor(*_OFFICE, *_NURSES)
        start, end = self.rng.choice(self.shifts(worker))
        for _ in range((110, 50, 25)[level]):
            self.open(worker, start + self.rng.uniform(0.1, 0.9) * (end - start), self.stranger(), "glance")
        return worker

    def harvest(self, level: int) -> Worker:
        """A few strangers each shift until it is found out: eight, four, two."""
        worker = self.actor(
            *_OFFICE, "MEDICAL ASSISTANT", need=lambda w: len(self.shifts(w)) >= min(6, self.house.days // 4)
        )
        for start, end in self.shifts(worker):
            for _ in range((8, 4, 2)[level]):
                self.open(worker, start + self.rng.uniform(0.1, 0.9) * (end - start), self.stranger(), "peek")
        return worker

    def taken(self, level: int) -> Worker:
        """300 rows exported in minutes; 60 records printed one evening; 18 within two hours."""
        worker = self.actor("MEDICAL ASSISTANT", "FRONT DESK", "CASE MANAGER", "SCHEDULER")
        start, end = self.rng.choice(self.shifts(worker))
        seen = [v.person for v in self.house.visits if v.start < start]
        for k in range((300, 60, 18)[level]):
            ts = start + HOUR + 2 * k if level == 0 else end - 2 * HOUR + k * (100 if level == 1 else 390)
            self.open(worker, ts, self.rng.choice(seen), "bulk" if level == 0 else "dump")
        return worker

    def night(self, level: int) -> Worker:
        """A clinic's people at two in the morning, at their desk, with patients of their own clinic: 20, 10, 4."""
        worker = self.actor("MEDICAL ASSISTANT", "FRONT DESK", "BILLING", "SCHEDULER")
        start, _ = self.rng.choice(self.shifts(worker))
        ours = [v.person for v in self.house.visits if v.stays[0][0] == worker.unit and v.start > start - 20 * DAY] or [
            v.person for v in self.house.visits[-3000:]
        ]
        begin = start // DAY * DAY + (26, 26, 23)[level] * HOUR
        for _ in range((20, 10, 4)[level]):
            self.open(
                worker,
                begin + self.rng.random() * HOUR,
                self.rng.choice(ours),
                "review",
                desk=self.house.desk(worker, start),
            )
        return worker

    def shared(self, level: int) -> Worker:
        """A colleague at another site under the same account, at the same time: three shifts, one, a few charts."""
        worker = self.actor("MEDICAL ASSISTANT", "FRONT DESK", "AMBULATORY RN")
        other = self.rng.choice([w for w in self.house.staff.of("MEDICAL ASSISTANT") if w.unit != worker.unit])
        for start, end in self.shifts(worker)[: (3, 1, 1)[level]]:
            here = [
                v.person for v in self.house.visits if v.stays[0][0] == other.unit and start // DAY == v.start // DAY
            ] or [self.stranger()]
            for _ in range((15, 10, 4)[level]):
                ts = start + self.rng.uniform(0.1, 0.9) * (end - start)
                self.open(
                    worker, ts, self.rng.choice(here), "room", desk=self.house.desk(other, start), unit=other.unit
                )
        return worker

    def dormant(self, level: int) -> Worker:
        """An account of somebody on leave, used again by another after two weeks: 30, 12, 4 charts."""
        worker = self.house.sleepers[level]
        for _ in range((30, 12, 4)[level]):
            ts = at(min(18, self.house.days - 1), 10 + 5 * self.rng.random())
            self.open(worker, ts, self.rng.choice(self.house.visits[-1500:]).person, "review")
        return worker

    def mismatch(self, level: int) -> Worker:
        """Billing that prescribes; a front desk that reads results for days; an aide in psychiatric notes."""
        worker = self.actor(*(("BILLING",), ("FRONT DESK",), ("NURSING ASSISTANT", "MEDICAL ASSISTANT"))[level])
        style, n = (("prescribe", 12), ("results", 20), ("psych", 6))[level]
        ours = [v.person for v in self.house.visits if v.stays[-1][0] == worker.unit] or [
            v.person for v in self.house.visits[-3000:]
        ]
        for _ in range(n):
            self.open(worker, self.moment(worker), self.rng.choice(ours[-600:]), style)
        return worker

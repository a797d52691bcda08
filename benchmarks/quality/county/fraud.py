"""What is billed and was not so, at three levels each; stolen identities, too."""

from collections.abc import Callable

from benchmarks.quality.county.billing import Billing
from benchmarks.quality.county.claim import HOUSE_NPI, Claim, Fill, Line, Practice
from benchmarks.quality.county.house import at
from benchmarks.quality.county.people import DAY, HOUR, Person, some
from benchmarks.quality.county.pharmacy import DRUG_LIST
from benchmarks.quality.county.story import LEVELS, Story

PAIRS = (
    ("47562", "49320"),
    ("29881", "29877"),
    ("80053", "80048"),
    ("80053", "82947"),
    ("97530", "97140"),
    ("74177", "74176"),
    ("98941", "97140"),
    ("92014", "92012"),
)
"""Of the national list: the first includes the second."""
EXCLUDED = ("1666000011", "1666000029", "1666000037")


def names(who: Person) -> set[str]:
    """What alerts may call a patient: the record's number, the member's, and who it is of a family."""
    return {who.mrn} | ({who.member, f"{who.member}-{who.dependant + 1:02d}"} if who.member else set())


class Fraud:
    """Each provider has one story; of patients, those of identities and drugs."""

    def __init__(self, billing: Billing) -> None:
        self.billing, self.house, self.rng = billing, billing.house, billing.house.rng
        self.first = at(max(1, round(0.3 * self.house.days)), 0)
        self.free = {
            kind: [p for p in billing.practices if p.kind == kind] for kind in {p.kind for p in billing.practices}
        }
        self.doctors = [
            w for w in self.house.staff.all if w.template in ("PRIMARY CARE", "ADVANCED PRACTICE", "SPECIALIST")
        ]
        self.rng.shuffle(self.doctors)
        self._claims: list[Claim] = []
        self._times: list[float] = []

    def play(self) -> list[Story]:
        """Every kind at every level."""
        kinds: list[tuple[str, Callable[[int], set[str]]]] = [
            ("duplicate", self.duplicate),
            ("near duplicate", self.near),
            ("impossible day", self.day),
            ("upcoding", self.upcoding),
            ("unbundling", self.unbundling),
            ("phantom", self.phantom),
            ("dead patient", self.dead),
            ("excluded", self.excluded),
            ("two places", self.places),
            ("doctor shopping", self.shopping),
            ("ring", self.ring),
            ("stolen identity", self.stolen),
            ("lent number", self.lent),
        ]
        told = []
        for name, kind in kinds:
            for level in range(3):
                self._times = []
                actors = kind(level)
                if self._times:
                    told.append(Story(name, LEVELS[level], True, frozenset(actors), min(self._times), max(self._times)))
        return told

    def practice(self, *kinds: str) -> Practice:
        """One without a story."""
        able = [p for kind in kinds for p in self.free[kind]]
        found = self.rng.choice(able)
        self.free[found.kind].remove(found)
        return found

    def of(self, npi: str) -> list[Claim]:
        """Claims of the time of stories."""
        return [
            c
            for c in self.billing.claims
            if c.rendering == npi and self.first <= c.day and c.sent < self.house.end - 3 * DAY
        ]

    def note(self, claim: Claim) -> Claim:
        """Part of the story."""
        claim.story = "fraud"
        self._times += [claim.day, claim.sent]
        return claim

    def bill(self, who: Person, npi: str, day: float, lines: list[Line], house: bool, **more: str) -> Claim:
        """A claim that is none; told within the span."""
        sent = min(day + self.rng.uniform(1, 6) * DAY, self.house.end - HOUR)
        claim = Claim(
            self.billing.number(),
            who,
            HOUSE_NPI if house else npi,
            npi,
            day,
            lines,
            "I10",
            "11",
            sent,
            "x12" if house else "plan",
            **more,
        )  # type: ignore[arg-type]
        return self.note(self.billing.add(claim))

    def some_day(self, late: float = 3.0) -> float:
        """A weekday's hour."""
        day = self.rng.randrange(
            int((self.first - at(0, 0)) // DAY),
            max(int((self.first - at(0, 0)) // DAY) + 1, int(self.house.days - late)),
        )
        return at(day - max(0, day % 7 - 4), self.rng.uniform(9, 16))

    def duplicate(self, level: int) -> set[str]:
        """The same claim under another number: twelve, six, three."""
        practice = self.practice("family practice", "specialist")
        claims = self.of(practice.npi)
        for claim in some(self.rng, claims, (12, 6, 3)[level]):
            self.note(self.billing.copy(claim, sent=claim.sent + 2 * DAY))
        return {practice.npi}

    def near(self, level: int) -> set[str]:
        """With the next day or a modifier: 14, 8, 4."""
        practice = self.practice("family practice", "podiatry")
        claims = self.of(practice.npi)
        for k, claim in enumerate(some(self.rng, claims, (14, 8, 4)[level])):
            if k % 2:
                self.note(self.billing.copy(claim, day=claim.day + DAY, sent=claim.sent + 2 * DAY))
            else:
                lines = [Line(line.code, line.quantity, "25") for line in claim.lines]
                self.note(self.billing.copy(claim, lines=lines, sent=claim.sent + 2 * DAY))
        return {practice.npi}

    def day(self, level: int) -> set[str]:
        """Timed therapy of 60, 32, 26 hours in a day."""
        practice = self.practice("physical therapy")
        day = self.some_day()
        for who in some(self.rng, practice.patients, (60, 32, 26)[level]):
            self.bill(who, practice.npi, day, [Line("97110", 4.0)], False)
        return {practice.npi}

    def upcoding(self, level: int) -> set[str]:
        """Nearly all visits, six in ten, four in ten at the highest level."""
        npi = self.practice("family practice").npi if level != 1 else self.doctors.pop().npi
        for claim in [c for c in self.billing.claims if c.rendering == npi and c.day >= at(2, 0)]:
            if claim.lines[0].code.startswith("9921") and self.rng.random() < (0.9, 0.6, 0.4)[level]:
                claim.lines[0] = Line("99215")
                self.note(claim)
        return {npi}

    def unbundling(self, level: int) -> set[str]:
        """Parts beside the whole: 24, 12, 5 claims."""
        practice = self.practice("chiropractor", "optometry")
        claims = [c for c in self.of(practice.npi) if c.lines[0].code in ("98941", "92014")]
        for claim in some(self.rng, claims, (24, 12, 5)[level]):
            claim.lines.append(Line(dict(PAIRS)[claim.lines[0].code]))
            self.note(claim)
        return {practice.npi}

    def phantom(self, level: int) -> set[str]:
        """A physician of the house bills visits that never were: 40, 16, 7."""
        doctor = self.doctors.pop()
        for _ in range((40, 16, 7)[level]):
            who = self.rng.choice(
                [p for p in self.rng.sample(self.house.people.all, 60) if p.died is None and p.payer != "SELF"]
            )
            self.bill(who, doctor.npi, self.some_day(9), [Line("99214")], True)
        return {doctor.npi}

    def dead(self, level: int) -> set[str]:
        """Visits of people who died before: six, three, one."""
        practice = self.practice("podiatry", "specialist", "family practice")
        gone = [p for p in self.house.people.all if p.died and p.died < at(-20, 0) and p.member]
        for who in some(self.rng, gone, (6, 3, 1)[level]):
            self.bill(who, practice.npi, self.some_day(), [Line("99213")], False)
        return {practice.npi}

    def excluded(self, level: int) -> set[str]:
        """An excluded provider bills; treats for the house; once."""
        members = self.billing.practices[0].patients
        for who in some(self.rng, members, (20, 5, 1)[level]):
            self.bill(who, EXCLUDED[level], self.some_day(), [Line("99213")], level > 0)
        return {EXCLUDED[level]}

    def places(self, level: int) -> set[str]:
        """Billed by a practice while in a hospital's bed: for six, three, one who lay there."""
        practice = self.practice("physical therapy", "chiropractor")
        lying = [
            v
            for v in self.house.visits
            if v.klass == "Inpatient"
            and v.person.payer != "SELF"
            and v.end - v.start > 3 * DAY
            and self.first < v.start < self.house.end - 5 * DAY
        ]
        actors = {practice.npi}
        for visit in some(self.rng, lying, (6, 3, 1)[level]):
            self.bill(visit.person, practice.npi, (visit.start // DAY + 1) * DAY + 11 * HOUR, [Line("97110")], False)
            actors |= names(visit.person)
        return actors

    def shopping(self, level: int) -> set[str]:
        """One drug by nine, six, four prescribers from as many pharmacies."""
        who = self.rng.choice(self.billing.practices[1].patients)
        n, doctors = (
            (9, 6, 4)[level],
            [w.npi for w in self.house.staff.all if w.template in ("PRIMARY CARE", "ED PHYSICIAN")],
        )
        for k, npi in enumerate(some(self.rng, doctors, n)):
            ts = self.first + k * (self.house.end - self.first - DAY) / n
            self.billing.fills.append(
                Fill(self.billing.number(), who, f"18880000{k % 8:02d}", npi, ts, DRUG_LIST[3], 10, "fraud")
            )
            self._times.append(ts)
        return names(who)

    def ring(self, level: int) -> set[str]:
        """Five, four, three practices that all see the same people, all weeks long."""
        ring = [self.practice("specialist", "chiropractor", "optometry", "podiatry") for _ in range((5, 4, 3)[level])]
        shared = some(self.rng, ring[0].patients, (30, 20, 12)[level])
        for who in shared:
            begin = self.rng.uniform(0, self.house.days - 8)
            for k, practice in enumerate(ring):
                self.bill(
                    who,
                    practice.npi,
                    at(int(begin) + k, 10),
                    [Line(practice.codes[0][0])],
                    False,
                    referring=ring[k - 1].npi,
                )
        return {p.npi for p in ring}

    def stolen(self, level: int) -> set[str]:
        """Treated under somebody's name: of another sex and 25 years younger, 25 years younger, seven years."""
        who = self.rng.choice(
            [
                p
                for p in self.house.people.all
                if p.age() > 55 and p.died is None and p.payer != "SELF" and p.dependant == 0
            ]
        )
        for _ in range((3, 2, 1)[level]):
            claim = self.bill(who, self.doctors[0].npi, self.some_day(9), [Line("99213")], True)
            claim.born = who.born.timestamp() + (25, 25, 7)[level] * 365 * DAY
            claim.sex = ("M" if who.sex == "F" else "F") if level == 0 else ""
            self.house.visit(
                who,
                "Office Visit",
                [(self.doctors[0].unit, "", claim.day, claim.day + HOUR)],
                self.doctors[0],
                "office visit",
            )
        return names(who)

    def lent(self, level: int) -> set[str]:
        """One member number under four, three, two people of other homes."""
        able = [p for p in self.house.people.all if p.payer in ("PRAIRIE HEALTH", "STATE MEDICAID") and p.died is None]
        users = some(self.rng, able, (4, 3, 2)[level])
        for who in users:
            doctor = self.doctors[1]
            claim = self.bill(who, doctor.npi, self.some_day(9), [Line("99213")], True, member=users[0].member)
            self.house.visit(
                who, "Office Visit", [(doctor.unit, "", claim.day, claim.day + HOUR)], doctor, "office visit"
            )
        return set().union(*(names(who) for who in users))

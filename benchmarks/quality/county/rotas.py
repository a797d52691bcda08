"""How people work: each rota draws a person's own rhythm, which says when they start on a day and for how long."""

from collections.abc import Callable
from random import Random

Rhythm = Callable[[int], list[tuple[float, float]]]
"""Day since the first → (hour of the start, hours)."""


def twelve(rng: Random) -> Rhythm:
    """Three nights or days of twelve hours a week; one in eight does both in turn."""
    nights, both = rng.random() < 0.42, rng.random() < 0.12
    drawn: dict[int, set[int]] = {}

    def rhythm(day: int) -> list[tuple[float, float]]:
        week = day // 7
        if week not in drawn:
            first = rng.randrange(7)
            drawn[week] = {first, (first + 1) % 7, (first + rng.choice((2, 3, 4))) % 7}
        if day % 7 not in drawn[week]:
            return []
        dark = nights ^ (both and week % 2 == 1)
        return [(19.0 if dark else 7.0, 12.0)]

    return rhythm


def clinic(rng: Random) -> Rhythm:
    """Monday to Friday; some have a day off, some days are leave."""
    start, off = rng.choice((7.0, 7.5, 8.0, 8.0, 8.5)), rng.choice((0, 1, 2, 3, 4, 9, 9, 9, 9))
    leave = rng.randrange(-30, 40)

    def rhythm(day: int) -> list[tuple[float, float]]:
        if day % 7 > 4 or day % 7 == off or leave <= day < leave + 6 or rng.random() < 0.03:
            return []
        return [(start, 8.75)]

    return rhythm


def early(rng: Random) -> Rhythm:
    """Theatres and blood draws begin early; one weekend in six on call."""
    start, call = rng.choice((5.0, 6.0, 6.5)), rng.randrange(6)

    def rhythm(day: int) -> list[tuple[float, float]]:
        if day % 7 > 4:
            return [(7.0, 8.0)] if day // 7 % 6 == call else []
        return [] if rng.random() < 0.08 else [(start, 8.5)]

    return rhythm


def urgent(rng: Random) -> Rhythm:
    """Open from eight to eight, every day."""
    parity = rng.randrange(2)
    return lambda day: [(7.75, 12.5)] if (day // 2 + day // 7) % 2 == parity else []


def rounds(rng: Random) -> Rhythm:
    """Round the clock in three shifts; everybody has mostly one."""
    start, off = rng.choices((6.5, 14.5, 22.5), (5, 3, 2))[0], rng.randrange(7)

    def rhythm(day: int) -> list[tuple[float, float]]:
        if day % 7 in (off, (off + 1) % 7):
            return []
        return [((start + 8) % 24 if rng.random() < 0.05 else start, 8.5)]

    return rhythm


def ed(rng: Random) -> Rhythm:
    """Physicians of the emergency department: fourteen shifts a month at any of four hours."""
    return lambda day: [(rng.choice((6.0, 11.0, 15.0, 21.0)), 10.0)] if rng.random() < 0.48 else []


def week(rng: Random) -> Rhythm:
    """Seven days on, seven off."""
    phase = rng.randrange(2)
    return lambda day: [(6.75, 12.0)] if (day + 1) // 7 % 2 == phase else []


def nights(rng: Random) -> Rhythm:
    """Seven nights on, then off; there are three, and one always covers."""
    phase = rng.randrange(2)
    return lambda day: [(18.75, 12.5)] if day // 7 % 2 == phase or rng.random() < 0.1 else []


def home(rng: Random) -> Rhythm:
    """Any eight hours of a weekday, some in the evening, some on Saturday."""
    start = rng.choice((5.5, 7.0, 9.0, 12.0))

    def rhythm(day: int) -> list[tuple[float, float]]:
        if day % 7 == 6 or (day % 7 == 5 and rng.random() < 0.7):
            return []
        return [(start + rng.uniform(-1, 1.5), 8.0)]

    return rhythm


def student(_: Random) -> Rhythm:
    """Tuesdays and Thursdays on a ward, and the evening before to read up on who was assigned."""
    return lambda day: {0: [(18.0, 2.0)], 1: [(6.75, 8.0)], 2: [(18.0, 2.0)], 3: [(6.75, 8.0)]}.get(day % 7, [])


ROTAS = {
    "twelve": twelve,
    "clinic": clinic,
    "early": early,
    "urgent": urgent,
    "round": rounds,
    "ed": ed,
    "week": week,
    "nights": nights,
    "home": home,
    "student": student,
}

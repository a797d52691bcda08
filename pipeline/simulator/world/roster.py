"""Who is at work at a time, by department and role."""

from collections import defaultdict

from pipeline.simulator.draws import Draws
from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.world.staff import Person

# Between these hours nobody comes or goes: shifts and office hours. Some 50 days are remembered, since care and its
# bills look weeks ahead.
_EDGES = (0, 7, 8, 15, 17, 23, 24)
_BLOCK_OF = tuple(max(k for k, edge in enumerate(_EDGES) if edge <= hour) for hour in range(24))
_REMEMBERED = 6 * 50


class _Block:
    """Everyone present in one block of hours."""

    __slots__ = ("by_department", "by_post", "present")

    def __init__(self, present: list[Person]) -> None:
        self.present = present
        self.by_department: dict[str, list[Person]] = defaultdict(list)
        self.by_post: dict[tuple[str, str], list[Person]] = defaultdict(list)
        for p in present:
            self.by_department[p.department].append(p)
            self.by_post[p.department, p.role].append(p)


class Roster:
    """Cost: one pass over the staff a block of hours, six a day, kept for some weeks."""

    def __init__(self, staff: list[Person]) -> None:
        self._staff = staff
        self._blocks: dict[int, _Block] = {}
        self._posts: dict[tuple[str, str], list[Person]] = defaultdict(list)
        self._roles: dict[str, list[Person]] = defaultdict(list)
        for p in staff:
            self._posts[p.department, p.role].append(p)
            self._roles[p.role].append(p)

    def _at(self, ts: float) -> _Block:
        day, second = divmod(ts, DAY_S)
        place = _BLOCK_OF[int(second // HOUR_S)]
        key = int(day) * 6 + place
        found = self._blocks.get(key)
        if found is None:
            middle = day * DAY_S + (_EDGES[place] + _EDGES[place + 1]) / 2 * HOUR_S
            found = _Block([p for p in self._staff if p.works(middle)] or self._staff[:1])
            if len(self._blocks) >= _REMEMBERED:
                del self._blocks[min(self._blocks)]
            self._blocks[key] = found
        return found

    def on_duty(self, ts: float) -> list[Person]:
        """Everyone at work; never empty: someone is always on call."""
        return self._at(ts).present

    def on_duty_in(self, ts: float, department: str) -> list[Person]:
        """Those of one department at work; the whole department where nobody is."""
        return self._at(ts).by_department.get(department) or [p for p in self._staff if p.department == department]

    def pick(self, draws: Draws, ts: float, department: str, role: str) -> Person:
        """One at work with this post; else one who holds it and is called; else one of the role from elsewhere, or a
        physician in a house too small for the role."""
        present = self._at(ts).by_post.get((department, role))
        if present:
            return draws.pick(present)
        called = [p for p in self._posts.get((department, role), ()) if p.employed(ts)]
        others = self._roles.get(role) or self._roles["physician"]
        return draws.pick(called or [p for p in others if p.employed(ts)] or others)

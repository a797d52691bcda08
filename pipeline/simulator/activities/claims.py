"""Billing: stays that have ended become claims, each once."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.rhythm import constant
from pipeline.simulator.verbs import billing, care
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.care import Stay
from pipeline.simulator.world.staff import CLINICIANS, Person
from pipeline.simulator.world.world import World


class Claims(Activity):
    """One stay a session: the encounter as closed, the claims of those who treated, the hospital's own."""

    share = 0.006

    def __init__(self) -> None:
        self._queue: list[Stay] | None = None

    def level(self, ts: float) -> float:
        return constant(ts)  # submissions leave in batches around the clock

    def capacity(self, _world: World) -> float:
        return sum(stay.end_ts < _world.start_ts for stay in _world.care.stays)

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        if self._queue is None:
            done = [stay for stay in s.world.care.stays if stay.end_ts < s.world.start_ts]
            self._queue = d.rng.sample(done, len(done))
        if not self._queue:
            return
        stay = self._queue.pop()
        care.tell_stay(s, ts, stay, "finished")
        at = ts + d.between(5, 60)
        for person in _billers(stay):
            billing.submit(s, at, billing.bill_of(s, stay, person, institutional=False))
            at += d.between(0.5, 20)
        if stay.kind == "inpatient":
            billing.submit(s, at, billing.bill_of(s, stay, stay.attending, institutional=True))


def _billers(stay: Stay) -> list[Person]:
    return [stay.attending, *(p for p in stay.team if p.role in CLINICIANS and p is not stay.attending)][:2]

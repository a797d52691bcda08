"""Visits that a provider bills by own invention, or that colleagues billed: material for stories of fraud."""

from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.posts import base_of
from pipeline.simulator.world.staff import Person
from pipeline.simulator.world.stay import Stay


def billing_physician(s: Scene, ts: float) -> Person:
    """A physician who has had visits, so that there is something to compare with."""
    past = [x.attending for x in s.world.care.stays if x.kind == "ambulatory" and x.end_ts < ts]
    return s.draws.pick(past or s.world.of_role("physician"))


def visits_of_department(s: Scene, provider: Person, before_ts: float) -> list[Stay]:
    """Clinic visits of the provider's kind of department that took place, the latest first."""
    base = base_of(provider.department)
    past = [x for x in s.world.care.stays if x.kind == "ambulatory" and x.end_ts < before_ts]
    near = [x for x in past if base_of(x.department) == base and x.attending.id != provider.id]
    return (near or past)[::-1]

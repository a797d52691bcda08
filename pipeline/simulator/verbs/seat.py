"""Where somebody sits: at one machine at a time."""

from pipeline.simulator.draws import Draws
from pipeline.simulator.rhythm import HOUR_S
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.staff import Person

REMOTE_ROLES = ("physician", "radiologist", "coder", "it_admin")
# One in so many of these works from home when not on duty.
_REMOTE = 4
# People stay at a machine about so long; of ten times, one and a half are at another than the usual one.
_SITS_S, _ELSEWHERE = 2 * HOUR_S, 150


def works_remotely(person: Person) -> bool:
    """Whether someone has a laptop at home."""
    return person.role in REMOTE_ROLES and person.index % _REMOTE == 0


def laptop(s: Scene, person: Person) -> Host:
    """The one laptop someone has at home; name and address stay the same."""
    own = Draws(f"laptop/{person.id}/{person.npi}")
    return Host(f"laptop-{own.hex(6)}", s.world.internet.new_address(own), None, "internet")


def seat(s: Scene, ts: float, person: Person) -> Host:
    """The machine someone uses at a time: the same for some two hours, mostly the usual one."""
    if works_remotely(person) and not (person.works(ts) or person.works(ts - HOUR_S) or person.works(ts + HOUR_S)):
        return laptop(s, person)
    hosts = s.world.workstations[person.department]
    block = int((ts + person.index * 557.0) // _SITS_S)
    mixed = (block * 2_654_435_761 + person.index * 40_503) % 4_294_967_291
    if mixed % 1000 < _ELSEWHERE:
        return hosts[mixed // 1000 % len(hosts)]
    return s.world.home_desk(person)

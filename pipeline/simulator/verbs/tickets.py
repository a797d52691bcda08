"""Which services somebody's programs open."""

from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.posts import seat_of
from pipeline.simulator.world.staff import Person

MACHINES = ("cifs/srv-file1", "cifs/srv-file2", "ldap/srv-dc1", "host/srv-print1")
"""That every desk asks of servers themselves."""


def services_of(s: Scene, person: Person) -> list[str]:
    """Those of everybody and those of the department, under accounts of their own."""
    principals = s.world.principals
    own = principals.of.get(person.department) or principals.of[seat_of(person.department)]
    return [*principals.common, *own]

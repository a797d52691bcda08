"""Working from home and at the clinic: outside addresses and the other site are nothing special by themselves."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.draws import Draws
from pipeline.simulator.verbs import chart, logon
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.staff import Person

_ROLES = ("physician", "radiologist", "coder", "it_admin")


def laptop(s: Scene, person: Person) -> Host:
    """The one laptop someone has at home; name and address stay the same."""
    own = Draws(f"laptop/{person.id}/{person.npi}")
    return Host(f"laptop-{own.hex(6)}", s.world.internet.new_address(own), None, "internet")


class RemoteWork(Activity):
    """One person in four with a suitable role works from home now and then, always from the same place."""

    share = 0.004
    records = True

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        at_home = [p for p in s.world.of_role(*_ROLES) if p.index % 4 == 0 and not p.works(ts)]
        if not at_home:
            return
        person = d.pick(at_home)
        host = laptop(s, person)
        logon.windows(s, ts, s.world.servers["ehr1"], person.id, "logon", logon_type=10, src=host)
        chart.access(s, ts + 2, person, host, None, "login", "Session", site=chart.SITES[1])
        stays = s.world.care.census(ts).by_user.get(person.id, [])
        for stay in stays[:3]:
            if stay.start_ts < ts:
                ts = chart.read_chart(s, ts + d.lognormal(8, 0.5), person, host, stay.patient, stay)

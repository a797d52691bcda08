"""Working from home and at the clinic: outside addresses and the other site are nothing special by themselves."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.rhythm import HOUR_S
from pipeline.simulator.verbs import chart, logon, seat
from pipeline.simulator.verbs.scene import Scene


class RemoteWork(Activity):
    """One person in four with a suitable role works from home now and then, always from the same place."""

    share = 0.004
    records = True

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        able = [p for p in s.world.of_role(*seat.REMOTE_ROLES) if seat.works_remotely(p) and p.employed(ts)]
        at_home = [p for p in able if not (p.works(ts) or p.works(ts - HOUR_S) or p.works(ts + HOUR_S))]
        if not at_home:
            return
        person = d.pick(at_home)
        host = seat.laptop(s, person)
        logon.windows(s, ts, s.world.servers["ehr1"], person.id, "logon", logon_type=10, src=host)
        chart.access(s, ts + 2, person, host, None, "login", "Session", site=chart.SITES[1])
        stays = s.world.care.census(ts).by_user.get(person.id, [])
        for stay in stays[:3]:
            if stay.start_ts < ts:
                ts = chart.read_chart(s, ts + d.lognormal(8, 0.5), person, host, stay.patient, stay)

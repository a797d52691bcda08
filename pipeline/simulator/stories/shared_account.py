"""Two people work under one account: at two desks at once."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart
from pipeline.simulator.world.posts import seat_of


class SharedAccount(Story):
    """Shows: turns between desks of two departments faster than anybody walks. Easy: twelve within 20 seconds each, at
    another site. Hard: three within a minute and a half."""

    kind = "shared_account"
    techniques = ("T1078",)
    expected = ("ehr.shared_account", "ehr.access_anomaly")
    length_s = 5400.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        user = stage.someone("nurse", "resident", "physician")
        far = [h for h in s.world.desks if h.department not in (seat_of(user.department), "IT")]
        desks = (s.world.home_desk(user), d.pick(far))
        census = s.world.care.census(stage.start_ts)
        mine = census.by_user.get(user.id) or census.everyone
        site = stage.by(chart.SITES[1], chart.SITES[0], chart.SITES[0])
        turns = stage.by(12, 6, 3)
        for place in range(turns):
            ts = stage.at((place + 0.8 * d.random()) / turns)
            for desk, where in zip(desks, (chart.SITES[0], site), strict=True):
                stay = d.pick(mine)
                chart.access(s, ts, user, desk, stay.patient, "read", "Patient", stay=stay, site=where)
                chart.access(s, ts + 4, user, desk, stay.patient, "read", "Observation", stay=stay, site=where)
                ts += d.between(0.5, 1.0) * stage.by(20.0, 45.0, 90.0)
        stage.note("user", user.id)
        stage.note("host", *(desk.name for desk in desks))

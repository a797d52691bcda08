"""Someone's account is used from outside, and at another site, while its owner works here."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart, logon
from pipeline.simulator.world.host import Host


class AccountTakeover(Story):
    """Easy: many changes of place within minutes. Hard: once, and few charts."""

    kind = "account_takeover"
    techniques = ("T1078.002", "T1133")
    expected = ("logs.impossible_travel", "logs.new_host_for_user", "ehr.shared_account")
    length_s = 1800.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        owner = stage.someone("physician", "nurse")
        desk = s.world.home_desk(owner)
        address = s.world.internet.new_address(d)
        outside = Host(f"laptop-{d.hex(6)}", address, None, "internet")
        turns = stage.by(8, 4, 1)
        portal = s.world.servers["ehr1"]
        for turn in range(turns):
            ts = stage.at((turn + 0.1) / turns) + 0.1
            logon.desk_logon(s, ts, desk, owner.id)
            chart.access(s, ts + 4, owner, desk, None, "login", "Session")
            later = stage.at((turn + 0.4) / turns)
            logon.windows(s, later, portal, owner.id, "logon", logon_type=10, src=outside)
            chart.access(s, later + 2, owner, outside, None, "login", "Session", site=chart.SITES[1])
            for patient in d.rng.sample(s.world.patients, stage.by(5, 4, 2)):
                later = chart.read_chart(s, later + 6, owner, outside, patient, None, pages=d.whole(1, 3))
                stage.note("patient", patient.id)
        stage.note("user", owner.id)
        stage.note("ip", address)

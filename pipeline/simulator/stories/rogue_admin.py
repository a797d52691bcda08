"""An intruder makes an account, gives it rights, and uses it at once."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon, windows_log


class RogueAdmin(Story):
    """Easy: by a nurse's account, into the highest group, used within minutes. Hard: by an administrator's, later."""

    kind = "rogue_admin"
    techniques = ("T1136.002", "T1098", "T1078.002")
    expected = (
        "logs.account_created_then_used", "logs.new_administrator", "logs.privilege_gained", "logs.persistence",
        "logs.new_host_for_user", "logs.sigma",
    )  # fmt: skip
    length_s = 5400.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        maker = stage.by(stage.someone("nurse"), stage.someone("researcher"), stage.someone("it_admin")).id
        name = stage.by("support1", f"svc-{d.word('abcdefghij', 4)}", f"u{d.whole(3000, 3999)}")
        windows_log.account(s, stage.at(0.0), maker, "account_created", name)
        windows_log.account(s, stage.at(0.002), maker, "account_enabled", name)
        if stage.difficulty != "hard" or d.chance(0.5):
            windows_log.account(s, stage.at(0.01), maker, "group_changed", name)
        begin = stage.by(0.03, 0.3, 0.8)
        servers = d.rng.sample(["file1", "billing1", "dc1", "ehr1"], stage.by(4, 2, 1))
        for place, server in enumerate(servers):
            ts = stage.at(begin + 0.04 * place) + 1
            logon.windows(s, ts, s.world.servers[server], name, "logon", logon_type=10, src=d.pick(s.world.desks))
            logon.windows(s, ts + 0.1, s.world.servers[server], name, "privilege_use")
            stage.note("host", s.world.servers[server].name)
        stage.note("user", name, maker)

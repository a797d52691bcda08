"""One machine tries many passwords over SSH, remote desktop and the directory, and gets in once."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon


class BruteForce(Story):
    """Easy: 500 attempts. Hard: 40, spread out."""

    kind = "brute_force"
    techniques = ("T1110.001",)
    expected = ("logs.auth_brute_force", "network.auth_brute_force")
    length_s = 1200.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        source = d.pick(s.world.desks)
        accounts = [p.id for p in d.rng.sample(s.world.staff, stage.by(12, 8, 3))]
        ssh_server, rdp_server = s.world.servers["jump1"], s.world.servers["billing1"]
        count = stage.by(250, 120, 40)
        for place in range(count):
            ts, user = stage.at(0.95 * (place + 0.3 * d.random()) / count) + 0.3, d.pick(accounts)
            way = place * 3 // count
            if way == 0:
                logon.ssh(s, ts, source, ssh_server, user, ok=False)
            elif way == 1:
                logon.rdp(s, ts, source, rdp_server, user, ok=False)
            else:
                logon.kerberos(s, ts, source, user, ok=False)
        logon.ssh(s, stage.at(0.97), source, ssh_server, accounts[0], ok=True)
        stage.note("user", *accounts)
        stage.note("ip", source.ip)
        stage.note("host", source.name, ssh_server.name, rdp_server.name)

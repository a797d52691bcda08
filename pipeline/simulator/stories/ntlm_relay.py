"""Someone answers for a name that does not exist, takes the logon that comes, and passes it on to a server."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon, windows_net
from pipeline.simulator.verbs.net import connect, link


class NtlmRelay(Story):
    """Easy: 15 logons, each passed on within a second. Hard: 2."""

    kind = "ntlm_relay"
    techniques = ("T1557.001",)
    expected = ("network.ntlm_relay",)
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        rogue = d.pick(s.world.desks)
        server = s.world.servers[d.pick(("file1", "file2", "billing1"))]
        people = d.rng.sample(s.world.staff, stage.by(15, 6, 2))
        for place, person in enumerate(people):
            ts = stage.at((place + 0.7 * d.random()) / len(people)) + 1
            victim = s.world.home_desk(person)
            if victim is rogue:
                continue
            taken = link(s, victim, rogue, 445, "tcp", "smb")
            windows_net.ntlm(s, ts, taken, person.id)
            connect(s, ts - 0.1, taken, 2400, 1900, 1.5)
            passed = link(s, rogue, server, 445, "tcp", "smb")
            windows_net.ntlm(s, ts + d.between(0.05, 0.6), passed, person.id, client=victim.name.upper())
            connect(s, ts, passed, d.size(9000, 0.5), d.size(90_000, 0.9), d.lognormal(20, 0.5))
            logon.windows(s, ts + 0.7, server, person.id, "logon", logon_type=3, src=rogue)
            stage.note("user", person.id)
        stage.note("ip", rogue.ip)

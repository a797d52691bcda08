"""One password is tried once against everybody: too few attempts an account for any lockout."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon


class PasswordSpray(Story):
    """Easy: 150 accounts. Hard: 30, slowly."""

    kind = "password_spray"
    techniques = ("T1110.003",)
    expected = ("logs.password_spray", "logs.auth_brute_force", "network.auth_brute_force")
    length_s = 2400.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        source = d.pick(s.world.desks)
        people = d.rng.sample(s.world.staff, min(len(s.world.staff), stage.by(150, 80, 30)))
        server = s.world.servers["dc1"]
        for place, person in enumerate(people):
            ts = stage.at((place + 0.7 * d.random()) / len(people)) + 0.1
            hit = place == len(people) - 2
            logon.kerberos(s, ts, source, person.id, ok=hit)
            logon.windows(s, ts + 0.05, server, person.id, "logon", ok=hit, logon_type=3, src=source)
            stage.note("user", person.id)
        stage.note("ip", source.ip)
        stage.note("host", source.name, server.name)

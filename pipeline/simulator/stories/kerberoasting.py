"""Tickets for many services are asked for, to crack their passwords at home."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import windows_net


class Kerberoasting(Story):
    """Easy: 60 weak tickets in a minute. Hard: 6 over an hour; RC4 is asked for with two of them. Of all services that
    run under accounts of their own, used ones and forgotten ones alike."""

    kind = "kerberoasting"
    techniques = ("T1558.003",)
    expected = ("network.kerberoasting",)
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        person = stage.someone("nurse", "biller", "registrar")
        desk = s.world.home_desk(person)
        count, length = stage.by(60, 20, 6), stage.by(0.02, 0.1, 1.0)
        for place, target in enumerate(d.rng.sample(s.world.principals.all, count)):
            windows_net.service_ticket(s, stage.at(length * (place + 0.6 * d.random()) / count), desk, person.id,
                                       target, weak=stage.difficulty != "hard" or place % 3 == 0)  # fmt: skip
        stage.note("ip", desk.ip)
        stage.note("user", person.id)

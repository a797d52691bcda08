"""A program looks for a server that was switched off last year, by every name it knows, whenever it starts."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import lookup
from pipeline.simulator.world.machines import DOMAIN


class GoneService(Story):
    """Names that do not exist, over and over: few of them, and none random."""

    kind = "benign:gone_service"
    length_s = 5 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desks = d.rng.sample(s.world.desks, 6)
        names = [f"app-old{n}.{DOMAIN}" for n in (1, 2)] + [f"license{n}.oldsoft.example" for n in (1, 2, 3)]
        for desk in desks:
            for place in range(25):
                ts = stage.at(0.95 * (place + d.random()) / 25)
                for step, name in enumerate(names):
                    lookup(s, ts + 0.4 * step, desk, name, None)
            stage.note("ip", desk.ip)

"""An antivirus checks every file of a disk with its maker, by names that carry a hash: thousands of them."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import lookup


class AntivirusNames(Story):
    """As many long names below one domain as a tunnel would need, and short answers."""

    kind = "benign:antivirus_names"
    length_s = 3600.0
    hour = 13.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        service = s.world.internet.by_purpose["telemetry"][1].name.split(".", 1)[1]
        for desk in d.rng.sample(s.world.desks, 4):
            for place in range(300):
                ts = stage.at(0.97 * (place + d.random()) / 300)
                lookup(s, ts, desk, f"{d.hex(40)}.{d.pick('abc')}.{service}", f"127.0.{d.whole(0, 9)}.{d.whole(1, 9)}")
            stage.note("ip", desk.ip)
        stage.note("domain", service)

"""Malware computes names and tries them until its controller answers on one."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import lookup, visit
from pipeline.simulator.world.internet import second_level

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Dga(Story):
    """Easy: 300 random names in ten minutes. Hard: 45 names made of words, over two hours."""

    kind = "dga"
    techniques = ("T1568.002",)
    expected = ("network.dga",)
    length_s = 7200.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick(s.world.desks)
        count, length = stage.by(300, 120, 45), stage.by(0.1, 0.4, 1.0)
        for place in range(count):
            label = stage.by(d.word(_LETTERS, d.whole(12, 20)), d.hex(d.whole(10, 14)), None)
            name = f"{label or second_level(d).replace('-', '') + d.pick(('', 's', 'net', 'app'))}.example"
            lookup(s, stage.at(length * (place + d.random()) / count), desk, name, None)
        site = s.world.internet.new_site(d, "web")
        for step in range(5):
            visit(s, stage.at(0.99 * length) + 3 * step, desk, site, d.size(700, 0.2), d.size(500, 0.2))
        stage.note("ip", desk.ip)

"""A tunnel from inside to a machine nobody here has used: one connection that stays open for hours."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link


class ReverseTunnel(Story):
    """Easy: SSH for 10 hours. Hard: three shorter ones over TLS."""

    kind = "reverse_tunnel"
    techniques = ("T1572", "T1219")
    expected = ("network.long_connection", "network.rare_destination")
    length_s = 10 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        source = stage.by(d.pick(list(s.world.servers.values())), d.pick(s.world.desks), d.pick(s.world.desks))
        site = s.world.internet.new_site(d, "web")
        port, service = stage.by((22, "ssh"), (443, "ssl"), (443, "ssl"))
        parts = stage.by(1, 1, 3)
        for part in range(parts):
            length = stage.by(0.95, 0.6, 0.2) * stage.length_s
            connect(s, stage.at(0.02 + part * 0.32), link(s, source, site.host, port, "tcp", service),
                    d.size(stage.by(60e6, 15e6, 4e6), 0.4), d.size(stage.by(20e6, 6e6, 3e6), 0.4), length)  # fmt: skip
        stage.note("ip", source.ip, site.host.ip)

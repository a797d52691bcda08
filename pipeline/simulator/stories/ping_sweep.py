"""A machine asks which others are up before it goes on; they answer, as machines do."""

from pipeline.simulator.documents import network
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import link


class PingSweep(Story):
    """Easy: 150 machines in a minute. Hard: 20 over 45 minutes, those of one department and the servers."""

    kind = "ping_sweep"
    techniques = ("T1018",)
    expected = ("network.ping_sweep",)
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        source = d.pick(s.world.desks)
        near = [*s.world.workstations[source.department], *s.world.servers.values()]
        there = [host for host in stage.by(list(s.world.by_ip.values()), s.world.desks, near) if host is not source]
        count, length = min(stage.by(150, 60, 20), len(there)), stage.by(0.02, 0.2, 0.75)
        for place, host in enumerate(d.rng.sample(there, count)):
            where = link(s, source, host, 0, "icmp", None)
            where.src_port = 8
            ts = stage.at(length * (place + 0.6 * d.random()) / count)
            network.flow(s.tape, ts, where, d.lognormal(0.001, 0.5), 64, 64, "OTH")
        stage.note("ip", source.ip)

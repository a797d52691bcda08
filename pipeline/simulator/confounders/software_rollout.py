"""Patch day: most desks fetch gigabytes from the patch server within two hours, and services are made on them."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import windows_net
from pipeline.simulator.verbs.net import connect, link


class SoftwareRollout(Story):
    """One server reaches hundreds of machines over administrators' protocols: as an intruder would, and is none."""

    kind = "benign:software_rollout"
    length_s = 2 * 3600.0
    hour = 12.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        server = s.world.servers["wsus1"]
        for desk in s.world.desks:
            if d.chance(0.2):
                continue
            ts = stage.at(0.95 * d.random())
            windows_net.service_by_rpc(s, ts, server, desk, "svc-patch", task=d.chance(0.3))
            size = d.size(700e6, 0.5)
            connect(s, ts + 20, link(s, desk, server, 8530, "tcp", "http"), d.size(60_000, 0.4), size,
                    d.lognormal(180, 0.6))  # fmt: skip
            stage.note("ip", desk.ip)
        stage.note("ip", server.ip)

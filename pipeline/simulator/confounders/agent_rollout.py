"""IT rolls out a new agent: within the hour many machines begin to report to a service nobody knew before."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import visit


class AgentRollout(Story):
    """As regular as any implant, but on many machines at once."""

    kind = "benign:agent_rollout"
    length_s = 4 * 3600.0
    hour = 9.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        site = s.world.internet.new_site(d, "telemetry", ("telemetry", "events"))
        desks = d.rng.sample(s.world.desks, min(len(s.world.desks), 25))
        period = max(20.0, stage.length_s / 24)
        for desk in desks:
            ts = stage.start_ts + d.between(0.02, 0.25) * stage.length_s
            while ts < stage.at(1.0):
                visit(s, ts, desk, site, d.size(950, 0.05), d.size(420, 0.05))
                ts += period * d.between(0.96, 1.04)
            stage.note("ip", desk.ip)
        stage.note("domain", site.name)

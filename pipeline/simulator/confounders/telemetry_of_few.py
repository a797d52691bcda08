"""A program that only two machines have reports home, day and night, to a place that only they know."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import visit


class TelemetryOfFew(Story):
    """From the first minute on and for good: what differs from an implant is its age."""

    kind = "benign:telemetry_of_few"
    length_s = 86_400.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        site = s.world.internet.new_site(d, "telemetry", ("telemetry", "events", "beacon"))
        hosts = [d.pick(s.world.desks), s.world.servers["research1"]]
        period = d.pick((120.0, 300.0, 600.0))
        for host in hosts:
            ts = s.world.start_ts + d.random() * period
            while ts < s.world.end_ts:
                visit(s, ts, host, site, d.size(1400, 0.08), d.size(300, 0.05))
                ts += period * d.between(0.97, 1.03)
            stage.note("ip", host.ip)
        stage.note("domain", site.name)

"""An infusion pump, which has only ever spoken to its gateway, speaks to the internet and to its neighbours."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link, visit


class DeviceCompromise(Story):
    """Easy: large transfers and all neighbours. Hard: a short exchange with one outside address now and then."""

    kind = "device_compromise"
    techniques = ("T0886", "T1071.001", "T1021")
    expected = ("devices.internet", "devices.new_peer", "network.beaconing")
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        pumps = [m.host for m in s.world.devices if m.cls.name in ("infusion_pump", "patient_monitor")]
        pump = d.pick(pumps)
        site = s.world.internet.new_site(d, "web")
        count = stage.by(60, 30, 10)
        for place in range(count):
            ts = stage.at((place + 0.6 * d.random()) / count) + 0.1
            visit(s, ts, pump, site, d.size(stage.by(200_000, 20_000, 900), 0.4), d.size(2500, 0.3))
        others = [p for p in pumps if p is not pump]
        for place, other in enumerate(d.rng.sample(others, min(len(others), stage.by(25, 8, 0)))):
            where = link(s, pump, other, d.pick((22, 23, 8443)))
            connect(s, stage.at(0.4) + 1.7 * place, where, 900, 700, None, d.pick(("SF", "REJ", "S0")))
        stage.note("ip", pump.ip, site.host.ip)
        stage.note("mac", pump.mac or "")
        stage.note("domain", site.name)

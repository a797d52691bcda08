"""A device that was taken over looks for others like it, and for a way on."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.world.host import Host


class DeviceScan(Story):
    """Easy: 200 addresses in minutes. Hard: 15 known machines in an hour."""

    kind = "device_scan"
    techniques = ("T0846", "T1046")
    expected = ("network.port_scan", "network.slow_scan", "devices.new_peer")
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        m = d.pick([m for m in s.world.devices if m.cls.name in ("patient_monitor", "infusion_pump", "imaging")])
        net = m.host.ip.rsplit(".", 1)[0]
        known = [h for h in s.world.by_ip.values() if h is not m.host]
        count, length = stage.by(200, 60, 15), stage.by(0.1, 0.4, 1.0)
        port = d.pick((23, 445, 22, 8443))
        for place in range(count):
            ip = f"{net}.{1 + place % 254}"
            there = d.pick(known) if stage.difficulty == "hard" else s.world.by_ip.get(ip)
            state = "S0" if there is None else d.pick(("REJ", "REJ", "SF"))
            ts = stage.at(length * (place + 0.5 * d.random()) / count)
            connect(s, ts, link(s, m.host, there or Host(ip, ip, None, "unknown"), port), 60, 60, 0.05, state)
        stage.note("ip", m.host.ip)
        stage.note("mac", m.host.mac or "")

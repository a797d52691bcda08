"""A monitor goes with its patient to another ward: the same card, another address."""

from dataclasses import replace

from pipeline.simulator.activities.devices import Talk
from pipeline.simulator.documents import network
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import link


class DeviceMoved(Story):
    """Silent for a quarter of an hour, then back under a new address with the old habits."""

    kind = "benign:device_moved"
    length_s = 4 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        monitors = [m for m in s.world.devices if m.cls.name == "patient_monitor"]
        for m in d.rng.sample(monitors, min(len(monitors), 3)):
            left = stage.at(0.3 * d.random())
            s.world.silent.setdefault(m.host.ip, (left, s.world.end_ts))
            there = m.host.ip.rsplit(".", 1)[0] + f".{d.whole(150, 250)}"
            ts = left + d.between(600, 1200) * min(1.0, stage.length_s / 14400)
            moved = replace(m, host=replace(m.host, ip=s.world.lease(there, ts, s.world.end_ts)))
            where = link(s, moved.host, s.world.servers["dc1"], 67, "udp", "dhcp")
            network.dhcp(s.tape, ts, where, assigned_ip=moved.host.ip, hostname=moved.host.name, lease_s=86400.0)
            talk = Talk(moved)
            period = max(m.cls.period_s, stage.length_s / 400)
            while ts < stage.at(1.0):
                talk(s, ts + 1)
                ts += period * d.between(0.97, 1.03)
            stage.note("ip", m.host.ip, moved.host.ip)
            stage.note("mac", m.host.mac or "")

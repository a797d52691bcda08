"""A machine says that it is another: frames of a device go through the wrong network card."""

from dataclasses import replace

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link


class ArpSpoofing(Story):
    """Easy: a server's address shows another's card 200 times. Hard: one device, for two minutes."""

    kind = "arp_spoofing"
    techniques = ("T1557.002",)
    expected = ("network.arp_spoofing",)
    length_s = 1200.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        rogue = d.pick(s.world.desks)
        devices = [m for m in s.world.devices if m.cls.service == "hl7"]
        victims = d.rng.sample(devices, min(len(devices), stage.by(6, 3, 1)))
        count, length = stage.by(200, 60, 12), stage.by(1.0, 0.5, 0.1)
        for place in range(count):
            m = victims[place % len(victims)]
            ts = stage.at(length * (place + 0.6 * d.random()) / count)
            # What the device sends arrives by way of the attacker's card, which answers to both sides' addresses.
            through = replace(m.host, mac=rogue.mac)
            where = link(s, through, s.world.servers[m.cls.server], m.cls.port, m.cls.proto, m.cls.service)
            connect(s, ts, where, d.size(m.cls.bytes_out, 0.1), d.size(m.cls.bytes_in, 0.1))
        stage.note("ip", *(m.host.ip for m in victims))
        stage.note("mac", rogue.mac or "")

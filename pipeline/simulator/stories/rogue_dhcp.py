"""A second server hands out addresses, and with them a way that leads through the attacker."""

from pipeline.simulator.documents import network
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import link


class RogueDhcp(Story):
    """Easy: 40 leases to desks from someone's desk. Hard: 2, with a lease time as usual."""

    kind = "rogue_dhcp"
    techniques = ("T1557.003",)
    expected = ("network.rogue_dhcp",)
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        rogue = d.pick(s.world.desks)
        clients = d.rng.sample([h for h in s.world.desks if h is not rogue], stage.by(40, 10, 2))
        for place, client in enumerate(clients):
            ts = stage.at((place + 0.7 * d.random()) / len(clients))
            where = link(s, client, rogue, 67, "udp", "dhcp")
            network.dhcp(s.tape, ts, where, assigned_ip=client.ip, hostname=client.name,
                         lease_s=stage.by(600.0, 3600.0, 28800.0))  # fmt: skip
        stage.note("ip", rogue.ip)
        stage.note("mac", rogue.mac or "")

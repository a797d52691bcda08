"""A maker's update: pumps fetch their firmware from a server they never used, restart, and report anew."""

from pipeline.simulator.documents import network, records
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link


class FirmwareRollout(Story):
    """Every device of a class gets the same new peer within hours, and falls silent for minutes."""

    kind = "benign:firmware_rollout"
    length_s = 3 * 3600.0
    hour = 13.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        server = s.world.servers["wsus1"]
        pumps = [m for m in s.world.devices if m.cls.name == "infusion_pump"]
        for m in pumps:
            ts = stage.at(0.9 * d.random())
            connect(s, ts, link(s, m.host, server, 443, "tcp", "ssl"), d.size(9000, 0.3), d.size(48e6, 0.02), 60.0)
            back = ts + 60 + d.between(120, 300)
            s.world.silent.setdefault(m.host.ip, (ts + 60, back))
            where = link(s, m.host, s.world.servers["dc1"], 67, "udp", "dhcp")
            network.dhcp(s.tape, back, where, assigned_ip=m.host.ip, hostname=m.host.name, lease_s=86400.0)
            records.device(
                s.tape, back + 1, mac=m.host.mac, ip=m.host.ip, device_class=m.cls.name, vendor=m.cls.vendor,
                model=m.model, firmware=f"{int(m.firmware[0]) + 1}.0.0", segment=m.host.ip.rsplit(".", 1)[0] + ".0/24",
            )  # fmt: skip
            stage.note("ip", m.host.ip)
        stage.note("ip", server.ip)

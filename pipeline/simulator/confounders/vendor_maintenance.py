"""A maker's engineer comes in over the VPN and works on the imaging devices by way of the jump host."""

from pipeline.simulator.documents import network
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link, request
from pipeline.simulator.world.host import Host


class VendorMaintenance(Story):
    """Remote access to devices, as agreed: from the jump host, by day, one after the other."""

    kind = "benign:vendor_maintenance"
    length_s = 2 * 3600.0
    hour = 14.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        jump = s.world.servers["jump1"]
        ip = s.world.internet.new_address(d)
        engineer = Host(f"home-{d.hex(5)}", ip, None, "internet")
        connect(s, stage.start_ts, link(s, engineer, s.world.servers["vpn1"], 443, "tcp", "ssl"), d.size(30e6, 0.4),
                d.size(90e6, 0.4), stage.length_s * 0.9)  # fmt: skip
        devices = [m.host for m in s.world.devices if m.cls.name == "imaging"][:6]
        for place, device in enumerate(devices):
            ts = stage.at(0.05 + 0.8 * place / len(devices))
            where = link(s, jump, device, 22, "tcp", "ssh")
            network.auth(s.tape, ts + 0.4, where, "zeek.ssh", outcome="success", attempts=1,
                         client="SSH-2.0-PuTTY_0.81", server="SSH-2.0-OpenSSH_7.4")  # fmt: skip
            connect(s, ts, where, d.size(40_000, 0.5), d.size(300_000, 0.6), d.lognormal(400, 0.5))
            page = link(s, jump, device, 80, "tcp", "http")
            request(s, ts + 60, page, device.ip, "/service/status", 300, 9000)
            connect(s, ts + 60, page, 500, 9000)
            stage.note("ip", device.ip)
        stage.note("ip", jump.ip)

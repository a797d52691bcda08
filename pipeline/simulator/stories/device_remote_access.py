"""Somebody logs on to a device with its maker's password, over whatever it offers: telnet, SSH, VNC, a web page."""

from pipeline.simulator.documents import network
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link, request


class DeviceRemoteAccess(Story):
    """Easy: telnet and VNC to 12 devices. Hard: one SSH session to one."""

    kind = "device_remote_access"
    techniques = ("T1078.001", "T1021", "T0812")
    expected = ("devices.remote_access", "devices.new_peer")
    length_s = 1800.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick([h for h in s.world.desks if h.department != "IT"])
        devices = [m.host for m in s.world.devices if m.cls.name != "building_control"]
        targets = d.rng.sample(devices, min(len(devices), stage.by(12, 4, 1)))
        for place, device in enumerate(targets):
            ts = stage.at((place + 0.5 * d.random()) / len(targets))
            port, service = stage.by(
                d.pick(((23, None), (5900, None))), d.pick(((23, None), (80, "http"))), (22, "ssh")
            )
            where = link(s, desk, device, port, "tcp", service)
            if service == "ssh":
                network.auth(s.tape, ts + 0.4, where, "zeek.ssh", outcome="success", attempts=1,
                             client="SSH-2.0-OpenSSH_9.6", server="SSH-2.0-dropbear_2015.67")  # fmt: skip
            if service == "http":
                request(s, ts + 0.2, where, device.ip, "/cgi-bin/login", 420, 900, "POST", 200)
            connect(s, ts, where, d.size(2500, 0.5), d.size(9000, 0.6), d.lognormal(60, 0.8))
            stage.note("ip", device.ip)
            stage.note("mac", device.mac or "")
        stage.note("ip", desk.ip)

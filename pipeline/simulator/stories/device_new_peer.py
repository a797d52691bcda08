"""A device talks to a machine inside that its kind has no business with."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link


class DeviceNewPeer(Story):
    """Easy: the file server, large transfers. Hard: one desk, a few short exchanges on a port the device uses."""

    kind = "device_new_peer"
    techniques = ("T0886", "T1021", "T1570")
    expected = ("devices.new_peer",)
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        m = d.pick([m for m in s.world.devices if m.cls.name != "building_control"])
        peer = stage.by(s.world.servers["file1"], s.world.servers["research1"], d.pick(s.world.desks))
        port, service = stage.by((445, "smb"), (22, "ssh"), (m.cls.port, m.cls.service))
        count = stage.by(40, 15, 4)
        for place in range(count):
            ts = stage.at((place + 0.7 * d.random()) / count)
            out, back = d.size(stage.by(2e6, 60_000, 900), 0.5), d.size(stage.by(90_000, 30_000, 700), 0.5)
            connect(s, ts, link(s, m.host, peer, port, "tcp", service), out, back)
        stage.note("ip", m.host.ip)
        stage.note("mac", m.host.mac or "")

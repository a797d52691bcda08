"""A machine nobody knows appears in a clinical segment and speaks to everything there."""

from pipeline.simulator.documents import network
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.machines import NET, mac


class RogueDevice(Story):
    """Easy: asks every imaging device and the archive. Hard: three of them, with a known maker's prefix."""

    kind = "rogue_device"
    techniques = ("T1200", "T1046", "T1213")
    expected = ("devices.unknown_device", "devices.clinical_protocol", "devices.mass_retrieval")
    length_s = 1800.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        imaging = [m.host for m in s.world.devices if m.cls.service == "dicom"]
        prefix = stage.by("b8:27:eb", "00:e0:4c", "84:7b:e9")
        name = stage.by("raspberrypi", f"desktop-{d.hex(7)}", f"imaging-{d.whole(100, 400):04d}")
        rogue = Host(name, f"{NET}.42.{d.whole(200, 240)}", mac(d, prefix), "unknown", "Devices")
        where = link(s, rogue, s.world.servers["dc1"], 67, "udp", "dhcp")
        network.dhcp(s.tape, stage.at(0.0), where, assigned_ip=rogue.ip, hostname=rogue.name, lease_s=28800.0)
        peers = [s.world.servers["pacs1"], *imaging]
        peers = d.rng.sample(peers, min(len(peers), stage.by(30, 10, 3)))
        rounds = stage.by(6, 5, 5)
        for turn in range(rounds):
            for place, peer in enumerate(peers):
                ts = stage.at((turn + 0.1 + 0.85 * place / len(peers)) / rounds) + d.between(0, 1)
                out, back = d.size(2400, 0.3), d.size(stage.by(6e6, 2e6, 4e5), 0.7)
                connect(s, ts, link(s, rogue, peer, 11112, "tcp", "dicom"), out, back)
        stage.note("mac", rogue.mac or "")
        stage.note("ip", rogue.ip)
        stage.note("host", rogue.name)

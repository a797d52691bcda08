"""A device that reported every few seconds says nothing any more: cut off, stolen or blocked."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link


class DeviceSilent(Story):
    """Easy: eight monitors of a ward, for hours. Hard: one device, for an hour."""

    kind = "device_silent"
    techniques = ("T0815", "T1489")
    expected = ("devices.silent", "devices.rhythm")
    length_s = 4 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        steady = [m for m in s.world.devices if m.cls.name in ("patient_monitor", "infusion_pump", "ventilator")]
        chosen = d.rng.sample(steady, min(len(steady), stage.by(8, 3, 1)))
        end = stage.at(stage.by(1.0, 0.6, 0.25))
        for m in chosen:
            # The last of them: a session that breaks off.
            where = link(s, m.host, s.world.servers[m.cls.server], m.cls.port, m.cls.proto, m.cls.service)
            connect(s, stage.start_ts, where, m.cls.bytes_out // 2, 40, 4.0, "RSTR")
            s.world.silent[m.host.ip] = (stage.start_ts, end)
            stage.note("ip", m.host.ip)
            stage.note("mac", m.host.mac or "")
        # And the first after it, where the silence ends within the span.
        for m in chosen:
            where = link(s, m.host, s.world.servers[m.cls.server], m.cls.port, m.cls.proto, m.cls.service)
            connect(s, end, where, m.cls.bytes_out, m.cls.bytes_in)

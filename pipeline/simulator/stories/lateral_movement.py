"""With a stolen credential an intruder moves from machine to machine over administrators' protocols."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon, process, windows_net
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.verbs.process import SYSTEM32
from pipeline.simulator.world.host import Host

_SERVICES = SYSTEM32 + "services.exe"


class LateralMovement(Story):
    """Easy: 15 machines in half an hour from one desk. Hard: a chain of 4 over hours, remote desktop only."""

    kind = "lateral_movement"
    techniques = ("T1021.001", "T1021.002", "T1021.006", "T1569.002", "T1078")
    expected = (
        "network.lateral_movement", "network.remote_service_exec", "network.pass_the_hash", "logs.remote_execution",
        "logs.new_host_for_user", "logs.desktop_chain", "logs.sigma",
    )  # fmt: skip
    length_s = 3 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        victim = stage.someone("nurse", "coder", "registrar")
        at = s.world.home_desk(victim)
        stage.note("ip", at.ip)
        targets = d.rng.sample([h for h in s.world.desks if h is not at], stage.by(13, 6, 3))
        targets += [s.world.servers[n] for n in stage.by(("file1", "dc1"), ("file1",), ("billing1",))]
        length = stage.by(0.17, 0.5, 1.0)
        for place, target in enumerate(targets):
            ts = stage.at(length * (place + 0.4 * d.random()) / len(targets)) + 1
            self._move(stage, ts, at, target, victim.id)
            if stage.difficulty != "easy":
                at = target
            stage.note("host", target.name)
            stage.note("ip", at.ip)
        stage.note("user", victim.id)

    def _move(self, stage: Stage, ts: float, src: Host, target: Host, user: str) -> None:
        s, d = stage.scene, stage.scene.draws
        way = stage.by(d.pick(("service", "winrm", "rdp")), d.pick(("service", "rdp", "task")), "rdp")
        if way == "rdp":
            logon.rdp(s, ts, src, target, user, ok=True)
            return
        if way == "winrm":
            connect(s, ts, link(s, src, target, 5985, "tcp", "http"), d.size(30_000, 0.5), d.size(30_000, 0.5), 8.0)
        else:
            windows_net.service_by_rpc(s, ts, src, target, user, task=way == "task")
        logon.windows(s, ts + 0.3, target, user, "logon", logon_type=3, src=src)
        parent = _SERVICES if way == "service" else SYSTEM32 + ("wsmprovhost.exe" if way == "winrm" else "svchost.exe")
        command = d.pick(
            ("cmd.exe /c whoami /all", "cmd.exe /c net localgroup administrators", "cmd.exe /Q /c dir C:\\")
        )
        process.start(s, ts + 2.5, target, user, SYSTEM32 + "cmd.exe", command, parent)

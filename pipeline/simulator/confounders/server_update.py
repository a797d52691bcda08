"""Servers are updated and restarted at night: new lines, new versions, services stopped and started."""

from pipeline.simulator.documents import logs
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon


class ServerUpdate(Story):
    """Templates nobody has seen and a burst of lines, on eight hosts."""

    kind = "benign:server_update"
    length_s = 3600.0
    hour = 4.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        admin = d.pick(s.world.of_role("it_admin"))
        servers = [s.world.servers[n] for n in ("ehr1", "ehr2", "ehrdb1", "intf1", "lis1", "web1", "dns1", "monitor1")]
        desk = s.world.home_desk(admin)
        for place, server in enumerate(servers):
            ts = stage.at(0.9 * place / len(servers)) + 1
            logon.ssh(s, ts, s.world.servers["jump1"], server, admin.id, ok=True, method="publickey")
            logon.sudo(s, ts + 5, server, admin.id, "/usr/bin/apt upgrade -y")
            for step in range(60):
                package = d.pick(("openssl", "libc6", "kernel", "nginx", "java", "postgresql"))
                text = f"Unpacking {package} ({d.whole(1, 9)}.{d.whole(0, 40)}-{d.whole(1, 9)}) over old version ..."
                logs.line(s.tape, ts + 8 + 0.5 * step, server.name, "dpkg", 990, 6, text)
            logs.line(s.tape, ts + 60, server.name, "systemd", 1, 5, "Reached target Reboot.")
            logs.line(s.tape, ts + 95, server.name, "kernel", 0, 5, "Linux version 6.1.0 booting, command line root=1")
            stage.note("host", server.name)
        stage.note("user", admin.id)
        stage.note("ip", desk.ip)

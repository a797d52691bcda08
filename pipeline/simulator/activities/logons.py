"""People log on: at the start of a shift, after a break, on servers; now and then a password is mistyped."""

from pipeline.simulator.activities.activity import Activity, Planned
from pipeline.simulator.verbs import logon
from pipeline.simulator.verbs.scene import Scene

_COMMANDS = (
    "/usr/bin/systemctl status ehr-app",
    "/usr/bin/apt update",
    "/usr/bin/journalctl -n 200",
    "/usr/bin/tail /var/log/messages",
)
_LINUX = ("ehr1", "ehr2", "ehrdb1", "intf1", "lis1", "web1", "monitor1", "research1", "proxy1", "dns1")


class DeskLogons(Activity):
    """Unlocking a workstation; three in a hundred begin with a wrong password."""

    share = 0.045

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.on_duty(ts))
        desk = s.world.desk(person, d)
        while d.chance(0.03):
            logon.desk_logon(s, ts, desk, person.id, ok=False)
            ts += d.lognormal(5, 0.4)
        logon.desk_logon(s, ts, desk, person.id)
        server = s.world.servers[d.pick(("file1", "file2", "mail1"))]
        logon.kerberos(s, ts + 0.4, desk, person.id, target=f"cifs/{server.name}")
        logon.windows(s, ts + 0.5, server, person.id, "logon", logon_type=3, src=desk)
        if d.chance(0.5):
            logon.windows(s, ts + d.lognormal(900, 0.8), desk, person.id, "logoff")


class Administration(Activity):
    """IT staff on servers: SSH by key or password, sudo, remote desktop to Windows servers and desks."""

    share = 0.012

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.on_duty_in(ts, "IT"))
        desk = s.world.home_desk(person) if d.chance(0.6) else s.world.servers["jump1"]
        if d.chance(0.65):
            server = s.world.servers[d.pick(_LINUX) if desk.kind == "server" or d.chance(0.5) else "jump1"]
            if d.chance(0.06):
                logon.ssh(s, ts, desk, server, person.id, ok=False)
                ts += d.lognormal(4, 0.4)
            logon.ssh(s, ts, desk, server, person.id, ok=True, method=d.pick(("publickey", "publickey", "password")))
            for step in range(d.whole(0, 3)):
                logon.sudo(s, ts + 8 + 20 * step, server, person.id, d.pick(_COMMANDS))
        else:
            target = (
                d.pick(s.world.desks)
                if d.chance(0.4)
                else s.world.servers[d.pick(("dc1", "file1", "file2", "billing1"))]
            )
            logon.rdp(s, ts, desk, target, person.id, ok=not d.chance(0.04))


class ShiftChange(Planned):
    """Everyone who comes on duty logs on within a quarter of an hour around the handover."""

    def play(self, s: Scene) -> None:
        for hour, person in s.world.coming_on_duty():
            ts = hour + s.draws.between(-600, 300)
            logon.desk_logon(s, ts, s.world.desk(person, s.draws), person.id)

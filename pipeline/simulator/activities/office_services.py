"""Printing, calls, directory traffic, remote access and file drops: the rest of an office's wire."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.documents import network
from pipeline.simulator.draws import Draws
from pipeline.simulator.rhythm import machine
from pipeline.simulator.verbs import tickets, windows_net
from pipeline.simulator.verbs.net import connect, link, shake_hands
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host


class Printing(Activity):
    """A document goes to the print server and from there to a printer."""

    share = 0.012

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        desk = s.world.desk(d.pick(s.world.on_duty(ts)), d)
        server, size = s.world.servers["print1"], d.size(260_000, 1.1)
        connect(s, ts, link(s, desk, server, 445, "tcp", "smb"), size, d.size(9000, 0.4), d.lognormal(1.2, 0.6))
        printer = s.world.printers[sum(map(ord, desk.department)) % len(s.world.printers)]
        connect(s, ts + d.lognormal(1, 0.5), link(s, server, printer, 9100), size, 300, d.lognormal(6, 0.7))


class Calls(Activity):
    """Video and voice: long streams of even packets both ways, to a service outside."""

    share = 0.006

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        desk = s.world.desk(d.pick(s.world.on_duty(ts)), d)
        site = d.pick(s.world.internet.by_purpose["calls"])
        length = d.lognormal(900, 0.9)
        where = link(s, desk, site.host, 443, "tcp", "ssl")
        shake_hands(s, ts + 0.01, where, site)
        connect(s, ts, where, d.size(60_000, 0.5), d.size(90_000, 0.5), length)
        video = d.chance(0.5)
        out, back = (150_000, 190_000) if video else (9_000, 9_000)
        stream = link(s, desk, site.host, 3478 + d.whole(0, 3), "udp", None)
        connect(s, ts + 1, stream, int(out * length), int(back * length), length)


class Directory(Activity):
    """Policies are read, names resolved, old programs log on with NTLM; controllers replicate."""

    share = 0.03

    def level(self, ts: float) -> float:
        return machine(ts)

    def session(self, s: Scene, ts: float) -> None:
        d, servers = s.draws, s.world.servers
        person = d.pick(s.world.on_duty(ts))
        desk = s.world.desk(person, d)
        roll = d.random()
        if roll < 0.35:
            server = servers[d.pick(("dc1", "dc1", "dc2"))]
            where = link(s, desk, server, 445, "tcp", "smb")
            network.file(s.tape, ts + 0.1, where, action="map", share=f"\\\\{server.name}\\SYSVOL")
            windows_net.call(s, ts + 0.2, where, "netlogon", "NetrLogonGetDomainInfo", "\\pipe\\netlogon")
            connect(s, ts, where, d.size(6000, 0.4), d.size(18_000, 0.6), d.lognormal(2, 0.6))
        elif roll < 0.65:
            server = servers[d.pick(("file1", "file2", "print1", "billing1"))]
            where = link(s, desk, server, 445, "tcp", "smb")
            windows_net.ntlm(s, ts + 0.1, where, person.id, ok=not d.chance(0.02))
            connect(s, ts, where, d.size(4000, 0.6), d.size(9000, 0.8), d.lognormal(4, 1.0))
        elif roll < 0.9:
            own = d.chance(0.4)
            names = tickets.services_of(s, person) if own else tickets.MACHINES
            windows_net.service_ticket(s, ts, desk, person.id, d.pick(names))
        else:
            where = link(s, servers["dc2"], servers["dc1"], 135, "tcp", "dce_rpc")
            windows_net.call(s, ts + 0.05, where, "drsuapi", "DRSReplicaSync", "135")
            connect(s, ts, where, d.size(9000, 0.6), d.size(30_000, 0.8))


class HomeOffice(Activity):
    """People at home come in through the VPN: long encrypted sessions from addresses of providers."""

    share = 0.003

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        people = [p for p in s.world.staff if p.index % 6 == 0]
        person = d.pick(people)
        own = Draws(f"home/{person.id}/{person.npi}")
        ip = s.world.internet.new_address(own)
        home = Host(f"home-{own.hex(5)}", ip, None, "internet")
        length = d.lognormal(5400, 0.8)
        where = link(s, home, s.world.servers["vpn1"], 443, d.pick(("tcp", "udp")), "ssl")
        connect(s, ts, where, d.size(8e6, 1.0), d.size(60e6, 1.1), length)


class FileDrops(Activity):
    """An older analyser leaves its results by FTP, as it has for fifteen years."""

    share = 0.004

    def level(self, ts: float) -> float:
        return machine(ts)

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        labs = [m.host for m in s.world.devices if m.cls.name == "lab_analyser"]
        source, server = d.pick(labs), s.world.servers["lis1"]
        where = link(s, source, server, 21, "tcp", "ftp")
        network.auth(s.tape, ts + 0.2, where, "zeek.ftp", user="analyser", outcome="success", request_type="PASS")
        for step in range(d.whole(1, 3)):
            network.auth(s.tape, ts + 0.5 + 0.4 * step, where, "zeek.ftp", user="analyser", outcome="unknown",
                         request_type="STOR", target=f"/in/r{d.whole(10000, 99999)}.txt")  # fmt: skip
        connect(s, ts, where, d.size(400, 0.3), d.size(900, 0.3), d.lognormal(2, 0.4))

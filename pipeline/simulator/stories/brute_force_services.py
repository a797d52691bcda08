"""Passwords are guessed where people forget to look: FTP, file shares by NTLM, a device's web page."""

from pipeline.simulator.documents import network
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import windows_net
from pipeline.simulator.verbs.net import connect, link, request


class BruteForceServices(Story):
    """Easy: 300 guesses within minutes. Hard: 45 over half an hour, many accounts."""

    kind = "brute_force_services"
    techniques = ("T1110.001",)
    expected = ("network.auth_brute_force", "logs.auth_brute_force")
    length_s = 1800.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        source = d.pick(s.world.desks)
        way = d.pick(("ftp", "smb", "http"))
        server = s.world.servers[{"ftp": "lis1", "smb": "file2", "http": "bms1"}[way]]
        names = ["admin", "service", "root", "backup", *(p.id for p in d.rng.sample(s.world.staff, 8))]
        count = stage.by(300, 120, 45)
        length = stage.by(0.2, 0.5, 1.0)
        for place in range(count):
            ts = stage.at(length * (place + 0.6 * d.random()) / count) + 0.2
            user = names[0] if stage.difficulty == "easy" else d.pick(names)
            if way == "ftp":
                where = link(s, source, server, 21, "tcp", "ftp")
                network.auth(s.tape, ts, where, "zeek.ftp", user=user, outcome="failure", request_type="PASS",
                             error="Login incorrect.")  # fmt: skip
            elif way == "smb":
                where = link(s, source, server, 445, "tcp", "smb")
                windows_net.ntlm(s, ts, where, user, ok=False)
            else:
                where = link(s, source, server, 80, "tcp", "http")
                request(s, ts, where, server.ip, "/login", 480, 300, "POST", 401)
            connect(s, ts - 0.1, where, d.size(600, 0.2), d.size(500, 0.2), d.lognormal(0.6, 0.3))
        stage.note("ip", source.ip, server.ip)

"""Tickets for many services are asked for, to crack their passwords at home."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import windows_net

_SERVICES = ("mssqlsvc", "http", "cifs", "ldap", "host", "wsman", "termsrv", "ftp", "exchangemdb", "sap")


class Kerberoasting(Story):
    """Easy: 60 weak tickets in a minute. Hard: 6 over an hour; two of them weak."""

    kind = "kerberoasting"
    techniques = ("T1558.003",)
    expected = ("network.kerberoasting",)
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        person = stage.someone("nurse", "biller", "registrar")
        desk = s.world.home_desk(person)
        count, length = stage.by(60, 20, 6), stage.by(0.02, 0.1, 1.0)
        for place in range(count):
            server = d.pick(list(s.world.servers.values()))
            target = f"{d.pick(_SERVICES)}/{server.name}:{d.pick((1433, 80, 443, 5022))}"
            weak = stage.difficulty != "hard" or place % 3 == 0
            cipher = windows_net.RC4 if weak else windows_net.AES
            windows_net.service_ticket(s, stage.at(length * (place + 0.6 * d.random()) / count), desk, person.id,
                                       target, cipher)  # fmt: skip
        stage.note("ip", desk.ip)
        stage.note("user", person.id)

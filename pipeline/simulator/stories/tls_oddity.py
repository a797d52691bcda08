"""A controller behind a certificate of its own: the client, the names or the signer do not fit."""

from pipeline.simulator.documents import network
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import SELF_SIGNED, connect, link


class TlsOddity(Story):
    """Easy: self-signed, no server name, a client never seen. Hard: a name that is not the certificate's, few times."""

    kind = "tls_oddity"
    techniques = ("T1573.002", "T1587.003")
    expected = ("network.tls_oddity",)
    length_s = 2 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick(s.world.desks)
        site = s.world.internet.new_site(d, "web")
        other = s.world.internet.popular(d)
        count = stage.by(25, 10, 5)
        ja3 = d.hex(32)
        common = d.pick(("localhost", "example", "server"))
        subject = stage.by(f"CN={common},O=Internet Widgits", f"CN={d.hex(8)}", f"CN={site.name}")
        issuer = stage.by(subject, subject, site.issuer)
        for place in range(count):
            ts = stage.at((place + 0.8 * d.random()) / count)
            where = link(s, desk, site.host, stage.by(8443, 443, 443), "tcp", "ssl")
            network.tls(
                s.tape, ts + 0.01, where, sni=stage.by(None, None, other.name), tls_version="TLSv1.2",
                cipher="TLS_RSA_WITH_AES_256_CBC_SHA", ja3=ja3, ja3s=d.hex(32) if place == 0 else site.ja3s,
                subject=subject, issuer=issuer, validation=stage.by(SELF_SIGNED, SELF_SIGNED, "ok"), established=True,
            )  # fmt: skip
            connect(s, ts, where, d.size(1900, 0.6), d.size(4200, 0.8), d.lognormal(3, 0.8))
        stage.note("ip", desk.ip, site.host.ip)

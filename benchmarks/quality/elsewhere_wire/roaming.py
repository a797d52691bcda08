"""Laptops that roam, people at home, thin clients, telephones and guests."""

from benchmarks.quality.elsewhere_wire.desks import SITES, Desks
from benchmarks.quality.elsewhere_wire.journal import Journal
from benchmarks.quality.elsewhere_wire.site import HOUR, MINUTE, Machine, Site
from benchmarks.quality.elsewhere_wire.speech import Speech


class Roaming:
    """Whose address changes."""

    def __init__(self, site: Site, speech: Speech, journal: Journal, desks: Desks) -> None:
        self.site, self.say, self.note, self.chance, self.desks = site, speech, journal, site.chance, desks

    def play(self) -> None:
        """Everybody."""
        for laptop in self.site.by_role["laptop"]:
            self._roam(laptop)
        for thin in self.site.by_role["thin"]:
            self._thin(thin)
        for mobile in self.site.by_role["mobile"]:
            self._mobile(mobile, "10.64.26")
        for guest in self.site.by_role["guest"]:
            self._mobile(guest, "192.168.88")

    def _roam(self, m: Machine) -> None:
        r, ts = self.chance, self.site.at(6.8 + 2 * self.chance.random())
        home = m.ip
        self._vpn(m) if r.random() < 0.5 else None
        while ts < self.site.at(17):
            m.ip = self.site.address("10.64.24")
            end = ts + r.uniform(0.6, 3.5) * HOUR
            self.say.lease(ts, m.mac, m.name, m.ip, seconds=2 * HOUR)
            self.note.syslog(ts, "stm-dhcp", "dhcpd[811]", f"DHCPACK on {m.ip} to {m.mac} ({m.name}) via 10.64.24.1")
            self.desks.programs(m, ts, end)
            self.desks.shift(m, ts + 20, end)
            ts = end + r.uniform(2, 40) * MINUTE
        m.ip = home

    def _vpn(self, m: Machine) -> None:
        r, ts = self.chance, self.site.at(r_start := self.chance.uniform(18.5, 21))
        outside, given = self.site.public(f"home of {m.user}"), f"10.64.90.{r.randrange(10, 200)}"
        who = f"Group <GP_STAFF> User <{m.user}> IP <{outside}>"
        if r.random() < 0.2:
            self.note.rejected(ts - 30, m.user, outside)
        self.note.syslog(ts, "stm-asa", "%ASA-6-113039", f"{who} AnyConnect parent session started.")
        self.note.syslog(
            ts + 1, "stm-asa", "%ASA-4-722051", f"{who} IPv4 Address <{given}> IPv6 address <::> assigned to session"
        )
        m.ip, home = given, m.ip
        self.desks.shift(m, ts + 30, self.site.at(r_start + 1.5))
        m.ip = home
        self.note.syslog(
            self.site.at(r_start + 1.5),
            "stm-asa",
            "%ASA-4-113019",
            f"Group = GP_STAFF, Username = {m.user}, IP = {outside}, Session disconnected. "
            "Session Type: SSL, Duration: 1h:30m:02s, Bytes xmt: 8813212, Bytes rcv: 1919231, Reason: User Requested",
        )

    def _thin(self, m: Machine) -> None:
        r = self.chance
        self.desks.leases(m, 24)
        for ts in self.site.poisson(1.2, self.site.at(-4), self.site.end):
            xa = r.choice(self.site.by_role["citrix"])
            dur = r.uniform(120, 2400)
            self.say.tcp(
                ts, m, xa, r.choice((1494, 2598)), None, dur, int(dur * 400), int(dur * 6000), r.choice(("SF", "RSTO"))
            )
        for ts in self.site.every(600, 0.01):
            self.say.tls(
                ts,
                m,
                "wyse-mgmt.stmark.lan",
                ip="10.64.1.30",
                port=443,
                program="wda",
                version="TLSv12",
                subject="CN=wyse-mgmt,O=St Mark",
                issuer="CN=StMark Issuing CA",
                valid="unable to get local issuer certificate",
            )

    def _mobile(self, m: Machine, net: str) -> None:
        r = self.chance
        begin, end = self.site.at(r.uniform(-4, 14)), self.site.end
        ts = begin
        while ts < end:
            m.ip = self.site.address(net)
            m.mac = self.site.mac("") if net.startswith("192") and r.random() < 0.3 else m.mac
            stay = r.uniform(0.3, 3) * HOUR
            self.say.lease(
                ts,
                m.mac,
                "iPhone" if r.random() < 0.5 else "",
                m.ip,
                "192.168.88.1" if net.startswith("192") else "10.64.1.10",
                3600,
            )
            for at in self.site.poisson(30, ts, min(ts + stay, end)):
                name = r.choice(
                    (
                        "gateway.icloud.com",
                        "graph.instagram.com",
                        "i.ytimg.com",
                        "api.whatsapp.net",
                        "mask.icloud.com",
                        *SITES[:20],
                    )
                )
                self.say.tls(
                    at,
                    m,
                    name,
                    dur=r.uniform(1, 300),
                    out=int(r.lognormvariate(8, 1)),
                    into=int(r.lognormvariate(11, 2)),
                    program="ios",
                )
            for at in self.site.every(900, 0.05, ts + 9, min(ts + stay, end)):
                self.say.tcp(at, m, self.site.public("courier.push.apple.com"), 5223, "ssl", 840, 2400, 4000)
                self.say.tls(at + 5, m, "dns.cloudflare.example.com", dur=300, out=20_000, into=40_000, program="doh")
            ts += stay + r.uniform(0.2, 5) * HOUR

"""Clinical devices and the machines that serve them, and the portal that the internet sees."""

from benchmarks.quality.elsewhere_wire.journal import Journal
from benchmarks.quality.elsewhere_wire.site import HOUR, Site
from benchmarks.quality.elsewhere_wire.speech import Speech


class Clinic:
    """Pumps, monitors, imaging, laboratory, interface engine; patients and bots at the portal."""

    def __init__(self, site: Site, speech: Speech, journal: Journal) -> None:
        self.site, self.say, self.note, self.chance = site, speech, journal, site.chance
        self.gone: dict[str, float] = {}
        """Devices that a story takes off the network, by when."""

    def play(self) -> None:
        """Everything but those that are gone."""
        self._pumps()
        self._bedsides()
        self._imaging()
        self._laboratory()
        self._portal()
        self._noise()

    def _end(self, name: str) -> float:
        return self.gone.get(name, self.site.end)

    def _pumps(self) -> None:
        r, gateway = self.chance, self.site.one("pumpgw")
        for m in self.site.by_role["pump"]:
            for ts in self.site.every(6 * HOUR, 0.05, end=self._end(m.name)):
                self.say.lease(ts, m.mac, m.name, m.ip)
            for ts in self.site.every(120, 0.02, end=self._end(m.name)):
                if r.random() < 0.97:
                    self.say.tcp(ts, m, gateway, 51244, None, r.uniform(0.1, 0.5), int(r.gauss(850, 60)), 210)
            for ts in self.site.every(3600 * 4, 0.1, end=self._end(m.name)):
                self.say.udp(ts, m, self.site.one("dc"), 123, "ntp", 0.01, 48, 48)

    def _bedsides(self) -> None:
        r = self.chance
        for k, m in enumerate(self.site.by_role["bedside"]):
            central = self.site.one("central", k % 2)
            for ts in self.site.every(60, 0.001, end=self._end(m.name)):
                self.say.udp(ts, m, central, 24105, None, 59.9, int(r.gauss(46_000, 900)), 4300, 24105, 190)
            for ts in self.site.every(300, 0.01, end=self._end(m.name)):
                self.say.udp(ts, m, "10.64.51.255", 24005, None, 0.0, 200, 0, 24005)
        for central in self.site.by_role["central"]:
            for ts in self.site.every(60, 0.02):
                self.say.tcp(ts, central, self.site.one("engine"), 2575, None, 2.0, int(r.gauss(9000, 800)), 900)

    def _imaging(self) -> None:
        r, pacs = self.chance, self.site.one("pacs")
        for m in self.site.by_role["modality"]:
            for ts in self.site.every(120, 0.1):
                self.say.tcp(ts, m, pacs, 11112, "dicom" if self.site.seed % 2 else None, 0.3, 900, 1500)
            for ts in self.site.poisson(1.6, self.site.at(6.5), self.site.at(19)):
                self.say.tcp(
                    ts,
                    m,
                    pacs,
                    104,
                    "dicom" if self.site.seed % 2 else None,
                    r.uniform(5, 90),
                    int(r.lognormvariate(17, 1.1)),
                    30_000,
                )
        for m in self.site.by_role["reading"]:
            for ts in self.site.poisson(10, self.site.at(7), self.site.at(18)):
                self.say.tcp(ts, m, pacs, 11112, None, 0.4, 1800, 5000)
                self.say.tcp(ts + 5, m, pacs, 104, None, r.uniform(2, 30), 9000, int(r.lognormvariate(16.5, 1)))
        for ts in self.site.every(1800, 0.05):
            self.say.tls(
                ts,
                pacs,
                "archive.imagecloud.example.com",
                out=int(r.lognormvariate(18, 0.8)),
                into=40_000,
                dur=120,
                program="archive",
            )

    def _laboratory(self) -> None:
        r, lis, engine = self.chance, self.site.one("lis"), self.site.one("engine")
        for m in self.site.by_role["analyser"]:
            for ts in self.site.poisson(25, self.site.begin, self.site.end):
                self.say.tcp(ts, m, lis, 4000, None, 0.5, int(r.lognormvariate(7, 0.4)), 60)
            for ts in self.site.every(180, 0.05):
                self.say.tcp(ts, m, lis, 4000, None, 0.1, 20, 20)
        for source, port, rate in ((lis, 6661, 90), (engine, 6662, 160), (self.site.one("pacs"), 6663, 30)):
            to = engine if source is not engine else self.site.one("linux", 2)
            for ts in self.site.poisson(rate, self.site.begin, self.site.end):
                self.say.tcp(ts, source, to, port, None, r.uniform(0.1, 3), int(r.lognormvariate(7.3, 0.6)), 220)
        for ts in self.site.poisson(60, self.site.begin, self.site.end):
            self.say.tls(
                ts, engine, "hl7.cloudchart.example.com", out=int(r.lognormvariate(8, 0.7)), into=900, program="engine"
            )
        for m in self.site.by_role["analyser"][:2]:
            for ts in self.site.every(3600, 0.02):
                self.say.tls(
                    ts, m, "remote.labmaker.example.com", out=4000, into=1500, program="maker", version="TLSv12"
                )

    def _portal(self) -> None:
        r = self.chance
        pages = (
            "/",
            "/login",
            "/api/messages",
            "/api/appointments",
            "/static/app.4f2a.js",
            "/static/app.css",
            "/api/results?since=2026-09",
            "/favicon.ico",
            "/api/session",
        )
        for ts in self.site.poisson(45, self.site.begin, self.site.end):
            ip = self.site.public(f"patient {r.randrange(700)}")
            for k in range(r.randrange(3, 22)):
                at = ts + k * r.uniform(0.2, 9)
                uri = r.choice(pages)
                self.note.request(
                    at,
                    ip,
                    uri,
                    "POST" if uri == "/login" else "GET",
                    r.choice((200, 200, 200, 304)) if uri != "/login" or r.random() > 0.08 else 401,
                    int(r.lognormvariate(8, 1)),
                )
        for ts in self.site.poisson(40, self.site.begin, self.site.end):
            agent = r.choice(
                (
                    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                    "Mozilla/5.0 (compatible; bingbot/2.0)",
                    "UptimeRobot/2.0",
                )
            )
            self.note.request(
                ts,
                self.site.public(agent),
                r.choice(("/robots.txt", "/sitemap.xml", "/", "/find-a-doctor")),
                agent=agent,
            )
        for ts in self.site.every(60, 0.01):
            self.note.request(ts, "10.64.1.40", "/health", agent="PRTG Network Monitor", size=12)
        for m in self.site.by_role["portal"]:
            for ts in self.site.every(60, 0.3):
                self.note.flow(ts, m.ip, "10.64.1.64", 1433, "", 1500, 4000, 2.0)
            for ts in self.site.every(3600, 0.1):
                self.note.flow(ts, m.ip, self.site.public("deb.debian.example.org"), 443, "tls", 2000, 90_000, 3)
        for ts in self.site.poisson(70, self.site.at(7), self.site.at(19)):
            self.note.flow(
                ts,
                self.site.public(f"sender {r.randrange(90)}"),
                "172.22.5.30",
                25,
                "smtp",
                int(r.lognormvariate(10, 1.5)),
                900,
                3,
            )

    def _noise(self) -> None:
        r = self.chance
        for ts in self.site.poisson(500, self.site.begin, self.site.end):
            ip = self.site.public(f"noise {r.randrange(260)}")
            port = r.choice((22, 23, 80, 443, 445, 3389, 8080, 5900, 2323, 6379, 5060, r.randrange(1, 65000)))
            dst = f"172.22.5.{r.choice((20, 21, 30, 40, 41))}"
            if r.random() < 0.5:
                self.note.syslog(
                    ts,
                    "stm-asa",
                    "%ASA-4-106023",
                    f"Deny tcp src outside:{ip}/{r.randrange(1025, 65000)} dst dmz:{dst}/{port} "
                    'by access-group "outside_in" [0x0, 0x0]',
                )
            else:
                self.note.flow(ts, ip, dst, port, "", 0, 0, 0.0, "new")
        for ts in self.site.poisson(8, self.site.begin, self.site.end):
            ip = self.site.public(f"noise {r.randrange(60)}")
            uri = r.choice(
                (
                    "/.env",
                    "/wp-login.php",
                    "/boaform/admin/formLogin",
                    "/cgi-bin/luci/;stok=/locale",
                    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
                    "/actuator/health",
                )
            )
            self.note.request(
                ts, ip, uri, status=404, size=153, agent=r.choice(("Mozilla/5.0 zgrab/0.x", "-", "curl/7.88.1"))
            )
            self.note.eve(
                ts,
                "alert",
                ip,
                r.randrange(1025, 65000),
                "172.22.5.20",
                443,
                alert={
                    "action": "allowed",
                    "gid": 1,
                    "signature_id": 2024364 + r.randrange(40),
                    "rev": 3,
                    "signature": "ET SCAN Suspicious inbound probe",
                    "category": "Attempted Information Leak",
                    "severity": r.choice((2, 3, 3)),
                },
            )

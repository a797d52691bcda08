"""People at desks, roaming laptops, telephones, guests: what their programs say by themselves, and what they do."""

from benchmarks.quality.elsewhere_wire.journal import Journal
from benchmarks.quality.elsewhere_wire.site import HOUR, Machine, Site
from benchmarks.quality.elsewhere_wire.speech import Speech

SITES = [
    f"{a}{b}.{z}"
    for z in ("com", "org", "net")
    for a in ("med", "news", "shop", "local", "sport", "health", "city", "bank", "travel", "cook")
    for b in ("line", "hub", "post", "today", "wise")
]
_ASIDE = (
    "fonts.gstatic.com",
    "www.google-analytics.com",
    "securepubads.g.doubleclick.net",
    "cdn.jsdelivr.net",
    "static.cloudflareinsights.com",
    "d3ag4hukkh62yn.cloudfront.net",
    "e12564.dspb.akamaiedge.net",
    "a248.e.akamai.net",
    "prod.pubmatic.com",
)
_CLOUD = (
    "outlook.office365.com",
    "substrate.office.com",
    "teams.microsoft.com",
    "stmark.sharepoint.com",
    "login.microsoftonline.com",
)
_CHATTER = (
    # name, period, program, sent, received, share of machines: programs that call home honestly
    ("v10.events.data.microsoft.com", 1800.0, "diag", 4200, 900, 0.9),
    ("settings-win.data.microsoft.com", 3600.0, "diag", 1100, 3000, 0.9),
    ("client.wns.windows.com", 1800.0, "wns", 180, 160, 0.5),
    ("ts01-b.cloudsink.net", 1800.0, "edr", 2600, 1400, 0.95),
    ("ncus1-agent.ninjarmm.example.net", 1200.0, "rmm", 900, 700, 0.9),
    ("notify.bitwarden.com", 900.0, "vault", 500, 400, 0.15),
    ("gateway.slack-edge.com", 120.0, "slack", 400, 300, 0.06),
    ("spclient.wg.spotify.com", 180.0, "spotify", 800, 900, 0.08),
    ("update.googleapis.com", 5 * 3600.0, "omaha", 1500, 1200, 0.7),
    ("telemetry.dragonspeech.example.com", 600.0, "dictation", 1900, 600, 0.1),
    ("api.weather-widget.example.com", 1200.0, "widget", 350, 2600, 0.04),
)


class Desks:
    """Office hours 07:30–17:00 for most, nights for a fifth."""

    def __init__(self, site: Site, speech: Speech, journal: Journal) -> None:
        self.site, self.say, self.note, self.chance = site, speech, journal, site.chance

    def play(self) -> None:
        """Everybody."""
        for k, desk in enumerate(self.site.by_role["desk"]):
            self.leases(desk, 8)
            self.programs(desk, self.site.begin, self.site.end)
            spans = (
                [(-4.0, -0.5 + self.chance.random()), (18.8, 26.0)]
                if k % 5 == 0
                else [(7 + 1.3 * self.chance.random(), 16.2 + self.chance.random())]
            )
            for a, b in spans:
                self.shift(desk, self.site.at(a), min(self.site.at(b), self.site.end))
        for reader in self.site.by_role["reading"]:
            self.programs(reader, self.site.begin, self.site.end)

    def leases(self, m: Machine, hours: float) -> None:
        """Renewed at half of their time."""
        for ts in self.site.every(hours / 2 * HOUR, 0.02):
            self.say.lease(ts, m.mac, m.name, m.ip, seconds=hours * HOUR)

    def programs(self, m: Machine, begin: float, end: float) -> None:
        """What runs without anybody."""
        r = self.chance
        for name, period, program, out, into, share in _CHATTER:
            if r.random() > share:
                continue
            slack = r.choice((0.003, 0.02, 0.1))
            for ts in self.site.every(period, slack, begin + r.random() * period, end):
                self.say.tls(
                    ts,
                    m,
                    name,
                    out=int(out * r.uniform(0.9, 1.2)),
                    into=int(into * r.uniform(0.9, 1.1)),
                    program=program,
                    dur=r.uniform(0.1, 2),
                )
        for ts in self.site.every(6600, 0.2, begin + r.random() * 6600, end):
            self._policies(ts, m)
        for ts in self.site.every(4096, 0.1, begin + r.random() * 1024, end):
            self.say.udp(ts, m, self.site.one("dc"), 123, "ntp", 0.001, 48, 48, 123)
        for ts in self.site.every(2400, 0.6, begin + r.random() * 600, end):
            token = "".join(r.choices("0123456789abcdef", k=32))
            self.say.dns(ts, m, f"{token}.v0.avcloud-{r.choice('abc')}.sentinelav.net", "TXT", answers=["TXT 4 v=ok"])
            self.say.dns(ts + 3, m, f"wpad.{r.choice(('stmark.lan', 'lan'))}", rcode="NXDOMAIN")
        for ts in self.site.every(5000, 0.7, begin + r.random() * 600, end):
            self.say.udp(ts, m, "224.0.0.252", 5355, None, 0.4, 56, 0)
            self.say.udp(ts + 1, m, m.ip.rsplit(".", 1)[0] + ".255", 137, "dns", 1.5, 150, 0, 137)
            self.say.udp(ts + 2, m, "224.0.0.251", 5353, "dns", 2.0, 200, 0, 5353)
            self.say.conn(
                ts + 4,
                f"fe80::{m.mac[9:11]}ff:fe{m.mac[12:14]}:{m.mac[15:]}1",
                "ff02::1:2",
                547,
                "udp",
                "dhcpv6" if r.random() < 0.5 else None,
                12.0,
                600,
                0,
                "S0",
                546,
            )

    def _policies(self, ts: float, m: Machine) -> None:
        """The machine's account asks the directory what is its policy."""
        dc = self.site.one("dc", 0 if self.chance.random() < 0.6 else 1)
        self.say.kerberos(
            ts, m, f"{m.name}$", f"cifs/{dc.name.lower()}.stmark.lan", dc=0 if dc.name.endswith("1") else 1
        )
        self.say.tcp(ts + 0.2, m, dc, 389, "gssapi,ldap_tcp", 0.8, 2600, 7000)
        self.say.smb(ts + 0.5, m, dc, "SYSVOL", dur=11)

    def _logon(self, ts: float, m: Machine, again: bool = False) -> None:
        r, dc = self.chance, self.site.one("dc")
        if r.random() < 0.07 and not again:
            self.say.kerberos(ts - 14, m, m.user, f"krbtgt/{'STMARK.LAN'}", "AS", "KDC_ERR_PREAUTH_FAILED")
            self.note.windows(
                ts - 14,
                dc.name,
                4771,
                TargetUserName=m.user,
                IpAddress=f"::ffff:{m.ip}",
                Status="0x18",
                ServiceName="krbtgt/STMARK",
            )
        self.say.dns(ts - 1, m, "_ldap._tcp.Main._sites.dc._msdcs.stmark.lan", "SRV", answers=["stm-dc01.stmark.lan"])
        self.say.kerberos(ts - 0.1, m, m.user, "krbtgt/STMARK.LAN", "AS", "KDC_ERR_PREAUTH_REQUIRED")
        self.say.kerberos(ts, m, m.user, "krbtgt/STMARK.LAN", "AS")
        self.note.windows(
            ts,
            dc.name,
            4768,
            TargetUserName=m.user,
            TargetDomainName="STMARK",
            IpAddress=f"::ffff:{m.ip}",
            ServiceName="krbtgt",
            TicketEncryptionType="0x12",
            Status="0x0",
            PreAuthType=2,
        )
        for service in (f"LDAP/{dc.name}", "cifs/stm-fs01.stmark.lan", f"host/{m.name.lower()}.stmark.lan"):
            self.say.kerberos(ts + 1, m, m.user, service)
            self.note.windows(
                ts + 1,
                dc.name,
                4769,
                TargetUserName=f"{m.user}@STMARK.LAN",
                ServiceName=service.split("/")[1].split(".")[0].upper() + "$",
                IpAddress=f"::ffff:{m.ip}",
                TicketEncryptionType="0x12",
                Status="0x0",
                TicketOptions="0x40810000",
            )
        self.note.logon(ts + 0.5, m.name, m.user, "127.0.0.1" if not again else "-", 7 if again else 2, m.name)
        ids = self.say.smb(ts + 3, m, dc, "SYSVOL", dur=15)
        self.say.smb_file(
            ts + 4,
            ids,
            "FILE_OPEN",
            "SYSVOL",
            "stmark.lan\\Policies\\{31B2F340-016D-11D2-945F-00C04FB984F9}\\gpt.ini",
            23,
        )
        self.say.rpc(ts + 2, m, dc, "drsuapi", "DRSCrackNames")
        self.say.rpc(ts + 2, m, dc, "netlogon", "NetrLogonSamLogonEx")
        self.say.tcp(ts + 2, m, dc, 389, "gssapi,ldap_tcp", 1.0, 3000, 9000)

    def shift(self, m: Machine, begin: float, end: float) -> None:
        """A logon and what people do until they go home."""
        r = self.chance
        self._logon(begin, m)
        for name in _CLOUD[:3]:
            for ts in self.site.every(r.uniform(600, 1500), 0.5, begin + r.random() * 90, end):
                self.say.tls(
                    ts,
                    m,
                    name,
                    dur=r.uniform(1, 200),
                    out=int(r.lognormvariate(8, 1)),
                    into=int(r.lognormvariate(9.5, 1.2)),
                    program="outlook",
                    version=r.choice(("TLSv13", "TLSv12")),
                )
        for ts in self.site.poisson(2.2, begin, end):
            self._read(ts, m)
        for ts in self.site.poisson(1.5, begin, end):
            self._files(ts, m)
        for ts in self.site.poisson(0.5, begin, end):
            self.say.tcp(
                ts,
                m,
                r.choice(self.site.by_role["printer"]),
                9100,
                None,
                r.uniform(1, 20),
                int(r.lognormvariate(12, 1)),
                200,
            )
        for ts in self.site.poisson(0.12, begin, end):
            self._meeting(ts, m)
        for ts in self.site.poisson(0.3, begin, end):
            self.say.tls(
                ts,
                m,
                "stmark.sharepoint.com",
                out=int(r.lognormvariate(12.5, 1.3)),
                into=20_000,
                dur=r.uniform(2, 60),
                program="onedrive",
            )
        xa = r.choice(self.site.by_role["citrix"])
        for ts in self.site.poisson(0.25, begin, end):
            self.say.tcp(ts, m, xa, 2598, None, r.uniform(600, 7000), 900_000, 9_000_000)
        for ts in self.site.poisson(0.4, begin, end):
            self._logon(ts, m, again=True)
        for ts in self.site.poisson(0.5, begin, end):
            child, line = r.choice(
                (
                    ("EXCEL.EXE", '"EXCEL.EXE" /dde'),
                    ("Teams.exe", "Teams.exe --type=renderer"),
                    ("msedge.exe", "msedge.exe --single-argument https://intranet.stmark.lan/"),
                    ("notepad.exe", "notepad.exe"),
                )
            )
            self.note.process(ts, m.name, m.user, f"C:\\Program Files\\App\\{child}", line, "C:\\Windows\\explorer.exe")

    def _read(self, ts: float, m: Machine) -> None:
        r = self.chance
        for page in range(r.randrange(1, 5)):
            site = "www." + SITES[min(int(r.expovariate(0.05)), len(SITES) - 1)]
            at = ts + page * r.uniform(5, 90)
            for name in (site, *r.sample(_ASIDE, r.randrange(1, 4))):
                self.say.tls(
                    at + r.random() * 2,
                    m,
                    name,
                    dur=r.uniform(0.3, 60),
                    out=int(r.lognormvariate(7.7, 0.8)),
                    into=int(r.lognormvariate(10.5, 1.5)),
                    version=r.choice(("TLSv13", "TLSv13", "TLSv12")),
                    ttl=r.choice((60.0, 300.0, 1800.0)),
                )
            if r.random() < 0.15:
                self.say.udp(
                    at + 2, m, self.say.resolve(at, m, "www.google.com"), 443, "quic", r.uniform(1, 90), 9000, 90_000
                )
        if r.random() < 0.2:
            self.say.http(
                ts + 5,
                m,
                "ocsp.digicert.com",
                "/MFEwTzBNMEswSTAJBgUrDgMCGgUABBTfqhLjKLEJQZPin0KCzkdAQpVYowQUsT7",
                agent="Microsoft-CryptoAPI/10.0",
                mime="application/ocsp-response",
                into=471,
            )
        if r.random() < 0.02:
            self.say.dns(ts, m, r.choice(SITES).replace(".", "x."), rcode="NXDOMAIN")

    def _files(self, ts: float, m: Machine) -> None:
        r = self.chance
        share = r.choice(("Departments", "Home", "Policies"))
        ids = self.say.smb(
            ts,
            m,
            self.site.one("file", r.randrange(2)),
            f"{share}" if share != "Home" else f"{m.user}$",
            dur=r.uniform(60, 900),
            out=int(r.lognormvariate(10, 1.2)),
            into=int(r.lognormvariate(11, 1.5)),
        )
        for k in range(r.randrange(1, 7)):
            what = r.choice(("Rota", "Budget", "Minutes", "Ward list", "Letter"))
            name = f"{what} {r.randrange(1, 40)}.{r.choice(('docx', 'xlsx', 'pdf'))}"
            self.say.smb_file(ts + 2 + k * 7, ids, "FILE_OPEN", share, name, r.randrange(20_000, 900_000))
            if r.random() < 0.25:
                self.say.smb_file(
                    ts + 4 + k * 7, ids, "FILE_RENAME", share, name, 30_000, f"~WRL{r.randrange(1000, 9999)}.tmp"
                )

    def _meeting(self, ts: float, m: Machine) -> None:
        dur = self.chance.uniform(900, 3600)
        relay = self.site.public(f"teams relay {self.chance.randrange(9)}")
        self.say.udp(ts, m, relay, 3479, None, dur, int(dur * 90_000), int(dur * 120_000))
        self.say.udp(ts, m, relay, 3480, None, dur, int(dur * 8000), int(dur * 9000))

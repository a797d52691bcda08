"""What runs by itself: directory, servers, telephones, doors, cameras, air, and what is out of order."""

from benchmarks.quality.elsewhere_wire.journal import Journal
from benchmarks.quality.elsewhere_wire.site import HOUR, Machine, Site
from benchmarks.quality.elsewhere_wire.speech import Speech


class Plant:
    """Machines that talk in rhythms."""

    def __init__(self, site: Site, speech: Speech, journal: Journal) -> None:
        self.site, self.say, self.note, self.chance = site, speech, journal, site.chance

    def play(self) -> None:
        """Everything."""
        self._servers()
        self._telephones()
        self._building()
        self._out_of_order()

    def _servers(self) -> None:
        r = self.chance
        dcs = self.site.by_role["dc"]
        for ts in self.site.every(900, 0.1):
            self.say.rpc(ts, dcs[1], dcs[0], "drsuapi", "DRSReplicaSync")
            self.say.rpc(ts + 0.5, dcs[1], dcs[0], "drsuapi", "DRSGetNCChanges")
            self.say.rpc(ts + 4, dcs[0], dcs[1], "drsuapi", "DRSGetNCChanges")
        for dc in dcs:
            for ts in self.site.every(1024, 0.02):
                self.say.udp(ts, dc, self.site.public("time.nist.example.gov"), 123, "ntp", 0.03, 48, 48, 123)
        for role in ("file", "sccm", "citrix", "sql", "lis", "engine", "pumpgw", "pacs"):
            for m in self.site.by_role[role]:
                self._windows_server(m)
        for m in self.site.by_role["linux"] + self.site.by_role["syslog"]:
            self._linux_server(m)
        for xa in self.site.by_role["citrix"]:
            for ts in self.site.poisson(120, self.site.at(6.5), self.site.at(18)):
                name = r.choice(
                    ("ehr.cloudchart.example.com", "ehr.cloudchart.example.com", "erx.surescript.example.net")
                )
                self.say.tls(
                    ts,
                    xa,
                    name,
                    dur=r.uniform(1, 120),
                    out=int(r.lognormvariate(8.5, 1)),
                    into=int(r.lognormvariate(10.5, 1.2)),
                    program="chart",
                )
            for ts in self.site.poisson(30, self.site.begin, self.site.end):
                self.say.tcp(
                    ts,
                    xa,
                    self.site.one("sql", 0),
                    1433,
                    None,
                    r.uniform(1, 600),
                    int(r.lognormvariate(9, 1)),
                    int(r.lognormvariate(11, 1.5)),
                )

    def _windows_server(self, m: Machine) -> None:
        r = self.chance
        for ts in self.site.every(300, 0.02):
            self.say.tls(ts, m, "ts01-b.cloudsink.net", program="edr", out=2600, into=1400)
        for ts in self.site.every(5400, 0.1):
            self.say.kerberos(ts, m, f"{m.name}$", "krbtgt/STMARK.LAN", "AS")
            self.note.logon(ts, m.name, "svc_monitor", "10.64.1.40", 3, "STM-PRTG01")
            self.note.windows(
                ts + 60, m.name, 7036, "System", param1="Windows Update", param2=r.choice(("running", "stopped"))
            )

    def _linux_server(self, m: Machine) -> None:
        r = self.chance
        for ts in self.site.every(3600, 0.0):
            self.note.syslog(
                ts,
                m.name,
                f"CRON[{r.randrange(900, 32_000)}]",
                "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)",
            )
        for ts in self.site.every(1800, 0.3):
            self.note.syslog(
                ts, m.name, "systemd[1]", f"Started session-{r.randrange(9000)}.scope - Session of user nagios."
            )
            self.note.syslog(
                ts + 0.2,
                m.name,
                f"sshd[{r.randrange(900, 32_000)}]",
                f"Accepted publickey for nagios from 10.64.1.40 port {r.randrange(40_000, 60_000)} ssh2",
            )
            self.say.ssh(ts, "10.64.1.40", m, True, 2.0, 3100, 3600, client="SSH-2.0-libssh2_1.11.0")
        for ts in self.site.poisson(0.3, self.site.at(8), self.site.at(17)):
            who, desk = r.choice((("tkline", "10.64.16.30"), ("mbauer", "10.64.16.31")))
            self.note.syslog(
                ts,
                m.name,
                f"sshd[{r.randrange(900, 32_000)}]",
                f"Accepted publickey for {who} from {desk} port {r.randrange(40_000, 60_000)} ssh2: RSA SHA256:aa81c",
            )
            self.note.syslog(
                ts + 40,
                m.name,
                "sudo",
                f"  {who} : TTY=pts/0 ; PWD=/home/{who} ; USER=root ; COMMAND=/usr/bin/systemctl restart nginx",
            )
            self.say.ssh(ts, desk, m, True, r.uniform(60, 2000), 22_000, 60_000, client="SSH-2.0-PuTTY_Release_0.81")

    def _telephones(self) -> None:
        r, pbx = self.chance, self.site.one("pbx")
        phones = self.site.by_role["phone"]
        for m in phones:
            for ts in self.site.every(600, 0.01):
                self.say.udp(ts, m, pbx, 5060, "sip", 0.05, 600, 500, 5060)
            self.say.lease(self.site.begin + r.random() * 4 * HOUR, m.mac, m.name, m.ip)
            for ts in self.site.poisson(1.2, self.site.at(7), self.site.at(18)):
                dur, other = r.expovariate(1 / 150), r.choice(phones)
                self.say.udp(
                    ts,
                    m,
                    other,
                    r.randrange(16384, 32766),
                    "rtp" if r.random() < 0.2 else None,
                    dur,
                    int(dur * 8600),
                    int(dur * 8600),
                    size=172,
                )

    def _building(self) -> None:
        _r, nvr = self.chance, self.site.one("nvr")
        for m in self.site.by_role["camera"]:
            for ts in self.site.every(3600, 0.001):
                self.say.tcp(ts, nvr, m, 554, None, 3590, 30_000, 3590 * 400_000)
            for ts in self.site.every(86_000, 0.1):
                self.say.udp(ts, m, self.site.one("dc"), 123, "ntp", 0.01, 48, 48)
        for m in self.site.by_role["badge"]:
            for ts in self.site.every(120, 0.02):
                self.say.tcp(ts, m, self.site.one("linux", 0), 3001, None, 0.05, 90, 60)
        for m in self.site.by_role["bms"]:
            for ts in self.site.every(60, 0.05):
                self.say.udp(ts, m, "10.64.60.255", 47808, None, None or 0.0, 25, 0, 47808)
            for ts in self.site.every(60, 0.05):
                self.say.udp(ts, self.site.one("linux", 1), m, 47808, None, 0.03, 40, 60, 47808)
            for ts in self.site.every(1800, 0.01):
                self.say.tls(
                    ts, m, "hvac.trane-cloud.example.com", out=9000, into=1200, program="bms", version="TLSv12"
                )

    def _out_of_order(self) -> None:
        """A retired server that three others still ask for, and a service whose password nobody changed."""
        for m in (self.site.one("citrix", 1), self.site.one("lis"), self.site.one("linux", 2)):
            for ts in self.site.every(40, 0.1):
                self.say.knock(ts, m, "10.64.1.33", 1433, "S0")
        app = self.site.one("sql", 1)
        for ts in self.site.every(240, 0.02):
            self.say.kerberos(ts, app, "svc_reports", "krbtgt/STMARK.LAN", "AS", "KDC_ERR_PREAUTH_FAILED")
            self.note.windows(
                ts,
                self.site.one("dc").name,
                4771,
                TargetUserName="svc_reports",
                IpAddress=f"::ffff:{app.ip}",
                Status="0x18",
                ServiceName="krbtgt/STMARK",
            )
            self.note.logon(
                ts + 0.1, self.site.one("file").name, "svc_reports", app.ip, 3, app.name, ok=False, package="NTLM"
            )

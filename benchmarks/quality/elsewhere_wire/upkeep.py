"""Who looks after the house: monitoring, updates, the weekly scan, backups."""

from benchmarks.quality.elsewhere_wire.journal import Journal
from benchmarks.quality.elsewhere_wire.site import HOUR, Site
from benchmarks.quality.elsewhere_wire.speech import Speech

_SCANNED = (
    21,
    22,
    23,
    25,
    53,
    80,
    104,
    111,
    135,
    139,
    161,
    443,
    445,
    515,
    631,
    1433,
    2575,
    3306,
    3389,
    5900,
    5985,
    8080,
    8443,
    9100,
    11112,
)


class Upkeep:
    """What looks like an attack and is none."""

    def __init__(self, site: Site, speech: Speech, journal: Journal) -> None:
        self.site, self.say, self.note, self.chance = site, speech, journal, site.chance

    def play(self) -> None:
        """Everything."""
        self._monitoring()
        self._updates()
        self._weekly_scan()
        self._backups()

    def _monitoring(self) -> None:
        r, eye = self.chance, self.site.one("monitor")
        watched = [
            m
            for role in (
                "dc",
                "file",
                "sccm",
                "citrix",
                "sql",
                "engine",
                "lis",
                "linux",
                "hypervisor",
                "pbx",
                "printer",
                "nvr",
                "pacs",
                "pumpgw",
                "backup",
            )
            for m in self.site.by_role[role]
        ]
        for m in watched:
            for ts in self.site.every(300, 0.01):
                self.say.ping(ts, eye, m)
            if m.role not in ("printer", "hypervisor", "linux", "file", "nvr"):
                continue
            for ts in self.site.every(300, 0.01):
                ids = self.say.udp(ts, eye, m, 161, "snmp", 0.2, 420, 900)
                self.say.told_by(
                    "snmp",
                    ts + 1,
                    ids,
                    duration=0.2,
                    version="2c",
                    community="stm-ro",
                    get_requests=3,
                    get_bulk_requests=1,
                    get_responses=4,
                    set_requests=0,
                )
        for m in (x for x in watched if x.role in ("file", "sql", "citrix", "dc")):
            for ts in self.site.every(600, 0.01):
                self.say.rpc(ts, eye, m, "IWbemServices", "ExecQuery")
                self.say.ntlm(ts + 0.5, eye, m, "svc_monitor", "STM-PRTG01")
                if r.random() < 0.02:
                    self.say.knock(ts, eye, m, 135)
        for desk in self.site.by_role["desk"][:2]:
            for ts in self.site.poisson(0.8, self.site.at(8), self.site.at(17)):
                self.say.rdp(
                    ts,
                    desk,
                    r.choice(self.site.by_role["file"] + self.site.by_role["sccm"] + self.site.by_role["sql"]),
                    desk.user + "-adm",
                    r.uniform(200, 4000),
                    300_000,
                    4_000_000,
                )

    def _updates(self) -> None:
        r, sccm = self.chance, self.site.one("sccm")
        for m in self.site.by_role["desk"] + self.site.by_role["reading"]:
            for ts in self.site.every(3600, 0.2):
                self.say.http(
                    ts,
                    m,
                    "stm-cm01.stmark.lan",
                    "/SMS_MP/.sms_aut?MPLIST",
                    ip=sccm.ip,
                    agent="ccmhttp",
                    mime="text/xml",
                )
                self.say.http(
                    ts + 30,
                    m,
                    "stm-cm01.stmark.lan",
                    "/ccm_system/request",
                    ip=sccm.ip,
                    method="CCM_POST",
                    agent="ccmhttp",
                    out=9000,
                    mime="multipart/mixed",
                )
            ts = self.site.at(12 + 3 * r.random())
            for k in range(r.randrange(2, 7)):
                self.say.http(
                    ts + 40 * k,
                    m,
                    "stm-cm01.stmark.lan",
                    f"/SMS_DP_SMSPKG$/Content_{k}/sccm?/app{k}.cab",
                    ip=sccm.ip,
                    agent="Microsoft BITS/7.8",
                    into=int(r.lognormvariate(16, 1)),
                    mime="application/vnd.ms-cab-compressed",
                    dur=20,
                )
        for ts in self.site.every(5 * HOUR, 0.1):
            self.say.http(
                ts,
                sccm,
                "download.windowsupdate.com",
                "/d/msdownload/update/software/secu/2026/10/windows11.0-kb5044285-x64.cab",
                agent="Windows-Update-Agent",
                into=480_000_000,
                dur=240,
                mime="application/vnd.ms-cab-compressed",
            )
        for m in self.site.by_role["desk"]:
            if r.random() < 0.6:
                ts = self.site.at(10 + 2 * r.random())
                ids = self.say.smb(ts, sccm, m, "ADMIN$", dur=20, out=3_000_000, into=4000)
                self.say.smb_file(ts + 2, ids, "FILE_OPEN", "ADMIN$", "ccmsetup\\ccmsetup.exe", 3_100_000)
                self.say.rpc(ts + 4, sccm, m, "svcctl", "CreateServiceW", "\\pipe\\svcctl", ids)
                self.note.windows(
                    ts + 5,
                    m.name,
                    7045,
                    "System",
                    ServiceName="ccmsetup",
                    ImagePath="C:\\Windows\\ccmsetup\\ccmsetup.exe /runservice",
                    ServiceType="user mode service",
                    StartType="auto start",
                    AccountName="LocalSystem",
                )

    def _weekly_scan(self) -> None:
        r, scanner = self.chance, self.site.one("scanner")
        ts = self.site.at(-2.5)
        for role, machines in self.site.by_role.items():
            if role in ("pump", "bedside", "guest", "mobile", "phone"):
                continue
            for m in machines:
                for port in _SCANNED:
                    ts += r.uniform(0.02, 0.6)
                    if role in ("desk", "citrix", "file", "dc") and port in (135, 139, 445, 3389):
                        self.say.tcp(ts, scanner, m, port, "gssapi,smb" if port == 445 else None, 0.2, 900, 800)
                    else:
                        self.say.knock(ts, scanner, m, port, r.choice(("REJ", "S0", "REJ")))
                if role in ("printer", "linux", "nvr"):
                    for uri in (
                        "/cgi-bin/test-cgi",
                        "/../../../../etc/passwd",
                        "/admin/",
                        "/?q=<script>alert(1)</script>",
                    ):
                        self.say.http(
                            ts,
                            scanner,
                            m.ip,
                            uri,
                            ip=m.ip,
                            status=404,
                            agent="Mozilla/4.0 (compatible; MSIE 8.0; Nessus)",
                        )

    def _backups(self) -> None:
        r, vbr = self.chance, self.site.one("backup")
        for night in (-2.0, 22.0):
            ts = self.site.at(night)
            for role in ("file", "sql", "dc", "citrix", "engine", "lis", "pacs"):
                for m in self.site.by_role[role]:
                    ids = self.say.smb(ts, vbr, m, "ADMIN$", dur=8, out=30_000, into=9000)
                    self.say.rpc(ts + 1, vbr, m, "svcctl", "OpenServiceW", "\\pipe\\svcctl", ids)
                    self.say.tcp(
                        ts + 10, m, vbr, r.randrange(2500, 2600), None, 900, int(r.lognormvariate(22.5, 1)), 4_000_000
                    )
                    ts += r.uniform(200, 700)
            for k in range(6):
                name = f"stm-offsite.s3.us-east-2.amazonaws{'.com'}"
                self.say.tls(
                    ts + 600 * k,
                    vbr,
                    name,
                    dur=590,
                    out=int(r.lognormvariate(22, 0.4)),
                    into=9_000_000,
                    program="veeam",
                )

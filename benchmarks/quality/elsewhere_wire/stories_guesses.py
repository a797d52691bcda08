"""Passwords guessed."""

from benchmarks.quality.elsewhere_wire.story import Play, Story, Telling


def guess_ssh(p: Play, level: int) -> Story:
    """Hydra, then throttled, then a list of some dozen."""
    m, r = p.site.spare("desk"), p.site.chance
    target = p.site.one("linux", r.randrange(3))
    gap, count = ((1.0, 400), (8.0, 120), (60.0, 40))[level]
    begin = ts = p.start(9, 14)
    for _ in range(count):
        ts += gap * r.uniform(0.6, 1.4)
        p.say.ssh(
            ts,
            m,
            target,
            False,
            r.uniform(1.5, 4),
            2300,
            2700,
            attempts=r.randrange(1, 4),
            client="SSH-2.0-libssh_0.9.6" if level == 0 else "SSH-2.0-Go",
        )
        user = r.choice(("root", "admin", "oracle", "backup"))
        who = user if user == "root" else f"invalid user {user}"
        p.note.syslog(
            ts + 2,
            target.name,
            f"sshd[{r.randrange(900, 32000)}]",
            f"Failed password for {who} from {m.ip} port {r.randrange(40_000, 60_000)} ssh2",
        )
    return p.told("brute force ssh", level, [m, target], (begin, ts))


def guess_rdp(p: Play, level: int) -> Story:
    """Short desktops that never become long."""
    m, r = p.site.spare("desk"), p.site.chance
    target = p.site.one("citrix", r.randrange(3))
    gap, count = ((1.5, 300), (12.0, 100), (75.0, 40))[level]
    begin = ts = p.start(9, 14)
    for _ in range(count):
        ts += gap * r.uniform(0.6, 1.4)
        p.say.rdp(ts, m, target, "administrator", r.uniform(0.8, 2), 1700, 2600)
        p.note.logon(
            ts + 1, target.name, "administrator", m.ip, 3, "kali" if level == 0 else m.name, ok=False, package="NTLM"
        )
    return p.told("brute force rdp", level, [m, target], (begin, ts))


def guess_smb(p: Play, level: int) -> Story:
    """NTLM refusals in Zeek only: this file server's log is not shipped."""
    m, r = p.site.spare("desk"), p.site.chance
    target = p.site.one("file", 1)
    gap, count = ((0.3, 500), (6.0, 150), (70.0, 40))[level]
    begin = ts = p.start(9, 14)
    for _ in range(count):
        ts += gap * r.uniform(0.6, 1.4)
        p.say.ntlm(ts, m, target, r.choice(("administrator", "backupadmin")), m.name, success=False)
    return p.told("brute force smb", level, [m], (begin, ts))


def guess_ftp(p: Play, level: int) -> Story:
    """An FTP server of a modality."""
    m, r, target = p.site.spare("desk"), p.site.chance, p.site.one("modality", 2)
    gap, count = ((0.5, 300), (6.0, 100), (60.0, 40))[level]
    begin = ts = p.start(9, 14)
    for _ in range(count):
        ts += gap * r.uniform(0.6, 1.4)
        ids = p.say.tcp(ts, m, target, 21, "ftp", 1.0, 80, 240)
        p.say.told_by(
            "ftp",
            ts + 0.5,
            ids,
            user=r.choice(("service", "admin", "anonymous")),
            command="PASS",
            reply_code=530,
            reply_msg="Login incorrect.",
        )
    return p.told("brute force ftp", level, [m], (begin, ts))


def guess_http(p: Play, level: int) -> Story:
    """A form or basic authentication of an inner web page."""
    m, r, target = p.site.spare("desk"), p.site.chance, p.site.one("linux", 1)
    gap, count = ((0.3, 500), (5.0, 150), (60.0, 45))[level]
    begin = ts = p.start(9, 14)
    for _ in range(count):
        ts += gap * r.uniform(0.6, 1.4)
        p.say.http(
            ts,
            m,
            "bms.stmark.lan",
            "/login.php",
            ip=target.ip,
            method="POST",
            status=(401, 401, 403)[level],
            out=44,
            into=210,
            agent="Mozilla/5.0 (Hydra)" if level == 0 else "python-requests/2.31.0",
        )
    return p.told("brute force http", level, [m], (begin, ts))


def spray(p: Play, level: int) -> Story:
    """One password for many accounts, in Kerberos and in the directory's log."""
    m, r, dc = p.site.spare("desk"), p.site.chance, p.site.one("dc")
    users = [x.user for x in p.site.by_role["desk"] + p.site.by_role["laptop"]]
    r.shuffle(users)
    gap, count = ((0.5, 90), (20.0, 60), (300.0, 40))[level]
    begin = ts = p.start(8, 12)
    for user in users[:count]:
        ts += gap * r.uniform(0.6, 1.4)
        p.say.kerberos(ts, m, user, "krbtgt/STMARK.LAN", "AS", "KDC_ERR_PREAUTH_FAILED")
        p.note.windows(
            ts,
            dc.name,
            4771,
            TargetUserName=user,
            IpAddress=f"::ffff:{m.ip}",
            Status="0x18",
            ServiceName="krbtgt/STMARK",
        )
    return p.told("password spray", level, [m], (begin, ts))


ALL: tuple[Telling, ...] = (guess_ssh, guess_rdp, guess_smb, guess_ftp, guess_http, spray)

"""Logons: on workstations, on servers, over the network; each leaves what host and sensor would note."""

from pipeline.simulator.documents import logs, network
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host

_DOMAIN = "HOSP"
_WINDOWS = {
    "logon": ("4624", "An account was successfully logged on."),
    "failure": ("4625", "An account failed to log on."),
    "logoff": ("4634", "An account was logged off."),
    "lockout": ("4740", "A user account was locked out."),
    "privilege_use": ("4672", "Special privileges assigned to new logon."),
    "ticket": ("4768", "A Kerberos authentication ticket (TGT) was requested."),
}


def windows(
    s: Scene,
    ts: float,
    host: Host,
    user: str,
    action: str,
    *,
    ok: bool = True,
    logon_type: int = 2,
    src: Host | None = None,
) -> None:
    """One entry of a Windows security log, on `host`."""
    code, message = _WINDOWS[action if ok else "failure"]
    origin = src if src is not None else host
    logs.auth(
        s.tape,
        ts,
        "windows.security",
        {
            "host": host.name,
            "program": "Microsoft-Windows-Security-Auditing",
            "pid": 4,
            "severity": 6 if ok else 5,
            "message": message,
            "event_code": code,
            "user": user,
            "src_ip": origin.ip,
        },
        action=action,
        outcome="success" if ok else "failure",
        method="kerberos" if logon_type == 2 else "ntlm",
        logon_type=logon_type,
        domain=_DOMAIN,
        src_host=origin.name,
    )


def kerberos(s: Scene, ts: float, src: Host, user: str, *, ok: bool = True, target: str | None = None) -> None:
    """A ticket request at the domain controller, as the sensor saw it."""
    where = link(s, src, s.world.servers["dc1"], 88, "tcp", "krb_tcp")
    network.auth(
        s.tape,
        ts,
        where,
        "zeek.kerberos",
        user=user,
        domain="HOSP.EXAMPLE",
        outcome="success" if ok else "failure",
        request_type="TGS" if target else "AS",
        target=target or "krbtgt/HOSP.EXAMPLE",
        cipher="aes256-cts-hmac-sha1-96",
        error=None if ok else "KDC_ERR_PREAUTH_FAILED",
    )
    connect(s, ts, where, 1500, 1650)


def desk_logon(s: Scene, ts: float, desk: Host, user: str, *, ok: bool = True) -> None:
    """Someone logs on at a workstation: the controller's ticket, and the workstation's own entry."""
    kerberos(s, ts - 0.05, desk, user, ok=ok)
    windows(s, ts, desk, user, "logon", ok=ok)


def ssh(s: Scene, ts: float, src: Host, server: Host, user: str, *, ok: bool, method: str = "password") -> None:
    """An SSH logon attempt: sshd's line on the server and the sensor's view of it."""
    d = s.draws
    where = link(s, src, server, 22, "tcp", "ssh")
    verb = "Accepted" if ok else "Failed"
    logs.auth(
        s.tape,
        ts,
        "syslog.rfc5424",
        {
            "host": server.name,
            "program": "sshd",
            "pid": d.whole(800, 32000),
            "severity": 6 if ok else 5,
            "message": f"{verb} {method} for {user} from {src.ip} port {where.src_port} ssh2",
            "user": user,
            "src_ip": src.ip,
            "src_port": where.src_port,
        },
        action="logon",
        outcome="success" if ok else "failure",
        method=method,
    )
    network.auth(
        s.tape,
        ts - 0.1,
        where,
        "zeek.ssh",
        outcome="success" if ok else "failure",
        attempts=1,
        client="SSH-2.0-OpenSSH_9.6",
        server="SSH-2.0-OpenSSH_9.3",
        cipher="chacha20-poly1305@openssh.com",
    )
    if ok:
        connect(s, ts - 0.2, where, d.size(9000, 0.8), d.size(24_000, 0.9), d.lognormal(90, 1.0))
    else:
        connect(s, ts - 0.2, where, d.size(1900, 0.1), d.size(2400, 0.1), d.lognormal(2.2, 0.3))


def rdp(s: Scene, ts: float, src: Host, target: Host, user: str, *, ok: bool) -> None:
    """A remote desktop attempt: the target's security log and the sensor's view."""
    d = s.draws
    where = link(s, src, target, 3389, "tcp", "rdp")
    network.auth(s.tape, ts - 0.1, where, "zeek.rdp", user=user, outcome="unknown", client=src.name, cipher="TLS")
    windows(s, ts, target, user, "logon", ok=ok, logon_type=10, src=src)
    if ok:
        connect(s, ts - 0.2, where, d.size(220_000, 0.8), d.size(3_000_000, 0.9), d.lognormal(240, 0.8))
    else:
        connect(s, ts - 0.2, where, d.size(1800, 0.1), d.size(1500, 0.1), d.lognormal(1.1, 0.3))


def sudo(s: Scene, ts: float, server: Host, user: str, command: str) -> None:
    """A command run with another's rights."""
    logs.auth(
        s.tape,
        ts,
        "syslog.rfc5424",
        {
            "host": server.name,
            "program": "sudo",
            "pid": s.draws.whole(800, 32000),
            "severity": 5,
            "message": f"{user} : TTY=pts/0 ; PWD=/home/{user} ; USER=root ; COMMAND={command}",
            "user": user,
        },
        action="privilege_use",
        outcome="success",
        method="sudo",
        target_user="root",
    )

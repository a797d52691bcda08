"""What Windows machines say on the wire beside files: NTLM, remote procedure calls, tickets."""

import orjson

from pipeline.simulator.documents import network
from pipeline.simulator.documents.network import Link
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.machines import DOMAIN

REALM = "HOSP.EXAMPLE"
RC4, AES = "rc4-hmac", "aes256-cts-hmac-sha1-96"
SERVICE_CONTROL = ("OpenSCManagerW", "CreateServiceW", "StartServiceW", "DeleteService", "CloseServiceHandle")
TASKS = ("SchRpcRegisterTask", "SchRpcRun", "SchRpcDelete")


def ntlm(s: Scene, ts: float, where: Link, user: str, *, ok: bool = True, client: str | None = None) -> None:
    """An NTLM logon inside a session."""
    network.auth(
        s.tape, ts, where, "zeek.ntlm", user=user, domain="HOSP", outcome="success" if ok else "failure",
        client=client or where.src.name.upper(), server=f"{where.dst.name}.{DOMAIN}",
        error=None if ok else "LOGON_FAILURE",
    )  # fmt: skip


def call(s: Scene, ts: float, where: Link, endpoint: str, operation: str, pipe: str) -> None:
    """One remote procedure call, as Zeek's dce_rpc log has it."""
    detail = orjson.dumps({"named_pipe": pipe, "endpoint": endpoint, "operation": operation}).decode()
    network.other(s.tape, ts, where, "dce_rpc", detail)


def service_by_rpc(s: Scene, ts: float, src: Host, dst: Host, user: str, *, task: bool = False) -> None:
    """A service or task is made on another machine and started: what remote execution and roll-outs both do."""
    d = s.draws
    where = link(s, src, dst, 445, "tcp", "smb")
    ntlm(s, ts + 0.02, where, user)
    share = f"\\\\{dst.name}\\ADMIN$"
    network.file(s.tape, ts + 0.05, where, action="map", share=share)
    if not task:
        name = f"{d.hex(8)}.exe"
        network.file(s.tape, ts + 0.2, where, action="SMB::FILE_WRITE", share=share, filename=name,
                     size_bytes=d.size(140_000, 0.6))  # fmt: skip
    endpoint, pipe = ("ITaskSchedulerService", "\\pipe\\atsvc") if task else ("svcctl", "\\pipe\\svcctl")
    for step, operation in enumerate(TASKS if task else SERVICE_CONTROL):
        call(s, ts + 0.4 + 0.3 * step, where, endpoint, operation, pipe)
    connect(s, ts, where, d.size(160_000, 0.4), d.size(12_000, 0.4), d.lognormal(3, 0.5))


def service_ticket(s: Scene, ts: float, src: Host, user: str, target: str, *, weak: bool = False) -> None:
    """A ticket for one service, from the domain controller; in RC4 where that is asked for or all that there is."""
    cipher = RC4 if weak or target in s.world.principals.old else AES
    where = link(s, src, s.world.servers["dc1"], 88, "tcp", "krb_tcp")
    network.auth(
        s.tape, ts, where, "zeek.kerberos", user=user, domain=REALM, outcome="success", request_type="TGS",
        target=target, cipher=cipher,
    )  # fmt: skip
    connect(s, ts, where, 1600, 1700)

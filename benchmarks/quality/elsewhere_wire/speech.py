"""Shares, logons, remote calls of a Windows domain on top of the rest, as Zeek's analysers tell them."""

from benchmarks.quality.elsewhere_wire.site import Machine, Record
from benchmarks.quality.elsewhere_wire.web import Web
from benchmarks.quality.elsewhere_wire.wire import End

REALM, DOMAIN = "STMARK.LAN", "STMARK"


class Speech(Web):
    """All conversations."""

    def kerberos(
        self,
        ts: float,
        src: End,
        user: str,
        service: str,
        kind: str = "TGS",
        error: str = "",
        cipher: str = "aes256-cts-hmac-sha1-96",
        dc: int = 0,
    ) -> None:
        """A ticket asked for."""
        ids = self.tcp(ts, src, self.site.one("dc", dc), 88, "krb_tcp", 0.01, 1500, 1600 if not error else 180)
        fields: Record = {"request_type": kind, "client": f"{user}/{REALM}", "service": service, "success": not error}
        fields |= {"error_msg": error} if error else {"till": ts + 36_000, "cipher": cipher}
        self.told["kerberos"].append((ts + 0.01, {"ts": ts} | ids | fields | {"forwardable": True, "renewable": True}))

    def smb(
        self, ts: float, src: End, server: End, share: str, *, dur: float = 60.0, out: int = 8000, into: int = 40_000
    ) -> Record:
        """A share opened."""
        ids = self.tcp(ts, src, server, 445, "gssapi,smb,krb" if "$" not in share else "gssapi,smb", dur, out, into)
        name = server.name if isinstance(server, Machine) else server
        kind = "PIPE" if share == "IPC$" else "DISK"
        self.told_by("smb_mapping", ts + 0.02, ids, path=f"\\\\{name.lower()}.stmark.lan\\{share}", share_type=kind)
        return ids

    def smb_file(self, ts: float, ids: Record, action: str, share: str, name: str, size: int, before: str = "") -> None:
        """What was done to a file."""
        more: Record = {"prev_name": before} if before else {}
        self.told_by(
            "smb_files",
            ts,
            ids,
            action=f"SMB::{action}",
            path=f"\\\\stm-fs\\{share}",
            name=name,
            size=size,
            times__modified=ts - 5e5,
            times__accessed=ts,
            times__created=ts - 1e6,
            times__changed=ts - 5e5,
            **more,
        )

    def ntlm(
        self, ts: float, src: End, server: Machine, user: str, host: str, success: bool = True, port: int = 445
    ) -> Record:
        """A logon by challenge and response."""
        ids = self.tcp(ts, src, server, port, "gssapi,smb,ntlm" if port == 445 else "ntlm", 0.3, 2100, 1900)
        self.told_by(
            "ntlm",
            ts + 0.03,
            ids,
            username=user,
            hostname=host,
            domainname=DOMAIN,
            server_nb_computer_name=server.name,
            server_dns_computer_name=f"{server.name.lower()}.stmark.lan",
            server_tree_name="stmark.lan",
            success=success,
        )
        return ids

    def rpc(
        self, ts: float, src: End, server: End, endpoint: str, operation: str, pipe: str = "", ids: Record | None = None
    ) -> None:
        """A remote call over a pipe of SMB or a port of its own."""
        port = 445 if pipe else 49669
        on = ids or self.tcp(ts, src, server, port, "dce_rpc" if not pipe else "gssapi,smb,dce_rpc", 0.5, 1800, 1500)
        self.told_by(
            "dce_rpc", ts + 0.04, on, rtt=0.0006, named_pipe=pipe or str(port), endpoint=endpoint, operation=operation
        )

    def rdp(
        self,
        ts: float,
        src: Machine,
        dst: Machine,
        user: str,
        dur: float,
        out: int,
        into: int,
        result: str = "encrypted",
    ) -> None:
        """A remote desktop."""
        ids = self.tcp(ts, src, dst, 3389, "rdp,ssl" if result == "encrypted" else "rdp", dur, out, into)
        self.told_by(
            "rdp",
            ts + 0.05,
            ids,
            cookie=user[:9],
            result=result,
            security_protocol="HYBRID_EX",
            client_build="RDP 10.11",
            client_name=src.name,
            cert_count=0,
        )

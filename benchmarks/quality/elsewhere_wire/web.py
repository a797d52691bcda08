"""Web, shells and leases on top of the wire, as Zeek's analysers tell them."""

from hashlib import md5, sha256

from benchmarks.quality.elsewhere_wire.site import Machine, Record, Site
from benchmarks.quality.elsewhere_wire.wire import End, Wire, address, inside

EDGE = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0")  # fmt: skip


def digest(text: str) -> str:
    """A JA3 for a kind of client: the same for all that run the same program."""
    return md5(text.encode(), usedforsecurity=False).hexdigest()


class Web(Wire):
    """Conversations with the web."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.certificates: dict[str, float] = {}

    def tls(
        self,
        ts: float,
        src: Machine,
        name: str | None,
        *,
        ip: str = "",
        port: int = 443,
        dur: float = 1.0,
        out: int = 2500,
        into: int = 9000,
        program: str = "edge",
        subject: str = "",
        issuer: str = "",
        version: str = "TLSv13",
        valid: str = "ok",
        sni: bool = True,
        state: str = "SF",
        ttl: float = 300.0,
    ) -> Record:
        """A look-up where needed, a connection, a handshake."""
        r = self.chance
        to = ip or self.resolve(ts, src, name or "", ttl)
        ids = self.tcp(ts, src, to, port, "ssl", dur, out, into, state)
        fields: Record = {
            "version": version,
            "cipher": "TLS_AES_256_GCM_SHA384" if version == "TLSv13" else "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "curve": "x25519",
            "resumed": r.random() < 0.25 and version == "TLSv13",
            "established": True,
            "ssl_history": "CsiI" if version == "TLSv13" else "CsxknGIi",
            "ja3": digest(program),
            "ja3s": digest("server of " + str(name)),
        }
        if name and sni:
            fields["server_name"] = name
        if program in ("edge", "outlook", "teams"):
            fields["next_protocol"] = "h2"
        if version != "TLSv13":
            fingerprint = sha256(f"{name}{subject}{to}".encode()).hexdigest()
            fields |= {
                "cert_chain_fps": [fingerprint],
                "client_cert_chain_fps": [],
                "sni_matches_cert": valid == "ok",
                "validation_status": valid,
            }
            if self.site.seed % 3 != 1:
                fields |= {
                    "subject": subject or f"CN={name}",
                    "issuer": issuer or "CN=DigiCert TLS RSA SHA256 2020 CA1,O=DigiCert Inc,C=US",
                }
            self._certificate(ts, fingerprint, name or "", subject, issuer)
        self.told["ssl"].append((ts + 0.1, {"ts": ts + 0.03} | ids | fields))
        return ids

    def _certificate(self, ts: float, fingerprint: str, name: str, subject: str, issuer: str) -> None:
        if self.certificates.get(fingerprint, 0.0) > ts:
            return
        self.certificates[fingerprint] = ts + 86_400
        self.told["x509"].append(
            (
                ts + 0.08,
                {
                    "ts": ts + 0.05,
                    "fingerprint": fingerprint,
                    "certificate.version": 3,
                    "certificate.serial": fingerprint[:18].upper(),
                    "certificate.subject": subject or f"CN={name}",
                    "certificate.issuer": issuer or "CN=DigiCert TLS RSA SHA256 2020 CA1,O=DigiCert Inc,C=US",
                    "certificate.not_valid_before": ts - 9e6,
                    "certificate.not_valid_after": ts + 2e7,
                    "certificate.key_alg": "rsaEncryption",
                    "certificate.sig_alg": "sha256WithRSAEncryption",
                    "certificate.key_type": "rsa",
                    "certificate.key_length": 2048,
                    "basic_constraints.ca": False,
                    "host_cert": True,
                    "client_cert": False,
                },
            )
        )

    def http(
        self,
        ts: float,
        src: Machine,
        host: str,
        uri: str,
        *,
        ip: str = "",
        port: int = 80,
        method: str = "GET",
        agent: str = EDGE,
        status: int = 200,
        out: int = 0,
        into: int = 3000,
        mime: str = "text/html",
        dur: float = 0.3,
        user: str = "",
    ) -> Record:
        """A request in the clear."""
        to = ip or self.resolve(ts, src, host)
        ids = self.tcp(ts, src, to, port, "http", dur, out + 300, into + 250)
        fields: Record = {
            "trans_depth": 1,
            "method": method,
            "host": host,
            "uri": uri,
            "version": "1.1",
            "user_agent": agent,
            "request_body_len": out,
            "response_body_len": into,
            "status_code": status,
            "status_msg": {200: "OK", 302: "Found", 401: "Unauthorized", 404: "Not Found"}.get(status, "OK"),
            "tags": [],
        }
        if user:
            fields |= {"username": user, "password": "<redacted>"}
        if into:
            fuid = self.uid("F")
            fields |= {"resp_fuids": [fuid], "resp_mime_types": [mime]}
            self.told["files"].append(
                (
                    ts + dur,
                    {
                        "ts": ts + dur / 2,
                        "fuid": fuid,
                        "uid": ids["uid"],
                        "id.orig_h": ids["id.orig_h"],
                        "id.orig_p": ids["id.orig_p"],
                        "id.resp_h": ids["id.resp_h"],
                        "id.resp_p": ids["id.resp_p"],
                        "source": "HTTP",
                        "depth": 0,
                        "analyzers": ["MD5", "SHA1"],
                        "mime_type": mime,
                        "duration": 0.01,
                        "local_orig": inside(to),
                        "is_orig": False,
                        "seen_bytes": into,
                        "total_bytes": into,
                        "missing_bytes": 0,
                        "overflow_bytes": 0,
                        "timedout": False,
                    },
                )
            )
        self.told["http"].append((ts + dur, {"ts": ts + 0.02} | ids | fields))
        return ids

    def ssh(
        self,
        ts: float,
        src: End,
        dst: End,
        ok: bool | None,
        dur: float,
        out: int,
        into: int,
        attempts: int = 1,
        client: str = "SSH-2.0-OpenSSH_9.6",
        server: str = "SSH-2.0-OpenSSH_9.2p1 Debian-2",
    ) -> None:
        """A shell."""
        ids = self.tcp(ts, src, dst, 22, "ssh", dur, out, into)
        fields: Record = {} if ok is None else {"auth_success": ok}
        way = "OUTBOUND" if not inside(address(dst)) else "INBOUND" if not inside(address(src)) else None
        fields |= {"direction": way} if way else {}
        self.told_by(
            "ssh",
            ts + 0.05,
            ids,
            version=2,
            auth_attempts=attempts,
            client=client,
            server=server,
            cipher_alg="chacha20-poly1305@openssh.com",
            mac_alg="hmac-sha2-256-etm@openssh.com",
            kex_alg="curve25519-sha256",
            host_key_alg="ssh-ed25519",
            **fields,
        )

    def lease(
        self, ts: float, mac: str, host: str, ip: str, server: str = "10.64.1.10", seconds: float = 28_800.0
    ) -> None:
        """Four messages of DHCP as one record."""
        full = self.chance.random() < 0.35
        ids = self.conn(
            ts,
            "0.0.0.0" if full else ip,  # noqa: S104  what a client writes that has no address yet
            "255.255.255.255" if full else server,
            67,
            "udp",
            "dhcp",
            0.1,
            600,
            620,
            "SF",
            68,
        )
        self.told["dhcp"].append(
            (
                ts + 1,
                {
                    "ts": ts,
                    "uids": [ids["uid"]],
                    "client_addr": ip,
                    "server_addr": server,
                    "mac": mac,
                    "assigned_addr": ip,
                    "lease_time": seconds,
                    "msg_types": ["DISCOVER", "OFFER", "REQUEST", "ACK"] if full else ["REQUEST", "ACK"],
                    "duration": 0.05,
                    "domain": "stmark.lan",
                }
                | ({"host_name": host, "client_fqdn": f"{host}.stmark.lan"} if host else {}),
            )
        )

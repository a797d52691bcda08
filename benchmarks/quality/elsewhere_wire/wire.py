"""Zeek's logs by their own names: connections and look-ups with all that Zeek writes of them."""

from benchmarks.quality.elsewhere_wire.site import Machine, Record, Site

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_HISTORY = {
    "SF": ("ShADadFf", "ShADadFf", "ShADadfF", "ShADdaFf", "ShADadFfR", "ShADadttFf"),
    "RSTO": ("ShADadR", "ShADadFR"),
    "RSTR": ("ShADadr",),
    "S0": ("S",),
    "REJ": ("Sr",),
    "S1": ("ShADad",),
    "SH": ("SA",),
    "S3": ("ShADadf",),
    "OTH": ("DadA",),
    "RSTOS0": ("SR",),
}
_DNS_TYPES = {"A": 1, "AAAA": 28, "PTR": 12, "SRV": 33, "TXT": 16, "HTTPS": 65, "NULL": 10, "CNAME": 5, "MX": 15}
_RCODES = {"NOERROR": 0, "NXDOMAIN": 3, "SERVFAIL": 2, "REFUSED": 5}
End = Machine | str


def address(end: End) -> str:
    """Where a machine is now."""
    return end if isinstance(end, str) else end.ip


def inside(ip: str) -> bool:
    """Zeek's Site::local_nets."""
    return ip.startswith(("10.", "192.168.", "172.22.", "fe80:"))


class Wire:
    """What a Zeek sensor at the core sees. A connection is written when it ends, so files are not in order of `ts`."""

    def __init__(self, site: Site) -> None:
        self.site, self.chance, self.told = site, site.chance, site.told
        self.macs = site.seed % 4 in (0, 3)
        """Whether policy/protocols/conn/mac-logging is loaded."""
        self.asked: set[tuple[str, str, int]] = set()
        """(who, name, which span of its time to live): what is remembered is not asked again."""
        self.port = 49152

    def uid(self, first: str = "C") -> str:
        """A connection's or a file's id."""
        return first + "".join(self.chance.choices(_ALPHABET, k=17))

    def sport(self) -> int:
        """The next ephemeral port."""
        self.port = 49152 + (self.port - 49152 + self.chance.randrange(1, 9)) % 16000
        return self.port

    def conn(
        self, ts: float, src: End, dst: End, port: int, proto: str, service: str | None, dur: float | None,
        out: int, into: int, state: str, sport: int = 0, size: int = 1300,
    ) -> Record:  # fmt: skip
        """A connection; returns the `uid` and the four `id` fields that go into the logs of its protocol."""
        a, b = address(src), address(dst)
        ids: Record = {
            "uid": self.uid(),
            "id.orig_h": a,
            "id.orig_p": sport or self.sport(),
            "id.resp_h": b,
            "id.resp_p": port,
        }
        record: Record = {"ts": ts} | ids | {"proto": proto}
        if service:
            record["service"] = service
        answered = state not in ("S0", "SH", "RSTOS0", "REJ")
        if dur is not None and (state not in ("S0",) or out):
            record |= {"duration": round(dur, 6), "orig_bytes": out, "resp_bytes": into}
        head = 40 if proto == "tcp" else 28
        more = 4 if proto == "tcp" and answered else 0
        sent = max(1, out // size + (1 if out else 0) + more)
        got = max(1, into // size + (1 if into else 0) + more) if answered or state == "REJ" else 0
        if proto != "tcp":
            got = got if into else 0
        history = "Dd" if into else "D"
        if proto == "tcp":
            history = self.chance.choice(_HISTORY[state])
        record |= {
            "conn_state": state,
            "local_orig": inside(a),
            "local_resp": inside(b),
            "missed_bytes": 0,
            "history": history,
            "orig_pkts": sent,
            "orig_ip_bytes": out + head * sent,
            "resp_pkts": got,
            "resp_ip_bytes": into + head * got,
        }
        if proto == "icmp":
            del record["history"]
        if self.macs:
            record |= {"orig_l2_addr": src.mac if isinstance(src, Machine) else "00:1b:17:00:01:10",
                       "resp_l2_addr": dst.mac if isinstance(dst, Machine) else "00:1b:17:00:01:10"}  # fmt: skip
        self.told["conn"].append((ts + (dur or 0.0) + 5.0, record))
        return ids

    def tcp(self, ts: float, src: End, dst: End, port: int, service: str | None = None, dur: float = 0.2,
            out: int = 600, into: int = 2000, state: str = "SF") -> Record:  # fmt: skip
        """A connection that was spoken on."""
        return self.conn(ts, src, dst, port, "tcp", service, dur, out, into, state)

    def knock(self, ts: float, src: End, dst: End, port: int, state: str = "S0") -> Record:
        """A SYN without an answer, or with a refusal."""
        dur = 0.0004 if state == "REJ" else None
        return self.conn(ts, src, dst, port, "tcp", None, dur, 0, 0, state)

    def udp(self, ts: float, src: End, dst: End, port: int, service: str | None = None, dur: float = 0.02,
            out: int = 80, into: int = 120, sport: int = 0, size: int = 1300) -> Record:  # fmt: skip
        """Datagrams of `size` bytes."""
        return self.conn(ts, src, dst, port, "udp", service, dur, out, into, "SF" if into else "S0", sport, size)

    def ping(self, ts: float, src: End, dst: End, answered: bool = True) -> None:
        """Zeek writes type and code into the ports."""
        dur = self.chance.uniform(0.0005, 0.01) if answered else None
        self.conn(ts, src, dst, 0, "icmp", None, dur, 64 if answered else 0, 64 if answered else 0,
                  "OTH", sport=8)  # fmt: skip

    def told_by(self, log: str, ts: float, ids: Record, **fields: object) -> None:
        """A record of a protocol's log."""
        self.told[log].append((ts, {"ts": ts} | ids | {k.replace("__", "."): v for k, v in fields.items()}))

    def dns(self, ts: float, src: End, name: str, qtype: str = "A", rcode: str = "NOERROR",
            answers: list[str] | None = None, server: End | None = None, ttl: float = 300.0) -> None:  # fmt: skip
        """A look-up; the house's server asks on when it does not remember."""
        r = self.chance
        to = server or self.site.one("dc", 0 if r.random() < 0.8 else 1)
        given = answers if answers is not None else ([self.site.public(name)] if rcode == "NOERROR" else [])
        size = len(name) + 30
        ids = self.udp(ts, src, to, 53, "dns", r.uniform(0.0006, 0.04), size, size + sum(map(len, given)) + 16)
        fields: Record = {
            "proto": "udp", "trans_id": r.randrange(65536), "rtt": round(r.uniform(0.0006, 0.04), 6), "query": name,
            "qclass": 1, "qclass_name": "C_INTERNET", "qtype": _DNS_TYPES[qtype], "qtype_name": qtype,
            "rcode": _RCODES[rcode], "rcode_name": rcode, "AA": name.endswith(".lan"), "TC": False, "RD": True,
            "RA": True, "Z": 0, "rejected": rcode == "REFUSED",
        }  # fmt: skip
        if given:
            fields |= {"answers": given, "TTLs": [ttl] * len(given)}
        self.told["dns"].append((ts + 0.02, {"ts": ts} | ids | fields))
        if (
            isinstance(to, Machine)
            and to.role == "dc"
            and not name.endswith((".lan", ".arpa"))
            and self._first(to, name + qtype, ts, ttl)
        ):
            self.dns(ts + 0.002, to, name, qtype, rcode, answers, "9.9.9.9", ttl)

    def _first(self, who: Machine, name: str, ts: float, ttl: float) -> bool:
        key = (who.mac, name, int(ts / ttl) if ttl >= 1 else int(ts * 1000))
        if key in self.asked:
            return False
        self.asked.add(key)
        return True

    def resolve(self, ts: float, src: Machine, name: str, ttl: float = 300.0) -> str:
        """Looks a name up when it is no longer remembered; its address."""
        if self._first(src, name, ts, ttl):
            self.dns(ts - 0.05, src, name, ttl=ttl)
            if self.chance.random() < 0.3:
                self.dns(ts - 0.049, src, name, "AAAA", answers=[], ttl=ttl)
        return self.site.public(name)

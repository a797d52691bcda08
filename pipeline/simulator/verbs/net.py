"""Connections: name look-ups, plain connections, web visits."""

from pipeline.simulator.documents import network
from pipeline.simulator.documents.network import Link
from pipeline.simulator.draws import Weighted
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host, Site

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Edg/126.0",
)
# JA3 of the client programs in use; which one a machine has follows from its address.
JA3 = (
    "8d9f7747675e24454cd9b7ed35c58707",
    "2f4cb1a3d7be05c0ae1b8f3fd0e7c7b1",
    "b32309a26951912be7dba376398abc3b",
    "6734f37431670b3ab4292b8f60f29984",
    "cd08e31494f9531f560d64c695473da9",
)
_PATHS = ("/", "/index.html", "/news", "/search", "/assets/app.js", "/img/logo.png", "/api/v1/items", "/article")
# How connections end that carried what they should: closed by either side, now and then with a retransmission (t, T),
# cut by a reset, or still open when Zeek stopped waiting. Shares as seen in captures of offices.
_ENDINGS = Weighted(
    (
        ("SF", "ShADadFf"), ("SF", "ShADadfF"), ("SF", "ShADadFRf"), ("SF", "ShADadFTf"), ("SF", "ShADadtFf"),
        ("SF", "ShAdDaFf"), ("RSTO", "ShADadFR"), ("RSTO", "ShADadR"), ("RSTR", "ShADadfr"), ("RSTR", "ShADadr"),
        ("S1", "ShADad"), ("S3", "ShADadf"), ("OTH", "DadA"),
    ),
    (52, 26, 2, 2, 2, 5, 4, 3, 1.5, 1, 0.8, 0.4, 0.3),
)  # fmt: skip
CHAINED = "unable to get local issuer certificate"
SELF_SIGNED = "self signed certificate"
_UNHEARD = 0.004  # of all requests: the other side was away


def number_of(host: Host) -> int:
    """A small number that belongs to a host for good: chooses its browser and its habits."""
    return sum(map(ord, host.ip))


def link(s: Scene, src: Host, dst: Host, port: int, proto: str = "tcp", service: str | None = None) -> Link:
    """A new connection with its own id and source port."""
    return Link(src, s.draws.port(), dst, port, proto, service, s.draws.uid())


def lookup(s: Scene, ts: float, src: Host, name: str, answer: str | None, qtype: str = "A") -> None:
    """A DNS query to the internal resolver; `answer` None means NXDOMAIN. Clients ask for both address families."""
    d = s.draws
    dns1 = s.world.servers["dns1"]
    where = link(s, src, dns1, 53, "udp", "dns")
    rtt = d.lognormal(0.004, 0.9)
    found = answer is not None
    network.dns(s.tape, ts, where, name, qtype, "NOERROR" if found else "NXDOMAIN", [answer] if answer else [], rtt)
    if qtype == "A" and d.chance(0.3):
        both = link(s, src, dns1, 53, "udp", "dns")
        network.dns(s.tape, ts, both, name, "AAAA", "NOERROR" if found else "NXDOMAIN", [], rtt)
    if d.chance(0.5):
        network.flow(s.tape, ts, where, rtt, 28 + len(name), 44 + len(name) + len(answer or ""))


def connect(
    s: Scene, ts: float, where: Link, bytes_out: int, bytes_in: int, duration_s: float | None = None, state: str = "SF"
) -> None:
    """A connection; without a duration it lasts as long as its bytes need at about 3 MB/s, and a little.

    One that went well (SF) ends in one of the ways that Zeek tells apart; other states are kept as they are.
    """
    d = s.draws
    if duration_s is None:
        duration_s = d.lognormal(0.08, 0.8) + (bytes_out + bytes_in) / 3e6
    if state == "SF" and where.proto == "tcp":
        state, history = _ENDINGS.pick(d)
        network.flow(s.tape, ts, where, duration_s, bytes_out, bytes_in, state, history)
    elif state == "S0" and where.proto == "tcp":
        network.flow(s.tape, ts, where, d.pick((0.0, 3.0, 9.0)), 0, 0, state, tries=d.whole(1, 3))
    else:
        network.flow(s.tape, ts, where, duration_s, bytes_out, bytes_in, state)


def visit(s: Scene, ts: float, src: Host, site: Site, out: int, back: int, ja3: str | None = None) -> None:
    """One exchange with a site: usually a look-up, then TLS or HTTP and the connection below."""
    d = s.draws
    if d.chance(0.45):
        lookup(s, ts - 0.02, src, site.name, site.host.ip)
    if d.chance(_UNHEARD):
        connect(s, ts, link(s, src, site.host, 443 if site.tls else 80), 0, 0, state="S0")
        return
    if site.tls:
        where = link(s, src, site.host, 443, "tcp", "ssl")
        if d.chance(0.8):
            shake_hands(s, ts + 0.01, where, site, ja3)
    else:
        where = link(s, src, site.host, 80, "tcp", "http")
        request(s, ts + 0.01, where, site.name, d.pick(_PATHS), out, back)
    connect(s, ts, where, out, back)


def shake_hands(s: Scene, ts: float, where: Link, site: Site, ja3: str | None = None) -> None:
    """The TLS handshake with a site: its certificate shows up to TLS 1.2 only, and not when resumed."""
    shown = "ECDHE" in site.cipher and s.draws.chance(0.6)
    network.tls(
        s.tape, ts, where, sni=site.name, tls_version="TLSv1.2" if "ECDHE" in site.cipher else "TLSv1.3",
        cipher=site.cipher, ja3=ja3 or JA3[number_of(where.src) % 5], ja3s=site.ja3s,
        subject=f"CN={site.name}" if shown else None, issuer=site.issuer if shown else None,
        validation="ok" if shown else None, established=True,
    )  # fmt: skip


def shake_hands_inside(s: Scene, ts: float, where: Link, name: str, *, signed: bool = True) -> None:
    """TLS with a server or device of the house: an own authority, or none, which outside validators do not know."""
    network.tls(
        s.tape, ts, where, sni=name if signed else None, tls_version="TLSv1.2",
        cipher="TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", ja3=JA3[number_of(where.src) % 5],
        ja3s=JA3[number_of(where.dst) % 5], subject=f"CN={name}",
        issuer="CN=Hospital Issuing CA 1,DC=hosp,DC=example" if signed else f"CN={name}",
        validation=CHAINED if signed else SELF_SIGNED, established=True,
    )  # fmt: skip


def request(
    s: Scene,
    ts: float,
    where: Link,
    host: str,
    uri: str,
    out: int,
    back: int,
    method: str = "GET",
    status: int = 200,
) -> None:
    """One HTTP request as the sensor saw it."""
    agent = AGENTS[number_of(where.src) % len(AGENTS)]
    mime = "text/html" if uri.endswith(("/", "html")) else "application/octet-stream"
    network.http(
        s.tape,
        ts,
        where,
        method=method,
        host=host,
        uri=uri,
        user_agent=agent,
        status=status,
        bytes_out=max(0, out - 400) if method == "POST" else 0,
        bytes_in=back,
        mime_type=mime,
    )

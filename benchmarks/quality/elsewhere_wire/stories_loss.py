"""Data that leaves and ways in that stay: from public reports of rclone, chisel, AnyDesk and kin."""

from benchmarks.quality.elsewhere_wire.stories_calls import drawn_domain
from benchmarks.quality.elsewhere_wire.story import Play, Story, Telling


def reverse_tunnel(p: Play, level: int) -> Story:
    """ssh -R, a chisel over 443, a websocket to a front: long, and answers flow outwards."""
    m, r, name = p.site.spare("linux" if level == 1 else "desk"), p.site.chance, drawn_domain(p)
    begin = p.start(8, 11)
    dur, ip = (5 * 3600.0, 6 * 3600.0, 3 * 3600.0)[level], p.site.public(name)
    if level == 0:
        p.say.ssh(begin, m, ip, True, dur, 80_000_000, 4_000_000, client="SSH-2.0-OpenSSH_for_Windows_9.5")
    else:
        p.say.tls(
            begin,
            m,
            name if level == 2 else None,
            ip=ip,
            dur=dur,
            out=(0, 60_000_000, 9_000_000)[level],
            into=(0, 3_000_000, 700_000)[level],
            program="chisel",
            sni=level == 2,
            version="TLSv13" if level == 2 else "TLSv12",
            valid="self signed certificate",
            subject="CN=localhost",
            issuer="CN=localhost",
        )
    for _ in range((40, 20, 6)[level]):
        p.say.tcp(
            begin + r.uniform(60, dur), m, p.site.one("file"), r.choice((445, 3389, 5985)), None, 30, 20_000, 60_000
        )
    return p.told("reverse tunnel", level, [m], (begin, begin + dur), (ip, name))


def bulk(p: Play, level: int) -> Story:
    """To a server that nobody knows, at once."""
    m, name = p.site.spare("desk" if level else "file"), drawn_domain(p)
    begin, ip = p.start(11, 20), p.site.public(name)
    for k in range((6, 4, 2)[level]):
        size = int((4e9, 4e8, 6e7)[level])
        if level == 0:
            p.say.ssh(begin + k * 700, m, ip, True, 650, size, 2_000_000, client="SSH-2.0-WinSCP_release_6.3")
        else:
            p.say.tls(begin + k * 700, m, name, dur=650, out=size, into=400_000, program="curl")
    return p.told("exfiltration bulk", level, [m], (begin, begin + 5000), (ip, name))


def slow(p: Play, level: int) -> Story:
    """A little every few minutes."""
    m, r, name = p.site.spare("desk"), p.site.chance, drawn_domain(p)
    begin, end = p.start(7, 9), p.site.at(25)
    for ts in p.site.every((300, 600, 1500)[level], 0.3, begin, end):
        p.say.tls(
            ts,
            m,
            name,
            dur=r.uniform(3, 20),
            out=int((5e6, 1.5e6, 4e5)[level] * r.uniform(0.7, 1.3)),
            into=6000,
            program="powershell",
        )
    return p.told("exfiltration slow", level, [m], (begin, end), (name, p.site.public(name)))


def to_cloud(p: Play, level: int) -> Story:
    """rclone to a store, then to one the house uses in small lots."""
    m, r = p.site.spare("desk" if level else "file"), p.site.chance
    name = ("gfs270n071.userstorage.mega.example.org", "content.dropboxapi.com", "stmarks-my.sharepoint.com")[level]
    begin = p.start(18, 22) if level < 2 else p.start(9, 12)
    for k in range((60, 40, 20)[level]):
        p.say.tls(
            begin + k * 60,
            m,
            name,
            dur=r.uniform(20, 55),
            out=int((1e8, 3e7, 8e6)[level] * r.uniform(0.8, 1.2)),
            into=15_000,
            program="rclone",
        )
    return p.told("exfiltration cloud", level, [m], (begin, begin + 3600), (name, p.site.public(name)))


def remote_tool(p: Play, level: int) -> Story:
    """AnyDesk, Atera, then a ScreenConnect of the attacker's own name."""
    m, r = p.site.spare("desk"), p.site.chance
    names = (
        ("boot.net.anydesk.com", "relay-3aa1.net.anydesk.com"),
        ("agent-api.atera.com", "ps.atera.com"),
        (f"relay.{drawn_domain(p)}",),
    )[level]
    begin = p.start(9, 13)
    p.say.http(
        begin, m, "download.filepile.example.org", "/dl/support.exe", into=4_900_000, mime="application/x-dosexec"
    )
    for ts in p.site.every(120, 0.1, begin + 60, begin + 5 * 3600):
        p.say.tls(ts, m, r.choice(names), port=8041 if level == 2 else 443, dur=110, out=4000, into=5000, program="rat")
    if level < 2:
        p.note.process(
            begin + 40,
            m.name,
            m.user,
            ("C:\\Users\\Public\\AnyDesk.exe", "C:\\Program Files\\ATERA Networks\\AteraAgent\\AteraAgent.exe")[level],
            "AnyDesk.exe --install",
            "C:\\Windows\\explorer.exe",
        )
    return p.told("remote tool", level, [m], (begin, begin + 5 * 3600), names)


def self_signed(p: Play, level: int) -> Story:
    """Default certificates of kits; then a plain one on an odd port; then only the handshake is odd."""
    m, r, ip = p.site.spare("desk"), p.site.chance, p.site.public(drawn_domain(p))
    begin = p.start(8, 14)
    subject = (
        "CN=Major Cobalt Strike,OU=AdvancedPenTesting,O=cobaltstrike,L=Somewhere,ST=Cyberspace,C=Earth",
        "CN=localhost,O=Internet Widgits Pty Ltd",
        "CN=updates.contentgrid.example.net",
    )[level]
    for ts in p.site.poisson(12, begin, begin + 4 * 3600):
        p.say.tls(
            ts,
            m,
            None,
            ip=ip,
            port=(443, 4443, 443)[level],
            dur=r.uniform(1, 40),
            out=r.randrange(900, 9000),
            into=r.randrange(900, 30_000),
            program="metasploit",
            version="TLSv12",
            subject=subject,
            issuer=subject if level < 2 else "CN=WR2,O=Google Trust Services,C=US",
            valid="self signed certificate" if level < 2 else "ok",
            sni=False,
        )
    return p.told("tls oddity", level, [m], (begin, begin + 4 * 3600), (ip,))


def miner(p: Play, level: int) -> Story:
    """Stratum in the clear, on a port of its own, then inside TLS."""
    m, r, name = (
        p.site.spare("desk"),
        p.site.chance,
        ("pool.supportxmr.example.com", "xmr-eu1.nanopool.example.org", drawn_domain(p))[level],
    )
    begin, end = p.start(6, 9), p.site.at(25)
    ip, ts = p.site.public(name), begin
    while ts < end:
        dur = r.uniform(1800, 9000)
        p.say.dns(ts - 0.1, m, name)
        if level == 2:
            p.say.tls(ts, m, name, dur=dur, out=int(dur * 4), into=int(dur * 9), program="xmrig")
        else:
            p.say.tcp(ts, m, ip, (3333, 14444)[level], None, dur, int(dur * 4), int(dur * 9))
        ts += dur + r.uniform(1, 20)
    return p.told("crypto miner", level, [m], (begin, end), (name, ip))


ALL: tuple[Telling, ...] = (reverse_tunnel, bulk, slow, to_cloud, remote_tool, self_signed, miner)

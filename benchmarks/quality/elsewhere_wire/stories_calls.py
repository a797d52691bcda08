"""Calls home, names that carry data. From public reports of Cobalt Strike, Sliver, dnscat2, iodine and kin."""

import base64
from random import Random

from benchmarks.quality.elsewhere_wire.story import Play, Story, Telling

_WORDS = ("cedar", "lumen", "quartz", "metric", "harbor", "signal", "vertex", "orchid", "falcon", "summit")


def drawn_domain(p: Play, zone: str = "com") -> str:
    """A name that nobody else asks for."""
    r = p.site.chance
    return f"{r.choice(_WORDS)}{r.choice(_WORDS)}{r.randrange(10, 99)}.{zone}"


def _letters(r: Random, count: int, alphabet: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    return "".join(r.choices(alphabet, k=count))


def beacon_https(p: Play, level: int) -> Story:
    """The default minute; then with jitter; then slow with much of it, sizes that vary, tasks in between."""
    m, r, name = p.site.spare("desk"), p.site.chance, drawn_domain(p)
    period, jitter = ((60, 0.0), (120, 0.25), (600, 0.45))[level]
    begin, end = p.start(8, 10), p.site.at(25)
    for ts in p.site.every(period, jitter, begin, end):
        task = r.random() < 0.02
        p.say.tls(
            ts,
            m,
            name,
            dur=r.uniform(0.2, 0.6),
            out=r.randrange(700, 760) + (r.randrange(500) if level == 2 else 0),
            into=r.randrange(1100, 1200) + (90_000 if task else 0),
            program="schannel default",
            version="TLSv12",
            subject=f"CN={name}",
            issuer="CN=R11,O=Let's Encrypt,C=US",
            ttl=r.choice((60.0, 300.0)),
        )
    return p.told("beacon https", level, [m], (begin, end), (name, p.site.public(name)))


def beacon_http(p: Play, level: int) -> Story:
    """Cookies in a GET, answers in a POST, without a name at first."""
    m, r, ip = p.site.spare("desk"), p.site.chance, p.site.public(drawn_domain(p))
    host = ip if level == 0 else drawn_domain(p, "net")
    begin, end = p.start(8, 10), p.site.at(24)
    for ts in p.site.every((30, 90, 420)[level], (0.1, 0.2, 0.37)[level], begin, end):
        p.say.http(
            ts,
            m,
            host,
            ("/__utm.gif", "/jquery-3.3.1.min.js", f"/api/v2/users/{r.randrange(9)}")[level],
            ip=ip if level == 0 else "",
            into=r.choice((0, 0, 48, 5545 if level == 1 else 300)),
            agent="Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; BOIE9;ENUS)"
            if level < 2
            else "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
            mime="application/octet-stream",
        )
    return p.told("beacon http", level, [m], (begin, end), (host, ip))


def beacon_front(p: Play, level: int) -> Story:
    """Through a content network whose name many use."""
    m, r = p.site.spare("desk"), p.site.chance
    name = ("d1f8fmw2l.cloudfront.net", "rt-sync.azureedge.net", "d3ag4hukkh62yn.cloudfront.net")[level]
    begin, end = p.start(8, 10), p.site.at(25)
    for ts in p.site.every((45, 100, 300)[level], (0.05, 0.2, 0.4)[level], begin, end):
        p.say.tls(
            ts,
            m,
            name,
            dur=r.uniform(0.2, 0.9),
            out=r.randrange(900, 990),
            into=r.randrange(600, 700),
            program="go http",
        )
    return p.told("beacon to a front", level, [m], (begin, end), (name,))


def beacon_dns(p: Play, level: int) -> Story:
    """Check-ins as names, without much in them."""
    m, r, zone = p.site.spare("desk"), p.site.chance, drawn_domain(p, "org")
    begin, end = p.start(7, 10), p.site.at(25)
    for k, ts in enumerate(p.site.every((30, 60, 300)[level], (0.05, 0.2, 0.4)[level], begin, end)):
        label = f"{_letters(r, 8, '0123456789abcdef')}.{k:x}" if level < 2 else _letters(r, 6)
        p.say.dns(
            ts,
            m,
            f"{label}.{zone}",
            "A" if level else "TXT",
            answers=["127.0.0.4" if level == 1 else "127.0.0.5"],
            ttl=1.0,
        )
    return p.told("beacon dns", level, [m], (begin, end), (zone,))


def tunnel_dns(p: Play, level: int) -> Story:
    """A shell or a proxy in names."""
    m, r, zone = p.site.spare("desk"), p.site.chance, "t." + drawn_domain(p)
    begin = p.start(9, 15)
    end = begin + (1200, 3600, 7200)[level]
    for ts in p.site.every((0.3, 3, 25)[level], 0.8, begin, end):
        data = base64.b32encode(r.randbytes((110, 60, 22)[level])).decode().strip("=").lower()
        labels = ".".join(data[i : i + 60] for i in range(0, len(data), 60))
        p.say.dns(
            ts,
            m,
            f"{labels}.{zone}",
            ("NULL", "TXT", "A")[level],
            answers=["TXT 60 " + _letters(r, 60)] if level < 2 else ["10.8.0.1"],
            ttl=0.0,
        )
    return p.told("tunnel dns", level, [m], (begin, end), (zone,))


def exfiltration_dns(p: Play, level: int) -> Story:
    """A file in names, no answers needed."""
    m, r, zone = p.site.spare("desk"), p.site.chance, drawn_domain(p, "net")
    begin = p.start(9, 15)
    end = begin + (900, 3600, 4 * 3600)[level]
    for k, ts in enumerate(p.site.every((0.5, 5, 60)[level], 0.5, begin, end)):
        p.say.dns(ts, m, f"{k}.{_letters(r, (60, 40, 24)[level], '0123456789abcdef')}.{zone}", rcode="NXDOMAIN")
    return p.told("exfiltration dns", level, [m], (begin, end), (zone,))


def drawn_names(p: Play, level: int) -> Story:
    """Random letters; then fewer; then words put together."""
    m, r = p.site.spare("desk"), p.site.chance
    begin, names = p.start(8, 13), []
    end = begin + (900, 3600, 4 * 3600)[level]
    for ts in p.site.every((2, 20, 120)[level], 0.5, begin, end):
        name = (
            r.choice(_WORDS) + r.choice(_WORDS) + r.choice(_WORDS) if level == 2 else _letters(r, r.randrange(12, 20))
        )
        names.append(f"{name}.{r.choice(('com', 'net', 'info', 'biz', 'ru'))}")
        p.say.dns(ts, m, names[-1], rcode="NXDOMAIN")
    return p.told("dga", level, [m], (begin, end), tuple(names))


def click(p: Play, level: int) -> Story:
    """A page that asks for the password, a download, the first calls."""
    m, r = p.site.spare("desk"), p.site.chance
    page = ("stmark-0ffice365.login-verify.xyz", "docusign.secure-review.top", drawn_domain(p))[level]
    begin, home = p.start(9, 12), drawn_domain(p, "net")
    p.say.http(
        begin, m, page, "/stmark.org/owa/auth/logon.php?email=" + m.user, into=21_000
    ) if level < 2 else p.say.tls(begin, m, page)
    uri = ("/files/Invoice_8821.exe", "/files/Rechnung.iso", "/d/report.zip")[level]
    if level < 2:
        p.say.http(
            begin + 90,
            m,
            page,
            uri,
            into=780_000,
            mime=("application/x-dosexec", "application/x-iso9660-image")[level],
            agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
        )
    else:
        p.say.tls(begin + 90, m, page, into=800_000)
    p.note.process(
        begin + 140,
        m.name,
        m.user,
        "C:\\Windows\\System32\\rundll32.exe" if level else f"C:\\Users\\{m.user}\\Downloads\\Invoice_8821.exe",
        "rundll32.exe D:\\doc.dll,Start" if level else "Invoice_8821.exe",
        "C:\\Windows\\explorer.exe",
    )
    for ts in p.site.every((60, 200, 900)[level], (0.0, 0.2, 0.4)[level], begin + 200, p.site.at(24)):
        p.say.tls(
            ts,
            m,
            home,
            dur=r.uniform(0.2, 0.8),
            out=r.randrange(800, 900),
            into=r.randrange(500, 700),
            program="loader",
            version="TLSv12",
        )
    return p.told("phishing click", level, [m], (begin, p.site.at(24)), (page, home))


ALL: tuple[Telling, ...] = (
    beacon_https,
    beacon_http,
    beacon_front,
    beacon_dns,
    tunnel_dns,
    exfiltration_dns,
    drawn_names,
    click,
)

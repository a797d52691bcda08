"""Clinical devices in other hands, and others among them."""

from benchmarks.quality.elsewhere_wire.site import HOUR, Machine
from benchmarks.quality.elsewhere_wire.story import Play, Story, Telling


def newcomer(p: Play, level: int) -> Story:
    """A small computer or a laptop in a segment of devices; then one that takes a device's maker and stays quiet."""
    r = p.site.chance
    mac = ("b8:27:eb:41:07:9a", "f8:75:a4:10:22:3e", "00:22:fb:71:18:c2")[level]
    m = Machine(
        ("raspberrypi", "DESKTOP-8K2L1QD", "PUMP0377")[level],
        "stranger",
        f"10.64.{(50, 52, 50)[level]}.{r.randrange(150, 240)}",
        mac,
    )
    begin, end = p.start(8, 12), p.site.at(22)
    p.say.lease(begin, m.mac, m.name, m.ip)
    for ts in p.site.every((60, 300, 1200)[level], 0.4, begin + 5, end):
        p.say.dns(
            ts, m, r.choice(("archive.raspberrypi.example.org", "connectivity-check.example.net", "time.windows.com"))
        )
        target = r.choice(p.site.by_role["pump" if level != 1 else "modality"])
        if level < 2:
            p.say.knock(ts + 1, m, target, r.choice((80, 22, 104)), "REJ")
        else:
            p.say.tcp(ts + 1, m, p.site.one("pumpgw"), 443, None, 0.4, 700, 900)
    return p.told("rogue device", level, [m], (begin, end), (), "devices")


def pump_scans(p: Play, level: int) -> Story:
    """An infusion pump looks around."""
    m, r = p.site.spare("pump"), p.site.chance
    begin = ts = p.start(8, 14)
    for k in range((250, 80, 20)[level]):
        ts += r.uniform(0.5, 1.5) * (0.1, 10, 300)[level]
        p.say.knock(
            ts, m, f"10.64.{(50, 50, 1)[level]}.{1 + k % 250}", r.choice((445, 22, 80)), r.choice(("S0", "REJ"))
        )
    return p.told("device scans", level, [m], (begin, ts), (), "devices")


def monitor_outside(p: Play, level: int) -> Story:
    """A bedside monitor talks to the internet."""
    m, r = p.site.spare("bedside"), p.site.chance
    name = f"{r.choice(('edge', 'node', 'sync'))}{r.randrange(100)}.statusfeed.example.io"
    begin, end = p.start(8, 12), p.site.at(24)
    for ts in p.site.every((60, 600, 3 * HOUR)[level], 0.2, begin, end):
        p.say.tls(ts, m, name, out=int((40_000, 3000, 800)[level]), into=900, program="busybox", version="TLSv12")
    return p.told("device to the internet", level, [m], (begin, end), (name,), "devices")


def default_password(p: Play, level: int) -> Story:
    """Telnet or a web page of a device with the password it came with."""
    m, r = p.site.spare("desk"), p.site.chance
    begin = ts = p.start(9, 14)
    victims = r.sample(p.site.by_role["pump" if level != 1 else "modality"], (6, 2, 1)[level])
    for v in victims:
        ts += r.uniform(60, 900)
        if level == 1:
            p.say.http(ts, m, v.ip, "/service/login", ip=v.ip, into=900, user="admin")
        else:
            p.say.tcp(ts, m, v, 23, None, r.uniform(30, 400), 600, 9000)
    return p.told("remote work on a device", level, [m, *victims], (begin, ts + 500), (), "devices")


def mass_dicom(p: Play, level: int) -> Story:
    """A desk, or a reading station, takes the archive."""
    m, r, pacs = p.site.spare("desk" if level < 2 else "reading"), p.site.chance, p.site.one("pacs")
    begin = ts = p.start(17, 19) if level == 2 else p.start(9, 14)
    for _ in range((300, 80, 90)[level]):
        ts += r.uniform(0.5, 1.5) * (5, 30, 60)[level]
        p.say.tcp(
            ts,
            m,
            pacs,
            104,
            "dicom" if p.site.seed % 2 else None,
            r.uniform(2, 20),
            5000,
            int(r.lognormvariate(17, 0.8)),
        )
    return p.told("mass dicom", level, [m], (begin, ts), (), "devices")


def hl7_desk(p: Play, level: int) -> Story:
    """Messages to the engine from a desk."""
    m, r = p.site.spare("desk"), p.site.chance
    begin = ts = p.start(9, 14)
    for _ in range((40, 8, 1)[level]):
        ts += r.uniform(10, 200)
        p.say.tcp(ts, m, p.site.one("engine"), (2575, 6661, 6661)[level], None, 0.4, 900, 200)
    return p.told("hl7 from a desk", level, [m], (begin, ts), (), "devices")


def silent(p: Play, level: int) -> Story:
    """A monitor, a pump, an analyser falls silent in the middle of the day."""
    m = p.site.spare(("bedside", "pump", "bedside")[level])
    begin = p.start(10, 14) if level < 2 else p.start(20, 21)
    p.clinic.gone[m.name] = begin
    return p.told("silent device", level, [m], (begin, p.site.end), (), "devices")


def new_peer(p: Play, level: int) -> Story:
    """A modality, an analyser, a pump goes where it never went."""
    m, r = p.site.spare(("modality", "analyser", "pump")[level]), p.site.chance
    begin = ts = p.start(9, 14)
    for _ in range((40, 12, 2)[level]):
        ts += r.uniform(20, 300)
        p.say.tcp(
            ts,
            m,
            p.site.one("file", r.randrange(2)) if level < 2 else p.site.one("sql"),
            (445, 445, 1433)[level],
            None,
            3,
            60_000,
            4000,
        )
    return p.told("device to a new peer", level, [m], (begin, ts), (), "devices")


ALL: tuple[Telling, ...] = (
    newcomer,
    pump_scans,
    monitor_outside,
    default_password,
    mass_dicom,
    hl7_desk,
    silent,
    new_peer,
)

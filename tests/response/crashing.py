"""A responder in a process of its own, which dies (kill -9) where it is told to. Its topic is a file."""

import asyncio
import os
import signal
from pathlib import Path

from pipeline.response.options import ResponseOptions
from pipeline.response.playbook_set import PlaybookSet
from pipeline.response.responder import Responder
from response.stage import START, incident, party, steps
from schemas.action import Action

PLAYBOOK = steps({"do": "isolate_host", "to": ["host"], "hold_h": 1}, {"do": "ticket"})


class FileLog:
    """Appends lines, durable when `publish` returns; a last line that was cut off does not count."""

    def __init__(self, path: Path, point: str, state: str) -> None:
        self.path, self.point, self.state = path, point, state

    def read(self) -> list[Action]:
        """All that is durable."""
        lines = self.path.read_bytes().split(b"\n")[:-1] if self.path.exists() else []
        return [Action.model_validate_json(line) for line in lines]

    async def publish(self, action: Action) -> None:
        """Write through to the disk, or die."""
        mine = action.unmapped.state == self.state and action.unmapped.action in ("isolate_host", "playbook")
        if mine and self.point == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        with self.path.open("ab") as file:
            file.write(action.to_json() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if mine and self.point == "after":
            os.kill(os.getpid(), signal.SIGKILL)


def live(path: str, url: str, seconds: float, check: bool, point: str, state: str) -> None:
    """One life of the process.

    `point`: it dies `before` or `after` the record of an action in this `state` is durable, or `never`. `seconds`: how
    far the clock has gone. `check`: whether the receiver can be asked.
    """
    asyncio.run(_live(FileLog(Path(path), point, state), url, seconds, check))


async def _live(log: FileLog, url: str, seconds: float, check: bool) -> None:
    """Recall, look after what is due, consider the incident (again), until nothing is under way."""
    nac = {
        "kind": "webhook", "url": f"{url}/do/{{target}}", "undo_url": f"{url}/undo/{{target}}", "timeout_s": 5,
        "check_url": f"{url}/check" if check else "",
    }  # fmt: skip
    options = ResponseOptions.model_validate({
        "dry_run": False, "allowed_hosts": ["127.0.0.1"],
        "connectors": {"nac": nac, "desk": {"kind": "ticket", "url": f"{url}/t"}},
        "actions": {"isolate_host": ["nac"], "ticket": ["desk"]},
    })  # fmt: skip
    who = Responder(options, PlaybookSet([PLAYBOOK]), log.publish, clock=lambda: START + seconds)
    who.recall(log.read())
    await who.tick()
    await who.settle()
    await who.consider(incident("ransomware", None, party("user", "u1", "linked")))
    await who.settle()
    await who.tick()
    await who.settle()
    await who.close()

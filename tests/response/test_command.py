"""Real child processes: arguments stay arguments, time is limited, nothing is left behind."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.response.options import ResponseOptions
from response.stage import Clock, Log, answered, incident, party, responder, steps, word
from schemas.action import ActionDetail
from schemas.incident import Party

SHOW = "import os, sys, json; print(json.dumps([sys.argv[1:], dict(os.environ)]), file=open({out!r}, 'w'))"


async def ran(log: Log, argv: list[str], subject: Party | None = None, **more: Any) -> ActionDetail:
    """How a program ended."""
    program = {"kind": "command", "argv": argv, "undo_argv": [sys.executable, "-c", ""], "timeout_s": 5} | more
    options = {
        "dry_run": False, "connectors": {"x": program}, "roles": {"soc": ["*"]},
        "actions": {"isolate_host": ["x"], "disable_account": ["x"]},
    }  # fmt: skip
    action, to = ("disable_account", "user") if subject else ("isolate_host", "host")
    who = responder(options, [steps({"do": action, "to": [to]})], log, Clock())
    await answered(who, incident("ransomware", subject))
    decided = log.one(action)
    for voter in ("a", "b") if decided.state == "waiting" else ():
        await who.decide(word(decided.action_id, voter))
    await who.settle()
    await who.close()
    return log.one(action)


async def test_a_name_is_one_argument_and_the_environment_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET", "not for children")
    (tmp_path / "token").write_text("tok-1234")
    out = str(tmp_path / "out")
    argv = [sys.executable, "-c", SHOW.format(out=out), "--user={target}", "{target}", "{action_id}"]
    name = "o'neill $x\\y"
    done = await ran(Log(), argv, party("user", name), secrets={"TOKEN": str(tmp_path / "token")})
    arguments, environment = json.loads(Path(out).read_text())
    assert done.state == "done"
    assert arguments == [f"--user={name}", name, done.action_id]
    assert environment["WARDWATCH_ACTION_ID"] == done.action_id and environment["TOKEN"] == "tok-1234"
    assert "AWS_SECRET" not in environment


@pytest.mark.parametrize(
    ("code", "state", "attempts"),
    [
        ("print('R-9')", "done", 1),
        ("import sys; sys.exit(3)", "failed", 1),
        ("import sys; sys.exit(75)", "failed", 2),
        ("print('x' * 5_000_000)", "done", 1),
        ("import os; os.kill(os.getpid(), 9)", "failed", 1),
    ],
)
async def test_how_it_ends(code: str, state: str, attempts: int) -> None:
    done = await ran(Log(), [sys.executable, "-c", code], attempts=2)
    assert (done.state, done.attempts) == (state, attempts)
    assert len(done.detail) <= 300
    if "R-9" in code:
        assert done.reference == "R-9"


async def test_one_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    done = await ran(Log(), [sys.executable, "-c", code], attempts=1, timeout_s=1)
    assert done.state == "failed" and "was ended" in done.detail
    child = int((tmp_path / "pid").read_text())
    for _ in range(100):
        if not _alive(child):
            break
        await asyncio.sleep(0.02)
    assert not _alive(child)


async def test_a_program_that_is_not_there() -> None:
    done = await ran(Log(), ["/nonexistent/program"])
    assert (done.state, done.attempts) == ("failed", 1)


@pytest.mark.parametrize("argv", [["nac", "x"], ["/bin/{target}"], ["/bin/nac", "{nothing}"], []])
def test_programs_that_are_refused(argv: list[str]) -> None:
    with pytest.raises(ValueError, match="connectors"):
        ResponseOptions.model_validate({"connectors": {"x": {"kind": "command", "argv": argv}}})


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]

"""Ctrl-C where libraries swallow it, wrap it, or are only being loaded: one line, and the command ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli.commands import environment

from pipeline.cli import interrupts

_COMMAND = """
import os, signal, sys, time
from types import ModuleType
import click

@click.command()
def run():
    "Strikes itself, as a terminal does."
    strike = lambda: os.kill(os.getpid(), signal.SIGINT)
{body}
    for _ in range(1000):  # ten seconds: what runs on is seen by its status
        time.sleep(.01)

made = ModuleType("pipeline.cli.commands.struck")
made.run = run
sys.modules[made.__name__] = made
from pipeline.cli.main import CommandRoom
CommandRoom.list_commands = lambda self, ctx: ["struck"]
sys.argv = ["wardwatch", "struck"]
from pipeline.cli.entry import main
main()
"""
_SWALLOWED = """
    try:
        strike()
    except:
        pass
"""
_SWALLOWED_TWICE = """
    for _ in range(2):
        try:
            strike()
            time.sleep(.01)
        except BaseException:
            time.sleep(.001)
"""
_IN_A_CLEAN_UP = """
    class Half:
        def __del__(self):
            strike()
    Half()
"""
_WRAPPED = """
    try:
        strike()
    except BaseException as error:
        raise RuntimeError("Error calling __set_name__") from error
"""
_TOLD_IN_WORDS = """
    try:
        strike()
    except BaseException as error:
        words = repr(error)
    raise ValueError(words)
"""
_HALF_MADE = """
    class Half:
        def __init__(self):
            strike()
            self.made = True
        def __del__(self):
            self.made
    Half()
"""
_UNKNOWN_ERROR = """
    raise RuntimeError("nobody foresaw it")
"""


def _ran(body: str, home: Path) -> tuple[int, str]:
    code = _COMMAND.format(body=body)
    done = subprocess.run([sys.executable, "-c", code], env=environment(home), capture_output=True, timeout=120)
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize(
    "body",
    [_SWALLOWED, _SWALLOWED_TWICE, _IN_A_CLEAN_UP, _WRAPPED, _TOLD_IN_WORDS, _HALF_MADE],
    ids=lambda b: b.split()[0],
)
def test_an_interrupt_always_arrives(body: str, tmp_path: Path) -> None:
    status, told = _ran(body, tmp_path)
    assert status == 130
    assert told.strip() == "wardwatch: interrupted"


def test_an_error_that_no_interrupt_made_keeps_its_trace(tmp_path: Path) -> None:
    status, told = _ran(_UNKNOWN_ERROR, tmp_path)
    assert status == 1
    assert "RuntimeError: nobody foresaw it" in told


def test_while_it_is_being_loaded(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    code = "from pipeline.cli.entry import main; main()"
    env = environment(tmp_path / "home") | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code, "--help"], env=env, capture_output=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"wardwatch: interrupted\n")


def test_who_answers_it_goes_on(tmp_path: Path) -> None:
    body = """
    from pipeline.cli import interrupts
    try:
        strike()
        time.sleep(1)
    except KeyboardInterrupt:
        interrupts.taken()
    sys.exit(0)
"""
    assert _ran(body, tmp_path) == (0, "")


def test_where_it_is_ignored_it_stays_ignored() -> None:
    before = signal.getsignal(signal.SIGINT)
    hook = sys.unraisablehook
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        interrupts.prepare()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
        sys.unraisablehook = hook


def test_errors_of_an_interrupt_are_known_by_their_chain() -> None:
    wrapped = RuntimeError("late")
    wrapped.__cause__ = ValueError("between")
    assert not interrupts.behind(wrapped)
    wrapped.__cause__.__context__ = KeyboardInterrupt()
    assert interrupts.behind(wrapped) and interrupts.behind(KeyboardInterrupt())

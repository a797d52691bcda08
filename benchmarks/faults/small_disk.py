"""File systems so small that they can be filled, by mounting memory; needs to be root, and permission to mount."""

import errno
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.faults.scenario import NotPermittedError

_BLOCK = b"\xa5" * 65_536


@contextmanager
def small_disks(folder: Path, sizes_mb: Mapping[str, int]) -> Iterator[Path]:
    """`folder`, with file systems of these sizes mounted below it. Raises NotPermittedError when that is refused."""
    with ExitStack() as stack:
        for name, size_mb in sizes_mb.items():
            place = folder / name
            place.mkdir(parents=True)
            options = f"size={size_mb}m,mode=0700"
            argv = ["mount", "-t", "tmpfs", "-o", options, "wardwatch-faults", str(place)]
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            if done.returncode:
                raise NotPermittedError(f"mounting a small file system is refused; run as root ({done.stderr.strip()})")
            stack.callback(subprocess.run, ["umount", "--lazy", str(place)], check=False)
        yield folder


class Ballast:
    """A file that takes all the room there is."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"

    def fill(self) -> None:
        """Until nothing more fits, not even what was freed meanwhile."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in (len(_BLOCK), 4096, 1):
                self._fill(descriptor, _BLOCK[:size])
        finally:
            os.close(descriptor)

    def _fill(self, descriptor: int, block: bytes) -> None:
        while True:
            try:
                os.write(descriptor, block)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                return

    def empty(self) -> None:
        """Give the room back."""
        self._path.unlink(missing_ok=True)

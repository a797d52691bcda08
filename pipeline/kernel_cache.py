"""Where compiled kernels are kept: a folder that changes when shared kernels do.

numba notices a change only in the file that holds a function, not in the functions it calls from other modules, and
would run stale code after an upgrade. So the folder's name is a hash of the rooms that others call into.
"""

import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

_VARIABLE = "NUMBA_CACHE_DIR"
WATCHED = ("features", "models", "charts")
"""Rooms whose kernels others call."""
_IMPORTED = 16
"""Modules hash a few texts when they are imported, and so compile some kernels before anything has run."""
_KEPT_S = 86_400.0  # folders of other versions may be in use by a process that still runs


def choose() -> None:
    """Set NUMBA_CACHE_DIR unless the user did: beside the package, or under the user's cache when that is read-only."""
    if _VARIABLE in os.environ:
        return
    package = Path(__file__).parent
    name = f"kernels-{_stamp(package)}"
    for parent in (package / "__pycache__", Path.home() / ".cache" / "wardwatch", Path(tempfile.gettempdir())):
        folder = parent / name
        try:
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                _drop_old(parent, folder)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            os.environ[_VARIABLE] = str(folder)
            return


def _stamp(package: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for room in WATCHED:
        for file in sorted((package / room).glob("*.py")):
            digest.update(file.name.encode() + b"\n" + file.read_bytes())
    return digest.hexdigest()


def _drop_old(parent: Path, present: Path) -> None:
    for folder in parent.glob("kernels-*"):
        if folder != present and time.time() - folder.stat().st_mtime > _KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)


def is_empty() -> bool:
    """Whether nothing has been compiled yet: what runs next takes some minutes longer than usual."""
    folder = Path(os.environ.get(_VARIABLE, ""))
    return sum(1 for _ in folder.rglob("*.nbi")) <= _IMPORTED

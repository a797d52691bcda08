"""Memory of a process that scores for days: used again for the next chunk, and not searched again and again.

A chunk of 32,000 events takes some hundred megabytes for as long as it is scored. glibc gives such memory back as soon
as it is free, and the kernel clears every page of it anew for the next chunk: a fifth of a worker's processor time.
Python in turn looks through all objects that there are, a million of libraries and compiled code, whenever a quarter as
many are new: a pause of a quarter of a second each time, in which it finds next to nothing.
"""

import ctypes
import gc
from time import monotonic
from typing import Any

# Of <malloc.h>; both are plain numbers of glibc's interface.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST = 256 << 20
"""Larger blocks are still given back: tables of a million entities when they grow."""
_KEPT = 512 << 20
"""So much free memory at the end of the heap is kept: what chunks of 32,000 events come to, twice."""
_OLDEST = 2
_AGAIN_S = 3600.0
"""After so long what was set apart is looked through too: cycles among old objects are garbage then at the latest."""


def keep_memory() -> bool:
    """Tell this process's allocators; whether the one for large blocks understood (glibc's does)."""
    if not any(isinstance(each, _SetApart) for each in gc.callbacks):
        gc.callbacks.append(_SetApart())
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, another system
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST)) and bool(mallopt(_TRIM_THRESHOLD, _KEPT))


class _SetApart:
    """Objects that outlived a search through all of them are left out of the next ones, until an hour has passed."""

    def __init__(self) -> None:
        self._since = monotonic()

    def __call__(self, phase: str, info: dict[str, Any]) -> None:
        """Called by Python before and after each search."""
        if info["generation"] != _OLDEST:
            return
        if phase == "stop":
            gc.freeze()
        elif monotonic() - self._since > _AGAIN_S:
            self._since = monotonic()
            gc.unfreeze()

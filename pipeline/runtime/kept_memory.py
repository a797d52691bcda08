"""Memory of a chunk is used again for the next one instead of being given back to the system in between.

A chunk of 32,000 events takes some hundred megabytes for as long as it is scored. glibc gives such memory back as soon as
it is free, and the kernel clears every page of it anew for the next chunk: a fifth of a worker's processor time.
"""

import ctypes

# Of <malloc.h>; both are plain numbers of glibc's interface.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST = 256 << 20
"""Larger blocks are still given back: tables of a million entities when they grow."""
_KEPT = 512 << 20
"""So much free memory at the end of the heap is kept: what chunks of 32,000 events come to, twice."""


def keep_memory() -> bool:
    """Tell this process's allocator; whether it understood (glibc does)."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, another system
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST)) and bool(mallopt(_TRIM_THRESHOLD, _KEPT))

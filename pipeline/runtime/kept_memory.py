"""Objects of a process that scores for days are not searched for cycles again and again.

Python looks through all objects that there are, a million of libraries and compiled code, whenever a quarter as many
are new: a pause of a quarter of a second each time, in which it finds next to nothing.
"""

import gc
from time import monotonic
from typing import Any

_OLDEST = 2
_AGAIN_S = 3600.0
"""After so long what was set apart is looked through too: cycles among old objects are garbage then at the latest."""


def keep_memory() -> None:
    """For this process, from now on: what is there by now, code and classes nearly all, is set apart at once."""
    gc.freeze()
    if not any(isinstance(each, _SetApart) for each in gc.callbacks):
        gc.callbacks.append(_SetApart())


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

"""Text models trained before, small enough to travel with the package; `README.md` says on what.

Written by `python -m benchmarks.starting_models` where the public data stands beside the project.
"""

from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np

from pipeline.errors import UsageError
from pipeline.models.base import Array
from pipeline.models.text_classifier import FIRST_SQUARE

NAMES = ("url", "request", "bait")
BITS = 15


@cache
def known_sites() -> frozenset[str]:
    """Widely known registered domains, from `known_sites.txt` beside this module."""
    lines = files(__name__).joinpath("known_sites.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(site for line in lines if not line.startswith("#") for site in line.split())


@cache
def starting_model(name: str) -> MappingProxyType[str, Array]:
    """Arrays for `TextClassifier(bits=BITS, start=…)`; UsageError for a name that is not in NAMES."""
    if name not in NAMES:
        raise UsageError(f"no starting model is called {name!r}; there are {', '.join(NAMES)}")
    with files(__name__).joinpath(f"{name}.npz").open("rb") as file, np.load(file) as stored:
        size = 1 << BITS
        w, square = np.zeros(size, np.float32), np.full(size, FIRST_SQUARE, np.float32)
        w[stored["places"]] = stored["w"]
        square[stored["places"]] = stored["square"]
        arrays = {"w": w, "square": square, "bias": stored["bias"].astype(np.float64)}
    for array in arrays.values():
        array.flags.writeable = False
    return MappingProxyType(arrays)

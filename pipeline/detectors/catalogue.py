"""Finds the detectors: every public Detector subclass in a module of this room."""

import importlib
import inspect
import pkgutil
from functools import lru_cache
from types import MappingProxyType

from pipeline import detectors
from pipeline.detectors.detector import Detector


@lru_cache(maxsize=1)
def catalogue() -> MappingProxyType[str, type[Detector]]:
    """Detector classes by id, sorted. Raises TypeError when two files claim the same id."""
    found: dict[str, type[Detector]] = {}
    for info in pkgutil.walk_packages(detectors.__path__, detectors.__name__ + "."):
        module = importlib.import_module(info.name)
        for name, cls in inspect.getmembers(module, inspect.isclass):
            if not issubclass(cls, Detector) or inspect.isabstract(cls) or name.startswith("_"):
                continue
            if cls.__module__ != module.__name__:
                continue
            if cls.id in found:
                raise TypeError(f"detector id {cls.id} is in {found[cls.id].__module__} and in {cls.__module__}")
            found[cls.id] = cls
    return MappingProxyType(dict(sorted(found.items())))

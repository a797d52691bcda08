"""Finds classes by scanning a room, so that a new activity or story costs one file and no registration."""

import inspect
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def classes_in(room: ModuleType, base: type[T]) -> list[type[T]]:
    """Concrete subclasses of `base` defined in the modules of a package, in the order of their names."""
    found: dict[str, type[T]] = {}
    for info in iter_modules(room.__path__, room.__name__ + "."):
        module = import_module(info.name)
        for name, value in vars(module).items():
            if (
                inspect.isclass(value)
                and issubclass(value, base)
                and value.__module__ == module.__name__
                and not inspect.isabstract(value)
            ):
                found[f"{module.__name__}.{name}"] = value
    return [found[name] for name in sorted(found)]

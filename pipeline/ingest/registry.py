"""Finds the formats by scanning their room, and tells whose bytes a file holds."""

import importlib
import pkgutil
import re
from functools import cache
from inspect import isabstract

from pipeline.errors import UsageError
from pipeline.ingest import formats as room
from pipeline.ingest.format import Format
from pipeline.ingest.year_clock import YearlessFormat

_YEAR = re.compile(r"19[7-9]\d|20\d\d")
FLOOR = 0.05
"""A format that is less sure than this does not get the file."""


@cache
def formats() -> dict[str, Format]:
    """Every format of the room by its id, in alphabetical order."""
    found: dict[str, Format] = {}
    for info in pkgutil.iter_modules(room.__path__):
        module = importlib.import_module(f"{room.__name__}.{info.name}")
        for member in vars(module).values():
            ours = isinstance(member, type) and issubclass(member, Format) and member.__module__ == module.__name__
            if ours and not isabstract(member):
                found[member.id] = member()
    return dict(sorted(found.items()))


def format_named(name: str) -> Format:
    """The format with this id; UsageError names the known ones.

    Formats whose times have no year take one behind an `@`: `syslog@2026`, `text@2026`.
    """
    known = formats()
    name, at, year = name.partition("@")
    if name not in known:
        raise UsageError(f"unknown format {name[:64]!r}; known are {', '.join(known)}")
    found = known[name]
    if not at:
        return found
    if not isinstance(found, YearlessFormat) or not _YEAR.fullmatch(year):
        raise UsageError(f"{name}@{year[:16]}: a year (1970 to 2099) is possible for syslog and text only")
    return type(found)(int(year))


def recognise(head: bytes, name: str) -> Format | None:
    """The format that is surest about the first 64 KiB of a file; None when none passes the floor."""
    return surest(head, name)[0]


def surest(head: bytes, name: str) -> tuple[Format | None, float]:
    """That format, and how sure it is, above the floor; (None, the floor) where none is."""
    best, best_score = None, FLOOR
    for candidate in formats().values():
        score = candidate.sniff(head, name)
        if score > best_score:
            best, best_score = candidate, score
    return best, best_score

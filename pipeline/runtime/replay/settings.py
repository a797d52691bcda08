"""The settings a replay may change: those that decide scores. Where to connect stays as it is."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from pipeline.detectors.catalogue import catalogue
from pipeline.errors import ConfigError, UsageError
from pipeline.runtime.lists.learned_file import learned_of
from pipeline.settings import Settings

CHANGEABLE = (
    "detectors",
    "disabled",
    "river",
    "learned",
    "rules",
    "shipped_rules",
    "seed",
    "lists",
    "inventory",
    "copies_window",
)
"""Not `key_groups`: the ids of alerts follow it, and none would be found again in production."""


def changes(sets: Sequence[str], config: Path | None) -> tuple[dict[str, Any], list[str]]:
    """Settings of `--config` with those of `--set` above them, and the names in the file that are not used here.

    Raises UsageError for what is no NAME=VALUE or cannot be changed, ConfigError for an unreadable file.
    """
    given = _file(config) if config is not None else {}
    changed = {name: value for name, value in given.items() if name in CHANGEABLE}
    for text in sets:
        path, value = _assignment(text)
        _put(changed, path, value, text)
    return changed, sorted(set(given) - set(changed))


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"--config {path} cannot be read as TOML ({error})") from error


def _assignment(text: str) -> tuple[tuple[str, ...], Any]:
    """`detectors.network.port_scan.ports=30` as path and value; the middle of it is the detector's id."""
    name, sign, value = text.partition("=")
    first, _, rest = name.strip().partition(".")
    if not sign or first not in CHANGEABLE:
        known = ", ".join(CHANGEABLE)
        raise UsageError(f"--set {text[:60]!r}: NAME=VALUE is expected, and NAME to begin with one of {known}")
    try:
        read = orjson.loads(value)
    except orjson.JSONDecodeError:
        read = value
    if not rest:
        return (first,), read
    middle, _, last = rest.rpartition(".")
    return (first, *([middle] if middle else []), last), read


def _put(changed: dict[str, Any], path: tuple[str, ...], value: Any, text: str) -> None:
    deep = {"detectors": 3, "lists": 2}.get(path[0], 1)
    if len(path) not in (1, deep):
        form = "detectors.ID.OPTION=VALUE" if path[0] == "detectors" else f"{path[0]}{'.NAME' * (deep - 1)}=VALUE"
        raise UsageError(f"--set {text[:60]!r}: the form is {form}")
    inner = changed
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
        if not isinstance(inner, dict):
            raise UsageError(f"--set {text[:60]!r}: {name} holds no settings by name")
    inner[path[-1]] = value


def check_detectors(settings: Settings, sources: Iterable[str], named: Mapping[str, Any]) -> None:
    """Raises UsageError when a changed setting names a detector that nobody knows, or one that is not replayed."""
    read_by = {name: cls.source for name, cls in catalogue().items()} | {s.id: s.source for s in settings.river}
    read_by |= {m.id: str(m.manifest.source) for m in learned_of(settings)}
    wanted = [*named.get("detectors", {}), *settings.disabled * ("disabled" in named)]
    for detector in wanted:
        if detector not in read_by:
            near = difflib.get_close_matches(detector, read_by, n=2, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "wardwatch detectors lists them"
            raise UsageError(f"no detector is called {detector[:64]!r}; {hint}")
    idle = [d for d in named.get("detectors", {}) if read_by[d] not in set(sources)]
    if idle and len(idle) == len(wanted):
        raise UsageError(f"{idle[0]} reads {read_by[idle[0]]}, which is not replayed: add --topic {read_by[idle[0]]}")

"""Reads the user's Sigma rules: files and folders of YAML."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.rules.problem import Problem
from pipeline.rules.reading import read_rules
from pipeline.rules.rule_set import RuleSet
from pipeline.rules.shipped import shipped, shipped_texts
from pipeline.rules.yaml_text import MAX_BYTES
from pipeline.settings import Settings

_ENDINGS = (".yml", ".yaml")
_MOST_FILES = 50_000


def rules_of(settings: Settings) -> RuleSet:
    """The shipped rules, unless switched off, and the user's. Raises UsageError for a path that is not there."""
    if settings.shipped_rules and not settings.rules:
        return shipped()
    return load_rules(settings.rules, with_shipped=settings.shipped_rules)


def load_rules(paths: Iterable[Path], *, with_shipped: bool = False) -> RuleSet:
    """Rules of files and, through all folders below, of folders. Raises UsageError for a path that is not there."""
    problems: list[Problem] = []
    texts = shipped_texts() if with_shipped else []
    for path in rule_files(paths):
        try:
            if not path.is_file():
                raise OSError("not a file")
            if path.stat().st_size > MAX_BYTES:
                raise OSError(f"more than {MAX_BYTES:,} bytes")
            texts.append((str(path), path.read_text(encoding="utf-8-sig")))
        except UnicodeDecodeError:
            problems.append(Problem(str(path), 1, "", "not text in UTF-8", True))
        except OSError as error:
            problems.append(Problem(str(path), 1, "", f"cannot be read ({error.strerror or error})", True))
    return read_rules(texts, problems)


def rule_files(paths: Iterable[Path]) -> list[Path]:
    """The files, in the order of names within each of `paths`."""
    found: list[Path] = []
    for path in paths:
        path = path.expanduser()
        if path.is_dir():
            found += _below(path)
        elif path.exists():
            found.append(path)
        else:
            raise UsageError(f"rules {path}: there is no such file or folder")
        if len(found) > _MOST_FILES:
            raise UsageError(f"rules {path}: more than {_MOST_FILES:,} files")
    return list(dict.fromkeys(found))


def _below(folder: Path) -> Iterator[Path]:
    names = []
    for place, folders, files in os.walk(folder):  # without following links, which may lead round in circles
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        names += [Path(place) / f for f in files if f.endswith(_ENDINGS)]
        if len(names) > _MOST_FILES:
            break
    return iter(sorted(names))

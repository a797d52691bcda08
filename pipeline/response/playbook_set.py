"""The playbooks that are in use: the shipped ones and the user's, and which of them an incident asks for."""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from pipeline.errors import ConfigError, UsageError
from pipeline.response.playbook import Playbook
from pipeline.response.playbook_text import MAX_BYTES, PlaybookProblem, read_playbook
from schemas.brief import Brief

_ENDINGS = (".yml", ".yaml")
_MOST_FILES = 1000


class PlaybookSet:
    """Playbooks by id; a later one replaces an earlier one of the same id."""

    def __init__(self, playbooks: Iterable[Playbook]) -> None:
        self.by_key = {p.key: p for p in playbooks}

    def __iter__(self) -> Iterator[Playbook]:
        return iter(self.by_key.values())

    def __len__(self) -> int:
        return len(self.by_key)

    @classmethod
    def load(cls, paths: Sequence[Path] = (), *, shipped: bool = True) -> "PlaybookSet":
        """The shipped ones and those of files and folders. ConfigError with file and line for the first broken one."""
        found, problems = read_playbooks(paths)
        if problems:
            more = f" (and {len(problems) - 1} more; wardwatch playbooks lists them)" if len(problems) > 1 else ""
            raise ConfigError(f"{problems[0]}{more}")
        return cls([*(shipped_playbooks() if shipped else ()), *found])

    def select(self, brief: Brief) -> Playbook | None:
        """The one that fits best: highest priority, then the most specific, then by id; None when none fits."""
        fitting = [p for p in self if not p.revoked and _fits(p, brief)]
        return min(fitting, key=_rank) if fitting else None


def read_playbooks(paths: Iterable[Path]) -> tuple[list[Playbook], list[PlaybookProblem]]:
    """The playbooks of files and folders, and what is wrong with the others. UsageError for a path that is none."""
    found: list[Playbook] = []
    problems: list[PlaybookProblem] = []
    where: dict[str, Path] = {}
    for path in _files(paths):
        try:
            if path.stat().st_size > MAX_BYTES:
                raise OSError(f"more than {MAX_BYTES:,} bytes")
            read = read_playbook(path.read_text(encoding="utf-8-sig"), str(path))
        except UnicodeDecodeError:
            read = [PlaybookProblem(str(path), 1, "not text in UTF-8")]
        except OSError as error:
            read = [PlaybookProblem(str(path), 1, f"cannot be read ({error.strerror or error})")]
        if isinstance(read, list):
            problems += read
        elif read.key in where:
            problems.append(PlaybookProblem(str(path), 1, f"{where[read.key]} has the id {read.id}, too"))
        else:
            where[read.key] = path
            found.append(read)
    return found, problems


@cache
def shipped_playbooks() -> tuple[Playbook, ...]:
    """Those of `pipeline/response/playbooks`, in the order of names."""
    found = []
    for file in sorted((files(__package__) / "playbooks").iterdir(), key=lambda f: f.name):
        if file.name.endswith(_ENDINGS):
            read = read_playbook(file.read_text(encoding="utf-8"), f"shipped:{file.name}")
            if isinstance(read, list):
                raise ConfigError(str(read[0]))
            found.append(read)
    return tuple(found)


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        path = path.expanduser()
        if path.is_dir():
            for place, folders, names in os.walk(path):  # without following links
                folders[:] = sorted(f for f in folders if not f.startswith("."))
                found += [Path(place) / n for n in sorted(names) if n.endswith(_ENDINGS)]
        elif path.exists():
            found.append(path)
        else:
            raise UsageError(f"playbooks {path}: there is no such file or folder")
        if len(found) > _MOST_FILES:
            raise UsageError(f"playbooks {path}: more than {_MOST_FILES:,} files")
    return list(dict.fromkeys(found))


def _fits(playbook: Playbook, brief: Brief) -> bool:
    wanted, subject = playbook.x_wardwatch, brief.subject
    return (
        (not wanted.kinds or brief.kind in wanted.kinds)
        and brief.severity_id >= wanted.min_severity
        and subject.criticality >= wanted.min_criticality
        and (not wanted.device_classes or subject.device_class in wanted.device_classes)
        and (wanted.life_support is None or subject.life_support == wanted.life_support)
        and (brief.notify or not wanted.notify_only)
    )


def _rank(playbook: Playbook) -> tuple[int, int, str]:
    wanted = playbook.x_wardwatch
    narrow = sum((
        bool(wanted.kinds), wanted.min_severity > 1, wanted.min_criticality > 1, bool(wanted.device_classes),
        wanted.life_support is not None,
    ))  # fmt: skip
    return -wanted.priority, -narrow, playbook.id

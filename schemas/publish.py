"""What others build against, generated from the models: JSON Schema, AsyncAPI and ClickHouse's tables as files."""

import json
from collections.abc import Mapping
from pathlib import Path

from schemas.action import Action
from schemas.alert import Alert
from schemas.base import Wire
from schemas.dead_letter import DeadLetter
from schemas.feedback import Approval, Feedback
from schemas.finding import Finding
from schemas.incident import Incident
from schemas.note import FindingNote, LinkNote, VerdictNote, VolumeNote
from schemas.publish_asyncapi import asyncapi
from schemas.sources import SOURCES
from schemas.tables import MIGRATIONS

PUBLISHED = Path(__file__).parent / "published"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def published() -> dict[str, str]:
    """Text by path below `published/`, sorted; the same on every machine."""
    files = {f"json-schema/{name}.json": _json(_schema(model)) for name, model in _models().items()}
    files["asyncapi.json"] = _json(asyncapi({model: name for name, model in _models().items()}))
    files["clickhouse.sql"] = _ddl()
    return dict(sorted(files.items()))


def differences(folder: Path) -> list[str]:
    """Paths below `folder` that are missing, stale or no longer generated, sorted."""
    wanted = published()
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    stale = [name for name, text in wanted.items() if name not in there or _read(folder / name) != text]
    return sorted({*stale, *(there - wanted.keys())})


def write(folder: Path) -> list[str]:
    """Bring `folder` up to date; what was written. Files that are not generated stay. OSError as it comes."""
    written = []
    for name, text in published().items():
        path = folder / name
        if _read(path) != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            written.append(name)
    return written


def _models() -> dict[str, type[Wire]]:
    """Models by file name: `network.FlowEvent`, `Alert`."""
    events: dict[str, type[Wire]] = {
        f"{source.name}.{model.__name__}": model for source in SOURCES.values() for model in source.models
    }
    others: tuple[type[Wire], ...] = (
        Action, Alert, Approval, DeadLetter, Feedback, Finding, FindingNote, Incident, LinkNote, VerdictNote,
        VolumeNote,
    )  # fmt: skip
    return events | {model.__name__: model for model in others}


def _schema(model: type[Wire]) -> dict[str, object]:
    return {"$schema": _DIALECT, **model.model_json_schema()}


def _json(document: Mapping[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _ddl() -> str:
    parts = ["-- The tables and views of wardwatch, in the order of their migrations; `wardwatch init` applies them."]
    for migration in MIGRATIONS:
        parts.append(f"-- {migration.version}: {migration.title}")
        parts += [_dedented(statement) + ";" for statement in migration.statements]
    return "\n\n".join(parts) + "\n"


def _dedented(statement: str) -> str:
    """The statement without the margin it has in our source; what hangs under its first line is indented by 4."""
    first, *others = statement.strip().splitlines()
    margin = min((len(line) - len(line.lstrip()) for line in others if line.strip()), default=0)
    indent = "    " if margin else ""
    return "\n".join([first, *((indent + line[margin:]).rstrip() for line in others)])


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None

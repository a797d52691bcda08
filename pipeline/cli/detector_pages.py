"""A page a detector, as Markdown, and an index: what it sees and misses, what it needs, one alert really raised."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from pipeline.cli.detector_data import kinds_of, lists_of, products
from pipeline.cli.detector_page import raised, told_story
from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.detector import Detector
from pipeline.errors import UsageError
from pipeline.oversight.attack_names import attack_name, attack_url
from schemas.alert import SEVERITIES
from schemas.finding import Finding

INDEX = "index.md"
_TOLD = 3  # events of the example that are printed


def write_pages(folder: Path) -> int:
    """Write all pages and the index; the number of detectors. Raises UsageError where that cannot be."""
    known = catalogue()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, cls in known.items():
            (folder / f"{name}.md").write_text(detector_text(cls), "utf-8")
        (folder / INDEX).write_text(index_text(list(known.values())), "utf-8")
    except OSError as error:
        raise UsageError(f"cannot write pages to {folder}: {error.strerror}; choose a folder to write to") from error
    return len(known)


def index_text(classes: list[type[Detector]], option: str = "--pages") -> str:
    """The index, by room; `option` wrote it."""
    rooms: dict[str, list[type[Detector]]] = defaultdict(list)
    for cls in classes:
        rooms[cls.id.split(".")[0]].append(cls)
    lines = ["# Detectors", "", f"{len(classes)} detectors, written by `wardwatch detectors {option}`.", ""]
    for room, members in rooms.items():
        lines += [
            f"## {room}",
            "",
            *_row("detector", "what it sees", "severity", "raised", "ATT&CK"),
            "|---|---|---|---|---|",
        ]
        for cls in members:
            cells = (
                f"[{cls.id}]({cls.id}.md)",
                cls.title,
                SEVERITIES[cls.severity],
                raised(cls),
                ", ".join(cls.attacks),
            )
            lines += _row(*cells)
        lines.append("")
    return "\n".join(lines)


def detector_text(cls: type[Detector], more: Iterable[tuple[str, str]] = ()) -> str:
    """One page; `more`: sections (heading, Markdown) that come after its own."""
    parts: list[str] = [f"# {cls.title}", "", f"`{cls.id}`, severity {SEVERITIES[cls.severity]}.", ""]
    for heading, body in (*_sections(cls), *more):
        parts += [f"## {heading}", "", body, ""]
    parts += [f"[All detectors]({INDEX})", ""]
    return "\n".join(parts)


def _sections(cls: type[Detector]) -> Iterator[tuple[str, str]]:
    yield "What it sees", _plain(cls.__doc__ or cls.title)
    yield "What it misses", _plain(cls.misses)
    yield "Data it needs", "\n".join(_data(cls))
    yield "When it raises an alert", "\n".join(_raising(cls))
    yield "Settings", "\n".join(_settings(cls))
    attacks = "\n".join(f"- {a} {attack_name(a)}: {attack_url(a)}" for a in cls.attacks)
    yield "ATT&CK", attacks or "None describes it."
    yield "Cost", _plain(cls.cost) + "."
    if cls.reference:
        yield "Reference", _plain(cls.reference) + "."
    yield "Stories it is held to", "\n".join(f"- {'raises' if e.fires else 'quiet'}: {e.name}" for e in cls.examples())
    told = told_story(cls)
    if told is not None:
        example, finding = told
        yield "An alert", "\n".join(_alert(example.name, [*example.documents], finding))


def _data(cls: type[Detector]) -> Iterator[str]:
    yield f"Topic `{cls.source}`, fields {', '.join(f'`{name}`' for name in cls.inputs)}."
    yield ""
    yield from _row("kind of event", "given by")
    yield "|---|---|"
    for kind in kinds_of(cls):
        yield from _row(f"`{kind}`", products(cls.source, kind))
    lists = lists_of(cls)
    if lists:
        yield ""
        yield f"Lists of yours that it takes into account: {', '.join(f'`{name}`' for name in lists)}."


def _raising(cls: type[Detector]) -> Iterator[str]:
    if cls.threshold is None:
        yield f"Threshold learned from the stream so that it raises about {cls.alerts_per_day:g} alerts a day (budget)."
    else:
        yield f"From a score of {cls.threshold:g} on (fixed)."
    yield f"The alert is about one {cls.entity_type} (from {' or '.join(f'`{name}`' for name in cls.entity)})."
    grouped = cls.group_by or cls.entity
    yield f"Findings of a day with the same {', '.join(f'`{name}`' for name in grouped)} are one alert."


def _settings(cls: type[Detector]) -> Iterator[str]:
    yield from _row("setting", "default")
    yield "|---|---|"
    for name, value in cls.defaults.items():
        yield from _row(f"`{name}`", f"`{value!r}`")
    which = ("alerts_per_day", cls.alerts_per_day) if cls.threshold is None else ("threshold", cls.threshold)
    yield from _row(f"`{which[0]}`", f"`{which[1]:g}`")
    yield ""
    one = {cls.id: {next(iter(cls.defaults), which[0]): next(iter(cls.defaults.values()), which[1])}}
    yield f"For example `WARDWATCH_DETECTORS='{orjson.dumps(one, default=str).decode()}'`."


def _alert(name: str, documents: list[object], finding: Finding) -> Iterator[str]:
    yield f"What the engine says of the story “{name}”:"
    yield ""
    yield f"> {_plain(finding.message)}"
    yield ""
    rows = {
        "about": f"{finding.entity_type} {finding.entity}",
        "normal would be": finding.normal,
        "score": f"{finding.score:.2f} (threshold {finding.threshold:.2f})",
        **{
            f"feature `{f.name}`": f"{f.value} {f.unit}".strip() + f", {f.contribution or 0:.0%} of the score"
            for f in finding.features
        },
        "involved": ", ".join(f"{o.type} {o.value}" for o in finding.observables[:8]),
        "ATT&CK": ", ".join(finding.attacks),
    }
    yield from _row("field", "value")
    yield "|---|---|"
    for key, value in rows.items():
        if value:
            yield from _row(key, value)
    yield ""
    yield f"Its last events, of {len(documents)}:"
    yield ""
    yield "```json"
    yield from (orjson.dumps(doc).decode()[:400] for doc in documents[-_TOLD:])
    yield "```"


def table_row(*cells: str) -> str:
    """One row of a Markdown table."""
    return "| " + " | ".join(_plain(cell).replace("|", "\\|") for cell in cells) + " |"


def _row(*cells: str) -> list[str]:
    return [table_row(*cells)]


def _plain(text: str) -> str:
    return " ".join(str(text).split())

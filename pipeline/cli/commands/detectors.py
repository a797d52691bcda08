"""What wardwatch looks for."""

import difflib
import logging
import sys
from contextlib import closing
from pathlib import Path

import click
import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli import detector_health
from pipeline.cli.database import database_of, told
from pipeline.cli.detector_cards import write_cards
from pipeline.cli.detector_page import COLUMNS, document, page, row
from pipeline.cli.detector_pages import INDEX, write_pages
from pipeline.cli.detector_seen import seen_in
from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.detector import Detector
from pipeline.errors import SinkError, UsageError
from pipeline.settings import load_settings

_COLOURS = {1: "blue", 2: "cyan", 3: "yellow", 4: "red", 5: "magenta"}

_BY_WORTH = ("id", "title", "severity", "raised", "ATT&CK", "entity", "source", "cost")
_WIDEST = {"title": 36, "ATT&CK": 20}
_NARROWEST, _GAP = 12, 2


@click.command()
@click.argument("detector_id", metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON: a list, or one object for ID.")
@click.option("--pages", type=click.Path(path_type=Path), help="Write a page a detector (Markdown) and an index there.")
@click.option("--cards", type=click.Path(path_type=Path), help="Write a model card a detector there: page and record.")
@click.option("--health", is_flag=True, help="What each scored, found, got right, spent and cost, and its drift.")
@click.option("--db", metavar="DIR|URL", help="With --health or --cards: a folder that scan wrote, or http(s)://….")
def run(
    detector_id: str | None, as_json: bool, pages: Path | None, cards: Path | None, health: bool, db: str | None
) -> int:
    """List the detectors; with an ID everything about one, and one of its stories run through the engine.

    A card is the page with what the detector did here: data seen, alerts, verdicts, drift, whom it is about. Without
    --db the configured server is asked; where none answers, the cards say so.
    """
    if db is not None and cards is None and not health:
        raise UsageError("--db goes with --health or --cards")
    if cards is not None:
        print(f"{_write_cards(cards, db)} cards and {INDEX} in {cards}", file=sys.stderr)
        return 0
    if pages is not None:
        print(f"{write_pages(pages)} pages and {INDEX} in {pages}", file=sys.stderr)
        return 0
    known = catalogue()
    if detector_id is not None and detector_id not in known:
        near = difflib.get_close_matches(detector_id, known, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "wardwatch detectors lists them"
        raise UsageError(f"no detector is called {detector_id[:64]!r}; {hint}")
    if health:
        return _print_health(detector_id, db, as_json)
    if as_json:
        chosen = document(known[detector_id]) if detector_id else [document(cls) for cls in known.values()]
        print(orjson.dumps(chosen, option=orjson.OPT_INDENT_2).decode())
    elif detector_id:
        _print_page(known[detector_id])
    elif sys.stdout.isatty():
        _print_table(list(known.values()))
    else:
        print("\t".join(COLUMNS))
        for cls in known.values():
            print("\t".join(row(cls)))
    return 0


def _write_cards(folder: Path, db: str | None) -> int:
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    seen = None
    try:
        with closing(database_of(db)) as database:
            seen = seen_in(database, catalogue())
    except SinkError as error:
        if db is not None:
            raise told(error) from error
        print(f"cards without a record: {told(error)}", file=sys.stderr)
    return write_cards(folder, seen, load_settings().detectors)


def _print_health(detector_id: str | None, db: str | None, as_json: bool) -> int:
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    try:
        with closing(database_of(db)) as database:
            rows = [r for r in detector_health.health(database) if detector_id in (None, r["detector"])]
    except SinkError as error:
        raise told(error) from error
    if as_json:
        for one in rows:
            print(orjson.dumps(one).decode())
    elif sys.stdout.isatty():
        table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        for name in detector_health.COLUMNS:
            table.add_column(name, no_wrap=True, overflow="ellipsis")
        for one in rows:
            table.add_row(*detector_health.cells(one))
        Console().print(table)
    elif rows:
        print("\t".join(detector_health.COLUMNS))
        for one in rows:
            print("\t".join(detector_health.cells(one)))
    if not rows:
        print("nothing is known yet: workers tell with their checkpoints, a scan at its end", file=sys.stderr)
    return 0


def _print_table(classes: list[type[Detector]]) -> None:
    """A line a detector; the columns that fit, the last of them cut. Pipes and JSON have all."""
    console = Console()
    rows = [dict(zip(COLUMNS, row(cls), strict=True)) | {"entity": cls.entity_type} for cls in classes]
    widths: dict[str, int] = {}
    left = console.width
    for name in _BY_WORTH:
        wanted = min(_WIDEST.get(name, 99), max(len(name), *(len(cells[name]) for cells in rows)))
        if left < min(wanted, _NARROWEST) + _GAP:
            break
        widths[name] = min(wanted, left - _GAP)
        left -= widths[name] + _GAP
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    shown = [name for name in COLUMNS if name in widths]
    for name in shown:
        table.add_column(name, width=widths[name], no_wrap=True, overflow="ellipsis")
    for cls, cells in zip(classes, rows, strict=True):
        styles = {"severity": _COLOURS[cls.severity]}
        table.add_row(*(Text(cells[name], style=styles.get(name, "")) for name in shown))
    console.print(table)
    console.print(Text(f"{len(classes)} detectors; wardwatch detectors ID tells all about one", style="dim"))


def _print_page(cls: type[Detector]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(Text(f"{cls.id}  {cls.title}", style="bold"))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for heading, text in page(cls):
        grid.add_row(heading, Text(text))
    console.print(grid)

"""Files through the detectors, without servers."""

import sys
from collections import Counter
from pathlib import Path
from time import time

import click

from pipeline import kernel_cache
from pipeline.cli.alert_text import alert_line
from pipeline.cli.commands.rules import in_short
from pipeline.cli.incident_text import incident_summary
from pipeline.cli.progress import Progress
from pipeline.errors import UsageError
from pipeline.ingest.archives import unpacked
from pipeline.ingest.listing import list_files
from pipeline.ingest.merge import read_files
from pipeline.ingest.reader import Manner, forced_format
from pipeline.ingest.streams import display_name
from pipeline.runtime.kept_memory import keep_memory
from pipeline.runtime.line import Plan
from pipeline.runtime.lists.versions import all_loaded, version_rows
from pipeline.runtime.scan import Scan, ScanSummary, scan_id
from pipeline.settings import Settings, load_settings
from pipeline.sinks.clickhouse import ClickHouse
from schemas.alert import Alert
from schemas.dead_letter import DeadLetter


def _named_files(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    named = {}
    for value in values:
        name, sign, path = value.partition("=")
        if not sign or not path:
            raise click.BadParameter(f"{value!r} is not NAME=FILE")
        named[name] = Path(path)
    return named


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--db", type=click.Path(path_type=Path), help="Keep rows, alerts and dead letters in this folder.")
@click.option("--format", "form", help="The format of the files, instead of recognising it.")
@click.option("--mapping", type=click.Path(path_type=Path), help="YAML file that describes a CSV or JSON.")
@click.option("--host", help="The machine that wrote log records which name none.")
@click.option("--years-ahead", type=click.IntRange(0, 300), default=0, help="Dates were moved so far to de-identify.")
@click.option("--list", "lists", multiple=True, callback=_named_files, help="NAME=FILE: a list for the detectors.")
@click.option("--inventory", type=click.Path(path_type=Path), help="CSV of the devices.")
@click.option("--rules", multiple=True, type=click.Path(path_type=Path), help="Sigma rules: a file or folder.")
@click.option("--model", "models", multiple=True, type=click.Path(path_type=Path), help="A file that learn wrote.")
@click.option("--identifiers", type=click.Choice(["pseudonyms", "plain"]), help="How patients appear.")
@click.option("--json", "as_json", is_flag=True, help="One OCSF document a line on stdout, nothing else.")
def run(
    paths: tuple[Path, ...],
    db: Path | None,
    form: str | None,
    mapping: Path | None,
    host: str | None,
    years_ahead: int,
    lists: dict[str, Path],
    inventory: Path | None,
    rules: tuple[Path, ...],
    models: tuple[Path, ...],
    identifiers: str | None,
    as_json: bool,
) -> int:
    """Read files, folders and archives (or - for standard input), score every record and print the alerts.

    A folder is read whole; files are merged in event time. No server is needed.
    """
    keep_memory()
    settings = _settings(lists, inventory, rules, models, identifiers)
    listing, chosen = list_files(paths), forced_format(form, mapping)
    plan = Plan.of(settings, make_keys=True)
    _announce(plan, own_rules=bool(settings.rules))
    manner = Manner.now(mask=plan.pseudonymiser is not None, host=host, years_ahead=years_ahead)
    told: list[Alert] = []
    letters: Counter[tuple[str, str]] = Counter()

    def on_alert(alert: Alert) -> None:
        if as_json:
            print(alert.to_json().decode(), flush=True)
        else:
            told.append(alert)

    def on_letter(letter: DeadLetter) -> None:
        if len(letters) < 1000:
            letters[letter.source, letter.reason] += 1

    database = _database(db)
    if database is not None:
        database.insert("list_versions", version_rows(all_loaded(plan.lists), time()))
    if kernel_cache.is_empty():
        print("preparing the detectors for the first time, up to five minutes …", file=sys.stderr)
    try:
        topic = scan_id(str(path.absolute()) for path in listing.files)
        scan = Scan(plan, topic, settings.chunk_records, database=database, on_alert=on_alert, on_letter=on_letter)
        with unpacked(listing) as whole, Progress("scanning") as progress:
            skipped = [display_name(path) for path, _ in whole.skipped]
            for record in read_files(whole, chosen, offered=bool(mapping), manner=manner):
                scan.add(record)
                progress.advance()
            summary = scan.finish()
    finally:
        if database is not None:
            database.close()
    if not as_json:
        told.sort(key=lambda alert: (-alert.severity_id, alert.start_time))
        print("".join(f"{line}\n" for line in (*map(alert_line, told), *incident_summary(scan.incidents))), end="")
    _report(summary, letters, skipped, db)
    return 0


def _settings(
    lists: dict[str, Path],
    inventory: Path | None,
    rules: tuple[Path, ...],
    models: tuple[Path, ...],
    identifiers: str | None,
) -> Settings:
    given = load_settings()
    changes: dict[str, object] = {}
    if lists:
        changes["lists"] = {**given.lists, **lists}
    if inventory:
        changes["inventory"] = inventory
    if rules:
        changes["rules"] = (*given.rules, *rules)
    if models:
        changes["learned"] = (*given.learned, *models)
    if identifiers:
        changes["identifiers"] = identifiers
    return load_settings(**changes) if changes else given


def _database(folder: Path | None) -> ClickHouse | None:
    if folder is None:
        return None
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--db {folder} is a file: name a folder")
    database = ClickHouse.embedded(folder)
    database.migrate()
    return database


def _report(summary: ScanSummary, letters: Counter[tuple[str, str]], skipped: list[str], db: Path | None) -> None:
    def say(text: str) -> None:
        print(text, file=sys.stderr)

    sources = ", ".join(f"{name} {count:,}" for name, count in sorted(summary.by_source.items()))
    copies = f" + {summary.copies:,} copies" if summary.copies else ""
    say(
        f"{summary.records:,} records = {summary.rows:,} scored ({sources or 'none'})"
        f" + {summary.dead_letters:,} dead letters{copies}; {summary.alerts:,} alerts"
    )
    for (source, reason), count in letters.most_common(5):
        say(f"  not read: {count:,} × {source}: {reason}")
    if len(letters) > 5:
        say(f"  not read: {len(letters) - 5:,} more kinds; --db keeps all of them in the table dead_letters")
    if summary.hostless:
        say(f"  {summary.hostless:,} log records name no machine and count as one: --host NAME tells which it is")
    if skipped:
        more = f" and {len(skipped) - 3} more" if len(skipped) > 3 else ""
        say(f"  skipped as no data: {', '.join(skipped[:3])}{more}")
    if db is not None and summary.alerts:
        say(f"  look at them: wardwatch incidents --db {db}; wardwatch sql --db {db} 'SELECT * FROM current_alerts'")
    elif db is not None and summary.rows:
        say(f"  what was scored: wardwatch sql --db {db} 'SELECT * FROM current_events LIMIT 10'")


def _announce(plan: Plan, *, own_rules: bool) -> None:
    """Says which rules and learned models take part."""
    if own_rules and plan.config.rules is not None:
        print(f"rules: {in_short(plan.config.rules)}; wardwatch rules tells all about them", file=sys.stderr)
    for model in plan.config.learned:
        print(f"{model.id}: {model.manifest.in_short()}", file=sys.stderr)

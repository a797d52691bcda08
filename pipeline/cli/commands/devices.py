"""The devices of a network, learned from files."""

import csv
import sys
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import click
import orjson
from netaddr import EUI, AddrFormatError, NotRegisteredError  # type: ignore[import-untyped]
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli.progress import Progress
from pipeline.detectors.devices.passive_inventory import InventoryRow, PassiveInventory
from pipeline.features.decode import decode
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Manner, Parsed
from pipeline.runtime.lists.files import indexed_devices
from pipeline.runtime.lists.inventory import read_inventory

CHUNK = 4096
COLUMNS = ("ip", "mac", "name", "class", "confidence", "maker", "first seen", "last seen", "events", "evidence")


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--inventory", type=click.Path(path_type=Path), help="CSV of known devices; it wins over what is seen.")
@click.option("--format", "form", help="The format of the files, instead of recognising it.")
@click.option("--mapping", type=click.Path(path_type=Path), help="YAML file that describes a CSV or JSON.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def run(paths: tuple[Path, ...], inventory: Path | None, form: str | None, mapping: Path | None, as_json: bool) -> int:
    """Learn from captures which devices there are, of which class, and print the inventory.

    Classes come from makers of MAC addresses, names in leases, protocols and software seen, each with its confidence.
    The output with its columns mac, ip and class serves as an inventory file: check it, then give it to scan.
    """
    learned = PassiveInventory(maker_of, indexed_devices(read_inventory(inventory)) if inventory else None)
    skipped = _learn(learned, paths, form, mapping)
    rows = sorted(learned.rows(), key=lambda r: (r.device_class == "unknown", r.device_class, _order(r.ip), r.mac))
    if as_json:
        for row in rows:
            print(orjson.dumps(_document(row)).decode())
    elif sys.stdout.isatty():
        _print_table(rows)
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(map(_cells, rows))
    unsure = sum(row.device_class == "unknown" for row in rows)
    print(f"{len(rows):,} devices, {unsure:,} of unknown class", file=sys.stderr)
    if skipped or learned.left_out:
        print(f"  {skipped:,} records not read, {learned.left_out:,} events of hosts beyond the limit", file=sys.stderr)
    return 0


def _learn(learned: PassiveInventory, paths: tuple[Path, ...], form: str | None, mapping: Path | None) -> int:
    """Read everything; the number of records that could not be."""
    waiting: dict[str, list[bytes]] = defaultdict(list)
    skipped = 0

    def take(source: str) -> None:
        documents = waiting.pop(source, [])
        if source == "network" and documents:
            learned.learn(decode(source, documents, 1).batch)
        elif source == "devices":
            rows = map(orjson.loads, documents)
            learned.list_devices({k: str(v) for k, v in row.items() if v is not None} for row in rows)

    with Progress("learning") as progress:
        for record in read_paths(paths, format=form, mapping=mapping, manner=Manner.now(mask=False)):
            progress.advance()
            if not isinstance(record, Parsed):
                skipped += 1
            elif record.source in ("network", "devices"):
                waiting[record.source].append(record.value)
                if len(waiting[record.source]) == CHUNK:
                    take(record.source)
    for source in list(waiting):
        take(source)
    return skipped


@cache
def maker_of(mac: str) -> str:
    """Who registered the address's prefix; empty for local addresses and unknown prefixes."""
    try:
        return str(EUI(mac).oui.registration().org)
    except (AddrFormatError, NotRegisteredError, ValueError, TypeError):
        return ""


def _order(ip: str) -> tuple[int, ...] | tuple[str, ...]:
    parts = ip.split(".")
    return tuple(int(p) for p in parts) if len(parts) == 4 and all(p.isdigit() for p in parts) else (999,)


def _time(ts: float | None) -> str:
    return "" if ts is None else datetime.fromtimestamp(ts, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _cells(row: InventoryRow) -> tuple[str, ...]:
    return (
        row.ip, row.mac, row.name, row.device_class, f"{row.confidence:.2f}", row.maker, _time(row.first_ts),
        _time(row.last_ts), str(row.events), "; ".join(row.evidence),
    )  # fmt: skip


def _document(row: InventoryRow) -> dict[str, object]:
    named = dict(zip(COLUMNS, _cells(row), strict=True))
    found: dict[str, object] = {name.replace(" ", "_"): value for name, value in named.items() if value}
    return found | {"confidence": row.confidence, "events": row.events, "evidence": row.evidence, "listed": row.listed}


def _print_table(rows: list[InventoryRow]) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in COLUMNS:
        table.add_column(name, no_wrap=name != "evidence", overflow="ellipsis")
    for row in rows:
        style = "" if row.confidence >= 0.5 else "dim"
        table.add_row(*(Text(cell, style=style) for cell in _cells(row)))
    Console().print(table)

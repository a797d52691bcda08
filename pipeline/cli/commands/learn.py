"""A model of known attacks from a historical labelled file, for scan and worker."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click
import orjson

from pipeline.cli.commands.evaluate import split_names
from pipeline.cli.printable import printable
from pipeline.cli.progress import Progress
from pipeline.detectors.learned_model import LearnedColumn, LearnedModel, Manifest, Quality, check_field
from pipeline.errors import UsageError
from pipeline.evaluation.dataset import Dataset, Wish, load_dataset
from pipeline.evaluation.document import warnings
from pipeline.evaluation.learning import Learned, learn
from pipeline.features.layout import layout
from pipeline.ingest.streams import STDIN, display_name
from pipeline.runtime.lists.learned_file import read_learned, write_learned
from pipeline.tables.read import read_table
from schemas.sources import INPUTS


def _mapped(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for value in values:
        column, sign, field = value.rpartition("=")
        if not sign or not column or not field:
            raise click.BadParameter(f"{value!r} is not COL=FIELD")
        found[column] = field
    return found


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--label", metavar="COL", help="The column with the labels.")
@click.option(
    "--benign", multiple=True, metavar="VALUE", help="A label that is benign; may be given again. Else guessed."
)
@click.option("--drop", multiple=True, callback=split_names, metavar="COL,…", help="Columns to leave out.")
@click.option("--keep", multiple=True, callback=split_names, metavar="COL,…", help="Use these whatever the rules say.")
@click.option("--time", metavar="COL", help="Order the rows by this column.")
@click.option("--rows", type=click.IntRange(min=1), help="Read only so many of the first rows.")
@click.option("--for", "events", metavar="SOURCE.KIND", help="Events the model shall judge, such as network.flow.")
@click.option("--map", "mapping", multiple=True, callback=_mapped, metavar="COL=FIELD", help="Event field of a column.")
@click.option("--name", help="Of the model; the detector is SOURCE.learned_NAME.  [default: the file's]")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The model file to write.")
@click.option("--show", type=click.Path(path_type=Path), metavar="MODEL", help="Print what a model was trained on.")
@click.option("--json", "as_json", is_flag=True, help="The manifest as JSON on stdout, nothing else.")
def run(
    file: Path | None,
    label: str | None,
    benign: tuple[str, ...],
    drop: tuple[str, ...],
    keep: tuple[str, ...],
    time: str | None,
    rows: int | None,
    events: str | None,
    mapping: dict[str, str],
    name: str | None,
    seed: int,
    out: Path | None,
    show: Path | None,
    as_json: bool,
) -> int:
    """Learn from a labelled FILE what attacks look like, and write a model with a manifest of what it has seen.

    With --for the columns are matched with event fields, by name or --map, and `wardwatch scan --model` or the setting
    `learned` run it as a detector.
    """
    if show is not None:
        if file is not None:
            raise UsageError("--show prints a model and reads no FILE")
        _print(read_learned(show).manifest, as_json)
        return 0
    if file is None or label is None or out is None:
        raise UsageError("give FILE, --label and --out, or --show MODEL")
    if file == STDIN:
        raise UsageError("learn reads a file, whose hash stands in the manifest, not standard input")
    source, kind = _events(events, mapping)
    fields = _fields(file, label, rows, source, mapping) if source else None
    data = load_dataset(Wish(file, label, benign, drop, keep, time, rows, fields))
    with Progress("learning", data.frame.rows) as progress:
        learned = learn(data, seed, progress.advance)
    columns = _columns(learned, fields, source)
    manifest = _manifest(data, learned, columns, file, _name(name, file), seed, source, kind)
    write_learned(LearnedModel(manifest, learned.forest), out)
    _print(manifest, as_json)
    return 0


def _events(events: str | None, mapping: Mapping[str, str]) -> tuple[str | None, str | None]:
    if events is None:
        if mapping:
            raise UsageError("--map names event fields: say of which events with --for, such as --for network.flow")
        return None, None
    source, _, kind = events.partition(".")
    if source not in INPUTS:
        raise UsageError(f"--for {events[:60]!r}: there is no topic {source!r}; known are {', '.join(INPUTS)}")
    kinds = layout(source).kinds
    if kind not in kinds:
        raise UsageError(f"--for {events[:60]!r}: {source} events are of the kinds {', '.join(kinds)}")
    return source, kind


def _fields(file: Path, label: str, rows: int | None, source: str, mapping: Mapping[str, str]) -> dict[str, str]:
    """Column → event field."""
    table = read_table(file, label, min(rows or 1_000, 1_000))
    known = layout(source).index
    given = {table.find(column, "--map"): field for column, field in mapping.items()}
    for column, field in given.items():
        if field not in known:
            raise UsageError(f"--map {column}={field}: {source} events have no field {field!r}")
    found = {n: n for n in table.names if n in known and n not in given.values()} | given
    if not found:
        raise UsageError(f"no column has the name of a field of {source} events: name them with --map COL=FIELD")
    return found


def _columns(learned: Learned, fields: Mapping[str, str] | None, source: str | None) -> tuple[LearnedColumn, ...]:
    """In the order in which the forest has them: numbers, then categories."""
    frame = learned.frame
    columns = tuple(
        LearnedColumn(name=name, taken_for=frame.kinds[name], field=fields[name] if fields else None)
        for name in (*frame.numeric, *frame.categorical)
    )
    for column in columns if source else ():
        try:
            check_field(str(source), column)
        except ValueError as error:
            raise UsageError(f"{error}; leave it out with --drop {column.name}") from None
    return columns


def _name(name: str | None, file: Path) -> str:
    text = name or file.name.split(".")[0]
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40] or "file"
    if name and name != plain:
        raise UsageError(f"--name {name[:40]!r}: use small letters, digits and _ only, such as {plain}")
    return plain


def _manifest(
    data: Dataset,
    learned: Learned,
    columns: tuple[LearnedColumn, ...],
    file: Path,
    name: str,
    seed: int,
    source: str | None,
    kind: str | None,
) -> Manifest:
    times = data.seconds[~(data.seconds != data.seconds)].tolist() if data.seconds is not None else []
    moments = [datetime.fromtimestamp(t, UTC).isoformat() for t in (times[:1] + times[-1:]) if abs(t) < 2e11]
    auc, ap = (None if v != v else round(v, 4) for v in (learned.auc, learned.ap))
    return Manifest(
        version=version("wardwatch"),
        name=name,
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
        file=display_name(Path(file.name)),
        sha256=_sha256(file),
        rows=data.frame.rows,
        attacks=int(data.labels.attack.sum()),
        label=data.labels.column,
        labels=data.labels.counts(),
        benign=data.labels.benign,
        columns=columns,
        left_out=dict(learned.frame.dropped),
        first_row=moments[0] if moments else None,
        last_row=moments[-1] if moments else None,
        warnings=tuple(warnings(data)),
        quality=Quality(auc=auc, ap=ap, rows=learned.judged, late_rows=learned.late_rows),
        seed=seed,
        source=source,
        kind=kind,
    )


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error


def _print(manifest: Manifest, as_json: bool) -> None:
    if as_json:
        print(orjson.dumps(manifest.model_dump(), option=orjson.OPT_INDENT_2).decode())
        return
    for heading, text in _told(manifest):
        print(f"{heading:<12}{printable(text)}")


def _told(m: Manifest) -> Iterator[tuple[str, str]]:
    yield "model", f"{m.name}, learned {m.trained_at} by wardwatch {m.version}, seed {m.seed}"
    yield "file", f"{m.file}, sha256 {m.sha256}"
    span = f", {m.first_row} to {m.last_row}" if m.first_row else ""
    yield "rows", f"{m.rows:,}, {m.attacks:,} of them attacks{span}"
    shown = list(m.labels.items())[:12]
    more = f" and {len(m.labels) - 12:,} more" if len(m.labels) > 12 else ""
    yield "labels", f"{m.label}: {', '.join(f'{k} {v:,}' for k, v in shown)}{more}; benign: {', '.join(m.benign[:6])}"
    for column in m.columns:
        yield "column", f"{column.name}, a {column.taken_for}" + (f", is {column.field}" if column.field else "")
    for why in dict.fromkeys(m.left_out.values()):
        names = [n for n, reason in m.left_out.items() if reason == why]
        more = f" and {len(names) - 12:,} more" if len(names) > 12 else ""
        yield "left out", f"{', '.join(names[:12])}{more}: {why}"
    for warning in m.warnings:
        yield "WARNING", warning
    q = m.quality
    auc, ap = ("unknown" if v is None else f"{v:.4f}" for v in (q.auc, q.ap))
    yield (
        "quality",
        f"ROC AUC {auc}, average precision {ap} on {q.rows:,} rows, labels at least {q.late_rows:,} rows late",
    )
    if m.source is None:
        yield "judges", "no events: it was learned without --for"
    else:
        yield "judges", f"{m.source} events of kind {m.kind}, as detector {m.source}.learned_{m.name}"

"""How well the anomaly model finds what a labelled file says is an attack."""

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import orjson

from pipeline.cli.evaluation_text import told
from pipeline.cli.progress import Progress
from pipeline.errors import UsageError
from pipeline.evaluation.dataset import Wish, load_dataset
from pipeline.evaluation.document import document
from pipeline.evaluation.evaluate import Evaluation, Options, evaluate
from pipeline.evaluation.page import write_page
from pipeline.evaluation.plots import check_plots, write_plots
from pipeline.ingest.streams import display_name

RESULT, SCORES = "evaluation.json", "scores.csv"


def split_names(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """`--drop a,b --drop "c,d"`: names with commas; a quoted name may contain one."""
    names = [cell for value in values for cell in next(csv.reader([value], skipinitialspace=True), [])]
    return tuple(name.strip() for name in names if name.strip())


def benign_values(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """As given; an empty value is a value."""
    return values


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--label", required=True, metavar="COL", help="The column with the labels.")
@click.option(
    "--benign", multiple=True, metavar="VALUE", help="A label that is benign; may be given again. Else guessed."
)
@click.option("--drop", multiple=True, callback=split_names, metavar="COL,…", help="Columns to leave out.")
@click.option("--keep", multiple=True, callback=split_names, metavar="COL,…", help="Use these whatever the rules say.")
@click.option("--time", metavar="COL", help="Order the rows by this column and take days from it.")
@click.option("--warmup", type=click.IntRange(min=0), help="First rows that do not count.  [default: the model's own]")
@click.option("--budget", type=click.FloatRange(min=0, min_open=True), metavar="ALERTS_PER_DAY", help="Alerts a day.")
@click.option("--rows-per-day", type=click.FloatRange(min=1), help="Where there is no --time.  [default: 86400]")
@click.option("--rows", type=click.IntRange(min=1), help="Read only so many of the first rows.")
@click.option("--seeds", type=click.IntRange(1, 100), default=1, show_default=True, help="Runs with seeds 1 to N.")
@click.option(
    "--labels", type=click.FloatRange(0, 100, min_open=True), metavar="PERCENT", help="What so many labels would bring."
)
@click.option("--compare", is_flag=True, help="River's detectors and a baseline on the same rows.")
@click.option("--compare-rows", type=click.IntRange(min=100), help="At most so many rows for that.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for plots (PNG), an HTML page, figures and scores."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else.")
def run(
    file: Path,
    label: str,
    benign: tuple[str, ...],
    drop: tuple[str, ...],
    keep: tuple[str, ...],
    time: str | None,
    warmup: int | None,
    budget: float | None,
    rows_per_day: float | None,
    rows: int | None,
    seeds: int,
    labels: float | None,
    compare: bool,
    compare_rows: int | None,
    out: Path | None,
    as_json: bool,
) -> int:
    """Score a labelled FILE (CSV, TSV, JSON lines, NPZ, Zeek, ARFF, Parquet; packed or not, - for standard input) in
    one pass, each row before it is learned, and say how well attacks stand out.

    No label reaches the model, but with --labels a second one, which is taught by a random share of them, each long
    after its row. Columns are recognised by themselves; what is left out is told, and why.
    """
    if out is not None:
        check_plots()
        _folder(out)
    data = load_dataset(Wish(file, label, benign, drop, keep, time, rows))
    share = None if labels is None else labels / 100.0
    options = Options(warmup, budget, rows_per_day, seeds, share, compare, compare_rows)
    result = evaluate(data, options, _shown)
    written = _write(result, display_name(file), out) if out is not None else []
    if as_json:
        content = {"file": display_name(file)} | document(result) | {"files": [str(path) for path in written]}
        print(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())
        return 0
    for line in told(result, display_name(file)):
        print(line)
    if written:
        print(f"written to {out}: {', '.join(path.name for path in written)}", file=sys.stderr)
    return 0


def _shown(doing: str, rows: int) -> Callable[[int], None]:
    """Progress of one pass on stderr, where a person looks."""
    progress = Progress(doing, rows)
    progress.__enter__()

    def tick(done: int) -> None:
        progress.advance(done)
        if progress.count >= rows - 100:
            progress.__exit__(None, None, None)

    return tick


def _folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out} cannot be made a folder: {error.strerror}") from error


def _write(result: Evaluation, name: str, out: Path) -> list[Path]:
    pictures = write_plots(result, out)
    page = write_page(result, f"Evaluation of {Path(name).name}", pictures, out)
    try:
        (out / RESULT).write_bytes(orjson.dumps(document(result), option=orjson.OPT_INDENT_2) + b"\n")
        columns = [result.data.order, result.counts, result.data.labels.attack, result.scores]
        heads, forms = ["row", "counts", "attack", "score"], ["%d", "%d", "%d", "%.9g"]
        if result.taught is not None:
            columns, heads, forms = [*columns, result.taught[0].run.scores], [*heads, "with_labels"], [*forms, "%.9g"]
        np.savetxt(out / SCORES, np.column_stack(columns), forms, ",", header=",".join(heads), comments="")
    except OSError as error:
        raise UsageError(f"cannot write into {out}: {error.strerror}") from error
    return [page, *pictures, out / RESULT, out / SCORES]

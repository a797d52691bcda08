"""History once more, with the same or other settings."""

import logging
import sys
import time
from pathlib import Path

import click

from pipeline import kernel_cache
from pipeline.cli.entry import EXIT_INTERRUPTED
from pipeline.cli.following import stop_signal
from pipeline.cli.progress import Progress
from pipeline.cli.replay_text import as_json, compared, done
from pipeline.errors import UsageError
from pipeline.runtime.replay.range import ReplayRange, bound, warm_up_s
from pipeline.runtime.replay.replay import Replay, ReplayRequest
from pipeline.runtime.replay.settings import changes, check_detectors
from pipeline.settings import load_settings
from schemas.sources import SOURCES

_LIBRARIES = ("aiokafka", "kafka", "clickhouse_connect", "urllib3")
"""They tell every retry; we tell the outcome."""


@click.command()
@click.option("--topic", "topics", multiple=True, required=True, help="Source to replay (network, logs …); repeatable.")
@click.option("--from", "start", metavar="TIME", help="beginning (default), 2026-11-20T00:00Z, or -2d, -6h, -30m ago.")
@click.option("--to", "end", metavar="TIME", help="end (default: as it is now), or a time as for --from.")
@click.option(
    "--from-offset", "starts", multiple=True, metavar="[P:]N", help="Offset N instead; P:N reads partition P only."
)
@click.option("--to-offset", "ends", multiple=True, metavar="[P:]N", help="Up to but without offset N.")
@click.option("--warm-up", metavar="12h|all", help="Read so much before --from only to learn: no rows, no alerts.")
@click.option("--into", default="last", show_default=True, metavar="NAME", help="Database DATABASE_replay_NAME.")
@click.option("--set", "sets", multiple=True, metavar="NAME=VALUE", help="As detectors.network.port_scan.ports=30.")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file with settings above the present ones.")
@click.option("--json", "json_wanted", is_flag=True, help="One JSON document on stdout.")
def run(
    topics: tuple[str, ...],
    start: str | None,
    end: str | None,
    starts: tuple[str, ...],
    ends: tuple[str, ...],
    warm_up: str | None,
    into: str,
    sets: tuple[str, ...],
    config: Path | None,
    json_wanted: bool,
) -> int:
    """Score a part of Kafka's log again and show which alerts differ from production's.

    Rows, alerts and dead letters go to the database DATABASE_replay_NAME beside production's, with the same tables
    and views; an earlier replay of that name is replaced. No alert is published, nothing of production is written,
    workers and their offsets are not touched.

    Times are those at which records were sent to Kafka, not those of the events; without a zone they are UTC. Models
    start fresh where reading begins: read from the beginning, or with --warm-up all, the same settings give the
    same scores and alerts as the worker gave.

    --set and --config change detectors, disabled, river, rules, shipped_rules, seed, lists, inventory and
    copies_window; the servers, the key groups and the pseudonym key stay as they are. Lists and devices are used as
    they are now, from their files and topics, and not as they were then.

    \b
    wardwatch replay --topic network --from -2d --set detectors.network.port_scan.ports=30
    wardwatch replay --topic logs --topic ehr --from 2026-11-20T00:00Z --to 2026-11-21T00:00Z --warm-up all
    """
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.CRITICAL)
    sources = tuple(dict.fromkeys(topics))
    unknown = [t for t in sources if t not in SOURCES]
    if unknown:
        raise UsageError(f"no topic of events is called {unknown[0][:64]!r}; there are {', '.join(SOURCES)}")
    now_s = time.time()
    span = ReplayRange(bound(start, starts, now_s, "from"), bound(end, ends, now_s, "to"), warm_up_s(warm_up))
    if len(sources) > 1 and (span.start.offsets or span.end.offsets):
        raise UsageError("an offset of one partition (P:N) needs a single --topic")
    changed, unused = changes(sets, config)
    settings = load_settings(**changed)
    check_detectors(settings, sources, changed)
    if unused:
        _say(f"not used of {config}: {', '.join(unused)}; a replay keeps them as they are")
    if kernel_cache.is_empty():
        _say("preparing the detectors for the first time, up to five minutes …")
    with stop_signal() as stop, Progress("replaying") as progress:
        request = ReplayRequest(sources, span, into, changed)
        replay = Replay(settings, request, stop=stop.is_set, on_range=progress.expect, on_progress=progress.advance)
        summary = replay.run()
    for line in done(summary):
        _say(line)
    if json_wanted:
        print(as_json(summary))
    elif summary.difference is not None:
        for line in compared(summary, summary.difference):
            print(line)
    return EXIT_INTERRUPTED if summary.interrupted else 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

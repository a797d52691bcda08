"""Sends an order that champion and challenger change places."""

import difflib
import logging
import sys
import time
from contextlib import closing

from pipeline.cli.challenging import standing
from pipeline.cli.database import database_of
from pipeline.detectors.catalogue import catalogue
from pipeline.errors import SinkError, UsageError
from pipeline.learning.champion_order import PROMOTE, ChampionOrder
from pipeline.runtime.lists.files import fault
from pipeline.runtime.lists.list_row import ListRow
from pipeline.settings import load_settings
from pipeline.sinks.sender import send


def give(action: str, detector: str, who: str, why: str, db: str | None) -> None:
    """Check, send, say so. Raises UsageError where it makes no sense, SinkError when Kafka does not answer."""
    if not who or not why:
        raise UsageError("say who orders it and why: --as WHO --why REASON")
    settings = load_settings()
    known = {*catalogue(), *(spec.id for spec in settings.river), *settings.challengers}
    if detector not in known and not settings.learned:
        near = difflib.get_close_matches(detector, known, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "wardwatch detectors lists them"
        raise UsageError(f"no detector is called {detector[:64]!r}; {hint}")
    _check(action, detector, db)
    order = ChampionOrder(detector, action, who, round(time.time(), 3), why)
    wrong = fault("champions", order.to_row())
    if wrong:
        raise UsageError(wrong)
    row = ListRow(list="champions", row=order.to_row())
    send(settings, "lists", [(row.key, row.to_json())])
    done = "its challenger is in front" if action == PROMOTE else "the former champion is in front again"
    print(f"{detector}: {done} as soon as workers have read it, a few seconds", file=sys.stderr)


def _check(action: str, detector: str, db: str | None) -> None:
    """The database knows whether there is anything to swap; without one the order is sent all the same."""
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    try:
        with closing(database_of(db)) as database:
            rows = standing(database, detector)
    except SinkError:
        print("the database does not answer: whether there is a challenger is not looked up", file=sys.stderr)
        return
    if not rows:
        raise UsageError(f"{detector} has no challenger: see wardwatch challengers")
    if action == PROMOTE and all(row["promoted"] for row in rows):
        raise UsageError(f"the challenger of {detector} is promoted already: wardwatch rollback takes it back")
    if action != PROMOTE and not any(row["promoted"] for row in rows):
        raise UsageError(f"no challenger of {detector} was promoted: there is nothing to take back")

"""Verdicts of analysts, to the topic `feedback`."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import ValidationError

from pipeline.cli.known_ids import kinds_of
from pipeline.cli.printable import printable
from pipeline.cli.verdict_file import fault, read_verdicts
from pipeline.errors import UsageError
from pipeline.settings import load_settings
from pipeline.sinks.sender import send
from schemas.feedback import Feedback

EXIT_PARTLY = 1
_SHOWN = 10


@click.command()
@click.argument("about", metavar="ALERT_ID|INCIDENT_ID", required=False)
@click.argument("verdict", metavar="true|false|benign_expected", required=False)
@click.option("--as", "who", default="", metavar="WHO", help="Who says so.")
@click.option("--why", default="", help="In a sentence; without names of patients.")
@click.option("--incident", is_flag=True, help="The id is an incident's; else the database is asked.")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Many at once: CSV or JSONL, see below.")
@click.option("--db", metavar="DIR|URL", help="Where ids are looked up; else the configured server.")
def run(
    about: str | None, verdict: str | None, who: str, why: str, incident: bool, path: Path | None, db: str | None
) -> int:
    """Say what an alert or an incident was: an attack (true), an error of the detector (false), or seen rightly and
    allowed here (benign_expected). The latest word of a person counts, and the majority of several.

    \b
    wardwatch feedback 3f9a… false --as a.meier --why "nightly backup"
    wardwatch feedback --file verdicts.csv --as a.meier
    alert_id,verdict,who,why
    """
    if path is not None:
        if about or verdict or why or incident:
            raise UsageError("--file holds ids, verdicts and reasons: name none beside it")
        return _many(path, who, db)
    if not about or not verdict:
        raise UsageError("name an alert or incident and a verdict: true, false or benign_expected (or a --file)")
    if not who:
        raise UsageError("say who judges it: --as WHO")
    ids = {"incident_id" if incident else "alert_id": about}
    try:
        one = Feedback.model_validate({**ids, "verdict": verdict, "who": who, "why": why, "ts": round(time.time(), 3)})
    except ValidationError as error:
        raise UsageError(fault(error)) from error
    _send([one], db)
    return 0


def _many(path: Path, who: str, db: str | None) -> int:
    good, bad = [], 0
    for found in read_verdicts(path, who, time.time()):
        if isinstance(found, str):
            bad += 1
            _say(f"wardwatch: {printable(found)}")
        else:
            good.append(found)
    _send(good, db)
    return EXIT_PARTLY if bad else 0


def _send(verdicts: Sequence[Feedback], db: str | None) -> None:
    known = kinds_of((v.alert_id or v.incident_id for v in verdicts), db) if verdicts else {}
    if isinstance(known, str):
        _say(f"ids are not looked up: {known}")
    else:
        verdicts = [_about(v, known) for v in verdicts]
        strange = [v.alert_id or v.incident_id for v in verdicts if (v.alert_id or v.incident_id) not in known]
        for one in strange[:_SHOWN]:
            _say(f"no alert or incident is called {printable(one[:64])}: sent all the same, it waits a week for one")
        if len(strange) > _SHOWN:
            _say(f"and {len(strange) - _SHOWN:,} more")
    sent = send(load_settings(), "feedback", ((v.alert_id or v.incident_id, v.to_json()) for v in verdicts))
    _say(f"{sent:,} verdict{'' if sent == 1 else 's'} sent")


def _about(verdict: Feedback, known: dict[str, str]) -> Feedback:
    """An incident's id is one, whatever it was given as."""
    if verdict.alert_id and known.get(verdict.alert_id) == "incident":
        return verdict.model_copy(update={"alert_id": "", "incident_id": verdict.alert_id})
    return verdict


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

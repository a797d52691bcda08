"""Why a chart was opened, or what somebody opened, in sentences."""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import click
import orjson

from pipeline.cli.database import database_of, told
from pipeline.cli.printable import printable
from pipeline.errors import SinkError, UsageError
from pipeline.features.pseudonyms import Pseudonymiser
from pipeline.runtime.secrets import key_bytes
from pipeline.settings import load_settings
from schemas.account import account_of

_BECAUSE: Mapping[str, str] = {
    "appointment": "the patient has an appointment with them",
    "care_team": "they treat the patient",
    "order": "something was ordered from them, their department or by them",
    "encounter": "the patient is, or just was, in their care or their department",
    "payment": "the visit is being billed",
    "repeat": "they had opened it shortly before for a good reason",
    "colleague": "they work with those who treat the patient",
    "serves_all": "their work serves every department",
    "none": "NO REASON FOUND",
}
_QUERY = """SELECT toUnixTimestamp64Milli(ts), formatDateTime(ts, '%Y-%m-%d %H:%i'), user, role, department, patient,
    action, resource, reason, reason_ref, strength, late, withdrawn, break_glass FROM accesses
    WHERE ({user:String} = '' OR user = {user:String}) AND ({patient:String} = '' OR patient = {patient:String})
    AND (NOT {none:UInt8} OR reason = 'none') ORDER BY ts DESC LIMIT {limit:UInt32}"""
_NAMES = (
    "ts_ms", "time", "user", "role", "department", "patient", "action", "resource", "reason", "reason_ref", "strength",
    "late", "withdrawn", "break_glass",
)  # fmt: skip


@click.command()
@click.option("--user", default="", help="Whose accesses, however the account is written.")
@click.option("--patient", default="", help="Whose chart; the hospital's identifier, or the pseudonym of an alert.")
@click.option("--unexplained", is_flag=True, help="Only those that nothing explains.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000), help="The latest so many.")
@click.option("--db", metavar="DIR|URL", help="A folder that scan wrote, or http(s)://…; else the configured server.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def run(user: str, patient: str, unexplained: bool, limit: int, db: str | None, as_json: bool) -> int:
    """Say why charts were opened: whose, by whom, and what care explains it.

    \b
    wardwatch why --user u0042
    wardwatch why --patient 4711 --user u0042
    wardwatch why --unexplained --limit 10
    """
    if not (user or patient or unexplained):
        raise UsageError("name a --user, a --patient, or ask for what is --unexplained")
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    asked = {"user": account_of(user), "patient": _stored(patient), "none": int(unexplained), "limit": limit}
    try:
        with closing(database_of(db)) as database:
            rows = [dict(zip(_NAMES, row, strict=True)) for row in database.query(_QUERY, **asked)]
    except SinkError as error:
        raise told(error) from error
    for row in rows:
        print(orjson.dumps(row).decode() if as_json else printable(_sentence(row)))
    if not rows:
        print(
            "no judged access matches; one without a reason is judged when its time of grace is over", file=sys.stderr
        )
    return 0


def _stored(patient: str) -> str:
    """The identifier as it stands in the database."""
    settings = load_settings()
    if not patient or settings.identifiers == "plain":
        return patient
    return Pseudonymiser(key_bytes(settings, "pseudonym_key", make=False)).of(patient)


def _sentence(row: Mapping[str, Any]) -> str:
    return " ".join(_words(row))


def _words(row: Mapping[str, Any]) -> Iterator[str]:
    post = ", ".join(part for part in (row["role"], row["department"]) if part)
    yield f"{row['time']} {row['user'] or 'somebody unnamed'}" + (f" ({post})" if post else "")
    yield f"{row['action'] or 'access'} {row['resource'] or 'record'} of {row['patient']}"
    yield "in an emergency:" if row["break_glass"] else "-"
    yield _BECAUSE.get(row["reason"], str(row["reason"]).replace("_", " "))
    if row["reason_ref"]:
        yield f"[{row['reason_ref']}]"
    if row["withdrawn"]:
        yield "(known only after it had been judged)"
    elif row["late"]:
        yield "(became known afterwards)"

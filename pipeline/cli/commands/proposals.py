"""Entries for the allow-list that verdicts propose: shown, accepted or rejected by a person."""

import logging
import sys
from contextlib import closing
from typing import Any

import click
import orjson
import pyarrow as pa

from pipeline.cli.database import database_of, told
from pipeline.cli.printable import printable
from pipeline.errors import SinkError, UsageError
from pipeline.runtime.lists.files import fault
from pipeline.runtime.lists.list_row import ListRow
from pipeline.settings import load_settings
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.sender import send
from schemas.until import ends

_NAMES = ("id", "status", "list", "detector", "entity_type", "entity", "until", "reason", "evidence", "people", "days",
          "precision", "row", "decided_by")  # fmt: skip
_QUERY = """SELECT proposal_id, status, list, detector, entity_type, entity, until, reason, evidence, people, days,
    precision, row, decided_by FROM current_proposals
    WHERE ({every:UInt8} OR status = 'open') AND ({id:String} = '' OR startsWith(proposal_id, {id:String}))
    ORDER BY status = 'open' DESC, evidence DESC, proposal_id LIMIT 1000"""


@click.command()
@click.option("--accept", metavar="ID", help="Put the entry on the list; needs --owner.")
@click.option("--owner", default="", metavar="WHO", help="Who answers for it, or who rejects it.")
@click.option("--until", default="", metavar="YYYY-MM-DD", help="Another end than the one proposed.")
@click.option("--reject", metavar="ID", help="Never propose it again; an accepted one leaves the list.")
@click.option("--all", "every", is_flag=True, help="Those decided or withdrawn, too.")
@click.option("--db", metavar="DIR|URL", help="A folder, or http(s)://…; else the configured server.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def run(
    accept: str | None, owner: str, until: str, reject: str | None, every: bool, db: str | None, as_json: bool
) -> int:
    """Show what verdicts propose for the allow-list: what was found again and again and expected each time.

    \b
    wardwatch proposals
    wardwatch proposals --accept 3f9a2b --owner a.meier
    wardwatch proposals --reject 3f9a2b --owner a.meier
    """
    if accept and reject:
        raise UsageError("--accept or --reject, not both")
    if (accept or reject) and not owner:
        raise UsageError("say who decides: --owner WHO")
    if until and (not accept or ends(until) is None):
        raise UsageError("--until goes with --accept and is a date: YYYY-MM-DD")
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    try:
        with closing(database_of(db)) as database:
            if accept or reject:
                _decide(database, str(accept or reject), owner, until, accepted=bool(accept))
                return 0
            rows = _asked(database, "", every=every)
    except SinkError as error:
        raise told(error) from error
    for row in rows:
        print(orjson.dumps(row | {"row": orjson.loads(row["row"])}).decode() if as_json else printable(_line(row)))
    if not rows:
        print("nothing is proposed: it takes three verdicts benign_expected on the same thing", file=sys.stderr)
    return 0


def _asked(database: ClickHouse, uid: str, *, every: bool) -> list[dict[str, Any]]:
    return [dict(zip(_NAMES, row, strict=True)) for row in database.query(_QUERY, id=uid, every=int(every))]


def _decide(database: ClickHouse, uid: str, owner: str, until: str, *, accepted: bool) -> None:
    found = _asked(database, uid, every=True)
    if len(found) != 1:
        many = "no proposal is" if not found else f"{len(found)} proposals are"
        raise UsageError(f"{many} called {uid[:64]}: see wardwatch proposals")
    (one,) = found
    if accepted and one["status"] != "open":
        raise UsageError(f"proposal {one['id']} is {one['status']}: only an open one can be accepted")
    row = {str(k): str(v) for k, v in orjson.loads(one["row"]).items()} | {"owner": owner}
    row |= {"until": until} if until else {}
    key = f"{one['list']}/{row['detector']}/{row['entity']}"
    if accepted:
        wrong = fault(one["list"], row)
        if wrong:
            raise UsageError(f"proposal {one['id']} cannot be accepted: {wrong}")
        send(load_settings(), "lists", [(key, ListRow(list=one["list"], row=row).to_json())])
    elif one["status"] == "accepted":
        send(load_settings(), "lists", [(key, None)])
    decision = {
        "proposal_id": one["id"], "decision": "accepted" if accepted else "rejected", "who": owner,
        "row": orjson.dumps(row).decode(),
    }  # fmt: skip
    database.insert("proposal_decisions", pa.Table.from_pylist([decision]))
    done = f"is on the list {one['list']} until {row['until']}" if accepted else "is rejected"
    print(f"{one['id']}: {one['detector']} on {printable(one['entity'])} {done}", file=sys.stderr)


def _line(row: dict[str, Any]) -> str:
    by = f" by {row['decided_by']}" if row["decided_by"] else ""
    state = "" if row["status"] == "open" else f" [{row['status']}{by}]"
    whom = f"{row['detector']} on {row['entity_type']} {row['entity']}"
    right = f"{row['precision']:.0%} of this detector's verdicts are true"
    return f"{row['id']}  {whom} until {row['until']}: {row['reason']}; {right}{state}"

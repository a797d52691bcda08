"""Whether alerts and incidents exist that somebody names on the command line."""

import logging
from collections.abc import Iterable
from contextlib import closing

from pipeline.cli.database import database_of, told
from pipeline.errors import SinkError

_MANY = 2_000
_QUERY = """SELECT 'alert', alert_id FROM alerts WHERE alert_id IN {ids:Array(String)} GROUP BY alert_id
    UNION ALL
    SELECT 'incident', incident_id FROM incidents WHERE incident_id IN {ids:Array(String)} GROUP BY incident_id"""


def kinds_of(ids: Iterable[str], db: str | None = None) -> dict[str, str] | str:
    """`alert` or `incident` by id, for those that the database knows; a sentence when it cannot be asked."""
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    wanted = list(dict.fromkeys(ids))
    try:
        with closing(database_of(db)) as database:
            found: dict[str, str] = {}
            for at in range(0, len(wanted), _MANY):
                found |= {uid: kind for kind, uid in database.query(_QUERY, ids=wanted[at : at + _MANY])}
            return found
    except SinkError as error:
        return str(told(error))

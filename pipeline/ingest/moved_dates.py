"""Dates that research sets carry into the future, so that nobody is known by them (MIMIC: 2100 to 2212), and back.

How far is said by who reads them (`--years-ahead`). A bound relative to the stream's own time would take a wrong clock
for such a set, and care is remembered in seconds of 32 bits, which end in 2106.
"""

from functools import cache

from pipeline.ingest.format import Fields
from schemas.base import MAX_TS, Event

LAST_YEAR, READ_TS = 2400, 13_569_465_600.0
"""Its beginning: so far readers take a date for one. What is still after MAX_TS once it was put back is refused: a
clock that is wrong, or dates that somebody moved without saying so."""
LAST_BIRTH = 2100
"""Year, as events have it."""
_WEEK_S, _YEAR_S = 7 * 86_400.0, 365.2425 * 86_400.0


def moved_s(years_ahead: int) -> float:
    """Seconds that dates were moved by: whole weeks, as those keep the day of the week and, nearly, the season."""
    return round(years_ahead * _YEAR_S / _WEEK_S) * _WEEK_S


def put_back(fields: Fields, model: type[Event], years_ahead: int) -> None:
    """Change all times of a record in place; 0, from the beginning, stays. An end that is then after 2100 stands for no
    end, as before; so does a year of birth for none."""
    by_s = moved_s(years_ahead)
    for name in _times(model) & fields.keys() if by_s else ():
        if isinstance(fields[name], int | float):
            fields[name] -= by_s if name == "ts" and fields[name] else min(by_s, fields[name])
    if by_s and isinstance(fields.get("birth_year"), int):
        fields["birth_year"] -= years_ahead
    if isinstance(fields.get("end_ts"), float) and fields["end_ts"] > MAX_TS:
        del fields["end_ts"]
    if isinstance(fields.get("birth_year"), int) and fields["birth_year"] > LAST_BIRTH:
        del fields["birth_year"]


@cache
def _times(model: type[Event]) -> frozenset[str]:
    """Names of the fields that are moments, by their upper bound."""
    told = model.model_json_schema()["properties"]
    return frozenset(
        name
        for name, field in told.items()
        if MAX_TS in (part.get("maximum") for part in (field, *field.get("anyOf", ())))
    )

"""Turns the fields a format found into a validated event, or into the reason why that cannot be."""

from functools import cache
from typing import Any

from pydantic import ValidationError

from pipeline.ingest.event_ids import EventIds
from pipeline.ingest.format import Bad, Fields, Item
from pipeline.ingest.moved_dates import put_back
from pipeline.ingest.told.care import without_care
from schemas.account import account_of
from schemas.base import MAX_TS, Event
from schemas.sources import INPUTS

_TEXTS = ("message", "data")


@cache
def model_of(source: str, kind: str | None) -> type[Event] | None:
    """The event model of a source that has this `kind` (the first one where no kind is told)."""
    if source not in INPUTS:
        return None
    models = INPUTS[source].models
    return next((m for m in models if kind is None or m.model_fields["kind"].default == kind), None) or (
        models[0] if len(models) == 1 else None
    )


def event_of(item: Item, origin: str, ids: EventIds, years_ahead: int = 0) -> Event | Bad:
    """The validated event, dates put back by `years_ahead`; texts and lists that are only too long are cut, anything
    else wrong gives a Bad."""
    fields = {name: value for name, value in item.fields.items() if value is not None and value != ""}
    format = str(fields.get("format") or "unknown")
    model = model_of(item.source, fields.get("kind"))
    if model is None:
        return Bad(item.position, "the record is of a kind that no event has", item.raw, format)
    if item.source == "logs":
        _leave_out(fields)
    if "event_id" not in fields:  # an event of our own has its id already
        fields["event_id"] = ids.of(item)
    fields.setdefault("origin", origin)
    if item.source == "ehr":
        _name_account(fields)
    put_back(fields, model, years_ahead)
    for last in (False, False, True):  # first a list may be too long, then each of its texts
        try:
            return model.model_validate(fields)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
            if last or not shortened(fields, errors):
                break
    return Bad(item.position, reason_of(errors), item.raw, format)


def _leave_out(fields: Fields) -> None:
    """What an interface engine printed of its messages is about people in care, and no log."""
    for name in _TEXTS:
        text = fields.get(name)
        kept = without_care(text) if isinstance(text, str) else text
        if kept != text:
            fields[name] = kept
            fields.pop("data", None)


def _name_account(fields: Fields) -> None:
    """Who opened a chart owns the state, so one account has one name from here on; what was written stays beside it."""
    user = fields.get("user")
    if isinstance(user, str) and (account := account_of(user)) != user:
        fields["user"] = account
        fields.setdefault("user_written", user)


def shortened(fields: Fields, errors: list[Any]) -> bool:
    """Cuts in place every value that is only too long; tells whether there was one."""
    cut = False
    for error in errors:
        limit = error.get("ctx", {}).get("max_length")
        path = error["loc"]
        if limit is None or not path or path[0] not in fields:
            continue
        holder: Any = fields
        for step in path[:-1]:
            value = holder[step]
            holder[step] = value = list(value) if isinstance(value, list | tuple) else value
            holder = value
        holder[path[-1]] = holder[path[-1]][:limit]
        cut = True
    return cut


def reason_of(errors: list[Any]) -> str:
    """One sentence naming each field and the rule it breaks, without any content."""
    told = [f"field {'.'.join(str(s) for s in e['loc']) or 'record'}: {_rule(e)}" for e in errors[:3]]
    return "; ".join(told) + (f"; and {len(errors) - 3} more" if len(errors) > 3 else "")


def _rule(error: Any) -> str:
    if error.get("ctx", {}).get("le") == MAX_TS:
        return "is after the year 2100: a wrong clock, or dates moved to de-identify them (then give --years-ahead)"
    message: str = error["msg"]
    return message[:1].lower() + message[1:]

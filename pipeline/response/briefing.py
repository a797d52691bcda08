"""An incident in short, and as text for people: without any patient's identifier beyond a pseudonym."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from schemas.brief import LINES, PARTIES, Brief
from schemas.incident import Incident, Party, TimelineEntry

PSEUDONYM = "p~"
"""How pseudonyms begin (`pipeline.features.pseudonyms`)."""
_HIDDEN = "(patient)"
_LINE = 300


def brief_of(incident: Incident, told_ts: float) -> Brief:
    """What the response agent keeps. Where the hospital works with plain identifiers patients are blanked out."""
    detail = incident.unmapped
    hide = _hider([detail.subject, *detail.parties], detail.timeline)
    parties = [_hidden(p) for p in detail.parties]
    parties.sort(key=lambda p: ("subject", "linked", "touched").index(p.role))
    return Brief(
        incident_id=detail.incident_id,
        revision=detail.revision,
        kind=detail.kind,
        severity_id=incident.severity_id,
        severity=incident.severity,
        confidence=incident.confidence_score,
        subject=_hidden(detail.subject),
        parties=parties[:PARTIES],
        risk=detail.risk,
        tactics=detail.tactics[:20],
        alerts=detail.alerts,
        notify=detail.notify,
        merged_into=detail.merged_into,
        told_ts=told_ts,
        sentence=hide(incident.message),
        normal=hide(incident.desc),
        opened_because=hide(detail.opened_because),
        lines=[hide(_line(entry)) for entry in detail.timeline[:LINES]],
        next_techniques=detail.next_techniques[:5],
        sql=hide(detail.sql),
    )


def matters(old: Brief, new: Brief) -> bool:
    """Whether playbooks could go another way by the new document."""
    same = (
        old.kind == new.kind and old.severity_id == new.severity_id and old.subject == new.subject
        and old.parties == new.parties and old.merged_into == new.merged_into and old.notify == new.notify
        and old.tactics == new.tactics and round(old.risk / 10) == round(new.risk / 10)
    )  # fmt: skip
    return not same


def _line(entry: TimelineEntry) -> str:
    began = datetime.fromtimestamp(entry.first_ts, UTC).strftime("%Y-%m-%d %H:%M")
    often = f" (×{entry.count:,})" if entry.count > 1 else ""
    return f"{began} UTC  {entry.tactic}: {entry.sentence[:_LINE]}{often}"


def _hider(parties: Iterable[Party], timeline: Iterable[TimelineEntry]) -> "_Hider":
    plain = {p.value for p in parties if p.type == "patient"} | {p.name for p in parties if p.type == "patient"}
    plain |= {e.entity for e in timeline if e.entity_type == "patient"}
    return _Hider(sorted((v for v in plain if v and not v.startswith(PSEUDONYM)), key=len, reverse=True))


class _Hider:
    def __init__(self, plain: list[str]) -> None:
        words = "|".join(map(re.escape, plain))
        # Whole words only: a short identifier also stands in dates, addresses and names of machines.
        self._found = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if plain else None

    def __call__(self, text: str) -> str:
        return self._found.sub(_HIDDEN, text) if self._found else text


def _hidden(party: Party) -> Party:
    if party.type != "patient":
        return party
    value = party.value if party.value.startswith(PSEUDONYM) else _HIDDEN
    return party.model_copy(update={"value": value, "name": ""})

"""Other hospitals' records made of ours: what their systems do not tell, tell late or write otherwise."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from benchmarks.quality.hospitals.drawn import drawn
from benchmarks.quality.hospitals.wire_addresses import READDRESSED
from benchmarks.quality.hospitals.wire_strains import WIRE_STRAINS
from pipeline.simulator import Emitted

Document = dict[str, Any]
SHARE = 0.3
LATE_S = 12 * 3600.0
_ABOUT_STAFF = ("practitioner", "organization", "patient")
_NAMES = ("user", "practitioner", "rendering")
_PLACES = ("workstation", "src_ip", "site")
_WORDS = {
    "nurse": "RGN Band 6", "physician": "Assistenzarzt", "registrar": "Anmeldung", "pharmacist": "Apotheke",
    "lab_technician": "MTLA", "radiographer": "MTRA", "porter": "HWD", "coder": "Medizincontrolling",
    "billing": "Abrechnung", "researcher": "Studienzentrale",
}  # fmt: skip


def _visit(d: Document) -> str:
    return str(d.get("encounter") or d.get("patient") or "")


def _is_care(source: str, d: Document) -> bool:
    return source == "context" and d["kind"] not in _ABOUT_STAFF


def _visits_missing(source: str, d: Document) -> Document | None:
    return None if _is_care(source, d) and drawn(_visit(d)) < SHARE else d


def _no_care(source: str, d: Document) -> Document | None:
    return None if _is_care(source, d) else d


def _no_directory(source: str, d: Document) -> Document | None:
    return None if source == "context" and d["kind"] in _ABOUT_STAFF[:2] else d


def _without(*names: str, of: tuple[str, ...] = ("ehr", "context")) -> Callable[[str, Document], Document]:
    def change(source: str, d: Document) -> Document:
        return {k: v for k, v in d.items() if k not in names} if source in of else d

    return change


def _least(source: str, d: Document) -> Document:
    """Accesses as the poorest of exports have them: who, whose, when, to the minute."""
    if source != "ehr":
        return d
    kept = {k: d[k] for k in ("event_id", "format", "kind", "user", "patient", "action") if k in d}
    return {"ts": d["ts"] // 60.0 * 60.0} | kept


def _minutes(source: str, d: Document) -> Document:
    return d | {"ts": d["ts"] // 60.0 * 60.0} if source == "ehr" else d


def renamed(name: str) -> str:
    """A number for a member of staff, as some systems have them."""
    return str(10_000_000 + int(drawn(name) * 89_999_999))


def _numbered(_: str, d: Document) -> Document:
    out = {k: renamed(v) if k in _NAMES and isinstance(v, str) and v.startswith("u") else v for k, v in d.items()}
    if "practitioners" in d:
        out["practitioners"] = [renamed(x) for x in d["practitioners"]]
    return out


def _other_words(_: str, d: Document) -> Document:
    return d | {"role": _WORDS.get(d["role"], f"Gruppe {d['role'][:2]}")} if "role" in d else d


RECORD_STRAINS: Mapping[str, Callable[[str, Document], Document | None]] = {
    "visits_missing": _visits_missing,
    "no_care": _no_care,
    "no_directory": _no_directory,
    "no_department": _without("department"),
    "no_role": _without("role"),
    "no_encounter": _without("encounter", of=("ehr",)),
    "no_places": _without(*_PLACES, of=("ehr",)),
    "minutes": _minutes,
    "least": _least,
    "numbered": _numbered,
    "other_words": _other_words,
    "late": lambda _, d: d,
}
"""By name: a document as such a hospital has it, or None where it has none. `late`: care of SHARE of the visits is
recorded, and sent, LATE_S after."""


_KEYS = {"network": ("src_ip", "src_mac"), "logs": ("host",)}


def strained(events: Iterable[Emitted], names: Sequence[str]) -> Iterator[Emitted]:
    """The same events as they come from such a hospital, in the order in which they arrive; strains in their order."""
    held: list[tuple[float, int, Emitted]] = []
    number = 0
    for event in events:
        while held and held[0][0] <= event.ts:
            yield heapq.heappop(held)[2]
        for arrives, document in _told(event, names):
            number += 1
            key = _key(event, names, document)
            out = replace(event, ts=float(document["ts"]), key=key, value=orjson.dumps(document))
            heapq.heappush(held, (arrives, number, out))
    while held:
        yield heapq.heappop(held)[2]


def readdressed(text: str, ts: float, names: Sequence[str]) -> str:
    """A text with the addresses of such a hospital at a time."""
    for name in names:
        if name in READDRESSED:
            text = READDRESSED[name](text, ts)
    return text


def _told(event: Emitted, names: Sequence[str]) -> Iterator[tuple[float, Document]]:
    """What arrives of one event, and when. Addresses are changed last: all other strains know the hospital's own."""
    told = [(event.ts, orjson.loads(event.value))]
    for name in names:
        told = [
            (arrives + later - document["ts"], changed)
            for arrives, document in told
            for later, changed in _changed(name, event.source, document)
        ]
    if READDRESSED.keys() & set(names):
        told = [(at, orjson.loads(readdressed(orjson.dumps(d).decode(), event.ts, names))) for at, d in told]
    yield from told


def _changed(name: str, source: str, document: Document) -> Iterator[tuple[float, Document]]:
    """What one strain makes of a document, and when it would arrive had it come at its own time."""
    if name in WIRE_STRAINS:
        yield from WIRE_STRAINS[name](source, document)
        return
    changed = RECORD_STRAINS[name](source, document)
    if changed is not None:
        late = name == "late" and _is_care(source, changed) and drawn(_visit(changed)) < SHARE
        ts = float(changed["ts"]) + LATE_S * late
        yield ts, changed | {"ts": ts}


def _key(event: Emitted, names: Sequence[str], document: Document) -> str:
    if "numbered" in names and event.source == "ehr":
        return renamed(event.key)
    keys = (document.get(field) for field in _KEYS.get(event.source, ()))
    return next((str(key) for key in keys if key is not None), event.key)

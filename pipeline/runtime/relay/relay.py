"""What a scored chunk gives on to the topics that workers write: see infra/decisions/009-charts.md."""

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np
import orjson

from pipeline.detectors.ehr.judged import LONG
from pipeline.engine.engine import Outcome
from pipeline.features.batch import Batch
from pipeline.features.documents import Documents
from pipeline.features.hashing import key_groups
from pipeline.features.json_writing import are_plain, extended
from pipeline.runtime.our_fields import LIKE_OURS, as_produced
from pipeline.runtime.relay.billings import billings
from pipeline.runtime.relay.in_short import of_accounts, of_contacts
from pipeline.runtime.relay.left_charts import Turns, left_by
from pipeline.runtime.relay.members import members
from pipeline.runtime.relay.onward import Onward, groups_of, quoted, together
from pipeline.runtime.relay.role_habits import STRAYS
from pipeline.runtime.relay.row_texts import RowTexts
from pipeline.runtime.relay.sights import sights
from pipeline.runtime.relay.tools import tools
from schemas.base import MAX_TS

FEEDS: Mapping[str, tuple[str, ...]] = {
    "charts": ("ehr", "context", "claims"),
    "judged": ("charts",),
    "accounts": ("logs",),
    "contacts": ("network",),
}
"""Which sources an internal one is written from."""
TARGETS: Mapping[str, str] = {source: target for target, sources in FEEDS.items() for source in sources}
_SIGNS = {
    "sign_volume": ("ehr.record_volume",),
    "sign_hours": ("ehr.hour_rhythm",),
    "sign_workstation": ("ehr.new_workstation",),
    "sign_export": ("ehr.mass_export",),
    "sign_account": ("ehr.dormant_account", "ehr.shared_account"),
}
_PATIENT = {"ehr": ("patient",), "context": ("patient",), "claims": ("patient", "member_id")}
_LEAST_SIGN = 0.2
_WORTH_A_SIGN = 0.5
_WORTH_AN_HOUR = 0.3
"""Of a sitting of several charts: what colleagues do then may make it more."""
_STRONG = 0.7
"""A reason that is at least so strong is not worth a word."""
_RELATIONS = ("is_self", "is_coworker", "same_family", "same_address", "break_glass", "withdrawn")


@cache
def group_name(group: int, groups: int) -> str:
    """A key of `charts` that lies in a key group: nobody's identifier."""
    for number in range(1000 * groups):
        raw = f"~{number}".encode()
        if groups_of([raw], groups)[0] == group:
            return raw.decode()
    raise ValueError(f"no key lies in group {group} of {groups}")


def onward(outcome: Outcome, groups: int, beside: Mapping[int, bytes] | None = None) -> Onward | None:
    """What a scored batch gives on; None where its source gives nothing on or nothing is worth it.

    `beside`: JSON fields (`,"a":1`) that a row of `charts` takes along; of `logs` and `network` those rows alone are
    given on, and tools of remote management; of `ehr` what it says of the chart that was left for this one.
    """
    batch = outcome.batch
    if batch.source not in TARGETS or not batch.n:
        return None
    if batch.source == "charts":
        found = _judged(outcome, groups, beside or {})
    elif batch.source in ("logs", "network"):
        found = _of_all(outcome, groups, beside or {})
    elif batch.source == "ehr":
        found = _accesses(outcome, groups, beside)
    else:
        found = {"context": _context, "claims": _claims}[batch.source](outcome, groups)
    return found if len(found.documents) else None


def ticks(
    target: str, lane: str, lanes: int, ts: float, idle_s: float | None, groups: Iterable[int], of: int
) -> Onward:
    """Ticks of one lane for key groups of `target`, of `of` in all."""
    chosen = np.array(list(groups), np.int64)
    ts = round(min(max(ts, 0.0), MAX_TS), 6)
    idle = "" if idle_s is None else f'"idle_s":{idle_s:.1f},'
    documents, keys = [], []
    for g in chosen.tolist():
        name = group_name(g, of)
        keys.append(name.encode())
        documents.append(
            f'{{"ts":{ts!r},"event_id":"{lane} {ts!r} {idle_s}","format":"wardwatch.tick","kind":"tick",'
            f'"chart":"{name}",{idle}"lane":"{lane}","lanes":{lanes}}}'.encode()
        )
    return Onward(target, chosen, keys, documents)


def _groups_by(batch: Batch, *fields: str, groups: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(start, length) of the first of these text fields that is set, and the key group it lies in."""
    start, length = np.zeros(batch.n, np.int64), np.full(batch.n, -1, np.int32)
    for name in fields:
        s, size = batch.spans(name)
        unset = length <= 0
        start, length = np.where(unset, s, start), np.where(unset, size, length).astype(np.int32)
    return start, length, key_groups(batch.data, start, length, groups)


def _under_chart(batch: Batch, rows: np.ndarray, extra: Mapping[int, bytes], groups: int) -> Onward:
    """Rows under their patient's key, with what `extra` has for a row."""
    start, length, group = _groups_by(batch, *_PATIENT[batch.source], groups=groups)
    rows = rows[length[rows] > 0]
    first, size = start[rows], length[rows].astype(np.int64)
    keys = Documents.cut(batch.data, first, first + size)
    tails, plain = RowTexts.of(extra).among(rows), are_plain(batch.data, first, size)
    odd = np.flatnonzero(~plain)
    if len(odd):
        named = [b',"chart":' + quoted(keys[k]) + tails[k] for k in odd.tolist()]
        tails = tails.replaced(odd, Documents.of(named))
    data, begin, end = _as_produced(batch, rows)
    documents = extended(data, begin, end, np.stack([first, np.where(plain, size, -1)]), tails)
    return Onward("charts", group[rows].astype(np.int64), keys, documents)


def _as_produced(batch: Batch, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(data, begin, end): documents of rows without what only workers may set, in the batch's bytes or behind them."""
    begin, end = batch.offsets[rows], batch.offsets[rows + 1]
    alike = np.flatnonzero(LIKE_OURS.documents(batch)[rows])
    if not len(alike):
        return batch.data, begin, end
    others = Documents.of([as_produced(batch.document(row)) for row in rows[alike].tolist()])
    begin[alike], end[alike] = others.bounds[:-1] + len(batch.data), others.bounds[1:] + len(batch.data)
    return np.concatenate([batch.data, others.data]), begin, end


def _accesses(outcome: Outcome, groups: int, beside: Mapping[int, bytes] | None) -> Onward:
    batch, turns = outcome.batch, beside if isinstance(beside, Turns) else None
    rows = np.flatnonzero((batch.hash("patient") != 0) & ~batch.equals("outcome", "failure"))
    extra: dict[int, bytes] = {}
    for sign, detectors in _SIGNS.items():
        values = np.zeros(batch.n)
        for name in detectors:
            if name in outcome.scores:
                np.fmax(values, outcome.scores[name], out=values)
        for row in np.flatnonzero(values >= _LEAST_SIGN).tolist():
            extra[row] = extra.get(row, b"") + f',"{sign}":{values[row]:.4f}'.encode()
    if turns is None:
        return _under_chart(batch, rows, extra, groups)
    return together([_under_chart(batch, rows, turns.opened.with_more(extra), groups), left_by(batch, turns, groups)])


def _of_all(outcome: Outcome, groups: int, beside: Mapping[int, bytes]) -> Onward:
    """Log-ons or contacts, tools of remote management, and who asks machines or poses as them."""
    batch = outcome.batch
    found = tools(outcome, TARGETS[batch.source], groups)
    if batch.source == "network":
        found = together([found, sights(outcome, groups)])
    if not beside:
        return found
    given = (of_accounts if batch.source == "logs" else of_contacts)(batch, groups, beside)
    return together([given, found]) if len(found.documents) else given


def _context(outcome: Outcome, groups: int) -> Onward:
    batch = outcome.batch
    everywhere = batch.kind("practitioner", "organization")
    own = _under_chart(batch, np.flatnonzero(~everywhere & (batch.hash("patient") != 0)), {}, groups)
    who: list[np.ndarray] = [np.zeros(0, np.int64)]
    keys, documents = [], []
    for row in np.flatnonzero(everywhere).tolist():
        document = as_produced(batch.document(row))
        who.append(np.arange(groups, dtype=np.int64))
        for g in range(groups):
            name = group_name(g, groups)
            keys.append(name.encode())
            documents.append(document.rstrip()[:-1] + f',"chart":"{name}"}}'.encode())
    return together([own, Onward("charts", np.concatenate(who), keys, documents)])


def _claims(outcome: Outcome, groups: int) -> Onward:
    batch = outcome.batch
    extra = {}
    for row in range(batch.n):
        lines = orjson.loads(batch.text("lines", row) or "[]") or ()
        codes = [code for line in lines if (code := line.get("procedure"))]
        extra[row] = b',"procedures":' + orjson.dumps(codes)
    return _under_chart(batch, np.arange(batch.n), extra, groups)


def _judged(outcome: Outcome, groups: int, beside: Mapping[int, bytes]) -> Onward:
    batch = outcome.batch
    access = batch.kind("access") & (batch.hash("user") != 0)
    worth = ~(batch.number("strength") >= _STRONG)
    for name in _RELATIONS:
        worth |= batch.number(name) == 1.0
    for sign in _SIGNS:
        worth |= batch.number(sign) >= _WORTH_A_SIGN
    worth |= (batch.number("sign_hours") >= _WORTH_AN_HOUR) & (batch.number("user_sitting") >= LONG)
    worth |= batch.number("deceased_days") >= 0
    worth[[row for row, fields in beside.items() if STRAYS in fields]] = True
    rows = np.flatnonzero((access & worth) | (batch.kind("claim", "benefit") & (batch.hash("provider") != 0)))
    start, length, group = _groups_by(batch, "user", "provider", groups=groups)
    names = np.full((2, len(rows)), -1, np.int64)
    tails = RowTexts.of(beside).among(rows)
    documents = extended(batch.data, batch.offsets[rows], batch.offsets[rows + 1], names, tails)
    keys = Documents.cut(batch.data, start[rows], start[rows] + length[rows])
    own = Onward("judged", group[rows].astype(np.int64), keys, documents)
    return together([own, billings(batch, groups), members(batch, groups)])

"""What happened to the models of a source, as rows of the tables in `schemas.tables.health`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa

from pipeline.engine.contest import Contest

_MS = pa.timestamp("ms", "UTC")
_DAY_S = 86_400


def _times(values: Iterable[float]) -> pa.Array:
    return pa.array([round(ts * 1000) for ts in values], pa.int64()).cast(_MS)


def _table(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, pa.DataType]) -> pa.Table:
    return pa.table(
        {
            name: _times(r[name] for r in rows) if kind == _MS else pa.array([r[name] for r in rows], kind)
            for name, kind in kinds.items()
        }
    )


_TEXT, _U64, _F32 = pa.string(), pa.uint64(), pa.float32()
_PLACE = {"source": _TEXT, "detector": _TEXT, "key_group": pa.uint16()}
_DRIFT = _PLACE | {
    "at": _MS, "since": _MS, "by": _TEXT, "mean_before": _F32, "mean_after": _F32, "top_before": _F32,
    "top_after": _F32, "sentence": _TEXT,
}  # fmt: skip
_TURNS = _PLACE | {"model_version": _TEXT, "since": _MS, "cause": _TEXT, "by": _TEXT, "reason": _TEXT}
_CHALLENGERS = _PLACE | {
    "since": _MS, "turned": _MS, "revision": _U64, "kind": _TEXT, "promoted": pa.bool_(), "latest": _MS, "events": _U64,
    "both": _U64, "only_champion": _U64, "only_challenger": _U64, "champion_version": _TEXT,
    "challenger_version": _TEXT, "options": _TEXT, "ended": pa.bool_(),
}  # fmt: skip
_SHADOW = _PLACE | {
    "since": _MS, "day": pa.date32(), "thing": _TEXT, "thing_id": _U64, "champion": _U64, "challenger": _U64,
    "findings": _U64,
}  # fmt: skip
_HEALTH = _PLACE | {
    "began": _MS, "day": pa.date32(), "scored": _U64, "findings": _U64, "drifts": pa.uint32(), "allowed_a_day": _F32,
    "cost_us": _F32, "model_version": _TEXT,
}  # fmt: skip


def health_tables(contest: Contest) -> dict[str, pa.Table]:
    """Rows since the last call, by table; counts replace earlier ones of the same key group and day."""
    life = contest.life
    tables = {
        "drift": _table([_drift(d) for d in life.drifts], _DRIFT),
        "model_versions": _table([_turn(contest.source, t) for t in life.turns], _TURNS),
        "shadow_alerts": _table(list(_shadow(contest)), _SHADOW),
        "challengers": _table(list(_challengers(contest)), _CHALLENGERS),
        "detector_health": _table(list(_health(contest)), _HEALTH),
    }
    life.written()
    return {name: table for name, table in tables.items() if table.num_rows}


def _drift(d: Any) -> dict[str, Any]:
    row = {name: getattr(d, name) for name in ("detector", "source", "by", "mean_before", "mean_after")}
    row |= {"key_group": d.group, "at": d.ts, "since": d.since_ts, "sentence": d.sentence()}
    return row | {"top_before": d.top_before, "top_after": d.top_after}


def _turn(source: str, t: Any) -> dict[str, Any]:
    row = {"source": source, "detector": t.detector, "key_group": t.group, "model_version": t.version}
    return row | {"since": t.at_ts, "cause": t.cause, "by": t.by, "reason": t.reason}


def _shadow(contest: Contest) -> Iterable[dict[str, Any]]:
    for group, name, (key, day) in sorted(contest.life.compared):
        bout = contest.bouts().get(group, {}).get(name)
        found = bout.things.get((key, day)) if bout else None
        if bout is None or found is None:
            continue
        yield {
            "source": contest.source, "detector": name, "key_group": group, "since": bout.turned_ts, "day": day,
            "thing": found.entity, "thing_id": key, "champion": found.champion, "challenger": found.challenger,
            "findings": found.champion + found.challenger,
        }  # fmt: skip


def _challengers(contest: Contest) -> Iterable[dict[str, Any]]:
    live = [(g, b, False) for g in sorted(contest.life.moved) for b in contest.bouts().get(g, {}).values()]
    for group, bout, ended in [*live, *((g, bout, True) for g, bout in contest.life.ended)]:
        version, as_champion = contest.version_of(group)
        options = contest.options_of(bout.detector)
        yield {
            "source": contest.source, "detector": bout.detector, "key_group": group, "since": bout.since_ts,
            "turned": bout.turned_ts, "revision": bout.revision, "kind": bout.kind, "promoted": bout.promoted,
            "latest": contest.monitor.latest_ts(group), "events": bout.events, "both": bout.both,
            "only_champion": bout.only_champion, "only_challenger": bout.only_challenger, "champion_version": version,
            "challenger_version": as_champion.get(bout.detector, ""), "options": orjson.dumps(options).decode(),
            "ended": ended,
        }  # fmt: skip


def _health(contest: Contest) -> Iterable[dict[str, Any]]:
    """A row a detector and key group that had an event since the last call."""
    for group in sorted(contest.life.moved & contest.life.began_ts.keys()):
        version, _ = contest.version_of(group)
        day = int(contest.monitor.latest_ts(group) // _DAY_S)
        for name, (scored, found, drifts) in contest.monitor.counts(group).items():
            yield {
                "source": contest.source, "detector": name, "key_group": group,
                "began": contest.life.began_ts[group], "day": day, "scored": scored, "findings": found,
                "drifts": drifts, "allowed_a_day": contest.engine.allowed_a_day(name),
                "cost_us": contest.life.cost_us(contest.engine.spent_s, name), "model_version": version,
            }  # fmt: skip

"""How each detector does, from the database: scored, found, right, drifted, spent, cost."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pipeline.sinks.clickhouse import ClickHouse

COLUMNS = ("detector", "scored", "findings", "alerts", "told/allowed", "precision", "drift", "us/event", "challenger",
           "version")  # fmt: skip
_HEALTH = """SELECT detector, source, scored, findings, drifts, allowed_a_day, cost_us, model_versions, latest_day
    FROM current_health ORDER BY detector"""
_ALERTS = """SELECT detector, toDate(first_seen) AS day, count(), countIf(status != 'Suppressed') FROM alerts FINAL
    GROUP BY detector, day"""
_PRECISION = "SELECT source, detector, decided, precision, precision_low, precision_high FROM detector_precision"
_DRIFT = "SELECT detector, source, max(at) FROM drift FINAL GROUP BY detector, source"
_CHALLENGER = "SELECT detector, source, any(kind), max(promoted) FROM challengers FINAL WHERE NOT ended GROUP BY ALL"


def health(database: ClickHouse) -> list[dict[str, Any]]:
    """A row a detector that scored anything or could have."""
    alerts: dict[str, dict[date, tuple[int, int]]] = {}
    for name, day, count, told in database.query(_ALERTS):
        alerts.setdefault(name, {})[day] = (count, told)
    precision = {(d, s): rest for s, d, *rest in database.query(_PRECISION)}
    drifts = {(d, s): at for d, s, at in database.query(_DRIFT)}
    challengers = {(d, s): rest for d, s, *rest in database.query(_CHALLENGER)}
    rows = []
    for name, source, scored, findings, count, allowed, cost, versions, latest in database.query(_HEALTH):
        at = (name, source)
        days = alerts.get(name, {})
        decided, right, low, high = precision.get(at, (0, None, None, None))
        kind, promoted = challengers.get(at, ("", False))
        rows.append(
            {
                "detector": name,
                "source": source,
                "scored": scored,
                "findings": findings,
                "alerts": sum(c for c, _ in days.values()),
                "told_on_latest_day": days.get(latest, (0, 0))[1],
                "allowed_a_day": allowed,
                "verdicts": decided,
                "precision": right,
                "precision_low": low,
                "precision_high": high,
                "drifts": count,
                "last_drift": drifts[at].isoformat() if at in drifts else None,
                "cost_us": round(cost, 3),
                "challenger": kind,
                "promoted": bool(promoted),
                "model_versions": sorted(versions),
                "latest_day": latest.isoformat(),
            }
        )
    return rows


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """In the order of COLUMNS.

    >>> base = dict.fromkeys(("last_drift", "precision", "allowed_a_day"), None)
    >>> base |= dict(detector="a.b", scored=1200, findings=3, alerts=2, told_on_latest_day=1, verdicts=0, cost_us=0.5)
    >>> cells(base | {"challenger": "", "promoted": False, "model_versions": ["1f"]})
    ('a.b', '1,200', '3', '2', '1', '-', '-', '0.50', '-', '1f')
    """
    told = str(row["told_on_latest_day"])
    if row["allowed_a_day"] is not None:
        told += f"/{row['allowed_a_day']:g}"
    precision = "-"
    if row["verdicts"] and row["precision"] is not None:
        precision = (
            f"{row['precision']:.0%} ({row['precision_low']:.0%} to {row['precision_high']:.0%}, n={row['verdicts']})"
        )
    challenger = f"{row['challenger']}{', promoted' if row['promoted'] else ''}" if row["challenger"] else "-"
    versions = row["model_versions"]
    cost = f"{row['cost_us']:.2f}" if row["cost_us"] else "-"
    return (
        row["detector"], f"{row['scored']:,}", f"{row['findings']:,}", f"{row['alerts']:,}", told, precision,
        row["last_drift"][:10] if row["last_drift"] else "-", cost, challenger,
        versions[0] if len(versions) == 1 else f"{len(versions)} versions",
    )  # fmt: skip

"""Champions and challengers as a person has to see them: age, what each found, what verdicts say, what to do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.sinks.clickhouse import ClickHouse

_NAMES = ("detector", "source", "kind", "promoted", "key_groups", "since", "latest", "events", "both", "only_champion",
          "only_challenger", "options")  # fmt: skip
_STANDING = """SELECT detector, source, kind, promoted, count(), min(since), max(latest), sum(events), sum(both),
    sum(only_champion), sum(only_challenger), any(options) FROM challengers FINAL WHERE NOT ended
    AND ({detector:String} = '' OR detector = {detector:String})
    GROUP BY detector, source, kind, promoted ORDER BY detector, source, kind, promoted"""
_JUDGED = """SELECT detector, source, countIf(champion > 0 AND verdict = 'true'),
    countIf(champion > 0 AND verdict != 'true'), countIf(challenger > 0 AND verdict = 'true'),
    countIf(challenger > 0 AND verdict != 'true') FROM (
        SELECT s.detector AS detector, s.source AS source, s.thing AS thing, s.day AS day,
        sum(s.champion) AS champion, sum(s.challenger) AS challenger FROM (SELECT * FROM shadow_alerts FINAL) AS s
        INNER JOIN (SELECT * FROM challengers FINAL WHERE NOT ended) AS c ON c.detector = s.detector
        AND c.source = s.source AND c.key_group = s.key_group AND c.turned = s.since
        GROUP BY detector, source, thing, day) AS found
    INNER JOIN (SELECT j.verdict AS verdict, a.detector AS of, a.entity AS entity, toDate(a.first_seen) AS seen
        FROM (SELECT * FROM judgements FINAL WHERE verdict IN ('true', 'false', 'benign_expected')) AS j
        INNER JOIN (SELECT * FROM alerts FINAL) AS a ON a.alert_id = j.alert_id) AS judged
    ON judged.of = found.detector AND judged.entity = found.thing AND judged.seen = found.day
    GROUP BY detector, source"""
ENOUGH_DAYS, ENOUGH_VERDICTS = 7.0, 10
_ALIKE = 0.9


def standing(database: ClickHouse, detector: str = "") -> list[dict[str, Any]]:
    """A row a detector that has a challenger, with verdicts where there are any, and a recommendation."""
    judged = {(row[0], row[1]): row[2:] for row in database.query(_JUDGED)}
    rows = []
    for found in database.query(_STANDING, detector=detector):
        row = dict(zip(_NAMES, found, strict=True))
        row["days"] = round(_days(row["since"], row["latest"]), 1)
        sums = ("champion_true", "champion_false", "challenger_true", "challenger_false")
        row |= dict(zip(sums, judged.get((row["detector"], row["source"]), (0, 0, 0, 0)), strict=True))
        row["recommendation"] = recommendation(row)
        rows.append(row)
    return rows


def _days(since: datetime, latest: datetime) -> float:
    return max((latest - since).total_seconds(), 0.0) / 86_400.0


def recommendation(row: Mapping[str, Any]) -> str:
    """What the figures say; nothing is promoted by itself.

    >>> base = dict(promoted=False, days=9.0, both=8, only_champion=40, only_challenger=1, champion_true=4,
    ...             champion_false=30, challenger_true=4, challenger_false=5)
    >>> recommendation(base)
    'promote: it keeps all that was right, and 25 of 30 wrong ones less'
    >>> recommendation(base | {"challenger_true": 2})
    'keep the champion: the challenger misses 2 that were right'
    """
    lost = row["champion_true"] - row["challenger_true"]
    less = row["champion_false"] - row["challenger_false"]
    alerts = row["both"] + row["only_champion"] + row["only_challenger"]
    if row["promoted"]:
        word = "roll back" if lost < 0 else "keep it"
        return f"{word}: the former champion is in shadow" + (
            f", and saw {-lost} more that were right" if lost < 0 else ""
        )
    if lost > 0:
        return f"keep the champion: the challenger misses {lost} that were right"
    if row["champion_true"] + row["champion_false"] >= ENOUGH_VERDICTS and less > 0:
        return f"promote: it keeps all that was right, and {less} of {row['champion_false']} wrong ones less"
    if row["days"] < ENOUGH_DAYS:
        return f"wait: {row['days']:g} of {ENOUGH_DAYS:g} days"
    if not alerts or row["both"] >= _ALIKE * alerts:
        return "either: they find the same"
    return "judge some of what only one of them found: there are too few verdicts to tell"

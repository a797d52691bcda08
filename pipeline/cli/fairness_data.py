"""Whom alerts are about, who was at work, and what analysts said: as the database tells it."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.errors import UsageError
from pipeline.oversight.disparity import SHIFT, Active, Flag
from pipeline.runtime.replay.range import duration_s
from pipeline.sinks.clickhouse import ClickHouse

FROM_RECORDS = ("role", "department")
"""What records of access say of their user."""
SHIFTS = "day=6-14,evening=14-22,night=22-6"
_SHIFT = re.compile(r"([^=,]{1,40})=([0-9]{1,2})-([0-9]{1,2})")
_PEOPLE = """SELECT user, argMax(role, ts), argMax(department, ts) FROM accesses
    WHERE user != '' AND ts >= {since:DateTime64(3)} GROUP BY user"""
_WORK = """SELECT user, toHour(ts, {zone:String}) AS hour, count() FROM accesses
    WHERE user != '' AND ts >= {since:DateTime64(3)} GROUP BY user, hour"""
_FLAGS = """SELECT a.entity, toHour(a.first_seen, {{zone:String}}), {verdict}
    FROM (SELECT * FROM alerts FINAL) AS a{join} WHERE a.entity_type = 'user' AND a.status != 'Suppressed'
    AND a.first_seen >= {{since:DateTime64(3)}} AND ({{detector:String}} = '' OR a.detector = {{detector:String}}
    OR startsWith(a.detector, concat({{detector:String}}, '.')))"""
_JOIN = " LEFT JOIN (SELECT alert_id, verdict FROM judgements FINAL) AS j ON a.alert_id = j.alert_id"


@dataclass(frozen=True)
class Asked:
    """What a report is about."""

    attributes: Sequence[tuple[str, ...]] = (("department",), ("role",), (SHIFT,))
    detector: str = ""
    since: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    zone: str = "UTC"
    shifts: Sequence[tuple[str, int, int]] = ()
    """Name, first hour, hour it ends at."""
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Attribute → value by user, from the user's own file."""


@dataclass(frozen=True)
class Found:
    """What the database has on it."""

    active: Sequence[Active]
    flags: Sequence[Flag]
    values: Mapping[str, Mapping[str, str]]
    verdicts_kept: bool
    """Whether the database has a place for verdicts at all."""

    @property
    def placed(self) -> int:
        """Alerts about people who were at work in the time asked for."""
        at_work = {a.user for a in self.active}
        return sum(f.user in at_work for f in self.flags)


def found_in(database: ClickHouse, asked: Asked) -> Found:
    """SinkError from the database."""
    names = database.query("SELECT name FROM system.tables WHERE database = currentDatabase()")
    tables = {str(row[0]) for row in names}
    judged = "judgements" in tables
    sql = _FLAGS.format(verdict="j.verdict" if judged else "''", join=_JOIN if judged else "")
    since = asked.since.strftime("%Y-%m-%d %H:%M:%S")
    rows = database.query(_PEOPLE, since=since)
    values = {str(u): dict(zip(FROM_RECORDS, map(str, v), strict=True)) for u, *v in rows}
    for user, own in asked.people.items():
        if user in values:
            values[user] |= own
    work: dict[tuple[str, str], int] = {}
    for user, hour, accesses in database.query(_WORK, since=since, zone=asked.zone):
        key = (str(user), shift_of(int(hour), asked.shifts))
        work[key] = work.get(key, 0) + int(accesses)
    flags = database.query(sql, since=since, zone=asked.zone, detector=asked.detector)
    return Found(
        [Active(user, shift, n) for (user, shift), n in work.items()],
        [Flag(str(u), shift_of(int(h), asked.shifts), str(v)) for u, h, v in flags],
        values, judged,
    )  # fmt: skip


def shift_of(hour: int, shifts: Sequence[tuple[str, int, int]]) -> str:
    """The shift that an hour of the day falls into.

    >>> shift_of(23, (("day", 6, 22), ("night", 22, 6))), shift_of(6, (("day", 6, 22), ("night", 22, 6)))
    ('night', 'day')
    """
    for name, first, end in shifts:
        if first <= hour < end or (first >= end and (hour >= first or hour < end)):
            return name
    return "none"


def shifts_of(text: str) -> tuple[tuple[str, int, int], ...]:
    """`day=6-14,night=22-6`. UsageError for what is none."""
    found = []
    for part in text.split(","):
        match = _SHIFT.fullmatch(part.strip())
        if match is None or int(match[2]) > 24 or int(match[3]) > 24:
            raise UsageError(f"--shifts {part.strip()[:40]!r} is no shift, as night=22-6 is")
        found.append((match[1].strip(), int(match[2]) % 24, int(match[3])))
    return tuple(found)


def zone_of(name: str) -> str:
    """UsageError for a time zone that there is not."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"--timezone {name[:64]!r} is none of the time zones; Europe/Berlin is one") from error
    return name


def since_of(text: str | None, now: datetime) -> datetime:
    """`2026-01-31`, or so long ago: `30d`, `12h`. UsageError for anything else."""
    if text is None:
        return datetime(1970, 1, 1, tzinfo=UTC)
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        seconds = duration_s(text.removeprefix("-"), f"--since {text[:40]!r}")
        return datetime.fromtimestamp(max(now.timestamp() - seconds, 0.0), UTC)


def people_of(file: Path) -> dict[str, dict[str, str]]:
    """Attributes by user of a CSV whose first line names them. UsageError for a file that has no users."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"--people {file} cannot be read as CSV: {why}") from error
    if not rows or "user" not in rows[0]:
        raise UsageError(f"--people {file} needs a line of names with the column user, and a line a person")
    return {
        row["user"].strip(): {k.strip(): v.strip() for k, v in row.items() if k and v and k != "user"}
        for row in rows
        if row.get("user")
    }


def attributes_of(text: str, people: Mapping[str, Mapping[str, str]]) -> tuple[tuple[str, ...], ...]:
    """`role,department,role+shift`. UsageError for an attribute that nobody tells."""
    known = {*FROM_RECORDS, SHIFT, *(name for own in people.values() for name in own)}
    wanted = tuple(tuple(n.strip() for n in part.split("+")) for part in text.split(",") if part.strip())
    unknown = [name for names in wanted for name in names if name not in known]
    if not wanted or unknown:
        raise UsageError(
            f"--by {(unknown or [text])[0][:40]!r} is not known of people: there are {', '.join(sorted(known))}; "
            "a file of your own (--people) may tell more"
        )
    return wanted

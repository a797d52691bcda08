"""What a row of hourly numbers usually does: the hour of the week, the hour of the day, its present level.

Several simple forecasts are made from it ("experts"); which to trust is learned elsewhere (`series_bank`).
"""

import numpy as np

WEEK_H, DAY_H = 168, 24
EXPERTS = (
    "last week", "yesterday", "hour of the week", "hour of the day", "hour of the week, level of the last day",
    "hour of the week, level of the last days", "level of the last day", "level of the last week", "last three days",
)  # fmt: skip
_WEEK_KEEP = 0.8
"""An hour of the week is an average of about the last five weeks."""
_DAY_KEEP = 0.9
"""An hour of the day is one of about the last ten days of its kind (working day, weekend)."""
_SHRINK = 0.7
"""The hour of the day counts as so many weeks where few were seen."""
_SPREAD = 0.5
"""A level is compared with the profile plus so much, so that a profile of nearly nothing does not make it leap."""
_MOST_RATIO = 8.0
_HALF_LIVES_H = {"day": 24.0, "days": 72.0, "week": 168.0}
"""Of levels: what is new since yesterday, since some days, and the usual."""
_FIRST_DAY = 3.0
"""What is above so many times the 90 % quantile of its first day is cut off there."""


def weekend(hours: np.ndarray) -> np.ndarray:
    """bool[n]: hours since 1970 that fall on Saturday or Sunday (UTC); 1970-01-01 was a Thursday."""
    return np.asarray((hours // DAY_H + 3) % 7 >= 5)


def empty(series: int) -> dict[str, np.ndarray]:
    """The memory of so many series that have seen nothing, float32 each."""
    shapes = {"last": (WEEK_H,), "week": (WEEK_H,), "week_n": (WEEK_H,), "day": (2, DAY_H), "day_n": (2, DAY_H)}
    found = {name: np.zeros((series, *shape), np.float32) for name, shape in shapes.items()}
    found["last"][:] = np.nan
    for name in _HALF_LIVES_H:
        found[f"level_{name}"], found[f"fit_{name}"] = np.zeros((2, series), np.float32)
    found["age"] = np.zeros(series, np.int64)
    return found


def learn(memory: dict[str, np.ndarray], rows: np.ndarray, hour: int, values: np.ndarray, kept: np.ndarray) -> None:
    """Learn what an hour brought. `values` float[n] as they were, `kept` float[n] without what is beyond belief; NaN
    where nothing is known of the hour."""
    young = memory["age"][rows] < DAY_H
    memory["last"][rows, hour % WEEK_H] = values
    memory["age"][rows] += 1
    done = memory["age"][rows] == DAY_H
    if done.any():
        _first_day(memory, rows[done], hour)
    old = ~young & ~np.isnan(kept)
    if old.any():
        _learn(memory, rows[old], hour, kept[old])


def begin_quiet(memory: dict[str, np.ndarray], row: int, hour: int, hours: int) -> None:
    """A new series as if so many hours before `hour` had been learned, all of them 0."""
    if hours < DAY_H:
        return
    before = np.arange(hour - min(hours, WEEK_H), hour)
    memory["last"][row, before % WEEK_H] = 0.0
    memory["week_n"][row, before % WEEK_H] = (1 - _WEEK_KEEP ** max(hours / WEEK_H, 1.0)) / (1 - _WEEK_KEEP)
    memory["day_n"][row] = (1 - _DAY_KEEP ** (hours / DAY_H)) / (1 - _DAY_KEEP)
    memory["age"][row] = hours


def _first_day(memory: dict[str, np.ndarray], rows: np.ndarray, hour: int) -> None:
    """Learn a series' first day at its end, when one can see what of it was out of all proportion.

    Streams begin with bursts: the directory, the inventory, a backlog. They come once and would be expected for weeks.
    """
    hours = np.arange(hour - DAY_H + 1, hour + 1)
    values = memory["last"][rows[:, None], hours % WEEK_H]
    values = np.where(np.isnan(values), np.nanmedian(values, axis=1, keepdims=True), values)
    values = np.nan_to_num(values)
    most = _FIRST_DAY * (1.0 + np.quantile(values, 0.9, axis=1))
    values = np.minimum(values, most[:, None])
    memory["age"][rows] = 0
    for k, h in enumerate(hours.tolist()):
        _learn(memory, rows, h, values[:, k])
        memory["age"][rows] += 1


def _learn(memory: dict[str, np.ndarray], rows: np.ndarray, hour: int, kept: np.ndarray) -> None:
    how, hod, kind = hour % WEEK_H, hour % DAY_H, int(weekend(np.array(hour)))
    age = memory["age"][rows]
    fitted = np.where(age <= DAY_H, kept, profile(memory, rows, np.array([hour]))[0][:, 0])
    for mean, count, at, keep in (
        ("week", "week_n", (rows, how), _WEEK_KEEP),
        ("day", "day_n", (rows, kind, hod), _DAY_KEEP),
    ):
        n = memory[count][at] * keep + 1.0
        memory[mean][at] += (kept - memory[mean][at]) / n
        memory[count][at] = n
    for name, half_life_h in _HALF_LIVES_H.items():
        # A young series is averaged evenly.
        part = np.maximum(1.0 - 0.5 ** (1.0 / half_life_h), 1.0 / (age + 1.0))
        for what, new in ((f"level_{name}", kept), (f"fit_{name}", fitted)):
            memory[what][rows] += part * (new - memory[what][rows])


def profile(memory: dict[str, np.ndarray], rows: np.ndarray, hours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(hour of the week, hour of the day) at `hours`, float[n, h] each."""
    kind, hod, how = weekend(hours).astype(np.int64), hours % DAY_H, hours % WEEK_H
    at = rows[:, None]
    day, day_n = memory["day"][at, kind, hod], memory["day_n"][at, kind, hod]
    other, other_n = memory["day"][at, 1 - kind, hod], memory["day_n"][at, 1 - kind, hod]
    level = memory["level_week"][rows][:, None]
    day = np.where(day_n > 0, day, np.where(other_n > 0, other, level))
    n = memory["week_n"][at, how]
    return (n * memory["week"][at, how] + _SHRINK * day) / (n + _SHRINK), day


def forecasts(memory: dict[str, np.ndarray], rows: np.ndarray, hour: int, horizon: int) -> np.ndarray:
    """float32[n, horizon, len(EXPERTS)]: what each expert says of the hours after `hour`, which was learned last."""
    ahead = np.arange(1, horizon + 1)
    hours = hour + ahead
    week, day = profile(memory, rows, hours)
    at = rows[:, None]
    last = memory["last"][at, hours % WEEK_H]
    same = hours - -(-ahead // DAY_H) * DAY_H  # the latest known hour that is the same of its day
    before, two, three = (memory["last"][at, (same - days * DAY_H) % WEEK_H] for days in range(3))
    out = np.empty((len(rows), horizon, len(EXPERTS)), np.float32)
    out[..., 0] = np.where(np.isnan(last), week, last)
    out[..., 1] = np.where(np.isnan(before), day, before)
    out[..., 2], out[..., 3] = week, day
    for k, name in ((4, "day"), (5, "days")):
        level, fit = memory[f"level_{name}"][rows], memory[f"fit_{name}"][rows]
        ratio = np.clip((level + _SPREAD) / (fit + _SPREAD), 1 / _MOST_RATIO, _MOST_RATIO)
        fade = 0.5 ** (ahead / 24.0) if name == "day" else np.ones(horizon)
        out[..., k] = week * (1.0 + (ratio[:, None] - 1.0) * fade)
    out[..., 6], out[..., 7] = memory["level_day"][rows][:, None], memory["level_week"][rows][:, None]
    out[..., 8] = np.where(np.isnan(before + two + three), out[..., 1], (before + two + three) / 3.0)
    return out

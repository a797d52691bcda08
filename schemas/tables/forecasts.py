"""What is expected of the next day and week, what came, and how good the forecasts were."""

from schemas.tables.migration import DEDUP_WINDOW, Migration

_FORECASTS = f"""
CREATE TABLE IF NOT EXISTS forecasts (
    scope LowCardinality(String),
    name String CODEC(ZSTD(1)),
    what LowCardinality(String),
    made_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    from_ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    to_ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    expected Float32,
    low Nullable(Float32),
    high Nullable(Float32),
    low_95 Nullable(Float32),
    high_95 Nullable(Float32),
    last_week Nullable(Float32),
    model LowCardinality(String)
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(made_at)
ORDER BY (scope, name, what, made_at, from_ts, to_ts)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_OBSERVED = f"""
CREATE TABLE IF NOT EXISTS observed_hours (
    scope LowCardinality(String),
    name String CODEC(ZSTD(1)),
    what LowCardinality(String),
    hour DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    value Float32
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (scope, name, what, hour)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_CURRENT = """CREATE OR REPLACE VIEW current_forecasts AS SELECT * FROM forecasts FINAL
    WHERE (scope, name, what, made_at) IN
        (SELECT scope, name, what, max(made_at) FROM forecasts GROUP BY scope, name, what)
    ORDER BY scope, name, what, to_ts - from_ts, from_ts"""

# What came within a forecast's span is the difference of two running sums; a span with an hour missing has no truth.
_JUDGED = """CREATE OR REPLACE VIEW judged_forecasts AS
    WITH sums AS (SELECT scope, name, what, hour, sum(value) OVER w AS upto, count() OVER w AS hours
        FROM observed_hours FINAL WINDOW w AS (PARTITION BY scope, name, what ORDER BY hour))
    SELECT f.scope AS scope, f.name AS name, f.what AS what, f.made_at AS made_at, f.from_ts AS from_ts,
        f.to_ts AS to_ts, dateDiff('hour', f.from_ts, f.to_ts) AS span_h,
        dateDiff('hour', f.made_at, f.to_ts) AS horizon_h, f.expected AS expected, f.low AS low, f.high AS high,
        f.low_95 AS low_95, f.high_95 AS high_95, f.last_week AS last_week, e.upto - b.upto AS actual
    FROM forecasts AS f FINAL
    INNER JOIN sums AS b ON b.scope = f.scope AND b.name = f.name AND b.what = f.what
        AND b.hour = f.from_ts - INTERVAL 1 HOUR
    INNER JOIN sums AS e ON e.scope = f.scope AND e.name = f.name AND e.what = f.what
        AND e.hour = f.to_ts - INTERVAL 1 HOUR
    WHERE e.hours - b.hours = span_h"""

_ACCURACY = """CREATE OR REPLACE VIEW forecast_accuracy AS SELECT scope, name, what, span_h,
    multiIf(horizon_h <= 24, 'next day', 'next 7 days') AS horizon, count() AS forecasts,
    avg(actual BETWEEN low AND high) AS inside_80, avg(actual BETWEEN low_95 AND high_95) AS inside_95,
    avg(abs(actual - expected)) AS error, avgIf(abs(actual - last_week), last_week IS NOT NULL) AS last_week_error,
    avgIf(abs(actual - expected), last_week IS NOT NULL) / nullIf(last_week_error, 0) AS error_ratio,
    avg(actual) AS mean_actual FROM judged_forecasts GROUP BY scope, name, what, span_h, horizon
    ORDER BY scope, what, name, horizon, span_h"""

FORECASTS: tuple[Migration, ...] = (
    Migration(
        11,
        "forecasts of events and risk, and what came",
        (_FORECASTS, _OBSERVED, _CURRENT, _JUDGED, _ACCURACY),
    ),
)

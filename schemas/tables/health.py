"""How detectors do: drift, challengers in shadow, which version of a model ran when, and what each did and cost."""

from schemas.tables.migration import DEDUP_WINDOW, Migration

_DRIFT = f"""
CREATE TABLE IF NOT EXISTS drift (
    source LowCardinality(String),
    detector LowCardinality(String),
    key_group UInt16,
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    since DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    by LowCardinality(String),
    mean_before Float32,
    mean_after Float32,
    top_before Float32,
    top_after Float32,
    sentence String CODEC(ZSTD(1)),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(written_at)
ORDER BY (detector, source, key_group, at)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_CHALLENGERS = f"""
CREATE TABLE IF NOT EXISTS challengers (
    source LowCardinality(String),
    detector LowCardinality(String),
    key_group UInt16,
    since DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    turned DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    revision UInt64 CODEC(T64, ZSTD(1)),
    kind LowCardinality(String),
    promoted Bool,
    latest DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    events UInt64 CODEC(T64, ZSTD(1)),
    both UInt64 CODEC(T64, ZSTD(1)),
    only_champion UInt64 CODEC(T64, ZSTD(1)),
    only_challenger UInt64 CODEC(T64, ZSTD(1)),
    champion_version LowCardinality(String),
    challenger_version LowCardinality(String),
    options String CODEC(ZSTD(1)),
    ended Bool,
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(revision)
ORDER BY (detector, source, key_group, since)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_SHADOW_ALERTS = f"""
CREATE TABLE IF NOT EXISTS shadow_alerts (
    source LowCardinality(String),
    detector LowCardinality(String),
    key_group UInt16,
    since DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    day Date,
    thing String CODEC(ZSTD(1)),
    thing_id UInt64,
    champion UInt64 CODEC(T64, ZSTD(1)),
    challenger UInt64 CODEC(T64, ZSTD(1)),
    findings UInt64 CODEC(T64, ZSTD(1)),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(findings)
ORDER BY (detector, source, key_group, since, day, thing_id)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_MODEL_VERSIONS = f"""
CREATE TABLE IF NOT EXISTS model_versions (
    source LowCardinality(String),
    detector LowCardinality(String),
    key_group UInt16,
    model_version LowCardinality(String),
    since DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    cause LowCardinality(String),
    by LowCardinality(String),
    reason String CODEC(ZSTD(1)),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(written_at)
ORDER BY (source, detector, key_group, since, model_version, cause)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_DETECTOR_HEALTH = f"""
CREATE TABLE IF NOT EXISTS detector_health (
    source LowCardinality(String),
    detector LowCardinality(String),
    key_group UInt16,
    began DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    day Date,
    scored UInt64 CODEC(T64, ZSTD(1)),
    findings UInt64 CODEC(T64, ZSTD(1)),
    drifts UInt32,
    allowed_a_day Nullable(Float32),
    cost_us Float32,
    model_version LowCardinality(String),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(scored)
ORDER BY (detector, source, key_group, began, day)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

HEALTH: tuple[Migration, ...] = (
    Migration(
        9,
        "drift, challengers, model versions, health of detectors",
        (
            _DRIFT,
            _CHALLENGERS,
            _SHADOW_ALERTS,
            _MODEL_VERSIONS,
            _DETECTOR_HEALTH,
            """CREATE OR REPLACE VIEW current_challengers AS SELECT * FROM challengers FINAL WHERE NOT ended
                ORDER BY detector, source, key_group""",
            """CREATE OR REPLACE VIEW current_health AS SELECT detector, source, sum(scored_so_far) AS scored,
                sum(found_so_far) AS findings, sum(drifts_so_far) AS drifts, any(allowed) AS allowed_a_day,
                avg(cost) AS cost_us, groupUniqArray(version) AS model_versions, max(last_day) AS latest_day FROM (
                SELECT detector, source, key_group, began, max(scored) AS scored_so_far,
                max(findings) AS found_so_far, max(drifts) AS drifts_so_far, any(allowed_a_day) AS allowed,
                argMax(cost_us, written_at) AS cost, argMax(model_version, scored) AS version, max(day) AS last_day
                FROM detector_health FINAL GROUP BY detector, source, key_group, began)
                GROUP BY detector, source ORDER BY detector""",
        ),
    ),
)

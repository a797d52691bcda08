"""What the database of a replay holds beside the tables of any other."""

REPLAY_RUNS = """
CREATE TABLE IF NOT EXISTS replay_runs (
    at DateTime64(3, 'UTC') DEFAULT now64(3),
    run String,
    step LowCardinality(String),
    detail String
) ENGINE = MergeTree ORDER BY at
"""
ALERT_DIFFERENCES = """
CREATE TABLE IF NOT EXISTS alert_differences (
    verdict LowCardinality(String),
    detector LowCardinality(String),
    alert_id String,
    severity_id UInt8,
    severity LowCardinality(String),
    entity_type LowCardinality(String),
    entity String,
    sentence String,
    first_seen DateTime64(3, 'UTC'),
    production_count UInt64,
    replay_count UInt64,
    production_score Float32,
    replay_score Float32,
    production_status LowCardinality(String),
    replay_status LowCardinality(String)
) ENGINE = MergeTree ORDER BY (verdict, detector, alert_id)
"""

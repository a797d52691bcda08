"""What was decided and done about incidents."""

from schemas.tables.migration import DEDUP_WINDOW, Migration

_ACTIONS = f"""
CREATE TABLE IF NOT EXISTS actions (
    action_id String CODEC(ZSTD(1)),
    revision UInt64 CODEC(T64, ZSTD(1)),
    incident_id String CODEC(ZSTD(1)),
    playbook LowCardinality(String),
    step LowCardinality(String),
    action LowCardinality(String),
    connector LowCardinality(String),
    target_type LowCardinality(String),
    target String CODEC(ZSTD(1)),
    state LowCardinality(String),
    severity_id UInt8,
    severity LowCardinality(String),
    why String CODEC(ZSTD(1)),
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    decided_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    told_at Nullable(DateTime64(3, 'UTC')),
    effect_at Nullable(DateTime64(3, 'UTC')),
    undo_at Nullable(DateTime64(3, 'UTC')),
    approvals_needed UInt8,
    approved_by Array(String) CODEC(ZSTD(1)),
    attempts UInt32,
    detail String CODEC(ZSTD(1)),
    reference String CODEC(ZSTD(1)),
    document String CODEC(ZSTD(3)),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    INDEX by_incident incident_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_target target TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree
ORDER BY (action_id, revision)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

ACTIONS: tuple[Migration, ...] = (
    Migration(
        7,
        "actions: decisions and effects, one row a revision",
        (
            _ACTIONS,
            """CREATE OR REPLACE VIEW current_actions AS SELECT * FROM (
                SELECT * FROM actions FINAL ORDER BY revision DESC LIMIT 1 BY action_id) ORDER BY at DESC""",
        ),
    ),
)

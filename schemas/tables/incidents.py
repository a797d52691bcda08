"""Incidents, the risk of entities, and what is thought of single alerts."""

from schemas.tables.migration import DEDUP_WINDOW, Migration

_INCIDENTS = f"""
CREATE TABLE IF NOT EXISTS incidents (
    incident_id String CODEC(ZSTD(1)),
    revision UInt64 CODEC(T64, ZSTD(1)),
    kind LowCardinality(String),
    status LowCardinality(String),
    severity_id UInt8,
    severity LowCardinality(String),
    priority LowCardinality(String),
    subject String CODEC(ZSTD(1)),
    subject_type LowCardinality(String),
    parties Array(String) CODEC(ZSTD(1)),
    sentence String CODEC(ZSTD(1)),
    risk Float32,
    peak_risk Float32,
    confidence Float32,
    tactics Array(LowCardinality(String)),
    attacks Array(LowCardinality(String)),
    detectors Array(LowCardinality(String)),
    alert_ids Array(String) CODEC(ZSTD(1)),
    alerts UInt64 CODEC(T64, ZSTD(1)),
    findings UInt64 CODEC(T64, ZSTD(1)),
    silenced UInt64 CODEC(T64, ZSTD(1)),
    opened_because LowCardinality(String),
    merged_into String CODEC(ZSTD(1)),
    first_seen DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    last_seen DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    document String CODEC(ZSTD(3)),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    INDEX by_party parties TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_alert alert_ids TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(revision)
ORDER BY incident_id
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_RISKS = f"""
CREATE TABLE IF NOT EXISTS risks (
    entity_type LowCardinality(String),
    entity String CODEC(ZSTD(1)),
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    risk Float32,
    tactics UInt8,
    criticality UInt8,
    incident_id String CODEC(ZSTD(1)),
    half_life_h Float32
) ENGINE = ReplacingMergeTree
ORDER BY (entity_type, entity, at)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_ASSESSMENTS = f"""
CREATE TABLE IF NOT EXISTS assessments (
    alert_id String CODEC(ZSTD(1)),
    revision UInt64 CODEC(T64, ZSTD(1)),
    detector LowCardinality(String),
    incident_id String CODEC(ZSTD(1)),
    p_true Float32,
    detector_precision Nullable(Float32),
    detector_verdicts UInt32,
    priority Float32,
    model_version LowCardinality(String),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(revision)
ORDER BY alert_id
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

INCIDENTS: tuple[Migration, ...] = (
    Migration(
        6,
        "incidents, risk of entities, assessments of alerts",
        (
            _INCIDENTS,
            _RISKS,
            _ASSESSMENTS,
            """CREATE OR REPLACE VIEW current_incidents AS SELECT * FROM incidents FINAL WHERE merged_into = ''
                ORDER BY priority = 'Critical' DESC, priority = 'High' DESC, last_seen DESC""",
            """CREATE OR REPLACE VIEW current_risks AS SELECT entity_type, entity,
                argMax(risk, at) * exp2(-greatest(dateDiff('second', max(at), now64(3)), 0)
                / 3600 / any(half_life_h)) AS risk_now, argMax(risk, at) AS last_risk, max(at) AS last_at,
                argMax(tactics, at) AS last_tactics, any(criticality) AS critical,
                argMax(incident_id, at) AS incident FROM risks FINAL GROUP BY entity_type, entity
                ORDER BY risk_now DESC""",
            """CREATE OR REPLACE VIEW ranked_alerts AS SELECT a.alert_id AS alert_id, a.detector AS detector,
                a.severity AS severity, a.status AS status, a.entity AS entity, a.count AS count,
                a.sentence AS sentence, s.p_true AS p_true, s.priority AS priority,
                s.detector_precision AS detector_precision, s.detector_verdicts AS detector_verdicts,
                s.incident_id AS incident_id, a.first_seen AS first_seen, a.last_seen AS last_seen
                FROM (SELECT * FROM alerts FINAL) AS a LEFT JOIN (SELECT * FROM assessments FINAL) AS s
                ON a.alert_id = s.alert_id ORDER BY priority DESC, last_seen DESC""",
        ),
    ),
)

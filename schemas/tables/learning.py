"""What analysts say of alerts, what that makes of them, and what it proposes."""

from schemas.tables.migration import DEDUP_WINDOW, Migration

_VERDICTS = f"""
CREATE TABLE IF NOT EXISTS verdicts (
    verdict_id String CODEC(ZSTD(1)),
    revision UInt64 CODEC(T64, ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    alert_id String CODEC(ZSTD(1)),
    incident_id String CODEC(ZSTD(1)),
    verdict LowCardinality(String),
    who LowCardinality(String),
    why String CODEC(ZSTD(1)),
    alerts UInt32,
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(revision)
ORDER BY verdict_id
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_JUDGEMENTS = f"""
CREATE TABLE IF NOT EXISTS judgements (
    alert_id String CODEC(ZSTD(1)),
    revision UInt64 CODEC(T64, ZSTD(1)),
    source LowCardinality(String),
    detector LowCardinality(String),
    rule LowCardinality(String),
    entity_type LowCardinality(String),
    entity String CODEC(ZSTD(1)),
    severity UInt8,
    verdict LowCardinality(String),
    who Array(LowCardinality(String)),
    said Array(LowCardinality(String)),
    decided_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(revision)
ORDER BY alert_id
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_PROPOSALS = f"""
CREATE TABLE IF NOT EXISTS proposals (
    proposal_id String CODEC(ZSTD(1)),
    revision UInt64 CODEC(T64, ZSTD(1)),
    list LowCardinality(String),
    row String CODEC(ZSTD(1)),
    detector LowCardinality(String),
    entity_type LowCardinality(String),
    entity String CODEC(ZSTD(1)),
    reason String CODEC(ZSTD(1)),
    until String,
    evidence UInt32,
    people UInt32,
    days UInt32,
    precision Float32,
    withdrawn UInt8,
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(revision)
ORDER BY proposal_id
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_DECISIONS = f"""
CREATE TABLE IF NOT EXISTS proposal_decisions (
    proposal_id String CODEC(ZSTD(1)),
    decision LowCardinality(String),
    who LowCardinality(String),
    row String CODEC(ZSTD(1)),
    decided_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(decided_at)
ORDER BY proposal_id
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_Z = 1.645
"""Of a normal distribution: bounds that hold nine times in ten (Wilson 1927)."""
_WILSON = f"""({{x}} + {_Z * _Z / 2:.5f} {{sign}} {_Z} * sqrt({{x}} * ({{n}} - {{x}}) / {{n}} + {_Z * _Z / 4:.5f}))
    / ({{n}} + {_Z * _Z:.5f})"""
_LOW, _HIGH = (_WILSON.format(x="trues", n="decided", sign=sign) for sign in "-+")

_PRECISION = """CREATE OR REPLACE VIEW detector_precision AS SELECT source, detector, judged, decided, trues, falses,
    expected, undecided, if(decided = 0, NULL, trues / decided) AS precision,
    if(decided = 0, 0, {low}) AS precision_low, if(decided = 0, 1, {high}) AS precision_high,
    if(decided = 0, NULL, (trues + expected) / decided) AS seen_rightly, last_decided
    FROM (SELECT source, detector, count() AS judged, countIf(verdict = 'true') AS trues,
    countIf(verdict = 'false') AS falses, countIf(verdict = 'benign_expected') AS expected,
    countIf(verdict = 'undecided') AS undecided, trues + falses + expected AS decided,
    max(decided_at) AS last_decided FROM judgements FINAL WHERE verdict != '' GROUP BY source, detector)
    ORDER BY judged DESC, detector"""

_ANALYSTS = """CREATE OR REPLACE VIEW analysts AS SELECT person, count() AS alerts,
    countIf(length(everyone) > 1) AS shared, countIf(length(everyone) > 1 AND verdict = word) AS agreed,
    countIf(verdict = 'undecided') AS undecided, if(shared = 0, NULL, agreed / shared) AS agreement
    FROM (SELECT verdict, who AS everyone, who, said FROM judgements FINAL WHERE verdict != '')
    ARRAY JOIN who AS person, said AS word GROUP BY person ORDER BY alerts DESC, person"""

_CURRENT = """CREATE OR REPLACE VIEW current_proposals AS SELECT p.proposal_id AS proposal_id,
    multiIf(d.decision != '', d.decision, p.withdrawn = 1, 'withdrawn', 'open') AS status,
    p.list AS list, p.detector AS detector, p.entity_type AS entity_type, p.entity AS entity, p.until AS until,
    p.reason AS reason, p.evidence AS evidence, p.people AS people, p.days AS days, p.precision AS precision,
    if(d.decision != '', d.row, p.row) AS row, d.who AS decided_by, d.decided_at AS decided_at, p.at AS at
    FROM (SELECT * FROM proposals FINAL) AS p LEFT JOIN (SELECT * FROM proposal_decisions FINAL) AS d
    ON p.proposal_id = d.proposal_id ORDER BY status = 'open' DESC, evidence DESC, proposal_id"""

LEARNING: tuple[Migration, ...] = (
    Migration(
        8,
        "verdicts of analysts, what they make of alerts and detectors, and what they propose",
        (_VERDICTS, _JUDGEMENTS, _PROPOSALS, _DECISIONS, _PRECISION.format(low=_LOW, high=_HIGH), _ANALYSTS, _CURRENT),
    ),
)

"""The tables of the spine: events, alerts, dead letters, lists, and the views on them."""

from schemas.sources import INPUTS
from schemas.tables.migration import DEDUP_WINDOW, Migration

FROM_PRODUCERS = f"source IN ({', '.join(repr(name) for name in INPUTS)})"
"""Condition on `scored_events`: without the rows that workers make of events besides."""

_EVENTS = f"""
CREATE TABLE IF NOT EXISTS scored_events (
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(DoubleDelta, ZSTD(1)),
    source LowCardinality(String),
    format LowCardinality(String),
    kind LowCardinality(String),
    origin LowCardinality(String),
    topic LowCardinality(String),
    partition Int32 CODEC(T64, ZSTD(1)),
    offset Int64 CODEC(Delta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)),
    entity String CODEC(ZSTD(1)),
    src_ip String CODEC(ZSTD(1)),
    src_port Nullable(UInt16) CODEC(T64, ZSTD(1)),
    dst_ip String CODEC(ZSTD(1)),
    dst_port Nullable(UInt16) CODEC(T64, ZSTD(1)),
    proto LowCardinality(String),
    service LowCardinality(String),
    host String CODEC(ZSTD(1)),
    user String CODEC(ZSTD(1)),
    patient String CODEC(ZSTD(1)),
    provider String CODEC(ZSTD(1)),
    device String CODEC(ZSTD(1)),
    action LowCardinality(String),
    outcome LowCardinality(String),
    object String CODEC(ZSTD(1)),
    bytes_out Nullable(UInt64) CODEC(T64, ZSTD(1)),
    bytes_in Nullable(UInt64) CODEC(T64, ZSTD(1)),
    scores Map(LowCardinality(String), Float32) CODEC(ZSTD(1)),
    top_score Float32 CODEC(ZSTD(1)),
    top_detector LowCardinality(String),
    found_by Array(LowCardinality(String)) CODEC(ZSTD(1)),
    model_version LowCardinality(String),
    raw String CODEC(ZSTD(3)),
    INDEX by_user user TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_dst dst_ip TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_patient patient TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_event event_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_detector found_by TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_time ts TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree(ingested_at)
PARTITION BY toYear(ts)
ORDER BY (source, entity, ts, topic, partition, offset)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_ALERTS = f"""
CREATE TABLE IF NOT EXISTS alerts (
    alert_id String CODEC(ZSTD(1)),
    detector LowCardinality(String),
    title LowCardinality(String),
    severity_id UInt8,
    severity LowCardinality(String),
    status LowCardinality(String),
    entity String CODEC(ZSTD(1)),
    entity_type LowCardinality(String),
    entities Array(String) CODEC(ZSTD(1)),
    sentence String CODEC(ZSTD(1)),
    attacks Array(LowCardinality(String)),
    first_seen DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    last_seen DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    count UInt64 CODEC(T64, ZSTD(1)),
    score Float32,
    threshold Float32,
    model_version LowCardinality(String),
    evidence Array(Tuple(topic String, partition Int32, offset Int64, event_id String)) CODEC(ZSTD(1)),
    document String CODEC(ZSTD(3)),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    INDEX by_entity entity TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_entities entities TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(count)
PARTITION BY toYear(first_seen)
ORDER BY (detector, toDate(first_seen), alert_id)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""

_DEAD_LETTERS = f"""
CREATE TABLE IF NOT EXISTS dead_letters (
    letter_id String CODEC(ZSTD(1)),
    source String CODEC(ZSTD(1)),
    position String CODEC(ZSTD(1)),
    partition Int32,
    offset Int64,
    format LowCardinality(String),
    reason String CODEC(ZSTD(1)),
    excerpt String CODEC(ZSTD(3)),
    size_bytes UInt64,
    sha256 String CODEC(ZSTD(1)),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(written_at)
ORDER BY (source, letter_id)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""


_LIST_VERSIONS = f"""
CREATE TABLE IF NOT EXISTS list_versions (
    name LowCardinality(String),
    loaded_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    version String CODEC(ZSTD(1)),
    rows UInt64
) ENGINE = ReplacingMergeTree
ORDER BY (name, loaded_at, version)
SETTINGS non_replicated_deduplication_window = {DEDUP_WINDOW}
"""


_ECS = """CREATE OR REPLACE VIEW ecs_events AS SELECT ts AS `@timestamp`, event_id AS `event.id`,
                action AS `event.action`, outcome AS `event.outcome`, src_ip AS `source.ip`, src_port AS `source.port`,
                dst_ip AS `destination.ip`, dst_port AS `destination.port`, proto AS `network.transport`,
                service AS `network.protocol`, bytes_out AS `source.bytes`, bytes_in AS `destination.bytes`,
                user AS `user.name`, host AS `host.name`, top_score AS `event.risk_score`
                FROM scored_events FINAL{rows}"""


SPINE: tuple[Migration, ...] = (
    Migration(
        1,
        "events, alerts, dead letters and their current state",
        (
            _EVENTS,
            _ALERTS,
            _DEAD_LETTERS,
            "CREATE OR REPLACE VIEW current_events AS SELECT * FROM scored_events FINAL",
            "CREATE OR REPLACE VIEW current_alerts AS SELECT * FROM alerts FINAL ORDER BY last_seen DESC",
            "CREATE OR REPLACE VIEW current_dead_letters AS SELECT * FROM dead_letters FINAL",
            _ECS.format(rows=""),
        ),
    ),
    Migration(
        2,
        "raw events packed at a level that inserts a tenth faster and reads as small",
        ("ALTER TABLE scored_events MODIFY COLUMN raw String CODEC(ZSTD(1))",),
    ),
    Migration(
        3,
        "why a chart was opened",
        (
            "ALTER TABLE scored_events ADD COLUMN IF NOT EXISTS reason LowCardinality(String) AFTER object",
            "ALTER TABLE scored_events ADD COLUMN IF NOT EXISTS reason_ref String CODEC(ZSTD(1)) AFTER reason",
            "CREATE OR REPLACE VIEW current_events AS SELECT * FROM scored_events FINAL",
            """CREATE OR REPLACE VIEW accesses AS SELECT ts, user, JSONExtractString(raw, 'role') AS role,
                JSONExtractString(raw, 'department') AS department, patient, action,
                JSONExtractString(raw, 'resource') AS resource, JSONExtractString(raw, 'purpose') AS purpose,
                host AS workstation, reason, reason_ref, JSONExtractFloat(raw, 'strength') AS strength,
                JSONExtractBool(raw, 'late') AS late, JSONExtractBool(raw, 'withdrawn') AS withdrawn,
                JSONExtractBool(raw, 'break_glass') AS break_glass, event_id
                FROM scored_events FINAL WHERE source = 'charts' AND kind = 'access'""",
            _ECS.format(rows=" WHERE source NOT IN ('charts', 'judged')"),
        ),
    ),
    Migration(
        4,
        "which version of the user's lists was loaded when",
        (
            _LIST_VERSIONS,
            """CREATE OR REPLACE VIEW current_lists AS SELECT * FROM list_versions
                ORDER BY name, loaded_at DESC LIMIT 1 BY name""",
        ),
    ),
    Migration(
        5,
        "what the allow-list and budgets hid",
        (
            """CREATE OR REPLACE VIEW hidden_alerts AS SELECT first_seen, last_seen, detector, entity_type, entity,
                count, score, sentence, if(owner = '', 'budget', 'allow-list') AS hidden_by,
                JSONExtractString(document, 'unmapped', 'allowed', 'owner') AS owner,
                JSONExtractString(document, 'unmapped', 'allowed', 'reason') AS reason,
                JSONExtractString(document, 'unmapped', 'allowed', 'until') AS until,
                JSONExtractString(document, 'unmapped', 'allowed', 'version') AS list_version,
                JSONExtractString(document, 'status_detail') AS why, alert_id
                FROM alerts FINAL WHERE status = 'Suppressed' ORDER BY last_seen DESC""",
        ),
    ),
    Migration(
        12,
        "events that others stand for are no events of their own",
        (_ECS.format(rows=" WHERE source NOT IN ('charts', 'judged', 'accounts', 'contacts')"),),
    ),
)

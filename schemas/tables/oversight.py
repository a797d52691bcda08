"""Why an alert was raised and how often its detector was right before, in one row."""

from schemas.tables.migration import Migration

_EXPLAINED = """CREATE OR REPLACE VIEW explained_alerts AS SELECT a.alert_id AS alert_id, a.detector AS detector,
    a.title AS title, a.severity AS severity, a.status AS status, a.entity_type AS entity_type, a.entity AS entity,
    a.count AS count, a.first_seen AS first_seen, a.last_seen AS last_seen, a.sentence AS sentence,
    JSONExtractString(a.document, 'unmapped', 'normal') AS normal,
    arrayMap(x -> (JSONExtractString(x, 'name'), JSONExtractRaw(x, 'value'), JSONExtractFloat(x, 'contribution')),
    JSONExtractArrayRaw(a.document, 'unmapped', 'features')) AS features, a.attacks AS attacks, a.score AS score,
    a.threshold AS threshold, JSONExtractString(a.document, 'confidence') AS confidence,
    a.model_version AS model_version, JSONExtractString(a.document, 'unmapped', 'query') AS query,
    a.evidence AS evidence, j.verdict AS verdict, j.who AS judged_by, if(s.alert_id = '', NULL, s.p_true) AS p_true,
    s.incident_id AS incident_id,
    p.decided AS judged_before, p.precision AS precision, if(p.decided = 0, NULL, p.precision_low) AS precision_low,
    if(p.decided = 0, NULL, p.precision_high) AS precision_high FROM (SELECT * FROM alerts FINAL) AS a
    LEFT JOIN (SELECT * FROM assessments FINAL) AS s ON a.alert_id = s.alert_id
    LEFT JOIN (SELECT * FROM judgements FINAL) AS j ON a.alert_id = j.alert_id
    LEFT JOIN (SELECT detector, sum(decided) AS decided, if(decided = 0, NULL, sum(trues) / decided) AS precision,
    min(precision_low) AS precision_low, max(precision_high) AS precision_high FROM detector_precision
    GROUP BY detector) AS p ON a.detector = p.detector ORDER BY last_seen DESC"""

OVERSIGHT: tuple[Migration, ...] = (
    Migration(10, "why an alert was raised, and how often its detector was right before", (_EXPLAINED,)),
)

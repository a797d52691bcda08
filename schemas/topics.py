"""The topics: what travels on each, keyed by what, with how many partitions, kept how long."""

from dataclasses import dataclass

from schemas.sources import SOURCES

DAY_MS = 86_400_000
KEY_GROUPS = 8
"""State belongs to `murmur2(key) % KEY_GROUPS`; a topic's partitions divide it, so a partition holds whole groups."""


@dataclass(frozen=True)
class Topic:
    """One topic, before the configured prefix."""

    name: str
    key: str
    """What the message key is, in words."""
    partitions: int
    retention_ms: int
    """-1: for ever."""
    title: str
    compact: bool = False

    def config(self) -> dict[str, str]:
        """Kafka's own words for it."""
        return {
            "retention.ms": str(self.retention_ms),
            "cleanup.policy": "compact" if self.compact else "delete",
            "compression.type": "producer",
            "message.timestamp.type": "CreateTime",
        }


_SOURCE_TITLES = {
    "network": "What network sensors saw",
    "logs": "What hosts and applications logged",
    "ehr": "Accesses to patient records",
    "context": "Encounters, appointments, orders, care teams and people",
    "claims": "Claims and explanations of benefit",
    "devices": "The device inventory",
    "charts": "Accesses, care and claims by patient (written by workers)",
    "judged": "Accesses and claims with what care says of them, by user or provider (written by workers)",
    "accounts": "Log-ons and changes of accounts, by account (written by workers)",
    "contacts": "Who goes to a destination, by destination (written by workers)",
}

TOPICS: dict[str, Topic] = {
    t.name: t
    for t in (
        *(
            Topic(name, " or ".join((*s.key_fields, "format")), 4, 7 * DAY_MS, _SOURCE_TITLES[name])
            for name, s in SOURCES.items()
        ),
        Topic("lists", "list name and row", 1, -1, "Rows of the user's lists (vip, scanners, allow …)", compact=True),
        Topic("alerts", "entity", 4, 90 * DAY_MS, "Alerts, OCSF Detection Finding (class 2004)"),
        Topic("findings", "entity", 1, 30 * DAY_MS, "What incidents are made of (written by workers)"),
        Topic("feedback", "alert or incident", 1, -1, "Verdicts of analysts"),
        Topic("incidents", "incident", 1, 90 * DAY_MS, "Incidents, OCSF Incident Finding (class 2005)"),
        Topic("actions", "action", 1, -1, "Decisions and effects, OCSF Remediation Activity (class 7001)"),
        Topic("approvals", "action", 1, -1, "Approvals and denials of actions that wait"),
        Topic("deadletter", "source", 1, 30 * DAY_MS, "Records that could not be read"),
    )
}

"""An alert in the form that judges need, whoever raised it."""

from dataclasses import dataclass

from schemas.alert import Alert


@dataclass(frozen=True, slots=True)
class Raised:
    """Times in seconds since 1970. `fits`: ids of the catalogue whose work this alert does:
    that of its detector, and of those whose findings it says are counted in it."""

    detector: str
    fits: tuple[str, ...]
    entity: str
    values: frozenset[str]
    """Everyone and everything involved, the entity too."""
    first_ts: float
    last_ts: float
    count: int
    events: tuple[str, ...]
    """Ids of some of the events it stands on."""
    sentence: str
    severity: int = 3


def of_alert(alert: Alert) -> Raised:
    """From the product's own document."""
    entity = str(alert.unmapped["entity"])
    detector = alert.finding_info.analytic.uid
    return Raised(
        detector, (detector, *alert.unmapped["beside"]), entity,
        frozenset({entity, *(o.value for o in alert.observables)}),
        alert.start_time / 1000, alert.end_time / 1000, alert.count,
        tuple(e.uid for e in alert.finding_info.related_events), alert.message, alert.severity_id,
    )  # fmt: skip

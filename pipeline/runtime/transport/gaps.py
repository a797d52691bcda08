"""Events that were gone before anybody read them: said with their exact offsets, never passed over in silence."""

import hashlib
from dataclasses import dataclass

from pipeline.alerts.alert_state import AlertState
from pipeline.alerts.document import CREATE, alert_document
from pipeline.runtime.line import VERSION
from schemas.alert import Alert
from schemas.finding import Evidence, Feature, Finding, Observable

DETECTOR = "pipeline.gap"
_HIGH = 4


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing from a partition: offsets `first` to `last`, both included.

    With `remade` the log itself was replaced and now ends before `first`, the offset to be read next: what it held
    from there on is unknown, so `last` is `first` and stands for all of it.
    """

    topic: str
    partition: int
    first: int
    last: int
    remade: bool = False

    @property
    def count(self) -> int:
        """How many offsets; 1 where nobody can know."""
        return self.last - self.first + 1

    def sentence(self) -> str:
        """What happened, for somebody who is woken by it."""
        where = f"partition {self.partition} of topic {self.topic}"
        if self.remade:
            return (
                f"{where} was deleted and made anew, or lost its end: offset {self.first} was to be read next, but the"
                " log ends before it. What it held from there on was not analysed. Reading starts at its beginning."
            )
        many = f"{self.count} events" if self.count > 1 else "1 event"
        return (
            f"{many} of {where} were deleted before they were analysed: offsets {self.first} to {self.last}."
            " Nobody looked at them; search the original sources for that time."
        )


def gap_between(topic: str, partition: int, wanted: int, begin: int, end: int) -> Gap | None:
    """What is missing when `wanted` shall be read from a log that holds offsets `begin` up to, not including, `end`.

    Offsets that the log skips (transaction markers, compaction) are no gap: only its beginning and end count.

    >>> gap_between("network", 0, 10, 15, 40)
    Gap(topic='network', partition=0, first=10, last=14, remade=False)
    >>> gap_between("network", 0, 10, 5, 10) is None
    True
    """
    if wanted > end:
        return Gap(topic, partition, wanted, wanted, remade=True)
    return Gap(topic, partition, wanted, begin - 1) if wanted < begin else None


def gap_alert(gap: Gap, source: str, noticed_ts: float) -> tuple[AlertState, Alert]:
    """The alert of a gap, noticed at `noticed_ts` (seconds since the epoch), for the topic and for the table.

    Its id depends on where the gap begins only: told again after a crash, when even more may be missing, it is the
    same alert, and the larger count replaces the smaller in the table.
    """
    place = f"{gap.topic}[{gap.partition}]"
    text = "\x1f".join((DETECTOR, gap.topic, str(gap.partition), str(gap.first), str(gap.remade)))
    finding = Finding(
        detector=DETECTOR,
        title="Events lost before analysis",
        severity=_HIGH,
        source=source,
        ts=noticed_ts,
        entity=place,
        entity_type="partition",
        group_key=place,
        score=1.0,
        threshold=1.0,
        message=gap.sentence(),
        normal="Events are read long before the retention of their topic ends.",
        features=[Feature(name="first_missing_offset", value=gap.first)]
        + ([] if gap.remade else [Feature(name="last_missing_offset", value=gap.last)]),
        observables=[Observable(name="topic", type="topic", value=gap.topic)],
        model_version=VERSION,
        evidence=Evidence(topic=gap.topic, partition=gap.partition, offset=gap.first, event_id=f"{place}{gap.first}"),
    )
    state = AlertState(
        uid=hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
        day=0,
        finding=finding,
        count=gap.count,
        first_ts=noticed_ts,
        last_ts=noticed_ts,
        top_score=1.0,
        evidence=[finding.evidence],
    )
    state.involve({(o.type, o.value): o.name for o in finding.observables})
    return state, alert_document(state, CREATE, VERSION)

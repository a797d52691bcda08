"""A flood of alerts of one detector about one thing: the first are remembered singly, the rest counted, once each."""

from collections import OrderedDict
from typing import Any

from pipeline.incidents.member import Member
from pipeline.incidents.names import Name

Key = tuple[Name, str, int]


class Bundles:
    """Who counts further alerts of a detector, subject and day. 50 bytes an alert that is counted only."""

    def __init__(self, single: int, max_counts: int) -> None:
        """`single`: alerts remembered singly; `max_counts`: counts that are known, so that none counts twice."""
        self._single = single
        self._max_counts = max_counts
        self._alerts: dict[Key, tuple[int, str]] = {}
        self._counts: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def host_of(self, m: Member) -> str:
        """Id of the alert that a new one is counted with; empty where it stands alone."""
        known = self._counts.get(m.alert_id)
        if known is not None:
            return known[0]
        number, last = self._alerts.get(_key(m), (0, ""))
        return last if number >= self._single else ""

    def remember(self, m: Member) -> None:
        """One that is remembered singly."""
        number, _ = self._alerts.get(_key(m), (0, ""))
        self._alerts[_key(m)] = (number + 1, m.alert_id)

    def count(self, host: Member, m: Member) -> bool:
        """Add what is new of an alert to its host; whether anything was."""
        _, before = self._counts.pop(m.alert_id, (host.alert_id, 0))
        self._counts[m.alert_id] = (host.alert_id, max(before, m.count))
        if m.count <= before:
            return False
        host.bundled += m.count - before
        host.bundled_alerts += before == 0
        host.first_ts = min(host.first_ts, m.first_ts)
        host.last_ts = max(host.last_ts, m.last_ts)
        if len(self._counts) > self._max_counts:
            self._counts.popitem(last=False)
        return True

    def forget_before(self, ts: float) -> None:
        """Days that are over."""
        self._alerts = {k: v for k, v in self._alerts.items() if (k[2] + 1) * 86_400 >= ts}

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "alerts": [[*name, detector, day, *v] for (name, detector, day), v in self._alerts.items()],
            "counts": [[uid, *v] for uid, v in self._counts.items()],
        }

    def from_plain(self, plain: dict[str, Any]) -> None:
        """Inverse of `to_plain`."""
        self._alerts = {((t, v), d, day): (n, last) for t, v, d, day, n, last in plain["alerts"]}
        self._counts = OrderedDict((uid, (host, n)) for uid, host, n in plain["counts"])


def _key(m: Member) -> Key:
    return m.subject, m.detector, m.day

"""When an incident is told, and when it is worth telling again."""

from collections.abc import Sequence

from pipeline.incidents.group import Group, Told
from pipeline.incidents.member import Member
from pipeline.incidents.names import Name
from pipeline.incidents.options import HOUR_S, IncidentOptions
from pipeline.incidents.pace import Pace
from pipeline.incidents.risk import Risk, Risks

CRITICAL = 5
_RISK_GREW = 2.0
_AT_LEAST = 1.0
"""Of risk: what never had so much is not looked at again."""
_LARGE = 100
"""Alerts of an incident from which on it costs too much to look at all for each."""
_KIND_SEVERITY = 3
"""A further detector is news from this severity on, of a hint only amid a flood."""
_FLOOD = 1000
"""Findings of one incident from which on any other detector's is news: it would be lost in the mass."""


class Telling:
    """Reasons to tell, and reasons to tell again; everything else is counted in silence."""

    def __init__(self, options: IncidentOptions, risks: Risks) -> None:
        self._options = options
        self._risks = risks
        self.pace = Pace(options)

    def consider(self, group: Group, members: Sequence[Member], risk: Risk, m: Member) -> None:
        """After alert `m` of the group said something new: open the incident, mark news, or count a silenced one."""
        group.peak_risk = max(group.peak_risk, risk.value)
        group.resolved = group.is_incident and not any(x.alive for x in members)
        if not m.alive:
            return
        if not group.is_incident:
            because = self._opens(members, risk)
            hint = "" if because else self._hints(members, risk)
            group.opened_because = because or hint
            if group.opened_because:
                self.pace.opened(group.uid, risk.at, plain=bool(because))
                self._tell(group, members, risk)
            return
        if self.pace.is_hint(group.uid) and self._opens(members, risk):
            self.pace.grown(group.uid)
        if self._escalates(group, members, risk, m):
            self._tell(group, members, risk)
        elif not m.suppressed:
            group.silenced += 1

    def reconsider(self, group: Group, members: Sequence[Member], at: float) -> None:
        """A group that waits, at a later moment: there may be time for it now."""
        risk = self._risks.of(members, at)
        group.opened_because = self._hints(members, risk)
        if group.opened_because:
            self.pace.opened(group.uid, risk.at, plain=False)
            self._tell(group, members, risk)

    def waits(self, group: Group) -> bool:
        """Whether a group that was not told may be later."""
        return not group.is_incident and group.peak_risk > _AT_LEAST

    def repeats(self, group: Group, m: Member) -> bool:
        """Whether an alert of a large incident is more of the same: then its risk is added up with every 16th only."""
        told = group.told
        if not group.is_incident or not m.alive or len(group.members) < _LARGE or len(group.members) % 16 == 0:
            return False
        known = m.detector in told.detectors and m.tactic in told.tactics | {""} and m.severity <= told.severity
        return known and m.last_ts - told.ts < self._options.suppress_h * HOUR_S

    def _opens(self, members: Sequence[Member], risk: Risk) -> str:
        o = self._options
        for m in members:
            if m.severity >= CRITICAL and m.assessment.p_true >= o.confident_p_true and self._risks.counts(m):
                return f"critical finding: {m.title}"
        if len(risk.tactics) >= o.tactics:
            return f"{len(risk.tactics)} tactics: {', '.join(risk.tactics)}"
        if risk.value > o.risk_threshold:
            return f"risk above {o.risk_threshold:g}"
        agreeing: dict[Name, set[str]] = {}
        for m in members:
            if m.alive and not m.suppressed:
                agreeing.setdefault(m.subject, set()).add(m.detector)
        most = max(map(len, agreeing.values()), default=0)
        return f"{most} detectors agree" if most >= o.detectors else ""

    def _hints(self, members: Sequence[Member], risk: Risk) -> str:
        """Why what does not open by itself is told nevertheless."""
        bar = self.pace.bar(risk.at)
        if risk.value > bar:
            return f"risk above {bar:.0f}, as there is time for it"
        if bar < min(self._risks.of_silent(members, risk.at), self._options.risk_threshold):
            return "a hint of a kind that hardly ever comes, as there is time for it"
        return ""

    def _escalates(self, group: Group, members: Sequence[Member], risk: Risk, m: Member) -> bool:
        told = group.told
        if m.alive and not m.suppressed:
            if m.severity > told.severity or (m.tactic and m.tactic not in told.tactics and self._risks.counts(m)):
                return True
            if m.detector not in told.detectors and (
                m.severity >= _KIND_SEVERITY or sum(x.findings for x in members) >= _FLOOD
            ):
                return True
        if risk.value >= _RISK_GREW * told.risk > 0:
            return True
        return risk.at - told.ts >= self._options.suppress_h * HOUR_S

    def _tell(self, group: Group, members: Sequence[Member], risk: Risk) -> None:
        alive = [m for m in members if m.alive]
        group.news = True
        group.told = Told(
            risk.at,
            risk.value,
            max(m.severity for m in alive),
            {m.tactic for m in alive if m.tactic} | group.told.tactics,
            {m.detector for m in alive} | group.told.detectors,
        )

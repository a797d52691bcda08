"""When two alerts belong together: rules over names and times that do not ask which of them came first to us."""

from collections.abc import Callable

from pipeline.incidents.asset import Asset
from pipeline.incidents.member import Member
from pipeline.incidents.names import MACHINES, Name
from pipeline.incidents.options import HOUR_S, IncidentOptions
from pipeline.incidents.tactics import FRAUD, PRIVACY
from pipeline.incidents.view import View

# Classes of machines that serve everybody: reached from everywhere, they join nobody.
_SERVING = frozenset(("server", "clinical_server", "pacs", "network"))
_STRONG = 3
"""Severity from which a finding is worth following to another machine; hints are about their own subject only."""
_OUTWARD = frozenset(("Initial Access", "Execution", "Command and Control", "Exfiltration"))
"""What one does with a place outside that somebody else may do with it too for the same reason."""
_TAKES_OVER = frozenset(
    ("Initial Access", "Execution", "Persistence", "Privilege Escalation", "Credential Access", "Lateral Movement")
)
"""What may turn the machine that it reached into the next one that acts. Looking at it (a scan) does not."""
_RECORDS = frozenset((PRIVACY, FRAUD))
_WAVE_S = 600.0
"""What befalls neighbours for one reason (a switch that fails, a worm) does so within minutes."""
Wave = tuple[str, str, int]
"""Detector, network, which ten minutes."""


def waves_of(m: Member) -> tuple[Wave, ...]:
    """The stretches of ten minutes before, at and after an alert began; none for what is not about an address."""
    kind, value = m.subject
    if kind != "ip" or m.severity < _STRONG:
        return ()
    network, at = value.rpartition(":" if ":" in value else ".")[0], int(m.first_ts // _WAVE_S)
    return tuple((m.detector, network, at + step) for step in (-1, 0, 1))


class Rules:
    """Two alerts are joined when they

    - are about the same name, or act with the same network card (`gap_h`),
    - are about two names of one actor (`link_h`; a person's reading of records and what the machine does, closer),
    - one took over what the other is about, soon before (`lateral_h`),
    - both met the same rare place outside (`shared_h`),
    - are of one detector about neighbours in a network, minutes apart.
    """

    def __init__(self, options: IncidentOptions, assets: Callable[[str, str], Asset | None]) -> None:
        self._options = options
        self._assets = assets

    def joined(self, a: Member, one: View, b: Member, other: View) -> bool:
        """The same for (b, a)."""
        o = self._options
        if a.alive and b.alive and (one.crowds or other.crowds):
            together = a.detector == b.detector and not one.crowds.isdisjoint(other.crowds)
            return together and a.apart_s(b) <= o.shared_h * HOUR_S
        if a.subject == b.subject:
            return a.apart_s(b) <= o.gap_h * HOUR_S
        if not (a.alive and b.alive):
            return False
        if self._one_actor(a, one, b, other):
            return True
        if min(a.severity, b.severity) < _STRONG:
            return False
        if self._led_to(a, one, b, other) or self._led_to(b, other, a, one) or self._met(a, one, b, other):
            return True
        return abs(a.first_ts - b.first_ts) <= _WAVE_S and not set(waves_of(a)).isdisjoint(waves_of(b)[1:2])

    def _one_actor(self, a: Member, one: View, b: Member, other: View) -> bool:
        o = self._options
        apart = a.apart_s(b)
        if apart <= o.gap_h * HOUR_S and not one.cards.isdisjoint(other.cards):
            return True
        if apart > o.link_h * HOUR_S or not (self._is_name_of(a, one, b) or self._is_name_of(b, other, a)):
            return False
        if (a.tactic in _RECORDS) == (b.tactic in _RECORDS):
            return True
        # Who sat at a machine that does something, and looked at a chart that day, has mostly nothing to do with it.
        machine = b if a.tactic in _RECORDS else a
        near = apart <= o.records_h * HOUR_S and machine.tactic in _TAKES_OVER | _OUTWARD
        return near and a.clear and b.clear and min(a.severity, b.severity) >= _STRONG

    def _is_name_of(self, a: Member, one: View, b: Member) -> bool:
        """Whether b is about another name of whom a is about."""
        if b.subject[0] in MACHINES and a.subject[0] == "user" and self.serves(b.subject):
            return False
        return b.subject in one.actor

    def serves(self, name: Name) -> bool:
        """Whether the inventory says that a machine serves everybody."""
        asset = self._assets(*name)
        return asset is not None and asset.device_class in _SERVING

    def _led_to(self, a: Member, one: View, b: Member, other: View) -> bool:
        """Whether what a found led to what b is about: b began while it went on, or soon after."""
        o = self._options
        if a.tactic not in _TAKES_OVER or not a.clear:
            return False
        if not a.first_ts - _WAVE_S <= b.first_ts <= a.last_ts + o.lateral_h * HOUR_S:
            return False
        came = 0 < len(b.names.origins) <= o.reached_by and not one.alias.isdisjoint(b.names.origins)
        return came or not other.alias.isdisjoint(one.leads)

    def _met(self, a: Member, one: View, b: Member, other: View) -> bool:
        """Whether both met a place outside that few meet."""
        if a.tactic not in _OUTWARD or b.tactic not in _OUTWARD:
            return False
        return a.apart_s(b) <= self._options.shared_h * HOUR_S and not one.outside.isdisjoint(other.outside)

"""What incidents are made by: windows, limits and the points at which one is told."""

from dataclasses import dataclass

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class IncidentOptions:
    """Windows in hours of event time. Defaults are for one hospital whose analysts work by day."""

    half_life_h: float = 24.0
    """Of risk: what was found yesterday weighs half."""
    risk_threshold: float = 33.0
    """A group is told from this risk on (0..100): one precise finding of medium severity, or several weak ones."""
    risk_floor: float = 18.0
    """… or from between this one and that one on, the lower the fewer incidents there were within a day: one finding of
    medium severity that is only just one comes to 18.8, and is worth a look where there is little else to look at."""
    a_day: int = 10
    """Incidents that people have time for in a day: with so many it takes the whole threshold. Where more than these
    reach that by themselves the day is no quiet one, hints are likelier real than on others, and none waits."""
    tactics: int = 3
    """… or with so many ATT&CK tactics, each with a finding that is more likely real than `tactic_p_true`."""
    tactic_p_true: float = 0.2
    detectors: int = 3
    """… or when so many detectors found something about one name, hints too: that all of them err on the same one at
    the same time is unlikely."""
    confident_p_true: float = 0.4
    """A critical finding that is at least so likely real is told by itself."""
    gap_h: float = 24.0
    """Findings about one name further apart than this are two incidents: an intruder who comes back the next day is
    the same, who comes back next week is looked at anew."""
    link_h: float = 8.0
    """Two names are one actor for so long around the moment that shows it: a shift."""
    records_h: float = 2.0
    """What a person reads and what their machine does belong together only this close: there somebody else reads."""
    lateral_h: float = 12.0
    """What was reached, and is found doing something itself within this time, belongs to the same incident."""
    shared_h: float = 24.0
    """Two who reach the same rare place outside within this time belong together."""
    suppress_h: float = 24.0
    """An incident that was told is told again after this time of quiet, or when it escalates."""
    users_a_machine: int = 3
    """Above this many people a day a machine is a shared place, and no other name of one of them."""
    machines_a_user: int = 4
    addresses_a_machine: int = 2
    reached_by: int = 3
    """What more subjects than these reach in a day (a domain controller, a proxy, a mail gateway) joins nobody."""
    reaches: int = 16
    """Who reaches more than these of one kind (a scan) is not joined with each of them."""
    shared_by: int = 5
    """An outside place that more subjects have in common is a service, not a meeting point."""
    keep_h: float = 7 * 24.0
    """A group nothing was added to for so long is forgotten; its last document stays in the table."""
    max_members: int = 10_000
    """Alerts remembered; above it the groups that were quiet longest go first."""
    max_group: int = 2_000
    """Alerts an incident joins; what is beyond stands in one of its own."""
    bundle: int = 32
    """Alerts of one detector about one name on one day that are remembered singly; more are counted with the last."""
    max_counts: int = 200_000
    """Counts of bundled alerts that are remembered, so that each is counted once; the oldest are final above it."""
    max_links: int = 50_000
    """Pairs of names remembered, the oldest go first."""

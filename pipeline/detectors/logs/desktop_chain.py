"""Somebody goes on and on: from each machine that was reached by remote desktop to the next, under one account."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of
from pipeline.detectors.logs.logons import AT_THE_DESK, logons
from pipeline.detectors.logs.onward_desktops import OnwardDesktops, machine_names
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import filled
from schemas.finding import Feature

PAIRS, USERS = 8192, 1024  # per key group
SHIFT_S, RING = 12 * 3600.0, 16
SHARED = 6.0  # users a month that make a machine a common one, as in logs.new_host_for_user: terminal servers
REMOTE_DESKTOP = 10.0  # logon type of Windows (RemoteInteractive)
# People have a desk and one at home, administrators a jump host as well: whence they come is known to the account.
WARM_UP_S, DAY_S = 3 * 3600.0, 86_400.0
ONE_VISIT_S = 120.0
"""The password is checked over the network (type 3) before the desktop opens (type 10), from the same address."""


class DesktopChain(Detector):
    """Links of a chain: addresses from which an account logs on by remote desktop and never logged on before, and
    machines to which it does that are new to it and that few use, within half a day.

    The lesser of the two numbers counts: one who administers goes to many machines from few, one who works from home
    to one machine from many. Who goes on, as the names in the log show, from a machine that was reached so from a new
    address gets one link more, if the account has been known for a day: by then it is known where its owner sits, and
    administrators go over a machine in between, too. Nothing is told in the first hours of watching.
    """

    id = "logs.desktop_chain"
    title = "Remote desktop from machine to machine"
    severity = 3
    attacks = ("T1021.001", "T1078")
    source = "accounts"
    entity = ("user", "host")
    entity_type = "user"
    inputs = ("user", "host", "src_ip", "src_host", "action", "outcome", "logon_type", "host_users")
    cost = "O(32) a logon by remote desktop, O(1) others; 40 bytes a pair, 290 bytes a user: 9.2 MB in all"
    reference = "ATT&CK T1021.001; Kent, Comprehensive Multi-Source Cyber-Security Events, 2015"
    misses = (
        "Chains of fewer than `links` links (one less where the log names the machines that log-ons came from), under "
        "several accounts or over more than half a day, by other protocols (network.lateral_movement), and machines "
        "that do not send their log."
    )
    defaults = {"links": 3.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._sources, self._hosts = Sightings(setup.groups, PAIRS), Sightings(setup.groups, PAIRS)
        self._from, self._to = (WindowedDistinct(setup.groups, USERS, SHIFT_S, RING) for _ in range(2))
        self._watched = Sightings(setup.groups, 1)
        self._users = Sightings(setup.groups, USERS)
        self._onward = OnwardDesktops(setup.groups, SHIFT_S)
        self._parts: dict[str, Stateful] = {
            "sources": self._sources, "hosts": self._hosts, "from": self._from, "to": self._to,
            "watched": self._watched, "users": self._users, "onward": self._onward,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("sources", "machines", "onward")}
        rows = logons(batch)
        if len(rows):
            ts, groups, user = batch.ts[rows], batch.groups[rows], batch.key_hash[rows]
            source, host, none = batch.hash("src_ip")[rows], batch.hash("host")[rows], np.uint64(0)
            watched_s, _, _ = self._watched.note(np.ones_like(user), ts, groups)
            remote = (batch.number("logon_type")[rows] == REMOTE_DESKTOP) & (source != 0)
            known_s, _, _ = self._users.note(user, ts, groups)
            came_s, _, _ = self._sources.note(combine_many(user, source), ts, groups)
            worked = remote | np.isin(batch.number("logon_type")[rows], AT_THE_DESK)
            been_s, _, _ = self._hosts.note(np.where(worked, combine_many(user, host), none), ts, groups)
            few = ~(batch.number("host_users")[rows] >= SHARED)
            remote &= watched_s >= WARM_UP_S
            away, on = remote & (came_s < ONE_VISIT_S), remote & few & (been_s < ONE_VISIT_S)
            asking = np.where(remote, user, none)
            sources = filled(self._from.add(asking, np.where(away, source, none), ts, groups))
            machines = filled(self._to.add(asking, np.where(on, host, none), ts, groups))
            onward = on & self._came_on(batch, rows, away & few) & (known_s >= DAY_S)
            links = np.minimum(sources, machines) + onward
            values[rows] = np.where(away | on, links / (links + float(self.option["links"])), 0.0)
            for name, column in (("sources", sources), ("machines", machines), ("onward", onward)):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _came_on(self, batch: Batch, rows: np.ndarray, link: np.ndarray) -> np.ndarray:
        """bool[m]: logged on from a machine that the account had reached by a link."""
        client, host = (machine_names(batch.data, *(c[rows] for c in batch.spans(f))) for f in ("src_host", "host"))
        source = batch.hash("src_ip")[rows]
        when = batch.ts[rows], batch.groups[rows]
        return self._onward.note(batch.key_hash[rows], source, client, host, link, *when)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        sources, machines = (int(scores.evidence[name][row]) for name in ("sources", "machines"))
        message = (
            f"{named(batch, row, 'user')} opened remote desktops on {count_of(machines, 'machine')} new to the account "
            f"within half a day, now {named(batch, row, 'host')}, from {count_of(sources, 'address', 'addresses')} "
            "where it never was, as somebody does who goes from machine to machine."
        )
        onward = int(scores.evidence["onward"][row])
        if onward:
            message += " It came from one of those machines."
        few = int(self.option["links"]) - 1 - onward
        features = [
            Feature(name="new_addresses_it_came_from", value=sources, usual_low=0, usual_high=few),
            Feature(name="new_machines_it_went_to", value=machines, usual_low=0, usual_high=few),
            Feature(name="came_from_such_a_machine", value=onward),
        ]
        return Explanation(
            message, f"At most {few} new addresses, or as many new machines, within half a day.", features
        )

    @classmethod
    def examples(cls) -> Sequence[Example]:
        logon: dict[str, Any] = {"kind": "auth", "action": "logon", "outcome": "success", "user": "clerk3",
                                 "account": "clerk3", "host_users": 1}  # fmt: skip
        usual = [logon | {"ts": 1e6 + 900.0 * k, "host": "srv-file1", "src_ip": "10.0.1.5", "logon_type": 3,
                          "host_users": 16} for k in range(20)]  # fmt: skip
        desktop = logon | {"logon_type": 10}
        at = [1e6 + 20_000.0 + 2000.0 * k for k in range(6)]
        chain = [desktop | {"ts": t, "host": f"ws-{k}", "src_ip": f"10.0.1.{4 + k}"} for k, t in enumerate(at)]
        administrator = [c | {"src_ip": f"10.0.1.{5 + k % 3}"} for k, c in enumerate(chain)]
        return (
            Example("from desk to desk to desk", [*usual, *chain], True),
            Example("an administrator, from an own desk and two others", [*usual, *administrator], False),
            Example("one machine from ever other addresses", [*usual, *(c | {"host": "ws-1"} for c in chain)], False),
            Example("a terminal server", [*usual, *(c | {"host_users": 16} for c in chain)], False),
            Example("log-ons over the network", [*usual, *(c | {"logon_type": 3} for c in chain)], False),
        )

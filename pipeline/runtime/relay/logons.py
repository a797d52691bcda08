"""Which log-ons hosts' key groups give on to the accounts', and what only the host's key group knows of them."""

import numpy as np

from pipeline.detectors.logs.logons import BY_ITSELF, people
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.engine.engine import Outcome
from pipeline.features.addresses import EXTERNAL, address_blocks, address_kinds
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.recent_ids import RecentIds
from pipeline.features.state_parts import InParts, Stateful

USES = ("logon", "ticket", "privilege_use", "session_opened", "explicit_logon")
CHANGES = ("account_created", "account_deleted")
"""Changes of an account that its own key group wants to know."""
REMEMBERED = 8192
"""Log-ons of a key group that a repetition is known by."""
AGAIN_S = 300.0
"""Of the same log-on one in so much time is enough: who keeps a share open logs on to it all day."""
HOSTS, NETWORKS, MAKERS = 1024, 1024, 256  # per key group
MOST_USERS, MOST_OF_NETWORK = 16, 8
MONTH_S = 30 * 86_400.0


class GivenLogons(InParts):
    """Repetitions, users of hosts and of networks outside, and who makes accounts. 1.2 MB a key group."""

    def __init__(self, groups: int) -> None:
        self._recent = RecentIds(REMEMBERED, groups)
        self._of_host = WindowedDistinct(groups, HOSTS, MONTH_S, MOST_USERS)
        self._of_network = WindowedDistinct(groups, NETWORKS, MONTH_S, MOST_OF_NETWORK)
        self._makers = Sightings(groups, MAKERS)
        self._parts: dict[str, Stateful] = {
            "recent": self._recent, "of_host": self._of_host, "of_network": self._of_network, "makers": self._makers,
        }  # fmt: skip

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """JSON fields of the rows that are given on, by row."""
        batch = outcome.batch
        rows = self._new(batch, _wanted(batch))
        if not len(rows):
            return {}
        ts, groups = batch.ts[rows], batch.groups[rows]
        user, host = batch.hash("user")[rows], batch.key_hash[rows] | np.uint64(1)
        came = batch.equals("action", "logon")[rows] & batch.equals("outcome", "success")[rows]
        nobody = np.uint64(0)
        users = self._of_host.add(host, np.where(came, user, nobody), ts, groups)
        start, length = batch.spans("src_ip")
        start, length = start[rows], length[rows]
        outside = came & (address_kinds(batch.data, start, length) == EXTERNAL)
        block = np.where(outside, address_blocks(batch.data, start, length) | np.uint64(1), nobody)
        of_network = self._of_network.add(block, user, ts, groups)
        made = batch.equals("action", "account_created")[rows]
        since, _, before = self._makers.note(np.where(made, user | np.uint64(1), nobody), ts, groups)
        found = {}
        columns = (rows, users, outside, of_network, made, since, before)
        for row, n, away, others, new, age, count in zip(*(c.tolist() for c in columns), strict=True):
            fields = f',"host_users":{n:.0f}'
            if away:
                fields += f',"network_users":{others:.0f}'
            if new:
                fields += f',"maker_s":{min(age, 1e9):.0f},"maker_made":{count:.0f}'
            found[row] = fields.encode()
        return found

    def _new(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """int64: those of `rows` that do not repeat one of a moment ago."""
        if not len(rows):
            return rows
        key = batch.key_hash[rows] | np.uint64(1)
        for name in ("user", "target_user", "src_ip", "src_host", "action", "outcome", "method", "event_code"):
            key = combine_many(key, batch.hash(name)[rows] | np.uint64(1))
        sort = np.nan_to_num(batch.number("logon_type")[rows], nan=256.0).astype(np.uint64)
        times = np.floor(batch.ts[rows] / AGAIN_S)
        return rows[~self._recent.copies(combine_many(key, sort + np.uint64(1)), times, batch.groups[rows])]


def _wanted(batch: Batch) -> np.ndarray:
    """int64: log-ons of people, refused ones, too, uses of their rights, and accounts made and deleted."""
    wanted = batch.kind("auth")
    if not wanted.any():
        return np.zeros(0, np.int64)
    failed = batch.equals("outcome", "failure")
    uses = batch.is_in("action", USES) & people(batch) & (~failed | batch.equals("action", "logon"))
    uses &= ~np.isin(batch.number("logon_type"), BY_ITSELF)
    changes = batch.is_in("action", CHANGES) & people(batch, "target_user") & ~failed
    return np.flatnonzero(wanted & (uses | changes))

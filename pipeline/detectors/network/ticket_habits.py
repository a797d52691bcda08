"""What tickets a house asks for: which services, and in which cipher each, so that old habits are no sign."""

import numpy as np

from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.features.hashing import combine_many
from pipeline.features.state_parts import InParts

PAIRS, SHARES, CLIENTS = 8192, 8192, 2048  # per key group
DAY_S = 86_400.0
MONTH_S = 30 * DAY_S
WEAK, STRONG = np.uint64(1), np.uint64(2)
MACHINES, ACCOUNTS = np.uint64(3), np.uint64(4)
# What is believed before anything is known, in tickets: one in four service accounts has an old key; that a service
# was not asked for yet says nothing while little was asked for at all; a service does as its house, until others ask.
BELIEF, OLD, AS_HOUSE = 5.0, 0.25, 2.0


class TicketHabits(InParts):
    """By the tickets of the others: how likely one for a service is weak, how often a new one is for a service that
    nobody had asked for.

    A client counts once for a service and cipher, and for all machines together. The keys of the domain and of its
    machines, which no client chooses, tell what service accounts can have at best. O(12) a ticket; 40 bytes a client
    and service, 120 bytes a service or client and cipher; 2 MB a key group.
    """

    def __init__(self, groups: int) -> None:
        self._pairs = Sightings(groups, PAIRS)
        self._shares = WindowedSum(groups, SHARES, MONTH_S)
        self._news = WindowedSum(groups, CLIENTS, DAY_S)
        self._parts = {"pairs": self._pairs, "shares": self._shares, "news": self._news}

    def note(
        self, src: np.ndarray, target: np.ndarray, account: np.ndarray, weak: np.ndarray, told: np.ndarray,
        ts: np.ndarray, groups: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
        """(new: this client never had such a ticket, bool; unseen: nor had anybody, bool; weakness: probability that
        others' tickets for it are weak; news: that others' new tickets are for services unseen), [m] each.

        src, target uint64[m]; account: the service runs under an account of its own, weak, told: its cipher, bool[m].
        """
        mark = np.where(weak, WEAK, STRONG)
        item = np.where(account, target, MACHINES)
        _, _, before = self._pairs.note(combine_many(combine_many(src, item), mark), ts, groups)
        new = before == 0
        share = np.zeros(len(src))
        for sort, of_sort, old, belief in ((ACCOUNTS, account, OLD * BELIEF, BELIEF), (MACHINES, ~account, 0.0, 1.0)):
            house = np.full_like(src, sort)
            counts = []
            for m in (WEAK, STRONG):
                which = new & of_sort & told & (weak == (m == WEAK))
                count = self._count(house, m, which, ts, groups)
                if sort == ACCOUNTS:
                    count = np.maximum(count - self._count(combine_many(src, house), m, which, ts, groups), 0.0)
                counts.append(count)
            share = np.maximum(share, (old + counts[0]) / (belief + counts[0] + counts[1]))
        asked = np.where(account, target, np.uint64(0))
        teaches = new & account
        in_weak, in_strong = (
            np.nan_to_num(self._count(asked, m, teaches & (weak == (m == WEAK)), ts, groups))
            - (teaches & (weak == (m == WEAK)))
            for m in (WEAK, STRONG)
        )
        unseen = teaches & (in_weak + in_strong < 1.0)
        weakness = (AS_HOUSE * share + in_weak) / (AS_HOUSE + in_weak + in_strong)
        tried, fresh = (
            self._news.add(np.full_like(src, m), w, ts, groups)
            - self._news.add(combine_many(src, np.full_like(src, m)), w, ts, groups)
            for m, w in ((WEAK, teaches.astype(np.float64)), (STRONG, unseen.astype(np.float64)))
        )
        news = (BELIEF + np.maximum(fresh, 0.0)) / (BELIEF + np.maximum(tried, 0.0))
        return teaches, unseen, weakness, news

    def _count(
        self, key: np.ndarray, mark: np.uint64, which: np.ndarray, ts: np.ndarray, groups: np.ndarray
    ) -> np.ndarray:
        """float64[m]: tickets of a key in a cipher, the row included where it is one of `which`."""
        return self._shares.add(combine_many(key, np.full_like(key, mark)), which.astype(np.float64), ts, groups)

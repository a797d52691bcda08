"""Which names belong to one actor, as events show it: who sat at which host, which address a host had.

Incidents join what was found under different names by these. A pair is told once a day as long as it is among the last
few thousand of its key group, so that what is told stays far below one in a thousand events.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.errors import CheckpointError
from pipeline.features.batch import Batch
from pipeline.features.documents import Documents
from pipeline.features.hashing import combine_many
from pipeline.features.recent_ids import RecentIds
from schemas.note import LinkNote

DAY_S = 86_400.0
PAIRS = 16_384
"""Pairs that a key group remembers, 128 KiB and an index of 512: those of a house of 20,000 in a day, two or three for
each. With fewer than there are, all of them would be told again and again."""
MAX_NAME = 256
# Names that stand for nobody: accounts of the system itself, and addresses of the machine that wrote the line.
_NOBODY = frozenset(
    (
        "-", "127.0.0.1", "::1", "::", "localhost", "system", "local service", "network service",
        "anonymous logon", "anonymous", "unknown", "n/a",
    )
)  # fmt: skip
# Windows: at the console, unlocked, remote desktop, cached. Over the network (3) an account comes to a server, which
# makes them no more one actor than a browser and a web site.
_PRESENT = (2.0, 7.0, 10.0, 11.0)

Rows = Callable[[Batch], np.ndarray]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A relation that some events of a source show."""

    shows: Rows
    """bool[n]"""
    first: tuple[str, str]
    """(type, field)"""
    second: tuple[str, str]
    via: str


def _logon(batch: Batch) -> np.ndarray:
    return batch.kind("auth") & batch.equals("action", "logon") & batch.equals("outcome", "success")


def _at_the_desk(batch: Batch) -> np.ndarray:
    return _logon(batch) & np.isin(batch.number("logon_type"), _PRESENT)


def _ticket(batch: Batch) -> np.ndarray:
    return batch.kind("auth") & batch.equals("request_type", "AS") & batch.equals("outcome", "success")


def _lease(batch: Batch) -> np.ndarray:
    return batch.kind("dhcp")


def _all(batch: Batch) -> np.ndarray:
    return np.ones(batch.n, np.bool_)


_PAIRS: Mapping[str, tuple[_Pair, ...]] = {
    "logs": (
        _Pair(_at_the_desk, ("user", "user"), ("host", "host"), "logon"),
        _Pair(_logon, ("host", "src_host"), ("ip", "src_ip"), "address"),
        _Pair(_logon, ("user", "user"), ("host", "src_host"), "logon"),
    ),
    "network": (
        _Pair(_ticket, ("user", "user"), ("ip", "src_ip"), "logon"),
        _Pair(_lease, ("mac", "src_mac"), ("ip", "assigned_ip"), "lease"),
        _Pair(_lease, ("host", "hostname"), ("ip", "assigned_ip"), "lease"),
    ),
    "ehr": (
        _Pair(_all, ("user", "user"), ("host", "workstation"), "record access"),
        _Pair(_all, ("host", "workstation"), ("ip", "src_ip"), "address"),
    ),
    "devices": (_Pair(_all, ("mac", "mac"), ("ip", "ip"), "inventory"),),
}


class Links:
    """Pairs of every key group of one source. About 0.1 µs an event; state 128 KiB a key group."""

    def __init__(self, source: str, groups: int) -> None:
        self._pairs = _PAIRS.get(source, ())
        self._seen = RecentIds(PAIRS, groups) if self._pairs else None

    def take(self, batch: Batch) -> list[LinkNote]:
        """Pairs that this batch shows and that were not told today."""
        if self._seen is None or not batch.n:
            return []
        told = []
        for number, pair in enumerate(self._pairs):
            shown = pair.shows(batch)
            if shown.any():
                told += self._new(batch, number, pair, shown)
        return told

    def _new(self, batch: Batch, number: int, pair: _Pair, shown: np.ndarray) -> list[LinkNote]:
        assert self._seen is not None  # noqa: S101  (asked for only where there are pairs)
        first, second = batch.hash(pair.first[1]), batch.hash(pair.second[1])
        rows = np.flatnonzero(shown & (first != 0) & (second != 0))
        if not len(rows):
            return []
        keys = combine_many(combine_many(first[rows], second[rows]), np.full(len(rows), np.uint64(number + 1)))
        days = np.floor(batch.ts[rows] / DAY_S) * DAY_S
        new = rows[~self._seen.copies(keys | np.uint64(1), days, batch.groups[rows])]
        ends = (Documents.cut(batch.data, at[new], at[new] + size[new]) for at, size in self._spans(batch, pair))
        notes = []
        for ts, one, other in zip(batch.ts[new].tolist(), *ends, strict=True):
            first_name, second_name = one.decode(), other.decode()
            if _somebody(first_name) and _somebody(second_name):
                notes.append(
                    LinkNote(
                        ts=ts,
                        first_type=pair.first[0],
                        first=first_name[:MAX_NAME],
                        second_type=pair.second[0],
                        second=second_name[:MAX_NAME],
                        via=pair.via,
                    )
                )
        return notes

    @staticmethod
    def _spans(batch: Batch, pair: _Pair) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return (batch.spans(name) for name in (pair.first[1], pair.second[1]))

    def state(self, group: int) -> dict[str, np.ndarray]:
        """One key group's pairs; empty for a source that shows none."""
        return {} if self._seen is None else self._seen.state(group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back one key group; an empty state forgets it. So does one of another size: pairs are told once more."""
        if self._seen is None:
            return
        try:
            self._seen.load(group, state)
        except CheckpointError:
            self._seen.load(group, {})


def _somebody(name: str) -> bool:
    # Accounts of machines end with a dollar sign: not a person at a host, but the host.
    return bool(name) and name.lower() not in _NOBODY and not name.startswith("0.0.0.") and not name.endswith("$")

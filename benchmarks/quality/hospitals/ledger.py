"""Takes the rows a scan writes and keeps what the benchmark asks of them: why each chart was opened."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.quality.hospitals.peers import Peer
from pipeline.simulator import Emitted

_SUFFIX = 32  # an event id of the simulator has so many digits; what stands behind marks a withdrawal


class Ledger:
    """Stands in for the database. A row of `charts` replaces the one before at the same offset, as in the table."""

    def __init__(self, tags: Mapping[str, str], peers: Sequence[Peer] = ()) -> None:
        """`tags`: event id → story or oddity, filled before the event is scored. `peers` see judged accesses."""
        self._tags, self._peers = tags, peers
        self._offsets: list[np.ndarray] = []
        self._times: list[np.ndarray] = []
        self._reasons: list[np.ndarray] = []
        self._about: list[np.ndarray] = []
        self._names: dict[str, int] = {}
        self._roles: dict[int, str] = {}

    def insert(self, table: str, rows: pa.Table, _token: str | None = None) -> None:
        """Rows of any table."""
        if table != "scored_events" or "reason" not in rows.column_names:
            return
        access = pc.equal(rows["kind"], "access")
        self._judged(rows.filter(pc.and_(access, pc.equal(rows["source"], "judged"))))
        charts = rows.filter(pc.and_(access, pc.equal(rows["source"], "charts")))
        reasons = charts["reason"].to_pylist()
        codes = np.array([self._names.setdefault(r or "none", len(self._names)) for r in reasons], np.int16)
        offsets = charts["offset"].to_numpy()
        tags = [self._tags.get(e[:_SUFFIX], "") for e in charts["event_id"].to_pylist()]
        self._offsets.append(offsets)
        self._times.append(charts["ts"].cast(pa.int64()).to_numpy() / 1e6)
        self._reasons.append(codes)
        self._about.append(np.array([0 if not t else 1 if t.startswith("benign:") else 2 for t in tags], np.int8))
        for row in np.flatnonzero([r == "none" for r in reasons]).tolist():
            self._roles[int(offsets[row])] = orjson.loads(charts["raw"][row].as_py()).get("role", "")

    def reasons(self, from_ts: float) -> Counter[str]:
        """Benign accesses from a time on, by reason."""
        return self._count(from_ts)[0]

    def unexplained_roles(self, from_ts: float) -> Counter[str]:
        """Benign accesses without reason, by role."""
        return self._count(from_ts)[1]

    def _count(self, from_ts: float) -> tuple[Counter[str], Counter[str]]:
        if not self._offsets:
            return Counter(), Counter()
        offsets, times, codes, about = (
            np.concatenate(x) for x in (self._offsets, self._times, self._reasons, self._about)
        )
        # The last row of an offset counts.
        last = len(offsets) - 1 - np.unique(offsets[::-1], return_index=True)[1]
        last = last[(times[last] >= from_ts) & (about[last] != 2)]
        names = list(self._names)
        counted = Counter({names[k]: int(n) for k, n in enumerate(np.bincount(codes[last], minlength=len(names)))})
        none = self._names.get("none", -1)
        roles = Counter(self._roles.get(int(o), "") for o in offsets[last[codes[last] == none]])
        return counted, roles

    def _judged(self, rows: pa.Table) -> None:
        if not self._peers:
            return
        for raw, user in zip(rows["raw"].to_pylist(), rows["user"].to_pylist(), strict=True):
            event = Emitted("judged", orjson.loads(raw)["ts"], user or "", raw.encode(), None)
            for peer in self._peers:
                peer.see(event)

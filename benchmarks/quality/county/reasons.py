"""Takes the rows of a scan and keeps why each chart was opened, apart for pages of stories."""

from collections import Counter
from collections.abc import Container

import orjson
import pyarrow as pa
import pyarrow.compute as pc

Truth = Container[tuple[str, str, int]]
"""(account, patient, second) of the pages of stories."""


class Reasons:
    """Stands in for the database. A row of `charts` replaces the one before at the same offset, as in the table."""

    def __init__(self, curious: Truth) -> None:
        self._curious = curious
        self._rows: dict[int, tuple[float, str, str]] = {}

    def insert(self, table: str, rows: pa.Table, _token: str | None = None) -> None:
        """Rows of any table."""
        if table != "scored_events" or "reason" not in rows.column_names:
            return
        charts = rows.filter(pc.and_(pc.equal(rows["kind"], "access"), pc.equal(rows["source"], "charts")))
        times = charts["ts"].cast(pa.int64()).to_numpy() / 1e6
        for ts, offset, reason, raw in zip(
            times.tolist(),
            charts["offset"].to_pylist(),
            charts["reason"].to_pylist(),
            charts["raw"].to_pylist(),
            strict=True,
        ):
            event = orjson.loads(raw)
            if (event.get("user", "").upper(), event.get("patient", ""), round(ts)) not in self._curious:
                who = f"{event.get('role', '?')}, {event.get('department', '?')}"
                self._rows[offset] = (ts, reason or "none", who)

    def honest(self, from_ts: float) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """From a time on, of pages that are no story's: (by reason, without one by who opens, all by who opens)."""
        rows = [row for row in self._rows.values() if row[0] >= from_ts]
        none = Counter(who for _, reason, who in rows if reason == "none")
        return Counter(reason for _, reason, _ in rows), none, Counter(who for _, _, who in rows)

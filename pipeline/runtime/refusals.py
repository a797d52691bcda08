"""Rows that ClickHouse will never take: found by halving, so that they hold up neither their block nor their partition.

An outage is something else and is waited out: only errors about the data themselves count, and only while other rows of
their table are taken. A table that refuses everything has another fault (a constraint gone wrong, a column of another
type), which somebody has to repair while the rows wait.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from pipeline.errors import SinkError

# ClickHouse's numbers: cannot parse (6, 26, 27, 38, 41, 72), cannot read all data (33), type mismatch (53), out of
# bounds (69, 321), cannot convert (70), incorrect data (117), too large an array or string (128, 131), null where none
# may be (349), decimal overflow (407), violated constraint (469).
DATA_FAULTS = frozenset({6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 128, 131, 321, 349, 407, 469})
MOST = 20
"""So many refused rows in a row are no fault of the rows."""
_CODE = re.compile(r"\bcode:? (\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that ClickHouse refuses."""

    row: pa.Table
    """One row."""
    code: int
    """ClickHouse's number; its text may quote the row."""


def fault_code(error: SinkError) -> int | None:
    """ClickHouse's number when it is about the data, else None."""
    found = _CODE.search(str(error.__cause__ or error))
    code = int(found[1]) if found else 0
    return code if code in DATA_FAULTS else None


class Refusals:
    """Inserts around the rows that are refused, and tells when a table refuses everything."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()

    def insert(self, table: str, rows: pa.Table, token: str, insert: Callable[[pa.Table, str], None]) -> list[Refused]:
        """Insert rows with a token that makes repeating harmless; those that are refused are given back.

        Parts have tokens made from the whole's, so that trying again after an outage in the middle is harmless too.
        Raises SinkError for everything that is no fault of single rows.
        """
        refused: list[Refused] = []
        parts = [(0, rows.num_rows)]
        while parts:
            first, last = parts.pop()
            whole = last - first == rows.num_rows
            try:
                insert(rows.slice(first, last - first), token if whole else f"{token}-{first}-{last}")
            except SinkError as error:
                code = fault_code(error)
                if code is None:
                    raise
                if last - first > 1:
                    half = (first + last) // 2
                    parts += [(half, last), (first, half)]
                    continue
                self._count(table, code)
                refused.append(Refused(rows.slice(first, 1), code))
            else:
                self._in_a_row[table] = 0
        return refused

    def _count(self, table: str, code: int) -> None:
        self._in_a_row[table] += 1
        if self._in_a_row[table] > MOST:
            self._in_a_row[table] = MOST  # the first that is taken shows that it is repaired
            raise SinkError(f"ClickHouse refuses every row for {table} (code {code}): repair the table, rows wait")

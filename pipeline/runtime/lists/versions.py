"""Which content of each of the user's lists was loaded when: rows of the table `list_versions`."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from pipeline.features.lists import Lists, UserList, content_version

INVENTORY = "inventory"


@dataclass(frozen=True, slots=True)
class LoadedList:
    """A list as it is in use now."""

    name: str
    version: str
    rows: int


def loaded(lists: Lists, name: str) -> LoadedList:
    """How one list, or the inventory, stands."""
    if name != INVENTORY:
        return LoadedList(name, lists[name].version, len(lists[name].distinct))
    devices = UserList({key: (row,) for key, row in lists.devices.items()}).distinct
    return LoadedList(name, content_version(devices), len(devices))


def all_loaded(lists: Lists) -> list[LoadedList]:
    """Every list that says something."""
    found = [loaded(lists, name) for name in (*lists.by_name, INVENTORY)]
    return [each for each in found if each.rows]


def version_rows(found: Iterable[LoadedList], at_ts: float) -> pa.Table:
    """Rows for the table `list_versions`. `at_ts`: when they were loaded."""
    each = list(found)
    at = pa.array([round(at_ts * 1000)] * len(each), pa.int64()).cast(pa.timestamp("ms", "UTC"))
    return pa.table(
        {
            "name": pa.array([x.name for x in each], pa.string()),
            "loaded_at": at,
            "version": pa.array([x.version for x in each], pa.string()),
            "rows": pa.array([x.rows for x in each], pa.uint64()),
        }
    )

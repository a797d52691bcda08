"""Which events are logons of people: successful, of a named account that is no machine and no part of the system."""

import numba as nb
import numpy as np

from pipeline.features.batch import Batch

NOBODY = (
    "SYSTEM", "ANONYMOUS LOGON", "LOCAL SERVICE", "NETWORK SERVICE", "NT AUTHORITY\\SYSTEM", "-", "(null)", "cron",
    "DWM-1", "DWM-2", "DWM-3", "UMFD-0", "UMFD-1", "UMFD-2", "UMFD-3", "IUSR", "DefaultAppPool", "",
)  # fmt: skip
BY_ITSELF = (0.0, 4.0, 5.0)
"""Windows logon types of the start of the machine, of batch jobs and of services."""

AT_THE_DESK = (2.0, 7.0, 11.0)
"""Windows logon types at the console: first, unlocked, with cached credentials."""


def logons(batch: Batch) -> np.ndarray:
    """int64[m], rows of people's successful logons; computed once a batch."""
    rows: np.ndarray = batch.shared("logons", _logons)
    return rows


def _logons(batch: Batch) -> np.ndarray:
    wanted = batch.kind("auth")
    if not wanted.any():
        return np.zeros(0, np.int64)
    wanted &= batch.equals("action", "logon") & batch.equals("outcome", "success")
    return np.flatnonzero(wanted & people(batch) & ~np.isin(batch.number("logon_type"), BY_ITSELF))


def people(batch: Batch, field: str = "user") -> np.ndarray:
    """bool[n]: the account is named and neither a machine's nor the system's own."""
    start, length = batch.spans(field)
    return (batch.hash(field) != 0) & ~batch.is_in(field, NOBODY) & ~_ends_in_dollar(batch.data, start, length)


@nb.njit(cache=True, nogil=True)
def _ends_in_dollar(data, start, length):  # type: ignore[no-untyped-def]
    """bool[n]: the text is a Windows machine account."""
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        out[i] = length[i] > 0 and data[start[i] + length[i] - 1] == 36
    return out

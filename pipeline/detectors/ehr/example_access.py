"""Judged accesses, for the examples of detectors."""

from typing import Any

START = 1e9 - 1e9 % 86_400.0
"""A midnight."""


def judged_access(at: float, patient: str, **more: Any) -> dict[str, Any]:
    """An access `at` seconds after START by nurse n1 of Surgery, without a reason unless `more` says one."""
    access = {"kind": "access", "ts": START + at, "user": "n1", "role": "nurse", "department": "Surgery"}
    access |= {"patient": patient, "reason": "none", "strength": 0.0, "coverage": 0.95, "user_before": 0}
    known = {"department_before": 0, "unexplained_share": 0.05, "judged_ts": START + at + 4 * 3600.0}
    return access | known | more


def pages(access: dict[str, Any], count: int = 4) -> list[dict[str, Any]]:
    """The access as a look at several pages of the chart, a quarter of a minute each."""
    return [access | {"ts": access["ts"] + 15.0 * i, "user_before": i, "department_before": i} for i in range(count)]

"""Los Alamos' public records of a network's Windows machines → the events of Windows that they were made from.

"Comprehensive, Multi-Source Cyber-Security Events" (Kent 2015): rows without names of columns, `?` for what is not
known. "Unified Host and Network Data Set" (Turcotte 2018): JSON that calls things by names of its own. Both count
seconds from their start; they are taken as seconds since 1970, so that a first day is the 1st of January 1970.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.ingest.windows.logon_types import logon_type

Row = Mapping[str, Any]
LOG_HOST = "LogHost"
"""By which the JSON is known: no other form of Windows' events has it beside `EventID`."""
_REFUSED = "Fail"
_LOGON, _LOGON_REFUSED = "4624", "4625"
_ORIENTATIONS = {
    "LogOn": _LOGON, "LogOff": "4634", "TGT": "4768", "TGS": "4769", "AuthMap": "4776", "ScreenLock": "4800",
    "ScreenUnlock": "4801",
}  # fmt: skip
_ENDED = "4689"
_STARTS = {"Start": "4688", "End": _ENDED}
_DONE, _UNDONE = "0x0", "0xC000006D"
"""Statuses of Windows: done, and a log-on that failed for no reason that is told."""
_NAMES = {
    "DomainName": "TargetDomainName", "Source": "WorkstationName", "AuthenticationPackage": "AuthenticationPackageName",
    "LogonType": "LogonType", "Status": "Status", "FailureReason": "FailureReason", "ServiceName": "ServiceName",
    "ProcessName": "NewProcessName", "ProcessID": "NewProcessId", "ParentProcessName": "ParentProcessName",
    "LogonID": "TargetLogonId", "SubjectUserName": "SubjectUserName", "Destination": "TargetServerName",
}  # fmt: skip


def logon_event(cells: Row) -> dict[str, Any]:
    """The event of a row of `auth.txt`."""
    code = _ORIENTATIONS.get(cells["orientation"], "")
    failed = cells["outcome"] == _REFUSED
    user, _, domain = cells["user_to"].partition("@")
    values = {
        "TargetUserName": user, "TargetDomainName": domain, "SubjectUserName": cells["user_from"].partition("@")[0],
        "WorkstationName": cells["from"], "AuthenticationPackageName": cells["package"],
        "LogonType": logon_type(cells["type"]), "ServiceName": cells["to"] if code == "4769" else "?",
        "Status": _UNDONE if failed else _DONE,
    }  # fmt: skip
    return _event(_LOGON_REFUSED if failed and code == _LOGON else code, cells["to"], cells["time"], values)


def process_event(cells: Row) -> dict[str, Any]:
    """The event of a row of `proc.txt`."""
    code = _STARTS[cells["act"]]
    user, _, domain = cells["user"].partition("@")
    image = "ProcessName" if code == _ENDED else "NewProcessName"
    values = {"SubjectUserName": user, "SubjectDomainName": domain, image: cells["image"]}
    return _event(code, cells["host"], cells["time"], values)


def unified_event(row: Row) -> dict[str, Any]:
    """The event of a record of the JSON."""
    code = str(row.get("EventID"))
    values = {ours: str(row[theirs]) for theirs, ours in _NAMES.items() if row.get(theirs) is not None}
    if code in _STARTS.values():
        values["SubjectUserName"] = str(row.get("UserName", "?"))
    elif "UserName" in row:
        values["TargetUserName"] = str(row["UserName"])
    if code == _ENDED:
        values["ProcessName"] = values.pop("NewProcessName", "?")
        values["ProcessId"] = values.pop("NewProcessId", "?")
    return _event(code, str(row[LOG_HOST]), row.get("Time"), values)


def _event(code: str, host: str, time: Any, values: Mapping[str, str]) -> dict[str, Any]:
    known = {name: value for name, value in values.items() if value != "?"}
    return {"EventID": code, "Channel": "Security", "Computer": host, "TimeCreated": time, "EventData": known,
            "Message": ""}  # fmt: skip

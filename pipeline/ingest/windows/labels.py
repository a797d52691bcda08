"""What exports of Windows events call the parts of an event, in columns of tables and in front of lines."""

from collections.abc import Mapping
from typing import Any

NAMES: Mapping[str, tuple[str, ...]] = {
    "EventID": ("eventid", "eventcode", "id", "instanceid"),
    "TimeCreated": ("timecreated", "dateandtime", "timegenerated", "systemtime", "timewritten", "time", "timestamp"),
    "SourceName": ("providername", "provider", "sourcename", "eventsourcename", "source"),
    "Channel": ("logname", "channel", "log", "eventlog"),
    "Computer": ("machinename", "computer", "computername", "hostname", "host"),
    "Message": ("message", "description"),
    "Keywords": ("keywords", "keywordsdisplaynames", "keyword", "entrytype"),
    "Level": ("leveldisplayname", "level"),
    "Payload": ("payload",),
}
"""Names in the JSON of Windows (`WindowsRecord`) → plain names (`tables.plain_name`) of exports, the surest first."""
_CHANNELS = {
    "microsoft-windows-security-auditing": "Security",
    "microsoft-windows-eventlog": "Security",
    "microsoft-windows-sysmon": "Microsoft-Windows-Sysmon/Operational",
    "microsoft-windows-powershell": "Microsoft-Windows-PowerShell/Operational",
    "service control manager": "System",
}
"""Of providers that write to one log, which some exports do not name."""
_LEVELS = {"critical": "1", "error": "2", "warning": "3", "information": "4", "informational": "4", "verbose": "5"}
_IDS = 0xFFFF


def complete(event: dict[str, Any]) -> None:
    """Puts in the log of an event that names its provider alone, the number of its level, and the bare event id
    where severity and facility stand in front of it, as in Get-EventLog's `InstanceId`."""
    if not event.get("Channel"):
        event["Channel"] = _CHANNELS.get(str(event.get("SourceName", "")).lower())
    level = event.get("Level")
    if level:
        event["Level"] = _LEVELS.get(level.strip().lower(), level)
    code = event.get("EventID", "")
    if code.isdecimal() and int(code[:10]) > _IDS:
        event["EventID"] = str(int(code[:10]) & _IDS)

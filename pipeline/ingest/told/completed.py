"""The names by which records of JSON are read, and what stands for them where a record has none of them."""

from typing import Any

from pipeline.ingest.times import any_ts, epoch_ts
from pipeline.ingest.told import json_fields, json_logons, json_network, json_processes
from pipeline.ingest.told.json_logons import is_act_of_logon
from pipeline.ingest.told.roles import ROLES, Names, candidates, fitting, remembered

TIMES = ("@timestamp", "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "timestamp", "time", "ts",
          "datetime", "eventTime", "published", "CreationTime", "createdDateTime", "Timestamp", "TimeGenerated",
          "unixTime", "id.time", "requestReceivedTimestamp", "start_time", "StartUTC", "date", "t", "asctime",
          "created", "event.created", "activityDateTime", "event.time", "device_timestamp", "event_timestamp",
          "_time", "_messagetimems")  # fmt: skip
LEVELS = ("log.level", "level", "severity", "PRIORITY", "levelname", "loglevel", "lvl")
HOSTS = ("host.name", "host.hostname", "hostname", "_HOSTNAME", "host", "agent.hostname", "agent.name", "DeviceName",
          "ComputerName", "hostIdentifier", "device.hostname", "kubernetes.host",
          "endpoint.name", "device_name", "agent_hostname", "Computer", "pc", "server",
          "properties.resourceDisplayName", "resourceDisplayName", "Workload", "eventSource",
          "id.applicationName", "sensor")  # fmt: skip
"""Last come the services of clouds, which are no machines but take logons like one, and what honeypots call
themselves."""
_GROUPS = (json_fields.KNOWN_AS, json_logons.KNOWN_AS, json_network.KNOWN_AS, json_processes.KNOWN_AS,
           {"host.name": HOSTS, "@timestamp": TIMES, "log.level": LEVELS})  # fmt: skip
_SENTENCE = "event"
_KNOWN_AS = {role: [name for group in _GROUPS for name in group.get(role, ())] for role in ROLES}


def completed(row: dict[str, Any]) -> dict[str, Any]:
    """The flat record with what names that nobody listed tell, where no listed one does."""
    names = tuple(row)
    listed = _listed(names)
    more: dict[str, Any] = {}
    for role, told in candidates(names).items():
        if role == "@timestamp" and ts_of(row) is not None:
            continue
        if role != "@timestamp" and any(row[name] not in (None, "") for name in listed.get(role, ())):
            continue
        if role == "event.action":  # loggers call a whole sentence an event: that is a message
            told = tuple(name for name in told if not (name == _SENTENCE and " " in str(row[name])))
        value = (_logon(told, row) if role == "event.action" else None) or fitting(role, told, row)
        if value is not None:
            more[role] = value
    return {**row, **more} if more else row


@remembered
def _listed(names: Names) -> dict[str, Names]:
    """Role → the listed names among these."""
    there = frozenset(names)
    found = {role: tuple(name for name in known if name in there) for role, known in _KNOWN_AS.items()}
    return {role: known for role, known in found.items() if known}


def _logon(names: Names, row: dict[str, Any]) -> str | None:
    """Of several names of the act, the one that tells of a log-on."""
    return next((v for name in names if isinstance(v := row[name], str) and is_act_of_logon(v)), None)


def ts_of(row: dict[str, Any]) -> float | None:
    """Seconds since 1970 by the first of the names that holds a time; None without one."""
    for name in TIMES:
        value = row.get(name)
        if value is None:
            continue
        ts = any_ts(value[0] if isinstance(value, list) and value else value)
        if ts is not None:
            return epoch_ts(ts)
    return None

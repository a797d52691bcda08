"""The names by which records of JSON are read, and what stands for them where a record has none of them."""

from typing import Any

from pipeline.ingest.times import any_ts, epoch_ts
from pipeline.ingest.told import json_fields, json_logons, json_network, json_processes
from pipeline.ingest.told.json_logons import is_logon
from pipeline.ingest.told.roles import ROLES, meaning, roles_in

TIMES = ("@timestamp", "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "timestamp", "time", "ts",
          "datetime", "eventTime", "published", "CreationTime", "createdDateTime", "Timestamp", "TimeGenerated",
          "unixTime", "id.time", "requestReceivedTimestamp", "start_time", "StartUTC", "date", "t", "asctime",
          "created", "event.created", "activityDateTime", "event.time", "device_timestamp", "event_timestamp",
          "_time")  # fmt: skip
LEVELS = ("log.level", "level", "severity", "PRIORITY", "levelname", "loglevel", "lvl")
HOSTS = ("host.name", "host.hostname", "hostname", "_HOSTNAME", "host", "agent.hostname", "agent.name", "DeviceName",
          "ComputerName", "hostIdentifier", "device.hostname", "kubernetes.host",
          "endpoint.name", "device_name", "agent_hostname", "Computer", "pc", "server",
          "properties.resourceDisplayName", "resourceDisplayName", "Workload", "eventSource",
          "id.applicationName")  # fmt: skip
"""Last come the services of clouds, which are no machines but take logons like one."""
_GROUPS = (json_fields.KNOWN_AS, json_logons.KNOWN_AS, json_network.KNOWN_AS, json_processes.KNOWN_AS,
           {"host.name": HOSTS, "@timestamp": TIMES, "log.level": LEVELS})  # fmt: skip
_KNOWN_AS = {role: [name for group in _GROUPS for name in group.get(role, ())] for role in ROLES}


def completed(row: dict[str, Any]) -> dict[str, Any]:
    """The flat record with what names that nobody listed tell, where no listed one does."""
    told = roles_in(row)
    logon = next((v for n, v in row.items() if isinstance(v, str) and _is_act(n) and is_logon(v)), None)
    if logon:  # of several names of the act, the one that tells most
        told["event.action"] = logon
    if "@timestamp" in told and ts_of(row) is None:
        row = {**row, "@timestamp": told["@timestamp"]}
    missing = {
        role: value
        for role, value in told.items()
        if role != "@timestamp" and all(row.get(name) in (None, "") for name in _KNOWN_AS[role])
    }
    return {**row, **missing} if missing else row


def _is_act(name: str) -> bool:
    found = meaning(name)
    return found is not None and found[0] == "event.action"


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

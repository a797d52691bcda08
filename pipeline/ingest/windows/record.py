"""Windows events come in several JSON forms; all become one flat record here.

Nested (`Event.System`, `Event.EventData`: evtx converters), Winlogbeat (`winlog.event_data`, older: `event_data`),
Wazuh (`data.win`, its agents `win`), flat (NXLog, HELK, Mordor: everything side by side), and Los Alamos' own words.
"""

from typing import Any

from pipeline.ingest.times import any_ts
from pipeline.ingest.windows.los_alamos import LOG_HOST, unified_event
from pipeline.ingest.windows.messages import data_of
from pipeline.ingest.windows.places import data_by_place

Row = dict[str, Any]

_TIMES = ("TimeCreated", "@timestamp", "SystemTime", "TimeGenerated", "EventTime", "UtcTime", "timestamp")
"""In this order: NXLog's EventTime is local without a zone, so the shipper's UTC time comes before it."""
_SYSTEM = {
    "EventID": "EventID", "Channel": "Channel", "Computer": "Computer", "Keywords": "Keywords", "Level": "Level",
    "Message": "Message",
}  # fmt: skip
_NOT_DATA = frozenset((
    "@timestamp", "@version", "EventID", "EventReceivedTime", "EventTime", "TimeCreated", "Channel", "Hostname",
    "Computer", "Message", "Keywords", "Level", "ProviderGuid", "SourceName", "SourceModuleName",
    "SourceModuleType", "tags", "Task", "Version", "Opcode", "OpcodeValue", "RecordNumber", "Severity",
    "SeverityValue", "host", "port", "ThreadID", "ExecutionProcessID", "ExecutionThreadID",
    "Category", "UtcTime", "RuleName",
    "event_id", "log_name", "computer_name", "source_name", "ProviderName", "message", "beat", "type", "level",
))  # fmt: skip
# What NXLog calls an event's type; Sysmon's (SetValue, CreateKey, CreatePipe …) is data.
_LEVEL_WORDS = frozenset(("AUDIT_FAILURE", "AUDIT_SUCCESS", "CRITICAL", "DEBUG", "ERROR", "INFO", "VERBOSE", "WARNING"))


class WindowsRecord:
    """One event: what its System part says, and `data`, the named values of the event itself (all text)."""

    __slots__ = ("channel", "code", "data", "host", "keywords", "level", "message", "provider", "ts")

    def __init__(self, row: Row) -> None:
        row = unified_event(row) if LOG_HOST in row else row
        event, winlog = row.get("Event") or _wazuh(row), row.get("winlog")
        if isinstance(event, dict):
            system = _object(event, "System")
            flat: Row = {name: _text(system.get(source)) for name, source in _SYSTEM.items() if source in system}
            flat["SourceName"] = _attribute(system.get("Provider", system.get("ProviderName")), "Name")
            flat["TimeCreated"] = _attribute(system.get("TimeCreated", system.get("SystemTime")), "SystemTime")
            flat["Message"] = _object(event, "RenderingInfo").get("Message") or row.get("Message")
            self.data = _named(event.get("EventData")) or _user_data(event.get("UserData"))
        elif isinstance(winlog, dict):
            flat = {**row, "EventID": winlog.get("event_id"), "Channel": winlog.get("channel"),
                    "Computer": winlog.get("computer_name"), "SourceName": winlog.get("provider_name"),
                    "Message": row.get("message"), "Keywords": _joined(winlog.get("keywords"))}  # fmt: skip
            self.data = _named(winlog.get("event_data")) or _user_data(winlog.get("user_data"))
        else:
            flat = row
            nested = row.get("EventData") or row.get("event_data")
            self.data = _named(nested) if nested else _named({k: v for k, v in row.items() if k not in _NOT_DATA})
        host = flat.get("Hostname") or flat.get("Computer") or flat.get("computer_name")
        self.host = _text(host) or _text(flat.get("host"))
        self.code = _code(flat.get("EventID", flat.get("event_id")))
        self.channel = _text(flat.get("Channel") or flat.get("log_name"))
        self.provider = _text(flat.get("SourceName") or flat.get("source_name") or flat.get("ProviderName"))
        self.message = _text(flat.get("Message") or flat.get("message"))
        if not self.data and self.message:
            self.data = data_by_place(self.code, self.message) or data_of(self.message)
        self.keywords = _text(flat.get("Keywords")) + _text(flat.get("EventType"))
        self.level = _code(flat.get("Level"))
        self.ts = next((ts for name in _TIMES if (ts := any_ts(flat.get(name))) is not None), None)

    def get(self, *names: str) -> str | None:
        """The first of these values that is set; `-` is Windows' word for unset."""
        for name in names:
            value = self.data.get(name)
            if value and value != "-":
                return value
        return None


def is_windows(row: Any) -> bool:
    """Whether a JSON object is a Windows event in one of the forms."""
    if not isinstance(row, dict):
        return False
    event, winlog = row.get("Event") or _wazuh(row), row.get("winlog")
    if isinstance(event, dict):
        return "EventID" in _object(event, "System")
    if isinstance(winlog, dict):
        return "event_id" in winlog
    told = row.keys() & {LOG_HOST, "Channel", "SourceName", "log_name", "source_name", "ProviderGuid", "ProviderName"}
    return bool(told) and ("EventID" in row or "event_id" in row)


def _wazuh(row: Row) -> Row | None:
    """The event of a Wazuh record, whose names begin with small letters, as `Event` holds it elsewhere."""
    win = _object(_object(row, "data"), "win") or _object(row, "win")
    if not win:
        return None
    parts = {"System": _object(win, "system"), "EventData": _object(win, "eventdata")}
    return {part: {name[:1].upper() + name[1:]: value for name, value in of.items()} for part, of in parts.items()}


def _object(holder: Row, name: str) -> Row:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("#text", value.get("name", value.get("Value")))
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _code(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= 16 and text.isdigit() else ""


def _attribute(value: Any, name: str) -> Any:
    """An XML attribute as the converters write it: `Name`, `@Name`, `#attributes.Name`."""
    if not isinstance(value, dict):
        return value
    return value.get(name, value.get(f"@{name}", _object(value, "#attributes").get(name)))


def _joined(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else _text(value)


def _named(data: Any) -> dict[str, str]:
    if isinstance(data, dict):
        # Values without names: a list, or, of converters that keep attributes apart, an object around one.
        values = _unwrapped(data.get("Data"))
        if isinstance(values, list):
            data = {name: value for name, value in data.items() if name != "Data"} | {
                (isinstance(one, dict) and _text(_attribute(one, "Name"))) or str(k): one
                for k, one in enumerate(values)
            }
    if not isinstance(data, dict):
        return {}
    named = {str(name): text for name, value in data.items() if name not in _NOT_DATA and (text := _text(value))}
    if named.get("EventType") in _LEVEL_WORDS:
        del named["EventType"]
    return named


def _unwrapped(value: Any) -> Any:
    return value.get("#text", value) if isinstance(value, dict) else value


def _user_data(data: Any) -> dict[str, str]:
    """UserData holds one object, named after the event, with the values."""
    if not isinstance(data, dict):
        return {}
    inner = next((value for value in data.values() if isinstance(value, dict)), data)
    return _named(inner)

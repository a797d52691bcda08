"""Records of sensors on hosts → the events that Sysmon and Windows write of the same acts.

So every rule about a host holds for all of them. What has no counterpart there is left to the other readers of JSON.
"""

import re
from typing import Any

from pipeline.ingest.format import Fields
from pipeline.ingest.json_records import dumps, loads
from pipeline.ingest.sensors import products as p
from pipeline.ingest.tables import plain_name
from pipeline.ingest.told.json_fields import Row, pick
from pipeline.ingest.windows.events import windows_fields
from pipeline.ingest.windows.logon_types import logon_type
from pipeline.ingest.windows.record import WindowsRecord

_HUNTING, _MORE = "AdvancedHunting-", "AdditionalFields"
_VOLUME = re.compile(r"\\Device\\HarddiskVolume\d{1,3}\\", re.IGNORECASE)
_HIVES = (
    ("hkey_local_machine", "HKLM"), ("hkey_users", "HKU"), ("hkey_current_user", "HKCU"),
    ("hkey_classes_root", "HKCR"), ("\\registry\\machine", "HKLM"), ("\\registry\\user", "HKU"),
    ("machine", "HKLM"), ("user", "HKU"),
)  # fmt: skip
_CONTROL_SET = re.compile(r"(?<=\\)ControlSet\d{3}(?=\\)", re.IGNORECASE)
_WORD_TYPES = ("RegistryValueType", "RegType", "registry.valueType", "registry.data.type", "properties.type")
_DWORD = frozenset(("dword", "regdword", "4"))
_CHANNELS = {
    **dict.fromkeys((p.LOGON, p.REFUSED, p.LOGOFF, p.CREATED, p.MEMBER, p.TASK, p.CLEARED),
                    ("Security", "Microsoft-Windows-Security-Auditing")),
    p.SERVICE: ("System", "Service Control Manager"),
    p.SCRIPT: ("Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell"),
}  # fmt: skip
_SYSMON = ("Microsoft-Windows-Sysmon/Operational", "")
_AS = {p.REFUSED: p.LOGON, p.LOGOFF: p.LOGON}
_BARE = frozenset((p.STOP, p.CLEARED))
"""Acts that tell enough without a value of their own."""
_MARKS = frozenset(name for product in p.PRODUCTS for name in product.mark)
_ELSEWHERE = frozenset(("lin", "mac", "linux", "osx", "macos"))


def unpacked(record: Any) -> Any:
    """What a record is about: Defender's stream puts it into an envelope, and some of it there into a text of JSON."""
    if not isinstance(record, dict):
        return record
    inside = record.get("properties")
    if isinstance(inside, dict) and str(record.get("category", "")).startswith(_HUNTING):
        record = inside
    more = record.get(_MORE)
    if isinstance(more, str) and more.startswith("{"):
        try:
            return {**record, _MORE: loads(more.encode())}
        except ValueError:
            return record
    return record


def sensor_fields(whole: Row, row: Row, ts: float) -> Fields | None:
    """Fields of the log event of a record, flat in `row`; None of what no sensor on a host tells, or of no such act."""
    if _MARKS.isdisjoint(row):
        return None
    known = next((pair for product in p.PRODUCTS if (pair := _act(product, row))), None)
    if known is None:
        return None
    product, code = known
    values = _values(product, code, row)
    if values is None:
        return None
    channel, provider = _CHANNELS.get(code, _SYSMON)
    host = str(pick(row, product.host) or "").rpartition("\\")[2]
    event = {
        "EventID": code, "Channel": channel, "SourceName": provider or product.id, "Computer": host, "TimeCreated": ts,
        "EventData": values, "Message": values.get("ScriptBlockText"),
    }  # fmt: skip
    fields = windows_fields(WindowsRecord(event), ts)
    told = {name: value for name, value in whole.items() if value is not None}
    return {
        **fields,
        "format": "json" if _is_unix(row, values) else f"windows.{product.id}",
        "data": dumps({**told, **values}),
    }


def _act(product: p.Product, row: Row) -> tuple[p.Product, str] | None:
    if not any(row.get(name) for name in product.mark):
        return None
    words = [row.get(name) for name in product.act]
    word = plain_name("".join(str(_first(one)) for one in words if one is not None))
    code = product.acts.get(word) or next(
        (code for end, code in product.acts.items() if end[:1] == "*" and word.endswith(end[1:])), None
    )
    return (product, code) if code else None


def _values(product: p.Product, code: str, row: Row) -> dict[str, str] | None:
    """Windows' names of what is told; None where nothing of the act itself is."""
    own = _picked(product.fields.get(_AS.get(code, code), {}), row)
    if not own and code not in _BARE:
        return None
    values = {**(_picked(product.fields.get(p.ACTED, {}), row) if code != p.START else {}), **own}
    if "key" in values:
        values["TargetObject"] = _key(values.pop("key"), values.pop("value", ""))
        _number(values, row)
    elif "value" in values:
        return None
    rights = values.get("GrantedAccess", "")
    if rights.isdecimal():
        values["GrantedAccess"] = hex(int(rights[:10]))
    kind = values.get("LogonType")
    if kind:
        values["LogonType"] = logon_type(kind)
    return values


def _picked(names: Any, row: Row) -> dict[str, str]:
    found = {ours: _text(pick(row, theirs)) for ours, theirs in names.items()}
    return {ours: text for ours, text in found.items() if text}


def _text(value: Any) -> str:
    value = _first(value)
    return "" if value is None or isinstance(value, dict) else _VOLUME.sub(r"C:\\", str(value))


def _first(value: Any) -> Any:
    return next(iter(value), None) if isinstance(value, list) else value


def _key(key: str, value: str) -> str:
    """A place in the registry as Sysmon writes it: the hive in short, the control set in use."""
    lower = key.lower()
    for theirs, ours in _HIVES:
        if lower == theirs or lower.startswith(f"{theirs}\\"):
            key = ours + key[len(theirs) :]
            break
    key = _CONTROL_SET.sub("CurrentControlSet", key)
    return f"{key}\\{value}" if value else key


def _number(values: dict[str, str], row: Row) -> None:
    """Numbers as Sysmon writes them."""
    kind = plain_name(str(pick(row, _WORD_TYPES) or ""))
    text = values.get("Details", "")
    if kind in _DWORD and text.isdecimal() and len(text) <= 10:
        values["Details"] = f"DWORD (0x{int(text):08x})"


def _is_unix(row: Row, values: dict[str, str]) -> bool:
    system = str(row.get("event_platform") or row.get("endpoint.os") or row.get("device_os") or "").lower()
    return system in _ELSEWHERE or any(values.get(name, "")[:1] == "/" for name in ("Image", "ParentImage"))

"""What a Windows event id means: Security and Sysmon events → fields of our log events.

Ids and field names are those of Microsoft's "Appendix L: Events to Monitor" and Sysmon's manual.
"""

from typing import Any

from pipeline.ingest.format import Bad, Fields, Item
from pipeline.ingest.json_records import dumps
from pipeline.ingest.told.auth_lines import auth_events
from pipeline.ingest.windows.record import WindowsRecord, is_windows

_LOGONS = {
    "4624": ("logon", "success"), "4625": ("logon", "failure"), "4634": ("logoff", "success"),
    "4647": ("logoff", "success"), "4740": ("lockout", "failure"), "4768": ("ticket", ""), "4769": ("ticket", ""),
    "4770": ("ticket", "success"), "4771": ("ticket", "failure"), "4772": ("ticket", "failure"),
    "4776": ("credential_check", ""), "4777": ("credential_check", "failure"),
    "4778": ("session_reconnected", "success"), "4779": ("session_disconnected", "success"),
    "4800": ("session_locked", "success"), "4801": ("session_unlocked", "success"),
}  # fmt: skip
"""`user` is the account that logs on; an empty outcome is told by the event's status."""
_CHANGES = {
    "4648": ("explicit_logon", "success"), "4672": ("privilege_use", "success"), "4673": ("privilege_use", ""),
    "4674": ("privilege_use", ""), "4717": ("rights_changed", "success"), "4718": ("rights_changed", "success"),
    "4720": ("account_created", "success"), "4722": ("account_enabled", "success"),
    "4723": ("password_change", ""), "4724": ("password_change", ""), "4725": ("account_disabled", "success"),
    "4726": ("account_deleted", "success"), "4738": ("account_changed", "success"),
    "4741": ("account_created", "success"), "4743": ("account_deleted", "success"),
    "4767": ("account_unlocked", "success"), "4781": ("account_renamed", "success"),
    "4727": ("group_created", "success"), "4731": ("group_created", "success"),
    "4728": ("group_changed", "success"), "4729": ("group_changed", "success"),
    "4732": ("group_changed", "success"), "4733": ("group_changed", "success"),
    "4756": ("group_changed", "success"), "4757": ("group_changed", "success"),
    "4798": ("groups_enumerated", "success"), "4799": ("groups_enumerated", "success"),
}  # fmt: skip
"""`user` acts (Subject), `target_user` is acted upon."""
_PROCESSES = {
    "4688": ("start", "NewProcessName", "ProcessName"), "4689": ("stop", "ProcessName", ""),
    "4697": ("service_installed", "ServiceFileName", "ServiceName"),
    "7045": ("service_installed", "ImagePath", "ServiceName"),
    "4698": ("task_created", "", "TaskName"), "4699": ("task_deleted", "", "TaskName"),
    "4702": ("task_changed", "", "TaskName"), "1102": ("log_cleared", "", "Channel"),
    "104": ("log_cleared", "", "Channel"), "4657": ("registry_set", "ProcessName", "ObjectName"),
    "4663": ("object_access", "ProcessName", "ObjectName"), "4656": ("object_open", "ProcessName", "ObjectName"),
    "5145": ("share_access", "", "ShareName"), "5140": ("share_access", "", "ShareName"),
    "5156": ("connect", "Application", ""),
}  # fmt: skip
"""Action, field of the image, field of the target."""
_SYSMON = {
    "1": ("start", ""), "2": ("file_time_changed", "TargetFilename"), "3": ("connect", ""), "5": ("stop", ""),
    "6": ("driver_load", "ImageLoaded"), "7": ("load", "ImageLoaded"), "8": ("inject", "TargetImage"),
    "9": ("raw_read", "Device"), "10": ("access", "TargetImage"), "11": ("file_created", "TargetFilename"),
    "12": ("registry_changed", "TargetObject"), "13": ("registry_set", "TargetObject"),
    "14": ("registry_renamed", "TargetObject"), "15": ("stream_created", "TargetFilename"),
    "17": ("pipe_created", "PipeName"), "18": ("pipe_connected", "PipeName"), "19": ("wmi_filter", "Name"),
    "20": ("wmi_consumer", "Name"), "21": ("wmi_binding", "Consumer"), "22": ("dns_query", "QueryName"),
    "23": ("file_deleted", "TargetFilename"), "24": ("clipboard", ""), "25": ("tamper", ""),
    "26": ("file_deleted", "TargetFilename"), "27": ("file_blocked", "TargetFilename"),
    "28": ("file_blocked", "TargetFilename"), "29": ("file_executable", "TargetFilename"),
}  # fmt: skip
_SQL_LOGONS = {"18456": "failure", "18453": "success", "18454": "success", "18455": "success"}
"""SQL Server's own log-ons, in the application log: account, reason, client; outcome."""
_SYSTEM_ONLY = frozenset(("104", "7045"))
_FAILED = ("failure", "0x8010000000000000", "-9218868437227405312")
_SEVERITY = {"1": 2, "2": 3, "3": 4, "4": 6, "5": 7}
"""Windows levels (critical, error, warning, information, verbose) → syslog severities."""


def windows_item(row: Any, position: str, raw: bytes, format: str) -> Item | Bad:
    """The event of one JSON object in any of the forms of `WindowsRecord`, or why it is none."""
    if not is_windows(row):
        return Bad(position, "the record is no Windows event", raw, format)
    record = WindowsRecord(row)
    if record.ts is None:
        return Bad(position, "the event has no time that can be read", raw, format)
    return Item("logs", windows_fields(record, record.ts), position, raw)


def windows_fields(record: WindowsRecord, ts: float) -> Fields:
    """The event of one record: AuthEvent, ProcessEvent or, for any other id, LineEvent."""
    channel = record.channel.lower()
    fields: Fields = {
        "ts": ts,
        "format": _format(channel),
        "host": record.host,
        "program": record.provider or record.channel,
        "event_code": record.code,
        "severity": _SEVERITY.get(record.level),
        "user": record.get("SubjectUserName", "User", "AccountName"),
        "src_ip": _address(record.get("IpAddress", "ClientAddress")),
        "src_port": _port(record.get("IpPort")),
        "data": dumps(record.data) if record.data else None,
    }
    if "sysmon" in channel and record.code in _SYSMON:
        _sysmon(record, fields)
    elif channel == "security" and record.code in _LOGONS:
        _logon(record, fields)
    elif channel == "security" and record.code in _CHANGES:
        _change(record, fields)
    elif channel == "application" and record.code in _SQL_LOGONS and record.provider.upper().startswith("MSSQL"):
        _sql_logon(record, fields)
    elif record.code in _PROCESSES and (channel == "system") == (record.code in _SYSTEM_ONLY) and _short(channel):
        _process(record, fields)
    else:
        _line(record, fields)
        return fields
    fields["message"] = record.message.split("\n", 1)[0].strip()  # the rest repeats `data`
    return fields


def _line(record: WindowsRecord, fields: Fields) -> None:
    """Any other event; OpenSSH for Windows writes the lines of sshd as an event's payload."""
    fields["kind"], fields["message"] = "line", record.message
    payload = record.get("payload")
    if record.provider == "OpenSSH" and payload:
        fields["program"], fields["message"] = record.get("process") or "sshd", payload
        for auth in auth_events(fields["program"], payload)[:1]:
            fields.update(auth, kind="auth")


def _logon(record: WindowsRecord, fields: Fields) -> None:
    action, outcome = _LOGONS[record.code]
    user = record.get("TargetUserName", "AccountName", "SubjectUserName")
    fields.update(
        kind="auth",
        action=action,
        outcome=outcome or _by_status(record),
        user=user.partition("@")[0] if user and record.code == "4769" else user,
        target_user=record.get("ServiceName") if action == "ticket" else None,
        domain=record.get("TargetDomainName", "AccountDomain", "SubjectDomainName"),
        method=_method(record, action),
        logon_type=_port(record.get("LogonType")),
        src_host=record.get("WorkstationName", "Workstation", "ClientName"),
    )


def _sql_logon(record: WindowsRecord, fields: Fields) -> None:
    said = " ".join((*record.data.values(), record.message))
    client = said.partition("[CLIENT:")[2].partition("]")[0].strip()
    fields.update(
        kind="auth",
        action="logon",
        outcome=_SQL_LOGONS[record.code],
        method="sql",
        user=record.get("0", "param1") or said.partition("for user '")[2].partition("'")[0] or None,
        src_ip=None if client.startswith("<") else _address(client),
    )


def _change(record: WindowsRecord, fields: Fields) -> None:
    action, outcome = _CHANGES[record.code]
    target = record.get("TargetUserName")
    if action == "group_changed":
        target = record.get("MemberName", "MemberSid") or target
    fields.update(
        kind="auth",
        action=action,
        outcome=outcome or ("failure" if any(mark in record.keywords.lower() for mark in _FAILED) else "success"),
        target_user=target,
        domain=record.get("SubjectDomainName", "TargetDomainName"),
    )


def _process(record: WindowsRecord, fields: Fields) -> None:
    action, image, target = _PROCESSES[record.code]
    fields.update(kind="process", action=action, image=record.get(image), target=record.get(target))
    if record.code == "4688":
        fields.update(
            command_line=record.get("CommandLine"),
            parent_image=record.get("ParentProcessName"),
            pid=_pid(record.get("NewProcessId")),
            target=None,
        )
    elif record.code == "5156":
        fields["target"] = _endpoint(record.get("DestAddress"), record.get("DestPort"))
    else:
        fields["pid"] = _pid(record.get("ProcessId"))
    if action == "share_access":
        fields["target"] = "".join(filter(None, (record.get("ShareName"), "\\", record.get("RelativeTargetName"))))


def _sysmon(record: WindowsRecord, fields: Fields) -> None:
    action, target = _SYSMON[record.code]
    fields.update(
        kind="process",
        action=action,
        user=record.get("User", "SourceUser"),
        image=record.get("Image", "SourceImage"),
        command_line=record.get("CommandLine"),
        parent_image=record.get("ParentImage"),
        parent_command_line=record.get("ParentCommandLine"),
        process_guid=record.get("ProcessGuid", "SourceProcessGUID", "SourceProcessGuid"),
        pid=_pid(record.get("ProcessId", "SourceProcessId")),
        target=record.get(target),
    )
    if record.code == "3":
        fields["target"] = _endpoint(record.get("DestinationIp"), record.get("DestinationPort"))
        fields["src_ip"], fields["src_port"] = record.get("SourceIp"), _port(record.get("SourcePort"))


def _method(record: WindowsRecord, action: str) -> str | None:
    if action == "ticket":
        return "kerberos"
    package = record.get("AuthenticationPackageName", "PackageName")
    return package.lower() if package else None


def _by_status(record: WindowsRecord) -> str:
    status = record.get("Status", "ErrorCode")
    if status is None:
        return "unknown"
    return "success" if status.lower() in ("0x0", "0x00000000", "0") else "failure"


def _endpoint(address: str | None, port: str | None) -> str | None:
    if not address or not port:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _address(text: str | None) -> str | None:
    return text.removeprefix("::ffff:") if text and text != "LOCAL" else None


def _format(channel: str) -> str:
    if "sysmon" in channel:
        return "windows.sysmon"
    return f"windows.{channel}" if _short(channel) else "windows"


def _short(channel: str) -> bool:
    return channel in ("security", "system", "application")


def _port(text: Any) -> int | None:
    return int(text) if text and len(text) < 6 and text.isdecimal() and text != "0" else None


def _pid(text: str | None) -> int | None:
    """Process ids are decimal or `0x…`."""
    try:
        return int(text, 16 if text[:2].lower() == "0x" else 10) if text and len(text) <= 18 else None
    except ValueError:
        return None

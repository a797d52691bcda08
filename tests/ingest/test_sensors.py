"""Records of sensors on hosts, each in its maker's words, become what Sysmon and Windows would have written."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events

from pipeline.ingest.sensors.products import PRODUCTS

TIME, TS = "2026-11-20T10:00:00Z", 1795168800.0
RUN = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\Updater"
ACTOR, DROPPED = "C:\\Windows\\System32\\reg.exe", "C:\\Users\\Public\\u.exe"
DEFENDER = {"DeviceName": "pc-7", "Timestamp": TIME, "InitiatingProcessFolderPath": ACTOR, "AccountName": None,
            "InitiatingProcessFileName": "reg.exe", "InitiatingProcessAccountName": "anna"}  # fmt: skip
FALCON = {"timestamp": "1795168800000", "ComputerName": "pc-7", "UserName": "anna", "event_platform": "Win",
          "ContextImageFileName": "\\Device\\HarddiskVolume3\\Windows\\System32\\reg.exe"}  # fmt: skip
SENTINEL = {"timestamp": "10:00:00.000", "event.time": 1795168800000, "endpoint.name": "pc-7", "endpoint.os": "windows",
            "src.process.image.path": ACTOR, "src.process.user": "anna"}  # fmt: skip
CARBON = {"device_timestamp": "2026-11-20 10:00:00.0000000 +0000 UTC", "device_name": "WARD\\pc-7",
          "device_os": "WINDOWS", "process_path": ACTOR, "process_username": "anna"}  # fmt: skip
ECAR = {"timestamp": TIME, "hostname": "pc-7", "actorID": "a-1", "principal": "anna",
        "properties": {"image_path": ACTOR}}  # fmt: skip
ELASTIC = {"@timestamp": TIME, "host": {"name": "pc-7"}, "process": {"executable": ACTOR, "entity_id": "e-1"},
           "user": {"name": "anna"}}  # fmt: skip


def ecar(object_: str, action: str, **properties: str) -> dict[str, Any]:
    return {**ECAR, "object": object_, "action": action, "properties": {"image_path": ACTOR, **properties}}


def one(folder: Path, record: dict[str, Any]) -> dict[str, Any]:
    (event,) = events(folder, "records.json", json.dumps(record) + "\n")
    return event


def acted(event: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(event.get(name) for name in ("ts", "kind", "host", "image", "user", "action", "target"))


@pytest.mark.parametrize(
    "record",
    [
        DEFENDER | {"ActionType": "RegistryValueSet", "RegistryValueName": "Updater", "RegistryValueData": DROPPED,
                    "RegistryKey": "HKEY_LOCAL_MACHINE" + RUN[4:-8]},
        FALCON | {"event_simpleName": "AsepValueUpdate", "RegObjectName": "\\REGISTRY\\MACHINE" + RUN[4:-8],
                  "RegValueName": "Updater", "RegStringValue": DROPPED},
        SENTINEL | {"event.type": "Registry Value Create", "registry.keyPath": "MACHINE" + RUN[4:],
                    "registry.value": DROPPED},
        CARBON | {"type": "endpoint.event.regmod", "action": "ACTION_WRITE_VALUE", "regmod_name": RUN,
                  "regmod_value": DROPPED},
        ecar("REGISTRY", "EDIT", key="\\REGISTRY\\MACHINE" + RUN[4:-8], value="Updater", data=DROPPED),
        ELASTIC | {"event": {"category": ["registry"], "action": "modification"},
                   "registry": {"path": RUN, "data": {"strings": [DROPPED]}}},
    ],
)  # fmt: skip
def test_a_value_of_the_registry(tmp_path: Path, record: dict[str, Any]) -> None:
    event = one(tmp_path, record)
    assert acted(event) == (TS, "process", "pc-7", ACTOR, "anna", "registry_set", RUN)
    assert json.loads(event["data"])["Details"] == DROPPED
    assert event["format"].startswith("windows.")


@pytest.mark.parametrize(
    "record",
    [
        DEFENDER | {"ActionType": "FileCreated", "FolderPath": DROPPED, "FileName": "u.exe"},
        FALCON | {"event_simpleName": "PeFileWritten",
                  "TargetFileName": "\\Device\\HarddiskVolume3" + DROPPED[2:]},
        SENTINEL | {"event.type": "FileCreation", "tgt.file.path": DROPPED},
        CARBON | {"type": "endpoint.event.filemod", "action": "ACTION_FILE_CREATE", "filemod_name": DROPPED},
        ecar("FILE", "CREATE", file_path=DROPPED),
        ELASTIC | {"event": {"category": ["file"], "action": "creation"}, "file": {"path": DROPPED}},
    ],
)  # fmt: skip
def test_a_file_that_was_written(tmp_path: Path, record: dict[str, Any]) -> None:
    event = one(tmp_path, record)
    assert acted(event) == (TS, "process", "pc-7", ACTOR, "anna", "file_created", DROPPED)


@pytest.mark.parametrize(
    "record",
    [
        DEFENDER | {"ActionType": "ProcessCreated", "FolderPath": DROPPED, "ProcessCommandLine": "u.exe /q",
                    "AccountName": "anna", "ProcessId": 7},
        FALCON | {"event_simpleName": "ProcessRollup2", "ImageFileName": "\\Device\\HarddiskVolume3" + DROPPED[2:],
                  "CommandLine": "u.exe /q", "ParentImageFileName": ACTOR, "RawProcessId": "7"},
        SENTINEL | {"event.type": "Process Creation", "tgt.process.image.path": DROPPED, "tgt.process.pid": 7,
                    "tgt.process.cmdline": "u.exe /q", "tgt.process.user": "anna"},
        CARBON | {"type": "endpoint.event.procstart", "action": "ACTION_CREATE_PROCESS", "childproc_name": DROPPED,
                  "target_cmdline": "u.exe /q", "childproc_pid": 7},
        ecar("PROCESS", "CREATE", image_path=DROPPED, parent_image_path=ACTOR, command_line="u.exe /q") | {"pid": 7},
        {"event_timestamp": [TIME], "event_type": ["process-start"], "agent_hostname": "pc-7",
         "action_process_image_path": DROPPED, "action_process_image_command_line": "u.exe /q",
         "action_process_username": "anna", "actor_process_image_path": ACTOR, "action_process_os_pid": "7"},
    ],
)  # fmt: skip
def test_a_program_that_was_started(tmp_path: Path, record: dict[str, Any]) -> None:
    event = one(tmp_path, record)
    assert acted(event) == (TS, "process", "pc-7", DROPPED, "anna", "start", None)
    assert (event["command_line"], event["parent_image"], event["pid"]) == ("u.exe /q", ACTOR, 7)


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (DEFENDER | {"ActionType": "LogonFailed", "AccountName": "bert", "RemoteIP": "203.0.113.7",
                     "LogonType": "RemoteInteractive"}, "failure"),
        (FALCON | {"event_simpleName": "UserLogon", "UserName": "bert", "RemoteAddressIP4": "203.0.113.7",
                   "LogonType": "10"}, "success"),
        (SENTINEL | {"event.type": "Login", "event.login.loginIsSuccessful": False, "event.login.userName": "bert",
                     "src.endpoint.ip.address": "203.0.113.7", "event.login.type": "REMOTE_INTERACTIVE"}, "failure"),
    ],
)  # fmt: skip
def test_a_logon(tmp_path: Path, record: dict[str, Any], outcome: str) -> None:
    event = one(tmp_path, record)
    told = tuple(event.get(name) for name in ("kind", "action", "outcome", "user", "src_ip", "logon_type", "host"))
    assert told == ("auth", "logon", outcome, "bert", "203.0.113.7", 10, "pc-7")


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (DEFENDER | {"ActionType": "OpenProcessApiCall", "FolderPath": "C:\\Windows\\System32\\lsass.exe"},
         {"action": "access", "target": "C:\\Windows\\System32\\lsass.exe", "image": ACTOR}),
        (FALCON | {"event_simpleName": "UserLogoff", "UserName": "bert"}, {"action": "logoff", "user": "bert"}),
        (DEFENDER | {"ActionType": "ImageLoaded", "FolderPath": "C:\\x.dll"},
         {"action": "load", "target": "C:\\x.dll"}),
        (DEFENDER | {"ActionType": "ServiceInstalled", "FolderPath": DROPPED,
                     "AdditionalFields": '{"ServiceName": "upd"}'},
         {"action": "service_installed", "image": DROPPED, "target": "upd", "event_code": "7045"}),
        (DEFENDER | {"ActionType": "SecurityLogCleared"}, {"action": "log_cleared", "event_code": "1102"}),
        (DEFENDER | {"ActionType": "PowerShellCommand", "AdditionalFields": '{"Command": "Get-Keystrokes"}'},
         {"kind": "line", "event_code": "4104", "message": "Get-Keystrokes"}),
        (DEFENDER | {"ActionType": "UserAccountAddedToLocalGroup", "AccountName": "eve",
                     "AdditionalFields": '{"GroupName": "Administrators"}'},
         {"kind": "auth", "action": "group_changed", "target_user": "eve", "user": "anna"}),
        (FALCON | {"event_simpleName": "ScheduledTaskRegistered", "TaskName": "\\upd", "TaskExecCommand": DROPPED},
         {"action": "task_created", "target": "\\upd"}),
        (FALCON | {"event_simpleName": "DnsRequest", "DomainName": "c2.example"},
         {"action": "dns_query", "target": "c2.example"}),
        (CARBON | {"type": "endpoint.event.crossproc", "action": "ACTION_CREATE_REMOTE_THREAD",
                   "crossproc_name": DROPPED}, {"action": "inject", "target": DROPPED}),
        (SENTINEL | {"event.type": "FileDeletion", "tgt.file.path": DROPPED},
         {"action": "file_deleted", "target": DROPPED}),
    ],
)  # fmt: skip
def test_other_acts(tmp_path: Path, record: dict[str, Any], told: dict[str, Any]) -> None:
    event = one(tmp_path, record)
    assert {name: event.get(name) for name in told} == told
    assert event["host"] == "pc-7" and event["ts"] == TS


def test_numbers_of_the_registry_as_sysmon_writes_them(tmp_path: Path) -> None:
    key = "HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Control\\Lsa"
    event = one(tmp_path, DEFENDER | {"ActionType": "RegistryValueSet", "RegistryKey": key, "RegistryValueData": "1",
                                      "RegistryValueName": "RunAsPPL", "RegistryValueType": "Dword"})  # fmt: skip
    assert event["target"] == "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\RunAsPPL"
    assert json.loads(event["data"])["Details"] == "DWORD (0x00000001)"


def test_rights_as_sysmon_writes_them(tmp_path: Path) -> None:
    event = one(tmp_path, DEFENDER | {"ActionType": "OpenProcessApiCall", "FolderPath": DROPPED,
                                      "AdditionalFields": '{"DesiredAccess": 5136}'})  # fmt: skip
    assert json.loads(event["data"])["GrantedAccess"] == "0x1410"


def test_the_envelope_of_defenders_stream(tmp_path: Path) -> None:
    inside = DEFENDER | {"ActionType": "FileCreated", "FolderPath": DROPPED, "FileName": "u.exe"}
    event = one(tmp_path, {"time": "2026-11-20T10:04:00Z", "tenantId": "t", "operationName": "Publish",
                           "category": "AdvancedHunting-DeviceFileEvents", "properties": inside})  # fmt: skip
    assert acted(event) == (TS, "process", "pc-7", ACTOR, "anna", "file_created", DROPPED)


@pytest.mark.parametrize(
    ("record", "ends"),
    [
        (DEFENDER | {"ActionType": "ConnectionSuccess", "LocalIP": "10.0.0.7", "LocalPort": 50000, "Protocol": "Tcp",
                     "RemoteIP": "203.0.113.9", "RemotePort": 443}, ("10.0.0.7", 50000, "203.0.113.9", 443, "tcp")),
        (DEFENDER | {"ActionType": "InboundConnectionAccepted", "LocalIP": "10.0.0.7", "LocalPort": 3389,
                     "RemoteIP": "10.0.0.9", "RemotePort": 50000, "Protocol": "Tcp"},
         ("10.0.0.9", 50000, "10.0.0.7", 3389, "tcp")),
        (FALCON | {"event_simpleName": "NetworkConnectIP4", "LocalAddressIP4": "10.0.0.7", "LocalPort": "50000",
                   "RemoteAddressIP4": "203.0.113.9", "RemotePort": "53", "Protocol": "17",
                   "ConnectionDirection": "0"}, ("10.0.0.7", 50000, "203.0.113.9", 53, "udp")),
        (CARBON | {"type": "endpoint.event.netconn", "action": "ACTION_CONNECTION_CREATE", "local_ip": "10.0.0.7",
                   "local_port": 445, "remote_ip": "10.0.0.9", "remote_port": 50000, "netconn_inbound": True,
                   "netconn_protocol": "PROTO_TCP"}, ("10.0.0.9", 50000, "10.0.0.7", 445, "tcp")),
        (SENTINEL | {"event.type": "IP Connect", "src.ip.address": "10.0.0.7", "src.port.number": 50000,
                     "dst.ip.address": "203.0.113.9", "dst.port.number": 443, "event.network.direction": "OUTGOING",
                     "event.network.protocolName": "tcp"}, ("10.0.0.7", 50000, "203.0.113.9", 443, "tcp")),
    ],
)  # fmt: skip
def test_a_connection(tmp_path: Path, record: dict[str, Any], ends: tuple[Any, ...]) -> None:
    event = one(tmp_path, record)
    assert tuple(event.get(name) for name in ("src_ip", "src_port", "dst_ip", "dst_port", "proto")) == ends
    assert event["kind"] == "flow"


def test_sensors_on_other_systems_are_not_called_windows(tmp_path: Path) -> None:
    record = DEFENDER | {"ActionType": "ProcessCreated", "FolderPath": "/usr/bin/id", "ProcessCommandLine": "id",
                         "InitiatingProcessFolderPath": "/usr/bin/bash"}  # fmt: skip
    event = one(tmp_path, record)
    assert (event["format"], event["image"], event["command_line"]) == ("json", "/usr/bin/id", "id")


def test_what_lacks_its_own_values_is_a_record_like_others(tmp_path: Path) -> None:
    event = one(tmp_path, DEFENDER | {"ActionType": "RegistryValueSet"})
    assert (event["kind"], event["event_code"]) == ("line", "RegistryValueSet")


def test_words_of_the_makers_mean_acts_that_their_fields_tell() -> None:
    alias = {"4625": "4624", "4634": "4624"}
    bare = {"5", "1102"}
    missing = [
        (product.id, word)
        for product in PRODUCTS
        for word, code in product.acts.items()
        if alias.get(code, code) not in product.fields and code not in bare
    ]
    assert not missing

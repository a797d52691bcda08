"""Every rule holds for the event it describes, in disguise too; everyday commands hold for none that is told."""

from typing import Any

import numpy as np
import orjson

from pipeline.detectors.logs.host_rule import HostRule
from pipeline.detectors.logs.host_rule_set import FIELDS, HOST_RULES, RuleSet
from pipeline.features.decode import decode

EVERYDAY = (
    "powershell.exe -ExecutionPolicy RemoteSigned -File C:\\scripts\\report.ps1 -Encoding utf8",
    "certutil -store my", "vssadmin list shadows", "bcdedit /enum", "wevtutil qe System /c:5", "reg query HKLM",
    "rundll32.exe shell32.dll,Control_RunDLL", "regsvr32 /s msxml3.dll", "schtasks /query", "net user", "ls -la",
    "curl https://example.org -o file", "wmic os get caption", "nc -h", "bash -i", "tar -cf - /data | ssh host",
    "C:\\Windows\\System32\\svchost.exe -k netsvcs -p", "java -e production -jar app.jar", "sc query spooler",
    "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v RunAsPPL /t REG_DWORD /d 1 /f", "net stop spooler",
    "icacls D:\\data /grant Users:R", "curl http://10.0.0.5/agent.msi -o agent.msi", "tasklist /svc",
    "sc \\\\pc7 query",
    "findstr /i error app.log", "net localgroup administrators", "wmic product get name", "logman query -ets",
    "msiexec /i viewer.msi /qn", "gpupdate /force", "robocopy D:\\data E:\\copy /MIR", "systemctl restart nginx",
)  # fmt: skip


def _event(rule: HostRule) -> dict[str, Any]:
    """An event made of the first alternative of each condition."""
    parts: dict[str, list[str]] = {}
    for when in rule.when:
        field, how = (when[0][:-1], when[0][-1]) if when[0][-1] in "^$=" else (when[0], "")
        if not field.startswith("!"):
            place = {"^": 0, "": 1, "$": 2, "=": 1}[how]
            word = f"x{when[1]}" if when[1].startswith("/") else when[1]  # behind a blank a slash begins an option
            parts.setdefault(field, ["", "", ""])[place] += when[1] if how else f" {word} "
    event = {FIELDS[field][0]: "".join(text) for field, text in parts.items()}
    if "data" in event:
        event["data"] = orjson.dumps({"k": event["data"]}).decode()
    return {"kind": "process", "ts": 1e6, "event_id": "1", "format": "test", "host": "h"} | event


def _hits(events: list[dict[str, Any]], rules: RuleSet = HOST_RULES) -> list[set[int]]:
    decoded = decode("logs", [orjson.dumps(e) for e in events], 8)
    assert not decoded.refused, decoded.refused[:2]
    hits = rules.hits(decoded.batch)
    return [set(hits.numbers[hits.rows == i].tolist()) for i in range(len(events))]


def test_each_rule_holds_for_what_it_describes() -> None:
    found = _hits([_event(rule) for rule in HOST_RULES.rules])
    missed = [rule.when for k, rule in enumerate(HOST_RULES.rules) if k not in found[k]]
    assert not missed


def test_disguise_does_not_help() -> None:
    plain = "vssadmin.exe delete shadows /all"
    disguised = plain.upper().replace("E", "E^").replace(" ", "   ").replace("S", 'S"')
    first, second = _hits([
        {"kind": "process", "ts": 1.0, "event_id": "1", "format": "t", "command_line": c} for c in (plain, disguised)
    ])  # fmt: skip
    assert first and first == second


def test_everyday_commands_are_not_told() -> None:
    events = [{"kind": "process", "ts": 1.0, "event_id": "1", "format": "t", "command_line": c} for c in EVERYDAY]
    told = {c: n for c, n in zip(EVERYDAY, _hits(events), strict=True) if any(HOST_RULES.weights[list(n)] >= 0.5)}
    assert not told


def test_addresses_inside_are_no_bare_addresses() -> None:
    told = "a program or script is fetched from a bare address"
    for address, outside in {
        "10.0.3.4": False, "192.168.1.9": False, "172.16.0.9": False, "172.31.255.9": False, "127.0.0.1": False,
        "172.15.0.9": True, "172.32.0.9": True, "172.217.3.4": True, "203.0.113.9": True,
    }.items():  # fmt: skip
        command = f"curl -o a.exe http://{address}/a.exe"
        event = {"kind": "process", "ts": 1.0, "event_id": "1", "format": "t", "command_line": command}
        assert (told in {HOST_RULES.rules[k].title for k in _hits([event])[0]}) is outside, address


def test_lines_are_looked_at_as_commands_are() -> None:
    line = {"kind": "line", "ts": 1.0, "event_id": "1", "format": "t"}
    script = "Set-MpPreference -DisableRealtimeMonitoring $true"
    data = orjson.dumps({"ScriptBlockText": f"\r\n{script}"}).decode()
    said, hidden, web = _hits(
        [line | {"message": script}, line | {"data": data}, line | {"kind": "web", "uri": script}]
    )
    assert said and said == hidden and not web


def test_data_is_asked_only_where_all_else_agrees() -> None:
    access = {
        "kind": "process", "ts": 1.0, "event_id": "1", "format": "t", "action": "access",
        "image": "C:\\Users\\x\\Downloads\\a.exe", "target": "C:\\Windows\\system32\\lsass.exe",
    }  # fmt: skip
    read, look = ('{"GrantedAccess":"0x1010","CallTrace":"x"}', '{"GrantedAccess":"0x1000","CallTrace":"x"}')
    yes, no, none = _hits([access | {"data": read}, access | {"data": look}, access])
    assert yes and not no and not none


def test_families_are_numbered_as_their_rules() -> None:
    assert len(HOST_RULES.family) == len(HOST_RULES.rules) == len(HOST_RULES.weights)
    assert set(np.unique(HOST_RULES.family)) == set(range(len(HOST_RULES.families)))

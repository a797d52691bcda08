"""Remote procedure calls as Suricata tells them: who called whom, and what for."""

import json
from pathlib import Path

import pytest
from ingested import events

BASE = {"timestamp": "2021-06-06T16:00:00.500000+0200", "src_port": 4000, "dest_port": 445, "proto": "TCP",
        "src_ip": "10.0.0.1", "dest_ip": "10.0.0.2"}  # fmt: skip


@pytest.mark.parametrize(
    ("ports", "server"),
    [((40_258, 49_154), "10.0.0.9"), ((49_154, 40_258), "10.0.0.2"), ((49_670, 50_001), "10.0.0.2")],
)
def test_a_call_goes_to_the_machine_of_windows(tmp_path: Path, ports: tuple[int, int], server: str) -> None:
    """Linux calls from ports below those of its services; Windows gives these the lowest."""
    row = {**BASE, "src_port": ports[0], "dest_port": ports[1], "src_ip": "10.0.0.2", "dest_ip": "10.0.0.9"}
    (one,) = events(tmp_path, "eve.json", json.dumps(row | {"event_type": "dcerpc", "dcerpc": {"request": "REQUEST"}}))
    assert one["dst_ip"] == server


def test_calls_are_named_as_zeek_names_them(tmp_path: Path) -> None:
    service, task = "367abb81-9844-35f1-ad32-98f038001003", "86d35949-83c9-4044-b424-db363231fd0c"
    calls = [
        {"req": {"opnum": 12}, "interfaces": [{"uuid": service, "ack_result": 0}]},
        {"opnum": 1, "interfaces": [{"uuid": task.upper()}]},
        {"opnum": 99, "interfaces": [{"uuid": "0", "service": "own", "procedure": "OwnCall"}]},
        {"request": "BIND", "interfaces": [{"uuid": service, "ack_result": 0}]},
        {"request": "REQUEST", "opnum": 12},
    ]
    lines = [json.dumps({**BASE, "event_type": "smb", "smb": {"dcerpc": call}}) for call in calls]
    told = [json.loads(e["detail"]) for e in events(tmp_path, "eve.json", "\n".join(lines))]
    assert [(d.get("endpoint"), d.get("operation")) for d in told] == [
        ("svcctl", "CreateServiceW"), ("ITaskSchedulerService", "SchRpcRegisterTask"), ("own", "OwnCall"),
        ("svcctl", None), (None, None),
    ]  # fmt: skip

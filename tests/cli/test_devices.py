"""`wardwatch devices` on a capture."""

import csv
import json
from pathlib import Path

import pytest
from cli.running import Command


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A pump that leases, an analyser that speaks HL7, and a device the file alone knows."""
    lease = {"kind": "dhcp", "src_ip": "10.4.0.7", "src_mac": "02:00:00:00:00:07", "assigned_ip": "10.4.0.7",
             "hostname": "infusion-pump-07"}  # fmt: skip
    flow = {"kind": "flow", "src_ip": "10.4.3.9", "dst_ip": "10.1.0.5", "dst_port": 6661, "proto": "tcp", "bytes_in": 9}
    lines = [
        {"source": "network", "event_id": str(i), "format": "zeek.conn", "ts": 1.7e9 + i, **event}
        for i, event in enumerate((lease, flow))
    ]
    path = tmp_path / "capture.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_table(command: Command, capture: Path) -> None:
    ran = command("devices", str(capture))
    rows = {row["ip"]: row for row in csv.DictReader(ran.out.splitlines())}
    assert ran.status == 0 and set(rows) == {"10.4.0.7", "10.4.3.9", "10.1.0.5"}
    assert rows["10.4.0.7"]["class"] == "infusion_pump" and rows["10.4.0.7"]["name"] == "infusion-pump-07"
    assert rows["10.4.3.9"]["first seen"].endswith("Z") and rows["10.1.0.5"]["class"] == "clinical_server"


def test_json_merged_with_an_inventory(command: Command, capture: Path, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.csv"
    inventory.write_text("ip,mac,class\n10.4.3.9,,lab analyser\n10.4.3.10,,lab analyser\n")
    ran = command("devices", str(capture), "--inventory", str(inventory), "--json")
    rows = {row["ip"]: row for row in map(json.loads, ran.out.splitlines())}
    assert rows["10.4.3.9"]["class"] == "lab_analyzer" and rows["10.4.3.9"]["listed"]
    assert rows["10.4.3.10"]["events"] == 0


def test_its_output_is_an_inventory(command: Command, capture: Path, tmp_path: Path) -> None:
    path = tmp_path / "learned.csv"
    path.write_text(command("devices", str(capture)).out)
    again = command("devices", str(capture), "--inventory", str(path), "--json")
    assert {row["ip"]: row["class"] for row in map(json.loads, again.out.splitlines())}["10.4.0.7"] == "infusion_pump"


def test_no_such_file(command: Command) -> None:
    assert "nowhere" in command("devices", "nowhere").error

"""A library of attackers' tools is known by how it begins, and nobody else is."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import windows_words as w
from captured import ACK, PUSH, Frames, Talk, pcap, udp
from ingested import events

from pipeline.ingest.packets import kerberos_messages as k

CLIENT, SERVER, KDC = ("10.0.0.5", 50_000), ("10.0.0.20", 445), ("10.0.0.2", 88)
TILL = datetime(2027, 1, 2, tzinfo=UTC)
TOOL = (1, 3, 8)


def _hello(number: bytes) -> Frames:
    body = b"\x24\0\3\0\1\0\0\0\x7f\0\0\0" + number + bytes(8) + b"\2\2\x10\2\0\3"
    return Talk(CLIENT, SERVER).begin().send(w.nbss(w.smb2(0, body, 1)), PUSH | ACK, mine=True).frames


def _asked(bits: tuple[int, ...], renew: datetime | None, form: type = k.FirstRequest) -> Frames:
    name = {"kind": 1, "parts": ["anna"]}
    body: dict[str, Any] = {
        "options": tuple(int(bit in bits) for bit in range(32)), "realm": "WARD.EXAMPLE", "client": name,
        "service": name, "till": TILL, "nonce": 7, "ciphers": [],
    }  # fmt: skip
    if renew:
        body["renew"] = renew
    return [(1_700_000_000.0, udp(CLIENT, KDC, form({"version": 5, "kind": 10, "body": body}).dump()))]


def _software(folder: Path, frames: Frames) -> list[tuple[str, str, str]]:
    found = events(folder, "x.pcap", pcap(frames))
    return [(e["src_ip"], e["software"], e["software_type"]) for e in found if e["kind"] == "software"]


def test_a_number_of_letters_is_the_toolkits(tmp_path: Path) -> None:
    assert _software(tmp_path, _hello(b"kQwErTyUiOpAsDfG")) == [("10.0.0.5", "impacket", "SMB::CLIENT")]
    for number in (b"kQwErTyUiOpAsDf7", bytes(16), b"kQwErTyUiOpAsDf\xff"):
        assert _software(tmp_path, _hello(number)) == []


@pytest.mark.parametrize(
    ("client", "kind"),
    [
        ("6e585967-586b-7275-5a4e-59694d4e504a", "software"),
        ("6e585967-586b-7275-5a4e-59694d4e5030", "file"),
        ("no number at all", "file"),
        (None, "file"),
    ],
)
def test_a_number_that_suricata_tells(tmp_path: Path, client: str | None, kind: str) -> None:
    smb = {"command": "SMB2_COMMAND_NEGOTIATE_PROTOCOL", "status": "STATUS_SUCCESS", "client_guid": client}
    ends = {"src_ip": CLIENT[0], "src_port": CLIENT[1], "dest_ip": SERVER[0], "dest_port": SERVER[1]}
    row = {"timestamp": "2026-11-20T10:00:00.000000+0000", "event_type": "smb", "proto": "TCP", "smb": smb, **ends}
    (event,) = events(tmp_path, "eve.json", json.dumps(row) + "\n")
    assert (event["kind"], event["src_ip"]) == (kind, "10.0.0.5")
    assert event.get("software") == ("impacket" if kind == "software" else None)


def test_a_first_ticket_that_is_renewable_for_nothing_is_the_toolkits(tmp_path: Path) -> None:
    assert _software(tmp_path, _asked(TOOL, TILL)) == [("10.0.0.5", "impacket", "KERBEROS::CLIENT")]
    for frames in (
        _asked(TOOL, TILL + timedelta(days=7)), _asked(TOOL, None), _asked((1, 8, 15, 27), TILL),
        _asked(TOOL, TILL, k.ServiceRequest),
    ):  # fmt: skip
        assert _software(tmp_path, frames) == []

"""Logons are read from packets as Zeek tells them: Kerberos, NTLM in requests and calls, shells and desktops."""

import base64
import json
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import windows_words as w
from captured import Frames, Talk, pcap, udp
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events

from pipeline.ingest.packets import kerberos_messages as k
from pipeline.ingest.packets.calls import Calls
from pipeline.ingest.packets.desktop import Desktop
from pipeline.ingest.packets.kerberos import Kerberos
from pipeline.ingest.packets.shell import Shell
from pipeline.ingest.rpc_names import endpoint_behind, endpoint_of, operation_of

CLIENT, KDC = ("10.0.0.5", 50_000), ("10.0.0.2", 88)
REALM = "HOSPITAL.EXAMPLE"
DAY = datetime(2027, 1, 1, tzinfo=UTC)


def _name(*parts: str) -> dict[str, Any]:
    return {"kind": 1, "parts": list(parts)}


def _request(form: type, client: str | None, *service: str) -> bytes:
    body = {"options": (0,) * 32, "realm": REALM, "service": _name(*service), "till": DAY, "nonce": 7, "ciphers": []}
    if client:
        body["client"] = _name(client)
    return bytes(form({"version": 5, "kind": 10, "body": body}).dump())


def _reply(form: type, client: str, cipher: int, *service: str) -> bytes:
    sealed = {"cipher": cipher, "data": b"sealed"}
    ticket = {"version": 5, "realm": REALM, "service": _name(*service), "sealed": sealed}
    said = {"version": 5, "kind": 11, "realm": REALM, "client": _name(client), "ticket": ticket, "sealed": sealed}
    return bytes(form(said).dump())


def _refusal(code: int) -> bytes:
    said = {"version": 5, "kind": 30, "time": DAY, "microseconds": 1, "code": code, "realm": REALM}
    return bytes(k.Refusal({**said, "service": _name("krbtgt", REALM)}).dump())


ASKED = [
    _request(k.FirstRequest, "m.lane", "krbtgt", REALM), _refusal(25),
    _request(k.FirstRequest, "m.lane", "krbtgt", REALM), _reply(k.FirstReply, "m.lane", 18, "krbtgt", REALM),
    _request(k.ServiceRequest, None, "MSSQLSvc", "db1:1433"), _reply(k.ServiceReply, "m.lane", 23, "MSSQLSvc", "db1"),
    _request(k.FirstRequest, "nobody", "krbtgt", REALM), _refusal(6),
    _request(k.ServiceRequest, None, "cifs", "lost"),
]  # fmt: skip
TOLD = [
    ("AS", "m.lane", REALM, f"krbtgt/{REALM}", "failure", "KDC_ERR_PREAUTH_REQUIRED", None),
    ("AS", "m.lane", REALM, f"krbtgt/{REALM}", "success", None, "aes256-cts-hmac-sha1-96"),
    ("TGS", "m.lane", REALM, "MSSQLSvc/db1", "success", None, "rc4-hmac"),
    ("AS", "nobody", REALM, f"krbtgt/{REALM}", "failure", "KDC_ERR_C_PRINCIPAL_UNKNOWN", None),
    ("TGS", None, None, "cifs/lost", "unknown", None, None),
]


@pytest.mark.parametrize("stream", [False, True])
def test_tickets(tmp_path: Path, stream: bool) -> None:
    frames: Frames = []
    talk = Talk(CLIENT, KDC).begin()
    for number, said in enumerate(ASKED):
        mine = number % 2 == 0
        if stream:
            framed = struct.pack(">I", len(said)) + said
            talk.send(framed[:60], mine=mine).send(framed[60:], mine=mine)
        else:
            frames.append((1.7e9 + number, udp(*((CLIENT, KDC) if mine else (KDC, CLIENT)), said)))
    found = events(tmp_path, "x.pcap", pcap(talk.frames if stream else frames))
    fields = ("request_type", "user", "domain", "target", "outcome", "error", "cipher")
    assert [tuple(e.get(n) for n in fields) for e in found if e["kind"] == "auth"] == TOLD
    assert found[-1]["service"] == "krb"


def _head(first: str, *fields: str) -> bytes:
    return "\r\n".join((first, *fields, "", "")).encode()


@pytest.mark.parametrize(("status", "outcome"), [("200 OK", "success"), ("401 Unauthorized", "failure")])
def test_a_logon_in_requests(tmp_path: Path, status: str, outcome: str) -> None:
    first, asked, answer = (
        base64.b64encode(token).decode()
        for token in (w.negotiate_token(), w.challenge_token(), w.answer_token("a.meier"))
    )
    line = "POST /wsman HTTP/1.1"
    talk = Talk(server=("10.0.0.20", 5985)).begin()
    talk.send(_head(line, f"Authorization: Negotiate {first}"))
    talk.send(_head("HTTP/1.1 401 Unauthorized", f"WWW-Authenticate: Negotiate {asked}"), mine=False)
    talk.send(_head(line, f"Authorization: Negotiate {answer}")).send(_head(f"HTTP/1.1 {status}"), mine=False)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    (logon,) = [e for e in found if e["kind"] == "auth"]
    assert (logon["service"], logon["user"], logon["client"], logon["server"], logon["outcome"]) == (
        "ntlm", "a.meier", "WARD-PC7", "ward-srv.hospital.example", outcome,
    )  # fmt: skip
    assert [e["status"] for e in found if e["kind"] == "http"] == [401, int(status[:3])]


@pytest.mark.parametrize(("answer", "outcome"), [(w.response(), "success"), (w.fault(), "failure")])
def test_a_logon_in_calls_over_tcp(tmp_path: Path, answer: bytes, outcome: str) -> None:
    talk = Talk(server=("10.0.0.20", 49_700)).begin()
    talk.send(w.bind(token=w.negotiate_token()))
    talk.send(w.bind_answer("49700", w.challenge_token()), mine=False)
    talk.send(w.rpc(16, b"\0\0\0\0", token=w.answer_token("a.meier")) + w.request(12)).send(answer, mine=False)
    logon, call, flow = events(tmp_path, "x.pcap", pcap(talk.frames))
    assert (logon["user"], logon["server"], logon["outcome"]) == ("a.meier", "ward-srv.hospital.example", outcome)
    assert json.loads(call["detail"]) | {"rtt": 0} == {
        "rtt": 0, "named_pipe": "49700", "endpoint": "svcctl", "operation": "CreateServiceW",
    }  # fmt: skip
    assert flow["service"] == "dce_rpc"


def _ldap(number: int, body: bytes) -> bytes:
    message = bytes([2, 1, number]) + body
    return b"\x30\x82" + struct.pack(">H", len(message)) + message


def _bind(token: bytes) -> bytes:
    body = b"\x02\x01\x03\x04\x00\xa3\x82" + struct.pack(">H", len(token)) + token
    return b"\x60\x82" + struct.pack(">H", len(body)) + body


@pytest.mark.parametrize(("code", "outcome"), [(0, "success"), (49, "failure")])
def test_a_logon_to_a_directory(tmp_path: Path, code: int, outcome: str) -> None:
    talk = Talk(server=("10.0.0.2", 389)).begin().send(_ldap(1, _bind(w.negotiate_token())))
    said = b"\x0a\x01\x0e\x04\x00\x04\x00" + w.challenge_token()
    talk.send(_ldap(1, b"\x61\x82" + struct.pack(">H", len(said)) + said), mine=False)
    talk.send(_ldap(2, _bind(w.answer_token("a.meier"))))
    talk.send(_ldap(2, b"\x61\x07\x0a\x01" + bytes([code]) + b"\x04\x00\x04\x00"), mine=False)
    *binds, logon, flow = events(tmp_path, "x.pcap", pcap(talk.frames))
    assert len(binds) == 2
    assert "LMSSP" not in json.dumps(binds), "what proves who somebody is must not be kept"
    assert (logon["service"], logon["user"], logon["server"], logon["outcome"], flow["service"]) == (
        "ntlm", "a.meier", "ward-srv.hospital.example", outcome, "ldap_tcp",
    )  # fmt: skip


def test_calls_that_nobody_answers_and_names_that_nobody_knows() -> None:
    calls = Calls("\\pipe\\svcctl")
    rows = list(calls.hear(1.0, w.request(12, 1), mine=True))
    for call in range(2, 100):
        rows += list(calls.hear(1.0, w.request(99, call), mine=True))
    rows += list(calls.end())
    assert [row["operation"] for _, row in rows] == ["CreateServiceW", *["unknown-99"] * 98]
    assert endpoint_of("00000000-0000-0000-0000-000000000001").startswith("unknown-")
    assert endpoint_behind("\\PIPE\\lsass") is None, "several interfaces stand behind it"
    assert operation_of(endpoint_of("e1af8308-5d1f-11c9-91a4-08002b14a0fa"), 3) == "ept_map"


def _plain(kind: int, size: int = 40) -> bytes:
    return struct.pack(">IBB", size + 2, 4, kind) + bytes(size)


def _shell(answers: list[int], greeting: bytes = b"SSH-2.0-OpenSSH_9.9\r\n") -> Talk:
    talk = Talk(server=("10.0.0.20", 22)).begin().send(greeting).send(b"SSH-2.0-Server_1\r\n", mine=False)
    talk.send(_plain(20)).send(_plain(20), mine=False).send(_plain(30))
    talk.send(_plain(31) + _plain(21), mine=False).send(b"x" * 200, mine=False)  # which extensions it has
    talk.send(_plain(21) + b"y" * 44)
    for size in answers:
        talk.send(b"z" * size, mine=False).send(b"y" * 84)
    return talk


@pytest.mark.parametrize(
    ("answers", "outcome", "attempts"),
    [
        ([44, 60, 60, 60], "failure", 2), ([44, 60, 28, 500], "success", 1), ([44, 60, 60, 28], "success", 2),
        ([44, 28], "success", 1), ([44, 60], "unknown", 0), ([], "unknown", 0),
    ],
)  # fmt: skip
def test_shells_tell_by_their_sizes_who_got_in(tmp_path: Path, answers: list[int], outcome: str, attempts: int) -> None:
    ssh, flow = events(tmp_path, "x.pcap", pcap(_shell(answers).frames))
    assert (ssh["outcome"], ssh["attempts"], flow["service"]) == (outcome, attempts, "ssh")
    assert (ssh["client"], ssh["server"]) == ("SSH-2.0-OpenSSH_9.9", "SSH-2.0-Server_1")


def test_shells_that_were_captured_in_part_have_no_sizes(tmp_path: Path) -> None:
    short = [(ts, data[:100]) for ts, data in _shell([44, 60, 28]).frames]
    ssh, _ = events(tmp_path, "x.pcap", pcap(short))
    assert (ssh["outcome"], ssh["client"]) == ("unknown", "SSH-2.0-OpenSSH_9.9")


def _tpkt(body: bytes) -> bytes:
    return struct.pack(">BBHB", 3, 0, len(body) + 5, len(body)) + body


ASKS = _tpkt(b"\xe0\0\0\0\0\0Cookie: mstshash=m.lane\r\n" + struct.pack("<BBHI", 1, 0, 8, 3))


@pytest.mark.parametrize(
    ("answer", "more", "outcome", "error"),
    [
        (struct.pack("<BBHI", 3, 0, 8, 5), False, "failure", "HYBRID_REQUIRED_BY_SERVER"),
        (struct.pack("<BBHI", 2, 0, 8, 0), True, "success", None),
        (struct.pack("<BBHI", 2, 0, 8, 2), False, "unknown", None),
    ],
)
def test_desktops(tmp_path: Path, answer: bytes, more: bool, outcome: str, error: str | None) -> None:
    talk = Talk(server=("10.0.0.20", 3389)).begin().send(ASKS).send(_tpkt(b"\xd0\0\0\0\0\0" + answer), mine=False)
    if more:
        name = "WARD-PC7".encode("utf-16-le").ljust(32, b"\0")
        talk.send(_tpkt(b"\xf0\x80\x7f\x65" + b"\x01\xc0\xd8\x00" + bytes(20) + name + bytes(160)))
        talk.send(_tpkt(b"\xf0\x80\x7f\x66\x80\x0a\x01\x00" + bytes(40)), mine=False)
    rdp, flow = events(tmp_path, "x.pcap", pcap(talk.frames))
    assert (rdp["service"], rdp["user"], rdp.get("outcome"), rdp.get("error")) == ("rdp", "m.lane", outcome, error)
    assert rdp.get("client") == ("WARD-PC7" if more else None) and flow["service"] == "rdp"


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(st.tuples(st.booleans(), st.sampled_from([*ASKED, ASKS, b""]), st.binary(max_size=60)), max_size=9),
    cut=st.integers(0, 400),
)
def test_no_bytes_make_it_fail(pieces: list[tuple[bool, bytes, bytes]], cut: int) -> None:
    for speaker in (Kerberos(stream=False), Kerberos(stream=True), Shell(), Desktop(), Calls()):
        for mine, said, noise in pieces:
            for payload in (said[:cut] + noise + said[cut:], noise, b"SSH-" + noise, b"\x05\0\x0b\x03\x10" + noise):
                for log, row in speaker.hear(1.0, payload, mine=mine):
                    assert log in ("kerberos", "ssh", "rdp", "dce_rpc", "ssl") and row["ts"] == 1.0
            speaker.miss(cut, mine=mine)
        list(speaker.end())

"""What machines say to machines is read from packets: images, results, registers, measurements, their own names."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from captured import CLIENT, SYN, Frames, Talk, pcap, udp
from dicom_words import FIND, associate, command, data
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events

from pipeline.ingest.packets.messages import Messages
from pipeline.ingest.packets.packet import Row

ARCHIVE = ("10.0.0.35", 4_000)


def _details(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [orjson.loads(e["detail"]) for e in found if e.get("name") == name]


def test_an_association_of_dicom_on_any_port(tmp_path: Path) -> None:
    talk = Talk(server=ARCHIVE).begin().send(associate(1, b"dcm4che-2.0")).send(associate(2, b"ARCH_36"), mine=False)
    patient = data(b"\x10\0\x10\0\x08\0\0\0" + b"MUSTER^A", command=False)
    said = b"".join((data(command(0x20), command=True), patient, data(command(0x20), command=True), patient))
    image = data(bytes(300_000), command=False)
    said += data(command(0x01), command=True) + image + data(command(0x30), command=True)
    for at in range(0, len(said), 1_400):
        talk.send(said[at : at + 1_400])
    found = events(tmp_path, "x.pcap", pcap(talk.send(b"\x05\0\0\0\0\x04\0\0\0\0").finish().frames))
    (row,) = _details(found, "dicom")
    assert row == {
        "called_ae": "ARCHIVE", "calling_ae": "SCANNER1", "abstract_syntaxes": [FIND], "result": "accepted",
        "find": 2, "store": 1, "echo": 1,
    }  # fmt: skip
    software = [(e["src_ip"], e["software"], e.get("version")) for e in found if e["kind"] == "software"]
    assert software == [(CLIENT[0], "dcm4che", "2.0"), (ARCHIVE[0], "ARCH", "36")]
    assert [e["service"] for e in found if e["kind"] == "flow"] == ["dicom"]
    assert all("MUSTER" not in str(e) for e in found), "no name of a patient leaves the reader"


def test_an_association_that_is_refused(tmp_path: Path) -> None:
    talk = Talk(server=ARCHIVE).begin().send(associate(1, b"probe")).send(b"\x03\0\0\0\0\x04\0\1\1\7", mine=False)
    (row,) = _details(events(tmp_path, "x.pcap", pcap(talk.finish().frames)), "dicom")
    assert (row["result"], row.get("find")) == ("rejected", None)


def test_images_that_were_not_captured_are_passed_over(tmp_path: Path) -> None:
    talk = Talk(server=ARCHIVE).begin().send(associate(1, b"x-1"))
    talk.send(data(command(0x01), command=True) + struct.pack(">BxI", 4, 5_006) + struct.pack(">IBB", 5_002, 1, 2))
    talk.seq[True] += 5_000  # of the image nothing was captured
    talk.send(data(command(0x01), command=True)).send(mine=False).finish()
    (row,) = _details(events(tmp_path, "x.pcap", pcap(talk.frames)), "dicom")
    assert row["store"] == 2


MESSAGE = (
    b"\x0bMSH|^~\\&|LABSYS^1.2.3|WARD|EHR|SITE|20260101||ORU^R01^ORU_R01|77|P|2.5\r"
    b"PID|1||4711^^^H||MUSTERMANN^ERIKA||19700101|F\rOBX|1|NM|NA||141\r\x1c\r"
)
ANSWER = b"\x0bMSH|^~\\&|EHR|SITE|LABSYS|WARD|20260101||ACK|77|P|2.5\rMSA|AA|77\r\x1c\r"


@pytest.mark.parametrize("size", [7, 60, 5_000])
def test_kinds_of_messages_and_nobodys_name(tmp_path: Path, size: int) -> None:
    talk, said = Talk(server=("10.0.0.36", 7_777)).begin(), MESSAGE * 3
    for at in range(0, len(said), size):
        talk.send(said[at : at + size])
    found = events(tmp_path, "x.pcap", pcap(talk.send(ANSWER, mine=False).finish().frames))
    counts = {(row["message_type"], row["messages"]) for row in _details(found, "hl7")}
    assert counts == {("ORU^R01", 3), ("ACK", 1)}
    assert {(e["src_ip"], e["software"]) for e in found if e["kind"] == "software"} == {
        (CLIENT[0], "LABSYS"), ("10.0.0.36", "EHR"),
    }  # fmt: skip
    assert [e["service"] for e in found if e["kind"] == "flow"] == ["hl7"]
    text = str(found)
    assert not any(word in text for word in ("MUSTERMANN", "ERIKA", "4711", "19700101", "141"))


def _ask(unit: int, function: int, rest: bytes = b"\0\0\0\1") -> bytes:
    return struct.pack(">HHHBB", 1, 0, 2 + len(rest), unit, function) + rest


def test_functions_of_a_controller_are_told_once(tmp_path: Path) -> None:
    talk = Talk(server=("10.0.0.37", 502)).begin()
    for _ in range(50):
        talk.send(_ask(1, 3)).send(_ask(1, 3, b"\2\0\0"), mine=False)
    talk.send(_ask(1, 6)).send(_ask(1, 0x86, b"\2"), mine=False)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert _details(found, "modbus") == [
        {"unit": 1, "func": "READ_HOLDING_REGISTERS"}, {"unit": 1, "func": "WRITE_SINGLE_REGISTER"},
        {"unit": 1, "func": "WRITE_SINGLE_REGISTER", "exception": 2},
    ]  # fmt: skip
    assert [e["service"] for e in found if e["kind"] == "flow"] == ["modbus"]


def test_functions_of_a_controller_are_bounded(tmp_path: Path) -> None:
    talk = Talk(server=("10.0.0.37", 502)).begin()
    for unit in range(1, 250):
        talk.send(b"".join(_ask(unit, function) for function in range(1, 8)))
    assert len(_details(events(tmp_path, "x.pcap", pcap(talk.frames)), "modbus")) == 256


@pytest.mark.parametrize(("code", "outcome"), [(0, "success"), (5, "failure"), (0x86, "failure")])
def test_who_connects_to_a_broker(tmp_path: Path, code: int, outcome: str) -> None:
    for level, props in ((4, b""), (5, b"\x05\x11\0\0\0\1")):
        body = b"\0\4MQTT" + bytes((level, 0xC2, 0, 60)) + props + b"\0\6pump-7\0\4user\0\6secret"
        talk = Talk(server=("10.0.0.38", 9_999)).begin().send(bytes((0x10, len(body))) + body)
        answer = bytes((0x20, 2, 0, code))
        found = events(tmp_path, f"{level}", pcap(talk.send(answer, mine=False).finish().frames))
        (row,) = (e for e in found if e["kind"] == "auth")
        assert (row["client"], row["outcome"], row["service"]) == ("pump-7", outcome, "mqtt")
        assert "secret" not in str(found) and found[-1]["service"] == "mqtt"


def _ber(tag: int, value: bytes) -> bytes:
    return bytes((tag, 0x81, len(value))) + value if len(value) > 127 else bytes((tag, len(value))) + value


def _agent(kind: int, value: bytes, community: bytes = b"topsecret") -> bytes:
    pair = _ber(0x30, _ber(6, bytes((43, 6, 1, 2, 1, 1, 1, 0))) + value)
    pdu = _ber(kind, _ber(2, b"\1") + _ber(2, b"\0") + _ber(2, b"\0") + _ber(0x30, pair))
    return _ber(0x30, _ber(2, b"\1") + _ber(4, community) + pdu)


def test_what_a_machine_says_of_itself_over_snmp(tmp_path: Path) -> None:
    agent = ("10.0.0.39", 161)
    says = b"JETDIRECT, FW V1.2, " + b"x" * 120
    frames: Frames = [
        (1.7e9, udp(CLIENT, agent, _agent(0xA0, b"\5\0"))), (1.7e9, udp(agent, CLIENT, _agent(0xA2, _ber(4, says)))),
    ]  # fmt: skip
    found = events(tmp_path, "x.pcap", pcap(frames))
    (software,) = [e for e in found if e["kind"] == "software"]
    assert software["src_ip"] == agent[0] and software["software"].startswith("JETDIRECT")
    (row,) = _details(found, "snmp")
    assert (row["version"], row["get_requests"], row["get_responses"]) == ("2c", 1, 1)
    assert "topsecret" not in str(found), "a community is a password"


@pytest.mark.parametrize(
    ("mine", "words", "service"),
    [
        (False, b"\xff\xfd\x18\xff\xfd\x20", "telnet"), (False, b"RFB 003.008\n", "rfb"),
        (True, b"OPTIONS sip:1 SIP/2.0\r\n\r\n", "sip"), (True, b"OPTIONS rtsp://1/ RTSP/1.0\r\n\r\n", "rtsp"),
        (False, b"J\0\0\0\n8.0.32\0", "mysql"), (True, b"\0\0\0\x08\x04\xd2\x16\x2f", "postgresql"),
        (True, b"\x03\0\0\x16\x11\xe0\0\0\0\1\0\xc0\1\x0a", "s7comm"), (True, b"\x05\x64\x05\xc0\1\0", "dnp3_tcp"),
        (True, b"0\x0c\2\1\1`\7\2\1\3\4\0\x80\0", "ldap_tcp"), (False, b"+OK ready\r\n", "pop3"),
        (True, b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0", "rdp"),
    ],
)  # fmt: skip
def test_protocols_are_told_by_their_words_on_any_port(tmp_path: Path, mine: bool, words: bytes, service: str) -> None:
    talk = Talk(server=("10.0.0.40", 33_333)).begin().send(words, mine=mine).finish()
    assert events(tmp_path, "x.pcap", pcap(talk.frames))[-1]["service"] == service


@pytest.mark.parametrize(
    ("words", "service"),
    [(b"REGISTER sip:x SIP/2.0\r\n", "sip"), (b"\x81\x0a\0\x11\1\x20", "bacnet"), (b"\0\1a.cfg\0octet\0", "tftp"),
     (b"M-SEARCH * HTTP/1.1\r\n", "ssdp"), (b"\0\1\0\0\x21\x12\xa4\x42", "stun")],
)  # fmt: skip
def test_datagrams_are_told_by_their_words(tmp_path: Path, words: bytes, service: str) -> None:
    *_, flow = events(tmp_path, "x.pcap", pcap([(1.7e9, udp(CLIENT, ("10.0.0.40", 33_333), words))]))
    assert flow["service"] == service


def test_software_of_web_servers_and_users_of_devices(tmp_path: Path) -> None:
    ask = b"GET / HTTP/1.1\r\nHost: pump\r\nAuthorization: Basic YWRtaW46c2VjcmV0\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nServer: lighttpd/1.4.35 (x)\r\n\r\n"
    frames: Frames = []
    for port in (50_000, 50_001):
        frames += Talk((CLIENT[0], port), ("10.0.0.41", 8_081)).begin().send(ask).send(answer, mine=False).frames
    found = events(tmp_path, "x.pcap", pcap(frames))
    assert [(e["software"], e["version"], e["src_ip"], e["src_port"]) for e in found if e["kind"] == "software"] == [
        ("lighttpd", "1.4.35", "10.0.0.41", 8_081)
    ], "told once"
    assert [e["user"] for e in found if e["kind"] == "http"] == ["admin"] * 2 and "secret" not in str(found)


def test_requests_sent_one_behind_the_other(tmp_path: Path) -> None:
    talk = Talk(server=("10.0.0.42", 8_080)).begin()
    talk.send(b"POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nGET GET /b HTTP/1.1\r\n\r\nGET /c HT")
    talk.send(b"TP/1.1\r\n\r\n").send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\n\r\n", mine=False)
    talk.send(b"HTTP/1.1 204 No\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno", mine=False)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert [(e["uri"], e["status"]) for e in found if e["kind"] == "http"] == [("/a", 201), ("/b", 204), ("/c", 404)]


def test_what_is_behind_a_proxy_is_read(tmp_path: Path) -> None:
    talk = Talk(server=("10.0.0.42", 3_128)).begin().send(b"CONNECT in.example:80 HTTP/1.1\r\n\r\n")
    talk.send(b"HTTP/1.1 200 OK\r\n\r\n", mine=False).send(b"GET /in HTTP/1.1\r\nHost: in.example\r\n\r\n")
    found = events(tmp_path, "x.pcap", pcap(talk.send(b"HTTP/1.1 204 No\r\n\r\n", mine=False).finish().frames))
    assert [(e["uri"], e["status"]) for e in found if e["kind"] == "http"] == [("in.example:80", 200), ("/in", 204)]


def test_what_is_behind_socks_is_read(tmp_path: Path) -> None:
    talk = Talk(server=("10.0.0.42", 1_080)).begin().send(b"\5\1\0").send(b"\5\0", mine=False)
    talk.send(b"\5\1\0\1\xcb\0\x71\7\0\x50").send(b"\5\0\0\1" + bytes(6), mine=False)
    talk.send(b"GET /in HTTP/1.1\r\n\r\n").send(b"HTTP/1.1 204 No\r\n\r\n", mine=False).finish()
    assert [e["uri"] for e in events(tmp_path, "x.pcap", pcap(talk.frames)) if e["kind"] == "http"] == ["/in"]


def test_proxies_behind_proxies_end(tmp_path: Path) -> None:
    talk = Talk(server=("10.0.0.42", 3_128)).begin()
    for _ in range(500):
        talk.send(b"CONNECT in.example:80 HTTP/1.1\r\n\r\n").send(b"HTTP/1.1 200 OK\r\n\r\n", mine=False)
    assert len(events(tmp_path, "x.pcap", pcap(talk.finish().frames))) == 5, "four deep, and the connection"


@pytest.mark.parametrize(
    "words", [b"\x0bMSH\r", b"\x0bMSH|\r", b"\x03\0\0\5\2\xe0", b"\x03\0\0\x0b\6\xe0\0\0\0\0\0\x03\0\0\5\2\xf0"]
)
def test_heads_that_are_too_short_blind_nobody(tmp_path: Path, words: bytes) -> None:
    talk = Talk(server=("10.0.0.44", 7_777)).begin().send(MESSAGE[:9]).send(words)
    talk.frames += Talk(server=("10.0.0.44", 7_778)).begin().send(words).finish().frames
    kinds = [e["kind"] for e in events(tmp_path, "x.pcap", pcap(talk.frames + _web("10.0.0.45")))]
    assert kinds.count("flow") == 3 and kinds.count("http") == 1


def test_a_speaker_that_fails_is_told_and_blinds_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> Iterator[Row]:
        yield from ()
        raise KeyError

    monkeypatch.setattr(Messages, "hear", fails)
    talk = Talk(server=("10.0.0.44", 7_777)).begin().send(MESSAGE).send(MESSAGE).finish()
    found = events(tmp_path, "x.pcap", pcap(talk.frames + _web("10.0.0.45")))
    assert [row["name"] for row in _details(found, "weird")] == ["hl7_unread"], "told once"
    assert [e["service"] for e in found if e["kind"] == "flow"] == ["hl7", "http"]


def _web(server: str) -> Frames:
    return Talk(server=(server, 8_082)).begin().send(b"GET /in HTTP/1.1\r\n\r\n").finish().frames


WORDS = (
    b"\x0bMSH\r", b"\x03\0\0\5\2\xe0",
    associate(1, b"x-1"), data(command(0x20), command=True), MESSAGE, _ask(1, 3), b"\x10\x0c\0\4MQTT\4\2\0<\0\0",
    b"GET / HTTP/1.1\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\n\r\n",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    said=st.lists(st.tuples(st.sampled_from(WORDS) | st.binary(max_size=40), st.booleans()), max_size=8),
    where=st.integers(0, 60), what=st.binary(max_size=8), port=st.sampled_from([104, 502, 1_883, 2_575]),
)  # fmt: skip
def test_no_words_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[bytes, bool]], where: int, what: bytes, port: int
) -> None:
    talk = Talk(server=("10.0.0.43", port)).send(flags=SYN)
    for words, mine in said:
        talk.send(words[:where] + what + words[where + len(what) :], mine=mine)
    assert events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(talk.frames))[-1]["kind"] == "flow"


@settings(max_examples=200, deadline=None)
@given(where=st.integers(0, 80), what=st.binary(max_size=8))
def test_no_agent_makes_it_fail(tmp_path_factory: pytest.TempPathFactory, where: int, what: bytes) -> None:
    said = _agent(0xA2, _ber(4, b"x" * 20))
    frames = [(1.7e9, udp(CLIENT, ("10.0.0.39", 161), said[:where] + what + said[where + len(what) :]))]
    assert events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(frames))[-1]["kind"] == "flow"

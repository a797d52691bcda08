"""Log-ons on screens, lines of logs, and names that machines announce are read from packets."""

import socket
from pathlib import Path
from typing import Any

import dpkt
import pytest
from captured import CLIENT, Frames, Talk, pcap, udp
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events

PUMP = ("10.0.0.50", 2_323)
OPTIONS = b"\xff\xfd\x18\xff\xfb\x01\xff\xfa\x18\x00xterm\xff\xf0"


def _log_on(talk: Talk, name: bytes, secret: bytes, answer: bytes, *, signs: bool) -> None:
    talk.send(b"\r\npump-1 login: ", mine=False)
    if signs:  # each alone, shown as it is typed
        for sign in name:
            talk.send(bytes((sign,))).send(bytes((sign,)), mine=False)
        talk.send(b"\r\0").send(b"\r\n", mine=False)
    else:
        talk.send(name + b"\r\n")
    talk.send(b"Password: ", mine=False)
    for part in [bytes((sign,)) for sign in secret] if signs else [secret]:
        talk.send(part)
    talk.send(b"\r\n").send(b"\r\n", mine=False).send(answer, mine=False)


@pytest.mark.parametrize("signs", [True, False])
def test_log_ons_over_telnet(tmp_path: Path, signs: bool) -> None:
    talk = Talk(server=PUMP).begin().send(OPTIONS, mine=False).send(b"\xff\xfb\x18")
    _log_on(talk, b"guest", b"topsecret", b"Login incorrect\r\n", signs=signs)
    _log_on(talk, b"biomed", b"alsosecret", b"Last login: Mon\r\n$ ", signs=signs)
    talk.send(b"cat config\r\n").send(b"user: x\r\n$ ", mine=False)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert [(e["user"], e["outcome"], e["service"]) for e in found if e["kind"] == "auth"] == [
        ("guest", "failure", "telnet"), ("biomed", "success", "telnet"),
    ]  # fmt: skip
    assert found[-1]["service"] == "telnet" and "secret" not in str(found), "no password leaves the reader"


SCREENS = (OPTIONS, b"login: ", b"Password: ", b"biomed\r\n", b"\r\0", b"Login incorrect\r\n", b"$ ", b"\xff\xfa" * 9)


@settings(max_examples=200, deadline=None)
@given(said=st.lists(st.tuples(st.sampled_from(SCREENS) | st.binary(max_size=9), st.booleans()), max_size=20))
def test_no_screen_makes_it_fail(tmp_path_factory: pytest.TempPathFactory, said: list[tuple[bytes, bool]]) -> None:
    talk = Talk(server=PUMP).begin().send(b"\xff\xfd\x18", mine=False)
    for words, mine in said:
        talk.send(words, mine=mine)
    assert events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(talk.frames))[-1]["service"] == "telnet"


def test_lines_of_logs_are_read_as_from_a_file(tmp_path: Path) -> None:
    sent = (
        b"<38>Nov 27 10:00:00 gw1 sshd[77]: Failed password for root from 203.0.113.9 port 4711 ssh2",
        b"<13>1 2026-11-27T10:00:00Z host2 app 12 ID1 - started", b"<13>no head at all", b"not a line of any log",
    )  # fmt: skip
    frames: Frames = [(1.7e9 + i, udp(CLIENT, ("10.0.0.51", 514), text)) for i, text in enumerate(sent)]
    found = events(tmp_path, "x.pcap", pcap(frames))
    auth, plain, bare, flow = found
    assert (auth["kind"], auth["host"], auth["user"], auth["outcome"]) == ("auth", "gw1", "root", "failure")
    assert (plain["kind"], plain["host"], plain["program"], plain["message"]) == ("line", "host2", "app", "started")
    assert (bare["host"], bare["ts"]) == (CLIENT[0], 1.7e9 + 2), "who names no machine is the one that sent it"
    assert (flow["service"], flow["packets_out"]) == ("syslog", 4)


@settings(max_examples=150, deadline=None)
@given(text=st.binary(max_size=60))
def test_no_line_makes_it_fail(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    capture = pcap([(1.7e9, udp(CLIENT, ("10.0.0.51", 514), b"<13>" + text))])
    assert events(tmp_path_factory.mktemp("x"), "x.pcap", capture)[-1]["kind"] == "flow"


def test_names_that_are_announced(tmp_path: Path) -> None:
    own = dpkt.dns.DNS.RR(name="Intellivue-12.local", type=1, rdata=bytes((10, 0, 0, 5)))
    found = dpkt.dns.DNS(id=0, qr=1, qd=[], an=[own])
    dns, _ = events(tmp_path, "x.pcap", pcap([(1.7e9, udp((CLIENT[0], 5353), ("224.0.0.251", 5353), bytes(found)))]))
    assert (dns["query"], dns["answers"], dns["src_ip"]) == ("intellivue-12.local", ["10.0.0.5"], CLIENT[0])


def _lease(kind: int, mine: bool, **more: Any) -> bytes:
    said = {53: bytes((kind,)), **more.pop("options", {})}
    card = b"\x02\x00\x00\x00\x00\x05"
    return bytes(dpkt.dhcp.DHCP(op=1 if mine else 2, chaddr=card, opts=list(said.items()), **more))


@pytest.mark.parametrize("to", ["10.0.0.5", "255.255.255.255"])
def test_who_lends_an_address_is_the_server_whomever_it_tells(tmp_path: Path, to: str) -> None:
    server, everybody = "10.0.0.1", ("255.255.255.255", 67)
    wish, by = socket.inet_aton("10.0.0.5"), socket.inet_aton(server)
    request = _lease(3, True, options={50: wish, 54: by, 12: b"alaris-0005"})
    ack = _lease(5, False, yiaddr=0x0A000005, options={54: by, 51: b"\0\0\x0e\x10"})
    frames: Frames = [
        (1.7e9, udp((".".join("0000"), 68), everybody, request)),
        (1.7e9, udp((server, 67), (to, 68), ack)),
    ]
    asked, lent, *flows = events(tmp_path, "x.pcap", pcap(frames))
    assert (asked["src_ip"], asked["dst_ip"], asked["hostname"]) == ("10.0.0.5", server, "alaris-0005")
    assert (lent["src_ip"], lent["dst_ip"], lent["assigned_ip"]) == ("10.0.0.5", server, "10.0.0.5")
    assert (flows[1]["src_port"] == 68) == (to == "10.0.0.5")


def test_a_refusal_to_everybody_makes_no_client_of_the_server(tmp_path: Path) -> None:
    refusal = _lease(6, False, options={54: socket.inet_aton("10.0.0.1")})
    told, _ = events(tmp_path, "x.pcap", pcap([(1.7e9, udp(("10.0.0.1", 67), ("255.255.255.255", 68), refusal))]))
    assert (told["src_ip"], told["dst_ip"], told["src_mac"]) == (".".join("0000"), "10.0.0.1", "02:00:00:00:00:05")

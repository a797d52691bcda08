"""Packet captures are read as what their packets say, whatever state they are in."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dpkt
import pytest
from captured import ACK, CLIENT, FIN, PUSH, RST, SERVER, SYN, Frames, Talk, frame, nanoseconds, pcap, pcapng, udp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events, letters, read

from pipeline.ingest.packets import connections
from pipeline.ingest.packets.names import Names
from schemas.dead_letter import DeadLetter

REQUEST = b"GET /a?b=1 HTTP/1.1\r\nHost: www.example\r\nUser-Agent: probe\r\nReferer: http://x/\r\n\r\n"
ANSWER = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\r\nsorry"


def _web() -> Talk:
    talk = Talk().begin().send(REQUEST, PUSH | ACK).send(ANSWER[:30], mine=False)
    return talk.send(ANSWER[:30], mine=False, again=True).send(ANSWER[30:], mine=False).finish()


def test_a_request_and_its_connection(tmp_path: Path) -> None:
    http, flow = events(tmp_path, "x.pcap", pcap(_web().frames))
    assert (http["kind"], http["method"], http["host"], http["uri"], http["status"], http["user_agent"]) == (
        "http", "GET", "www.example", "/a?b=1", 404, "probe",
    )  # fmt: skip
    assert (http["mime_type"], http["bytes_in"], http["referrer"]) == ("text/html", 5, "http://x/")
    assert http["ts"] == pytest.approx(1_700_000_000.03) and http["uid"] == flow["uid"]
    assert (flow["src_ip"], flow["src_port"], flow["dst_ip"], flow["dst_port"]) == (*CLIENT, *SERVER)
    assert (flow["bytes_out"], flow["bytes_in"]) == (len(REQUEST), len(ANSWER)), "what was sent twice counts once"
    assert (flow["packets_out"], flow["packets_in"], flow["service"], flow["conn_state"]) == (5, 5, "http", "SF")
    assert flow["duration_s"] == pytest.approx(0.09) and flow["src_mac"] == "02:00:00:00:00:05"
    assert flow["history"] == "ShADdFf"


def test_all_forms_of_files_say_the_same(tmp_path: Path) -> None:
    frames = _web().frames
    plain = _kept(events(tmp_path, "x.pcap", pcap(frames)))
    for name, content in (
        ("ng", pcapng(frames)), ("nano", nanoseconds(frames)), ("x.pcap.gz", pcap(frames)),
    ):  # fmt: skip
        assert _kept(events(tmp_path, name, content)) == plain, name
    bare = [{**event, "src_mac": None, "dst_mac": None} for event in plain]
    for link, cut, head in (
        (101, 14, b""),
        (0, 14, b"\x02\x00\x00\x00"),
        (113, 12, b"\x00\x00\x00\x01\x00\x06" + b"\x02" * 8),
    ):
        other = pcap([(ts, head + data[cut:]) for ts, data in frames], link)
        found = [{**event, "src_mac": None, "dst_mac": None} for event in _kept(events(tmp_path, f"l{link}", other))]
        assert found == bare, link


def _kept(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in e.items() if name not in ("origin", "event_id", "ts", "duration_s", "uid")}
        for e in found
    ]


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([(SYN, True)], "S0"),
        ([(SYN, True), (RST | ACK, False)], "REJ"),
        ([(SYN, True), (RST, True)], "RSTOS0"),
        ([(SYN, True), (FIN, True)], "SH"),
        ([(SYN, True), (SYN | ACK, False), (ACK, True)], "S1"),
        ([(SYN, True), (SYN | ACK, False), (ACK, True), (RST, True)], "RSTO"),
        ([(SYN, True), (SYN | ACK, False), (ACK, True), (RST, False)], "RSTR"),
        ([(SYN, True), (SYN | ACK, False), (FIN | ACK, True)], "S2"),
        ([(SYN, True), (SYN | ACK, False), (FIN | ACK, False)], "S3"),
        ([(SYN | ACK, False)], "OTH"),
        ([(SYN | ACK, False), (RST, False)], "RSTRH"),
        ([(SYN | ACK, False), (FIN, False)], "SHR"),
        ([(ACK, False), (ACK, True)], "OTH"),
    ],
)
def test_how_a_connection_went_has_zeeks_name(tmp_path: Path, steps: list[tuple[int, bool]], state: str) -> None:
    talk = Talk()
    for flags, mine in steps:
        talk.send(flags=flags, mine=mine)
    (flow,) = events(tmp_path, "x.pcap", pcap(talk.frames))
    assert (flow["conn_state"], flow["src_ip"], flow["dst_port"]) == (state, CLIENT[0], SERVER[1])


def test_a_port_that_is_used_again_is_another_connection(tmp_path: Path) -> None:
    first = _web()
    second = Talk(ts=first.ts + 1).begin().finish()
    third = Talk(ts=second.ts + 1).send(flags=SYN)
    fourth = Talk(ts=third.ts + connections.OPEN_S + 1).send(flags=SYN)
    found = events(tmp_path, "x.pcap", pcap([*first.frames, *second.frames, *third.frames, *fourth.frames]))
    assert [e["conn_state"] for e in found if e["kind"] == "flow"] == ["SF", "SF", "S0", "S0"]


def test_names_are_asked_for_and_answered(tmp_path: Path) -> None:
    server = ("10.0.0.53", 53)
    ask = dpkt.dns.DNS(id=7, qd=[dpkt.dns.DNS.Q(name="Www.Example.org", type=dpkt.dns.DNS_A)])
    say = dpkt.dns.DNS(
        id=7, qr=1, qd=ask.qd, an=[dpkt.dns.DNS.RR(name="www.example.org", type=1, rdata=b"\x01\x02\x03\x04")]
    )
    lost = dpkt.dns.DNS(id=8, qd=[dpkt.dns.DNS.Q(name="nobody.example", type=dpkt.dns.DNS_TXT)])
    none = dpkt.dns.DNS(id=9, qr=1, rcode=3, qd=[dpkt.dns.DNS.Q(name="gone.example", type=dpkt.dns.DNS_AAAA)])
    frames: Frames = [
        (1.7e9, udp(CLIENT, server, bytes(ask))), (1.7e9 + 0.02, udp(server, CLIENT, bytes(say))),
        (1.7e9 + 0.03, udp(CLIENT, server, bytes(lost))), (1.7e9 + 0.04, udp(server, CLIENT, bytes(none))),
        (1.7e9 + 0.05, udp(CLIENT, server, b"no name service")),
    ]  # fmt: skip
    found = events(tmp_path, "x.pcap", pcap(frames))
    said = [(e["query"], e["qtype"], e.get("rcode"), e.get("answers")) for e in found if e["kind"] == "dns"]
    assert said == [
        ("www.example.org", "A", "NOERROR", ["1.2.3.4"]), ("gone.example", "AAAA", "NXDOMAIN", None),
        ("nobody.example", "TXT", None, None),
    ]  # fmt: skip
    assert found[0]["rtt_s"] == pytest.approx(0.02, abs=1e-4)
    assert found[-1]["kind"] == "flow" and found[-1]["packets_out"] == 3


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, ssl.SSLContext]:
    """Of a client that trusts anybody, and of a server with a certificate of its own making."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Ward"), x509.NameAttribute(NameOID.COMMON_NAME, "pump")]
    )
    day = datetime(2023, 11, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 77, day, day + timedelta(days=90)).sign(
        key, hashes.SHA256()
    )
    folder = tmp_path_factory.mktemp("key")
    (folder / "c.pem").write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    server.load_cert_chain(folder / "c.pem")
    return {True: client, False: server}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_handshakes(tmp_path: Path, contexts: dict[bool, ssl.SSLContext], version: ssl.TLSVersion) -> None:
    contexts[True].maximum_version = contexts[True].minimum_version = version
    talk = Talk(server=("198.51.100.7", 8443)).begin()
    for mine, said in handshake(contexts):
        for begin in range(0, len(said), 500):
            talk.send(said[begin : begin + 500], mine=mine)
    tls, flow = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert (tls["kind"], tls["sni"], tls["established"], flow["service"]) == ("tls", "ehr.example", True, "ssl")
    assert len(tls["ja3"]) == len(tls["ja3s"]) == 32 and tls["cipher"].startswith("TLS_")
    if version is ssl.TLSVersion.TLSv1_2:
        assert (tls["tls_version"], tls["subject"], tls["validation"]) == (
            "TLSv1.2", "CN=pump,O=Ward", "self signed certificate",
        )  # fmt: skip
    else:
        assert tls["tls_version"] == "TLSv1.3" and "subject" not in tls


def handshake(contexts: dict[bool, ssl.SSLContext]) -> Iterator[tuple[bool, bytes]]:
    """What a real client and a real server say to each other."""
    inbox, outbox = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}, {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}
    ends = {
        mine: contexts[mine].wrap_bio(
            inbox[mine], outbox[mine], server_side=not mine, server_hostname="ehr.example" if mine else None
        )
        for mine in (True, False)
    }
    done = {True: False, False: False}
    for _ in range(10):
        for mine in (True, False):
            if not done[mine]:
                try:
                    ends[mine].do_handshake()
                    done[mine] = True
                except ssl.SSLWantReadError:
                    pass
            if said := outbox[mine].read():
                inbox[not mine].write(said)
                yield mine, said
    assert all(done.values())
    ends[False].write(b"secret")
    yield False, outbox[False].read()


def test_leases_and_arp(tmp_path: Path) -> None:
    lent = dpkt.dhcp.DHCP(
        op=2,
        chaddr=b"\x02\x00\x00\x00\x00\x05",
        yiaddr=0x0A000005,
        opts=[(53, b"\x05"), (12, b"ws-1"), (51, b"\x00\x00\x0e\x10")],
    )
    asked = dpkt.arp.ARP(op=1, sha=b"\x02\x00\x00\x00\x00\x05", spa=b"\x0a\x00\x00\x05", tpa=b"\x0a\x00\x00\x01")
    question = bytes(dpkt.ethernet.Ethernet(src=asked.sha, dst=b"\xff" * 6, type=0x0806, data=asked))
    found = events(
        tmp_path, "x.pcap", pcap([(1.7e9, udp(("10.0.0.1", 67), ("10.0.0.5", 68), bytes(lent))), (1.7e9, question)])
    )
    lease, arp, _ = found
    assert (lease["kind"], lease["hostname"], lease["assigned_ip"], lease["lease_s"]) == (
        "dhcp",
        "ws-1",
        "10.0.0.5",
        3600.0,
    )
    assert lease["src_mac"] == arp["src_mac"] == "02:00:00:00:00:05"
    assert (arp["name"], arp["src_ip"], arp["dst_ip"], arp["detail"]) == (
        "arp", "10.0.0.5", "10.0.0.1", '{"operation":"request"}',
    )  # fmt: skip


def test_pings_and_what_answers_them_are_one(tmp_path: Path) -> None:
    echo = dpkt.icmp.ICMP.Echo(id=7, seq=1)
    frames: Frames = [
        (1.7e9, frame(CLIENT, SERVER, dpkt.icmp.ICMP(type=8, data=echo), 1)),
        (1.7e9 + 0.01, frame(SERVER, CLIENT, dpkt.icmp.ICMP(type=0, data=echo), 1)),
    ]
    (flow,) = events(tmp_path, "x.pcap", pcap(frames))
    assert (flow["proto"], flow["src_ip"], flow["packets_out"], flow["packets_in"]) == ("icmp", CLIENT[0], 1, 1)


def test_a_clock_that_is_wrong_for_a_moment_does_not_cut_all_that_follows(tmp_path: Path) -> None:
    frames = _web().frames
    odd = (frames[0][0] + 1e8, udp(("10.0.0.8", 5000), ("10.0.0.9", 514), b"x"))
    found = events(tmp_path, "x.pcap", pcap([*frames[:3], odd, *frames[3:]]))
    flows = [(e["src_ip"], e["packets_out"] + e["packets_in"]) for e in found if e["kind"] == "flow"]
    assert flows == [(CLIENT[0], 3), ("10.0.0.8", 1), (CLIENT[0], 7)]


def test_questions_that_wait_are_bounded(tmp_path: Path) -> None:
    server = ("10.0.0.53", 53)
    frames: Frames = []
    for k in range(100):
        asked = [dpkt.dns.DNS.Q(name=f"n{k}-{j}.example", type=1) for j in range(4)]
        frames.append((1.7e9 + 0.01 * k, udp(CLIENT, server, bytes(dpkt.dns.DNS(id=k, qd=asked)))))
    told: list[str] = []
    speaker = Names(stream=False)
    for ts, data in frames:
        payload = bytes(dpkt.ethernet.Ethernet(data).data.data.data)
        told += [row["query"] for _, row in speaker.hear(ts, payload, mine=True)]
    assert told == [f"n{k}-{j}.example" for k in range(36) for j in range(4)], "400 asked, 256 may wait"
    assert len(events(tmp_path, "x.pcap", pcap(frames))) == 401


def test_version_6(tmp_path: Path) -> None:
    ends = ("2001:db8::5", 50_000), ("2001:db8::7", 443)
    (flow,) = events(tmp_path, "x.pcap", pcap([(1.7e9, udp(*ends, b"hi"))]))
    assert (flow["src_ip"], flow["dst_port"], flow["proto"], flow["conn_state"]) == ("2001:db8::5", 443, "udp", "S0")


def test_what_is_damaged_costs_itself(tmp_path: Path) -> None:
    whole = pcap(_web().frames)
    letter = letters(read(tmp_path, "cut", whole[:-7]))
    assert [x.reason for x in letter] == ["the capture is damaged here or was cut off; what stood before it was read"]
    assert len(read(tmp_path, "cut", whole[:-7])) == 3, "the request and its connection are told all the same"
    huge = whole[:24] + b"\x00" * 8 + b"\xff\xff\xff\x7f" * 2 + whole[24:]
    assert [type(x) for x in read(tmp_path, "huge", huge)] == [DeadLetter]
    assert "head of the capture" in letters(read(tmp_path, "short", whole[:20]))[0].reason
    assert "link of type 230" in letters(read(tmp_path, "radio", pcap(_web().frames, 230)))[0].reason
    frames = _web().frames
    broken = letters(read(tmp_path, "broken", pcap([*frames, (frames[-1][0], frames[0][1][:30])])))
    assert [x.reason for x in broken] == ["1 of 11 packets are broken, or captured in part"]
    assert read(tmp_path, "empty", whole[:24]) == []


def test_what_was_cut_short_counts_as_it_was_sent(tmp_path: Path) -> None:
    frames = [(ts, data[:70]) for ts, data in _web().frames]
    (flow,) = [e for e in events(tmp_path, "x.pcap", pcap(frames)) if e["kind"] == "flow"]
    assert (flow["bytes_out"], flow["bytes_in"], flow["conn_state"]) == (len(REQUEST), len(ANSWER), "SF")


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 3)
    frames = [(1.7e9 + i, udp((f"10.0.1.{i}", 5000), ("10.0.0.9", 514), b"x")) for i in range(10)]
    found = events(tmp_path, "x.pcap", pcap(frames))
    assert [e["src_ip"] for e in found] == [f"10.0.1.{i}" for i in range(10)]


@settings(max_examples=150, deadline=None)
@given(where=st.integers(24, 900), what=st.binary(min_size=1, max_size=40))
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, where: int, what: bytes) -> None:
    whole = pcap(_web().frames)
    content = whole[:where] + what + whole[where + len(what) :]
    for result in read(tmp_path_factory.mktemp("x"), "x.pcap", content):
        assert not (isinstance(result, DeadLetter) and "failed" in result.reason), result

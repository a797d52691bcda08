"""Packets as tcpdump, tshark and Wireshark write them tell the same connections as their capture does.

The texts are what the tools (tcpdump 4.99, tshark 4.0) wrote of one small capture, cut to what differs.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingested import events, letters, read

from pipeline.ingest.formats.packet_text import PacketText
from pipeline.ingest.packets.written_lines import packet_of_line

CONNECTIONS = [
    {"kind": "flow", "ts": 1700000000.0, "src_ip": "10.0.0.5", "src_port": 50000, "dst_ip": "198.51.100.7",
     "dst_port": 443, "proto": "tcp", "conn_state": "SF", "bytes_out": 517, "bytes_in": 1200, "packets_out": 3},
    {"kind": "flow", "ts": 1700000001.0, "src_ip": "10.0.0.5", "src_port": 50001, "dst_ip": "10.0.0.9",
     "dst_port": 445, "proto": "tcp", "conn_state": "REJ", "bytes_out": 0, "bytes_in": 0, "packets_out": 1},
    {"kind": "dns", "ts": 1700000002.0, "src_ip": "10.0.0.5", "dst_ip": "10.0.0.1", "dst_port": 53,
     "query": "nowhere.example.com", "rcode": "NXDOMAIN"},
    {"kind": "flow", "ts": 1700000002.0, "src_ip": "10.0.0.5", "dst_ip": "10.0.0.1", "dst_port": 53, "proto": "udp",
     "conn_state": "SF", "bytes_out": 37, "bytes_in": 37},
    {"kind": "flow", "ts": 1700000003.0, "src_ip": "10.0.0.5", "dst_ip": "10.0.0.9", "proto": "icmp"},
]  # fmt: skip
TCPDUMP = """\
2023-11-14 22:13:20.000000 IP 10.0.0.5.50000 > 198.51.100.7.443: Flags [S], seq 1000, win 65535, length 0
2023-11-14 22:13:20.010000 IP 198.51.100.7.443 > 10.0.0.5.50000: Flags [S.], seq 429496, ack 1001, win 65535, length 0
2023-11-14 22:13:20.030000 IP 10.0.0.5.50000 > 198.51.100.7.443: Flags [P.], seq 1:518, ack 1, win 65535, length 517
2023-11-14 22:13:20.040000 IP 198.51.100.7.443 > 10.0.0.5.50000: Flags [.], seq 1:1201, ack 518, win 65, length 1200
2023-11-14 22:13:20.050000 IP 10.0.0.5.50000 > 198.51.100.7.443: Flags [F.], seq 518, ack 1201, win 65535, length 0
2023-11-14 22:13:20.060000 IP 198.51.100.7.443 > 10.0.0.5.50000: Flags [F.], seq 1201, ack 519, win 65535, length 0
2023-11-14 22:13:20.500000 ARP, Request who-has 10.0.0.9 tell 10.0.0.5, length 28
2023-11-14 22:13:21.000000 IP 10.0.0.5.50001 > 10.0.0.9.445: Flags [S], seq 1000, win 65535, length 0
2023-11-14 22:13:21.010000 IP 10.0.0.9.445 > 10.0.0.5.50001: Flags [R.], seq 0, ack 1001, win 65535, length 0
2023-11-14 22:13:22.000000 IP 10.0.0.5.40000 > 10.0.0.1.53: 4660+ A? nowhere.example.com. (37)
2023-11-14 22:13:22.020000 IP 10.0.0.1.53 > 10.0.0.5.40000: 4660 NXDomain 0/0/0 (37)
2023-11-14 22:13:23.000000 IP 10.0.0.5 > 10.0.0.9: ICMP echo request, id 1, seq 1, length 56
"""
TSHARK = """\
    1 2023-11-14 22:13:20.000000     10.0.0.5 → 198.51.100.7 TCP 54 50000 → 443 [SYN] Seq=0 Win=65535 Len=0
    2 2023-11-14 22:13:20.010000 198.51.100.7 → 10.0.0.5     TCP 54 443 → 50000 [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0
    4 2023-11-14 22:13:20.030000     10.0.0.5 → 198.51.100.7 TLSv1.2 571 Client Hello
    5 2023-11-14 22:13:20.040000 198.51.100.7 → 10.0.0.5     TCP 1254 443 → 50000 [ACK] Seq=1 Ack=518 Win=65 Len=1200
    6 2023-11-14 22:13:20.050000     10.0.0.5 → 198.51.100.7 TCP 54 50000 → 443 [FIN, ACK] Seq=518 Ack=1201 Len=0
    7 2023-11-14 22:13:20.060000 198.51.100.7 → 10.0.0.5     TCP 54 443 → 50000 [FIN, ACK] Seq=1201 Ack=519 Len=0
    9 2023-11-14 22:13:21.000000     10.0.0.5 → 10.0.0.9     TCP 54 50001 → 445 [SYN] Seq=0 Win=65535 Len=0
   10 2023-11-14 22:13:21.010000     10.0.0.9 → 10.0.0.5     TCP 54 445 → 50001 [RST, ACK] Seq=1 Ack=1 Win=65535 Len=0
   11 2023-11-14 22:13:22.000000     10.0.0.5 → 10.0.0.1     DNS 79 Standard query 0x1234 A nowhere.example.com
   12 2023-11-14 22:13:22.020000     10.0.0.1 → 10.0.0.5     DNS 79 Standard query response 0x1234 No such name A n
   13 2023-11-14 22:13:23.000000     10.0.0.5 → 10.0.0.9     ICMP 90 Echo (ping) request  id=0x0001, seq=1/256, ttl=64
"""
NAMES = ("frame.time_epoch", "ip.src", "ip.dst", "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.len", "udp.srcport",
         "udp.dstport", "udp.length", "dns.id", "dns.qry.name", "dns.qry.type", "dns.flags.response", "dns.flags.rcode",
         "icmp.type", "icmp.code", "frame.len")  # fmt: skip
FIELDS = """\
1700000000.000000000;10.0.0.5;198.51.100.7;50000;443;0x0002;0;;;;;;;;;;;54
1700000000.010000000;198.51.100.7;10.0.0.5;443;50000;0x0012;0;;;;;;;;;;;54
1700000000.030000000;10.0.0.5;198.51.100.7;50000;443;0x0010;517;;;;;;;;;;;571
1700000000.040000000;198.51.100.7;10.0.0.5;443;50000;0x0010;1200;;;;;;;;;;;1254
1700000000.050000000;10.0.0.5;198.51.100.7;50000;443;0x0011;0;;;;;;;;;;;54
1700000000.060000000;198.51.100.7;10.0.0.5;443;50000;0x0011;0;;;;;;;;;;;54
1700000001.000000000;10.0.0.5;10.0.0.9;50001;445;0x0002;0;;;;;;;;;;;54
1700000001.010000000;10.0.0.9;10.0.0.5;445;50001;0x0014;0;;;;;;;;;;;54
1700000002.000000000;10.0.0.5;10.0.0.1;;;;;40000;53;45;0x1234;nowhere.example.com;1;0;;;;79
1700000002.020000000;10.0.0.1;10.0.0.5;;;;;53;40000;45;0x1234;nowhere.example.com;1;1;3;;;79
1700000003.000000000;10.0.0.5;10.0.0.9;;;;;;;;;;;;;8;0;90
""".replace(";", "\t")


def verbose(line: str) -> str:
    """As `-v -e -x` writes it: cards and heads first, what was in the packet below."""
    time, _, rest = line.partition(" IP ")
    head = (
        "02:00:00:00:00:05 > 02:00:00:00:00:07, ethertype IPv4 (0x0800), length 54: (tos 0x0, flags [none], proto TCP)"
    )
    return line if not rest else f"{time} {head}\n    {rest}\n\t0x0000:  4500 0028 0000 4000 > 4006\n"


def layers(row: str, *, elastic: bool) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in zip(NAMES, row.split("\t"), strict=True):
        layer = name.partition(".")[0]
        if value:
            found.setdefault(layer, {})[f"{layer}_{name.replace('.', '_')}" if elastic else name] = value
    return found


ROWS = FIELDS.splitlines()
WRITTEN = {
    "tcpdump -tttt": TCPDUMP,
    "tcpdump -tttt -v -e -x": "".join(map(verbose, TCPDUMP.splitlines(keepends=True))),
    "tcpdump on any": TCPDUMP.replace(" IP ", " eth0  Out IP "),
    "tcpdump with names": TCPDUMP.replace(".443:", ".https:").replace(".443 >", ".https >").replace(".53", ".domain"),
    "tshark -t ad": TSHARK,
    "Wireshark's CSV": '"No.","Time","Source","Destination","Protocol","Length","Info"\n' + "".join(
        '"{}","{} {}","{}","{}","{}","{}","{}"\n'.format(*line.replace("→ ", "", 1).split(maxsplit=7))
        for line in TSHARK.splitlines()),
    "tshark -T fields": "\t".join(NAMES) + "\n" + FIELDS,
    "tshark -T json": json.dumps(
        [{"_index": "packets", "_source": {"layers": layers(r, elastic=False)}} for r in ROWS]),
    "tshark -T ek": "".join(
        json.dumps({"index": {"_index": "packets"}}) + "\n"
        + json.dumps({"timestamp": r[:10] + r[11:14], "layers": layers(r, elastic=True)}) + "\n" for r in ROWS),
}  # fmt: skip


@pytest.mark.parametrize("tool", list(WRITTEN))
def test_the_same_connections(tmp_path: Path, tool: str) -> None:
    found = sorted(events(tmp_path, "packets.txt", WRITTEN[tool]), key=lambda one: (one["ts"], one["kind"]))
    assert [{name: one.get(name) for name in told} for one, told in zip(found, CONNECTIONS, strict=True)] == CONNECTIONS


def test_a_time_without_a_day_is_told_with_what_to_do(tmp_path: Path) -> None:
    text = WRITTEN["Wireshark's CSV"].replace("2023-11-14 22:13:2", "")
    (letter,) = letters(read(tmp_path, "x.csv", text))
    assert "Time Display Format" in letter.reason


def test_a_line_of_something_else_is_told(tmp_path: Path) -> None:
    results = read(tmp_path, "x.txt", TCPDUMP + "5 packets captured\n")
    assert [(letter.position, letter.reason) for letter in letters(results)] == [
        ("line 13", "not a packet as tcpdump or tshark write it")]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-14 22:13:20.000000 IP banned > see list: 10.0.0.5\n",
        "2023-11-14 22:13:20.000000 worker > main: done\n" * 3,
        "Nov 14 22:13:20 h kernel: 10.0.0.5.50000 > 198.51.100.7.443: Flags [S], length 0\n",
    ],
)
def test_logs_are_no_packets(text: str) -> None:
    assert PacketText().sniff(text.encode(), "x.log") == 0.0


@given(st.text(max_size=80), st.sampled_from(TCPDUMP.splitlines() + TSHARK.splitlines()), st.integers(0, 60))
def test_any_line_is_taken(noise: str, line: str, at: int) -> None:
    packet_of_line(line[:at] + noise + line[at:], {})

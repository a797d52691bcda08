"""Flow tables of other tools: whose columns are recognised, units, states, directions joined, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

CIC = (
    "Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Tot Bwd Pkts,"
    "TotLen Fwd Pkts,TotLen Bwd Pkts,SYN Flag Cnt,RST Flag Cnt,Label\n"
)
NFDUMP = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out\n"
ENDS = {"src_ip": "10.0.0.9", "src_port": 50123, "dst_ip": "10.0.0.1", "dst_port": 443, "proto": "tcp"}


def _is(event: dict[str, Any], **wanted: Any) -> bool:
    return {name: event.get(name) for name in wanted} == wanted


def test_cicflowmeter(tmp_path: Path) -> None:
    row = "id,10.0.0.9,50123,10.0.0.1,443,6,05/03/2018 08:25:10 PM,1500000,4,3,900,4000,0,0,Bot\n"
    (event,) = events(tmp_path, "x.csv", CIC + row)
    assert _is(event, **ENDS, duration_s=1.5, bytes_out=900, bytes_in=4000, packets_in=3, conn_state="SF")
    assert event["ts"] == 1520281510.0  # 5 March 2018, 20:25:10 UTC
    assert "Bot" not in str(event)


def test_its_older_header_with_blanks_and_its_child_in_python(tmp_path: Path) -> None:
    old = " Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp, Flow Duration, Label\n"
    (event,) = events(tmp_path, "a.csv", old + "10.0.0.9,50123,10.0.0.1,443,6,7/7/2017 3:30,3,BENIGN\n")
    assert _is(event, **ENDS, ts=1499398200.0, duration_s=3e-6)
    young = "src_ip,dst_ip,src_port,dst_port,protocol,timestamp,flow_duration\n"
    (event,) = events(tmp_path, "b.csv", young + "10.0.0.9,10.0.0.1,50123,443,6,2018-03-05 20:25:10,1.5\n")
    assert _is(event, **ENDS, ts=1520281510.0, duration_s=1.5)


def test_months_come_first_where_the_file_shows_it(tmp_path: Path) -> None:
    rows = "".join(
        f"id,10.0.0.9,50123,10.0.0.1,443,6,{day} 08:25:10,1,1,1,0,0,0,0,x\n" for day in ("3/5/18", "3/14/18")
    )
    assert [event["ts"] for event in events(tmp_path, "x.csv", CIC + rows)] == [1520238310.0, 1521015910.0]


@pytest.mark.parametrize(
    ("back", "size", "syn", "rst", "state"),
    [(0, 0, 1, 0, "S0"), (0, 0, 0, 0, "OTH"), (1, 0, 1, 1, "REJ"), (3, 0, 1, 1, "RSTR"), (3, 90, 1, 1, "SF")],
)
def test_states_of_counted_flags(tmp_path: Path, back: int, size: int, syn: int, rst: int, state: str) -> None:
    row = f"id,10.0.0.9,50123,10.0.0.1,443,6,05/03/2018 08:25:10 PM,15,4,{back},900,{size},{syn},{rst},x\n"
    (event,) = events(tmp_path, "x.csv", CIC + row)
    assert event["conn_state"] == state


@pytest.mark.parametrize(("sent", "got", "size", "state"), [(1, 1, 40, "REJ"), (2, 1, 52, "SF"), (1, 0, 0, "S0")])
def test_one_packet_each_way_is_no_connection(tmp_path: Path, sent: int, got: int, size: int, state: str) -> None:
    head = "ts,src_ip,dst_ip,src_port,dst_port,proto,ibyt,obyt,ipkt,opkt\n"
    two = "start,srcaddr,dstaddr,srcport,dstport,prot,bytes,packets\n"
    row = f"2018-03-05 20:25:10,10.0.0.9,10.0.0.1,50123,443,tcp,60,{size},{sent},{got}\n"
    (event,) = events(tmp_path, "x.csv", head.replace("ibyt", "sbytes").replace("obyt", "dbytes") + row)
    assert event["conn_state"] == state
    there = f"2018-03-05 20:25:10,10.0.0.9,10.0.0.1,50123,443,tcp,60,{sent}\n"
    back = f"2018-03-05 20:25:10,10.0.0.1,10.0.0.9,443,50123,tcp,{size},{got}\n"
    if got:
        (event,) = events(tmp_path, "y.csv", two.replace("prot,", "proto,") + there + back)
        assert event["conn_state"] == state


def test_unsw_with_and_without_its_names(tmp_path: Path) -> None:
    named = "srcip,sport,dstip,dsport,proto,state,dur,sbytes,dbytes,service,Spkts,Dpkts,Stime,Ltime,Label\n"
    (event,) = events(
        tmp_path, "a.csv", named + "10.0.0.9,50123,10.0.0.1,443,tcp,REQ,0.1,52,0,-,1,0,1421927414,1421927415,1\n"
    )
    assert _is(event, **ENDS, ts=1421927414.0, bytes_out=0, bytes_in=0, conn_state="S0")
    cells = ["10.0.0.9", "50123", "10.0.0.1", "443", "tcp", "FIN", "0.1", "1000", "9000", "1", "1", "0", "0", "ssl",
             "1", "1", "5", "7", *["1"] * 10, "1421927414", "1421927415", *["1"] * 19]  # fmt: skip
    (bare,) = events(tmp_path, "b.csv", ",".join(cells) + "\n")
    assert _is(bare, **ENDS, ts=1421927414.0, bytes_out=1000 - 5 * 52, packets_in=7, conn_state="SF", service="ssl")


def test_two_directions_are_one_connection(tmp_path: Path) -> None:
    there = "10,2018-03-05 20:25:11,1.0,10.0.0.9,10.0.0.1,50123,443,TCP,.AP.SF,0,0,5,1260"
    back = "10,2018-03-05 20:25:11,1.0,10.0.0.1,10.0.0.9,443,50123,TCP,.AP.SF,0,0,6,5312"
    for rows in ((there, back), (back, there)):
        content = NFDUMP + "".join(f"2018-03-05 20:25:{row},0,0,0,0\n" for row in rows)
        (event,) = events(tmp_path, "x.csv", content + "Summary\nflows,bytes,packets\n2,1,1\n")
        assert _is(event, **ENDS, bytes_out=1000, bytes_in=5000, packets_in=6, conn_state="SF")


def test_one_direction_alone(tmp_path: Path) -> None:
    syn = "2018-03-05 20:25:10,2018-03-05 20:25:10,0,10.0.0.9,10.0.0.1,50123,443,TCP,......S.,0,0,1,52,0,0,0,0\n"
    (event,) = events(tmp_path, "a.csv", NFDUMP + syn)
    assert _is(event, **ENDS, conn_state="S0", bytes_in=0)
    answer = "2018-03-05 20:25:10,2018-03-05 20:25:10,0,10.0.0.1,10.0.0.9,443,50123,TCP,...AP.S.,0,0,2,204,0,0,0,0\n"
    (event,) = events(tmp_path, "b.csv", NFDUMP + answer)
    assert _is(event, **ENDS, bytes_in=100, packets_in=2)
    refused = answer.replace("...AP.S.", "...A.R..").replace("2,204", "1,52")
    (event,) = events(tmp_path, "c.csv", NFDUMP + syn + refused)
    assert _is(event, **ENDS, conn_state="REJ")


def test_echoes_are_told_by_type_and_code(tmp_path: Path) -> None:
    asked = "2018-03-05 20:25:10,2018-03-05 20:25:10,0,10.0.0.9,10.0.0.1,0,8.0,ICMP,........,0,0,1,84,0,0,0,0\n"
    reply = "2018-03-05 20:25:10,2018-03-05 20:25:10,0,10.0.0.1,10.0.0.9,0,0.0,ICMP,........,0,0,1,84,0,0,0,0\n"
    for content in (asked + reply, reply + asked):
        (event,) = events(tmp_path, "a.csv", NFDUMP + content)
        assert _is(event, src_ip="10.0.0.9", src_port=8, dst_port=0, bytes_out=56, bytes_in=56)
    (alone,) = events(tmp_path, "b.csv", NFDUMP + asked.replace("8.0", "2048"))
    assert _is(alone, src_ip="10.0.0.9", src_port=8, dst_port=0, bytes_in=0)


def test_the_same_connection_again_is_another_flow(tmp_path: Path) -> None:
    row = "2 1234 eni-0a 10.0.0.9 10.0.0.1 50123 443 6 4 1208 {0} {1} ACCEPT OK\n"
    found = events(tmp_path, "x.log", row.format(1520281510, 1520281570) + row.format(1520281570, 1520281630))
    assert [event["ts"] for event in found] == [1520281510.0, 1520281570.0]
    assert _is(found[0], **ENDS, bytes_out=1000)


def test_flow_logs_of_clouds(tmp_path: Path) -> None:
    header = (
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action"
        " log-status\n"
    )
    rows = (
        "2 1234 eni-0a 10.0.0.9 10.0.0.1 50123 443 6 1 52 1520281510 1520281570 REJECT OK\n"
        "2 1234 eni-0a - - - - - - - 1520281510 1520281570 - NODATA\n"
    )
    for content in (header + rows, rows):
        (event,) = events(tmp_path, "vpc.log", content)
        assert _is(event, **ENDS, ts=1520281510.0, conn_state="S0")
    record = (
        '{"jsonPayload":{"connection":{"src_ip":"10.0.0.9","src_port":50123,"dest_ip":"10.0.0.1","dest_port":443,'
        '"protocol":6},"bytes_sent":"900","start_time":"2018-03-05T20:25:10Z"},"timestamp":"2018-03-05T20:26:00Z"}\n'
    )
    (event,) = events(tmp_path, "gcp.json", record)
    assert _is(event, **ENDS, ts=1520281510.0, bytes_out=900)


def test_silk_windows_firewall_and_the_common_schema(tmp_path: Path) -> None:
    silk = (
        "       sIP|      dIP|sPort|dPort|pro|packets|bytes|   flags|                  sTime|duration|\n"
        "  10.0.0.9| 10.0.0.1|50123|  443|  6|      1|   52|      S |2018/03/05T20:25:10.000|   0.000|\n"
    )
    (event,) = events(tmp_path, "a.txt", silk)
    assert _is(event, **ENDS, ts=1520281510.0, conn_state="S0")
    firewall = (
        "#Version: 1.5\n#Software: Microsoft Windows Firewall\n"
        "#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags info path\n\n"
        "2018-03-05 20:25:10 DROP TCP 10.0.0.9 10.0.0.1 50123 443 52 S - RECEIVE\n"
    )
    (event,) = events(tmp_path, "pfirewall.log", firewall)
    assert _is(event, **ENDS, ts=1520281510.0, conn_state="S0")
    common = (
        '{"@timestamp":"2018-03-05T20:25:11Z","event":{"start":"2018-03-05T20:25:10Z","duration":1500000000},'
        '"source":{"ip":"10.0.0.9","port":50123,"bytes":1260,"packets":5},'
        '"destination":{"ip":"10.0.0.1","port":443,"bytes":0},"network":{"transport":"tcp"}}\n'
    )
    (event,) = events(tmp_path, "flows.json", common)
    assert _is(event, **ENDS, ts=1520281510.0, duration_s=1.5, bytes_out=1000, conn_state="S0")


def test_sizes_with_letters_and_ports_with_fractions(tmp_path: Path) -> None:
    table = (
        "Date first seen,Duration,Proto,Src IP Addr,Src Pt,Dst IP Addr,Dst Pt,Packets,Bytes,Flags,class\n"
        "2018-03-05 20:25:10.000,0.5,TCP  ,10.0.0.9,50123,10.0.0.1,443.0,0,  1.5 M,.AP.SF,attacker\n"
    )
    (event,) = events(tmp_path, "week1.csv", table)
    assert _is(event, **ENDS, bytes_out=1_500_000)


@pytest.mark.parametrize(
    "content",
    [
        "Destination Port,Flow Duration,Total Fwd Packets,Label\n443,3,2,BENIGN\n80,3,2,BENIGN\n",
        "IPV4_SRC_ADDR,L4_SRC_PORT,IPV4_DST_ADDR,L4_DST_PORT,PROTOCOL,IN_BYTES\n10.0.0.9,1,10.0.0.1,2,6,3\n",
    ],
)
def test_a_table_without_times_or_addresses_says_what_to_do(tmp_path: Path, content: str) -> None:
    (letter,) = letters(read(tmp_path, "x.csv", content))
    assert "--mapping" in letter.reason
    assert "wardwatch evaluate FILE --label COLUMN" in letter.reason


def test_a_row_that_is_no_flow_costs_only_itself(tmp_path: Path) -> None:
    good = "id,10.0.0.9,50123,10.0.0.1,443,6,05/03/2018 08:25:10 PM,1500000,4,3,900,4000,0,0,Bot\n"
    bad = good.replace("05/03/2018", "45/45/2018") + good.replace("10.0.0.1", "")
    results = read(tmp_path, "x.csv", CIC + bad + good)
    assert [letter.reason for letter in letters(results)] == [
        "the row has no time with a day",
        "the row has no addresses",
    ]
    assert len(results) == 3


@pytest.mark.parametrize(
    "record",
    [
        '{"timestamp":"2018-03-05T20:25:10Z","src_ip":"10.0.0.9","dst_ip":"10.0.0.1","dst_port":22,"protocol":"ssh",'
        '"eventid":"login.failed","message":"login attempt failed","bytes":3}\n',
        '{"ts":1520281510.0,"id.orig_h":"10.0.0.9","id.orig_p":1,"id.resp_h":"10.0.0.1","id.resp_p":2,"proto":"tcp",'
        '"orig_bytes":3,"conn_state":"SF","uid":"C1"}\n',
    ],
)
def test_records_of_other_formats_stay_theirs(tmp_path: Path, record: str) -> None:
    (event,) = events(tmp_path, "x.json", record)
    assert event["format"] != "flows"


def test_a_row_cut_short_does_not_end_the_table(tmp_path: Path) -> None:
    there = "2018-03-05 20:25:10,2018-03-05 20:25:11,1.0,10.0.0.9,10.0.0.1,50123,443,TCP,.AP.SF,0,0,5,1260,0,0,0,0\n"
    again = there.replace("50123", "50124")
    results = read(tmp_path, "x.csv", NFDUMP + there + "2018-03-05,cut\n" + again + "Summary\nflows,bytes\n2,1\n")
    assert [letter.position for letter in letters(results)] == ["line 3"]
    assert len(results) == 3


SOURCE, TARGET = "10.0.0.5", "10.0.0.9"
EXPORTED: dict[str, dict[str, Any]] = {
    "IPFIX's own names": {
        "flowStartMilliseconds": "2026-11-20 10:00:00.000Z", "sourceIPv4Address": SOURCE, "sourceTransportPort": 4711,
        "destinationIPv4Address": TARGET, "destinationTransportPort": 445, "protocolIdentifier": 6,
        "octetTotalCount": 60, "packetTotalCount": 1, "initialTCPFlags": "S"},
    "the same with who named them": {
        "iana:flowStartMilliseconds": "2026-11-20T10:00:00.000Z", "iana:sourceIPv4Address": SOURCE,
        "iana:sourceTransportPort": 4711, "iana:destinationIPv4Address": TARGET,
        "iana:destinationTransportPort": 445, "iana:protocolIdentifier": "TCP", "iana:octetDeltaCount": 60,
        "iana:packetDeltaCount": 1},
    "Arkime": {
        "firstPacket": 1795168800000, "ipProtocol": 6, "source": {"ip": SOURCE, "port": 4711, "bytes": 60},
        "destination": {"ip": TARGET, "port": 445, "bytes": 54}, "node": "n"},
    "ElastiFlow": {
        "@timestamp": "2026-11-20T10:00:00.000Z", "flow.client.ip.addr": SOURCE, "flow.client.l4.port.id": 4711,
        "flow.server.ip.addr": TARGET, "flow.server.l4.port.id": 445, "l4.proto.name": "TCP", "flow.bytes": 60},
    "ExtraHop": {
        "timestamp": 1795168800000, "senderAddr": SOURCE, "senderPort": 4711, "receiverAddr": TARGET,
        "receiverPort": 445, "proto": "TCP", "bytes": 60, "pkts": 1},
    "Google, in its envelope": {
        "insertId": "x", "timestamp": "2026-11-20T10:00:00Z", "logName": "projects/p/logs/vpc_flows",
        "jsonPayload": {
            "connection": {"src_ip": SOURCE, "src_port": 4711, "dest_ip": TARGET, "dest_port": 445, "protocol": 6},
            "bytes_sent": "60", "packets_sent": "1", "start_time": "2026-11-20T10:00:00Z"}},
}  # fmt: skip


@pytest.mark.parametrize("maker", list(EXPORTED))
@pytest.mark.parametrize("layout", ["lines", "hits"])
def test_json_of_other_exporters(tmp_path: Path, maker: str, layout: str) -> None:
    record = EXPORTED[maker]
    rows = [record] * 3 if layout == "lines" else [{"_index": "flows", "_source": record}] * 3
    found = events(tmp_path, "flows.json", "".join(json.dumps(row) + "\n" for row in rows))
    assert [
        (e["ts"], e["kind"], e["src_ip"], e["src_port"], e["dst_ip"], e["dst_port"], e["proto"]) for e in found
    ] == [(1795168800.0, "flow", SOURCE, 4711, TARGET, 445, "tcp")] * 3


def _azure(version: int) -> dict[str, Any]:
    ends = f"{SOURCE},{TARGET},4711,445"
    lines = {
        1: [f"1795168800,{ends},T,I,D", f"1795168801,{ends},U,O,A", "cut,off"],
        2: [f"1795168800,{ends},T,I,D,B,,,,", f"1795168801,{ends},U,O,A,B,,,,",
            f"1795168801,{ends},U,O,A,E,2,120,3,500"],
        4: [f"1795168800000,{ends},6,I,D,NX,0,0,0,0", f"1795168801000,{ends},17,O,B,NX,0,0,0,0",
            f"1795168801000,{ends},17,O,E,NX,2,120,3,500"],
    }[version]  # fmt: skip
    about: dict[str, Any] = {"Version": version, "flows": [{"rule": "r", "flows": [{"mac": "0", "flowTuples": lines}]}]}
    if version == 4:
        about = {"flows": [{"aclID": "a", "flowGroups": [{"rule": "r", "flowTuples": lines}]}]}
        return {"records": [{"time": "2026-11-20T10:05:00Z", "flowLogVersion": 4, "flowRecords": about}]}
    return {"records": [{"time": "2026-11-20T10:05:00Z", "category": "FlowEvent", "properties": about}]}


@pytest.mark.parametrize("version", [1, 2, 4])
def test_azures_lines_of_values(tmp_path: Path, version: int) -> None:
    denied, passed = events(tmp_path, "PT1H.json", json.dumps(_azure(version)))
    assert (denied["ts"], denied["proto"], denied["dst_port"], denied["conn_state"]) == (1795168800.0, "tcp", 445, "S0")
    assert (passed["ts"], passed["proto"], passed["src_ip"]) == (1795168801.0, "udp", SOURCE)
    if version > 1:
        assert (passed["packets_out"], passed["packets_in"], passed["bytes_in"]) == (2, 3, 500 - 3 * 28)


HEAD = "Date first seen             Duration     Proto      Src IP Addr:Port          Dst IP Addr:Port   "
PRINTED = {
    "line": f"""\
{HEAD}Packets    Bytes Flows
2023-11-14 22:13:20.000     00:01:02.500 TCP          10.0.0.5:50000 ->    198.51.100.7:443          5    1.5 M     1
2023-11-14 22:13:23.000     00:00:00.000 ICMP         10.0.0.5:0     ->        10.0.0.9:8.0          1       76     1
Summary: total flows: 2, total bytes: 1500076, total packets: 6, avg bps: 1, avg pps: 0, avg bpp: 1
Time window: 2023-11-14 22:13:20 - 2023-11-14 22:13:23
Total flows processed: 2, passed: 2, Blocks skipped: 0, Bytes read: 912
Sys: 0.0000s User: 0.0019s Wall: 0.0033s flows/second: 1222.2 Runtime: 0.0033s
""",
    "long, of an older version": f"""\
{HEAD}Flags Tos  Packets    Bytes Flows
2023-11-14 22:13:20.000    62.500 TCP        10.0.0.5:50000 ->    198.51.100.7:443   .AP.SF   0        5    1.5 M     1
2023-11-14 22:13:23.000     0.000 ICMP       10.0.0.5:0     ->        10.0.0.9:8.0   ......   0        1       76     1
""",
}


@pytest.mark.parametrize("form", list(PRINTED))
def test_what_nfdump_prints(tmp_path: Path, form: str) -> None:
    first, second = events(tmp_path, "flows.txt", PRINTED[form])
    told = {"ts": 1700000000.0, "src_ip": "10.0.0.5", "src_port": 50000, "dst_ip": "198.51.100.7", "dst_port": 443,
            "proto": "tcp", "duration_s": 62.5, "packets_out": 5}  # fmt: skip
    assert {name: first.get(name) for name in told} == told
    assert first["bytes_out"] > 1_499_000
    assert (second["proto"], second["packets_out"], second["bytes_out"]) == ("icmp", 1, 48)


def test_both_ways_of_nfdump(tmp_path: Path) -> None:
    row = "2023-11-14 22:13:20.000     00:00:00.060 TCP       10.0.0.5:50000 <->    198.51.100.7:443        3        4"
    text = f"{HEAD}Out Pkt   In Pkt Out Byte  In Byte Flows\n{row}     1332      769     2\n"
    (told,) = events(tmp_path, "flows.txt", text)
    assert (told["packets_out"], told["packets_in"]) == (4, 3)
    (letter,) = letters(read(tmp_path, "flows.txt", text + "odd line\n"))
    assert (letter.position, letter.reason) == ("line 3", "not a flow as nfdump prints it")

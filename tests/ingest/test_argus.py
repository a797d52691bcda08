"""Argus flows: both spellings of its columns, directions, states, payload, and what is no flow."""

from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

HEADER = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,SrcPkts,Label"


def _row(**changed: str) -> str:
    row = {
        "StartTime": "2018/09/27 22:40:52.362768", "Dur": "1.5", "Proto": "tcp", "SrcAddr": "10.0.0.9",
        "Sport": "50123", "Dir": "   ->", "DstAddr": "203.0.113.5", "Dport": "443", "State": "FSPA_FSPA",
        "sTos": "0", "dTos": "0",
        "TotPkts": "20", "TotBytes": "5000", "SrcBytes": "2000", "SrcPkts": "12", "Label": "flow=Botnet",
    }  # fmt: skip
    return ",".join((row | changed).values())


def _one(folder: Path, **changed: str) -> dict[str, Any]:
    (event,) = events(folder, "day.binetflow", f"{HEADER}\n{_row(**changed)}\n")
    return event


def test_a_connection(tmp_path: Path) -> None:
    event = _one(tmp_path)
    assert event["ts"] == 1538088052.362768
    assert {k: event[k] for k in ("src_ip", "src_port", "dst_ip", "dst_port", "proto", "conn_state")} == {
        "src_ip": "10.0.0.9", "src_port": 50123, "dst_ip": "203.0.113.5", "dst_port": 443, "proto": "tcp",
        "conn_state": "SF",
    }  # fmt: skip
    assert (event["packets_out"], event["packets_in"], event["duration_s"]) == (12, 8, 1.5)
    assert (event["bytes_out"], event["bytes_in"]) == (2000 - 12 * 66, 3000 - 8 * 66)
    assert "Botnet" not in str(event)


@pytest.mark.parametrize(
    ("state", "word", "answered"),
    [("S_", "S0", False), ("S_RA", "REJ", False), ("SR_SA", "RSTO", False), ("SRPA_SPA", "RSTO", True),
     ("SPA_SRPA", "RSTR", True), ("FSPA_SPA", "S2", True), ("SPA_SPA", "S1", True), ("PA_PA", "OTH", True),
     ("REQ", "S0", False), ("FIN", "SF", True), ("S0", "S0", True)],
)  # fmt: skip
def test_states_in_words_of_zeek(tmp_path: Path, state: str, word: str, answered: bool) -> None:
    bytes_back = {"REQ": "2000"}.get(state, "5000")
    event = _one(tmp_path, State=state, TotBytes=bytes_back)
    assert event["conn_state"] == word
    assert (event["bytes_in"] > 0) == answered


def test_who_began_stands_first(tmp_path: Path) -> None:
    event = _one(tmp_path, Dir="  <-", State="SPA_S")
    assert (event["src_ip"], event["dst_port"], event["packets_out"]) == ("203.0.113.5", 50123, 8)
    assert _one(tmp_path, Dir="  <->", Proto="udp", State="CON")["src_ip"] == "10.0.0.9"


def test_datagrams_and_echoes(tmp_path: Path) -> None:
    event = _one(tmp_path, Proto="udp", State="CON", TotPkts="2", TotBytes="142", SrcBytes="63", SrcPkts="1")
    assert (event["bytes_out"], event["bytes_in"], event["conn_state"]) == (21, 37, "SF")
    echo = _one(tmp_path, Proto="icmp", Sport="0x0008", Dport="0x7208", State="ECO", TotBytes="144", SrcBytes="144")
    assert (echo["src_port"], echo["dst_port"], echo["bytes_in"]) == (8, 0, 0)
    unreachable = _one(tmp_path, Proto="1", Sport="0x0303", State="URP")
    assert (unreachable["proto"], unreachable["src_port"], unreachable["dst_port"]) == ("icmp", 3, 3)


def test_what_is_no_flow_is_kept(tmp_path: Path) -> None:
    asked = _one(tmp_path, Proto="2054", Dir="  who", Sport="", Dport="", State="INT")
    assert (asked["kind"], asked["name"], asked["dst_ip"]) == ("other", "arp", "203.0.113.5")
    report = _one(tmp_path, Proto="man", SrcAddr="0", DstAddr="0", Dir="", State="STA")
    assert (report["kind"], report["name"], report.get("src_ip")) == ("other", "man", None)


def test_short_names_tabs_and_epoch_times(tmp_path: Path) -> None:
    header = (
        "pkSeqID\tstime\tproto\tsaddr\tsport\tdaddr\tdport\tpkts\tbytes\tstate\tspkts\tdpkts\tsbytes\tdbytes\tattack"
    )
    row = "1\t1526344032.498\tudp\t10.0.0.9\t68\t10.0.0.1\t67\t2\t700\tCON\t1\t1\t350\t350\t1"
    (event,) = events(tmp_path, "part.csv", f"\ufeff{header}\r\n{row}\r\n{header}\r\n")
    assert (event["ts"], event["dst_port"], event["bytes_in"]) == (1526344032.498, 67, 308)


def test_a_time_without_a_day_is_refused(tmp_path: Path) -> None:
    (letter,) = letters(read(tmp_path, "x.binetflow", f"{HEADER}\n{_row(StartTime='22:40:52.362768')}\n"))
    assert "no time with a day" in letter.reason


def test_a_table_of_flows_without_times_is_none_of_these(tmp_path: Path) -> None:
    (letter,) = letters(
        read(tmp_path, "x.csv", "Dir,SrcAddr,DstAddr,Sport,Dport,SrcBytes\n->,10.0.0.1,10.0.0.2,1,2,3\n")
    )
    assert "mapping" in letter.reason

"""What lines of other sensors tell of an attack, and which lines do not."""

from pathlib import Path
from typing import Any

import pytest
from ingested import events

from pipeline.ingest.told.alerts import told_alert

OUTSIDE = "203.0.113.7"


@pytest.mark.parametrize(
    "message",
    [
        "[**] [1:2000001:3] SCAN of a port [**] [Classification: Attempted Recon] [Priority: 2] {TCP} "
        f"{OUTSIDE}:4711 -> 10.0.0.1:22",
        f"[1:2000001:3] SCAN of a port [Classification: Attempted Recon] [Priority: 2] {{TCP}} {OUTSIDE}:4711 -> "
        "10.0.0.1:22",
    ],
)
def test_an_alert_in_a_line(message: str) -> None:
    told = told_alert(message)
    assert told is not None
    assert (told["signature"], told["signature_id"], told["category"], told["severity"]) == (
        "SCAN of a port", "2000001", "Attempted Recon", 2,
    )  # fmt: skip
    assert (told["src_ip"], told["src_port"], told["dst_ip"], told["dst_port"]) == (OUTSIDE, 4711, "10.0.0.1", 22)
    assert told_alert("[Priority: 2] of the printer") is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f'date=2026-11-27 type="utm" subtype="ips" severity="critical" srcip={OUTSIDE} dstip=10.0.0.1 srcport=4711 '
         'dstport=80 proto=6 action="detected" attack="Some.Library.Code.Execution" attackid=51006 msg="x"',
         ("Some.Library.Code.Execution", "51006", "ips", 1, "detected")),
        (f"1,2026/11/27 03:10:00,0018,THREAT,vulnerability,1,x,{OUTSIDE},10.0.0.1,,,rule,,,web,vsys1,in,out,e1,e2,fwd,"
         'x,7,1,4711,80,0,0,0x0,tcp,alert,"a,b.php",Some Library Code Execution(91991),any,critical,client-to-server',
         ("Some Library Code Execution", "91991", "vulnerability", 1, "alert")),
        (f"CEF:0|v|p|1|4711|Trojan seen|9|src={OUTSIDE} spt=4711 dst=10.0.0.1 dpt=80 proto=TCP act=detected cat=ips",
         ("Trojan seen", "4711", "ips", 1, "detected")),
    ],
)  # fmt: skip
def test_an_alert_of_a_guard_in_a_firewall(message: str, expected: tuple[Any, ...]) -> None:
    told = told_alert(message)
    assert told is not None
    assert tuple(told[n] for n in ("signature", "signature_id", "category", "severity", "action")) == expected
    ends = tuple(told[n] for n in ("src_ip", "src_port", "dst_ip", "dst_port", "proto"))
    assert ends == (OUTSIDE, 4711, "10.0.0.1", 80, "tcp")


@pytest.mark.parametrize("head", ["<13>Nov 27 10:00:00 fw1 ", "<13>1 2026-11-27T10:00:00Z fw1 app - - - "])
def test_an_alert_in_cef_behind_a_head_of_syslog(tmp_path: Path, head: str) -> None:
    line = f"{head}CEF:0|v|p|1|4711|Trojan seen|9|src={OUTSIDE} dst=10.0.0.1 dpt=80 proto=TCP act=blocked\n"
    (event,) = events(tmp_path, "x.log", line, format="syslog@2026")
    assert (event["kind"], event["signature"], event["severity"]) == ("ids_alert", "Trojan seen", 1)


@pytest.mark.parametrize(
    "message",
    [
        f"CEF:0|v|p|1|13|forward traffic deny|9|src={OUTSIDE} dst=10.0.0.1 dpt=80 proto=TCP act=deny",
        f"CEF:0|v|p|1|13|Job finished|3|src={OUTSIDE} dst=10.0.0.1",
        "CEF:0|v|p|1|13|Disk full|10|msg=no addresses",
        f"1,2026/11/27 03:10:00,0018,THREAT,url,1,x,{OUTSIDE},10.0.0.1" + ",x" * 30,
        f'type="traffic" srcip=10.0.0.1 dstip={OUTSIDE} proto=6 action="accept"',
    ],
)
def test_what_is_no_alert(message: str) -> None:
    assert told_alert(message) is None

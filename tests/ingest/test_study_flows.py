"""Flow tables of research sets whose columns have odd names, or none."""

from pathlib import Path
from typing import Any

import pytest
from ingested import events

ENDS = {"src_ip": "10.0.0.9", "src_port": 50123, "dst_ip": "10.0.0.1", "dst_port": 443, "proto": "tcp"}


def _is(event: dict[str, Any], **wanted: Any) -> bool:
    return {name: event.get(name) for name in wanted} == wanted


def test_ugr_has_nfdumps_cells_without_names(tmp_path: Path) -> None:
    rows = (
        "2016-03-18 00:00:01,0.000,10.0.0.9,10.0.0.1,50123,443,TCP,.AP.SF,0,0,6,900,background\n"
        "2016-03-18 00:00:02,0.000,10.0.0.9,10.0.0.2,50124,23,TCP,....S.,0,0,1,60,scan44\n"
    )
    one, two = events(tmp_path, "march.csv", rows)
    assert _is(one, **ENDS, ts=1458259201.0)
    assert _is(two, dst_ip="10.0.0.2", conn_state="S0")
    assert "scan44" not in str(two)


@pytest.mark.parametrize(
    "head",
    [
        "Date,Timestamp,Scr_IP,Scr_port,Des_IP,Des_port,Protocol,Duration,Scr_bytes,Des_bytes,Scr_pkts,class3",
        "x,datetime,src_ip_zeek,src_port_zeek,dest_ip_zeek,dest_port_zeek,proto,duration,orig_bytes,resp_bytes,orig_pkts,t",
    ],
)
def test_names_of_study_sets(tmp_path: Path, head: str) -> None:
    row = "x,1521015910,10.0.0.9,50123,10.0.0.1,443,tcp,1.5,900,4000,4,Attack\n"
    (event,) = events(tmp_path, "x.csv", f"{head}\n{row}")
    assert _is(event, **ENDS, ts=1521015910.0, bytes_out=900, bytes_in=4000, packets_out=4)
    assert "Attack" not in str(event)

"""Hospitals seen by other sensors: what a strain leaves, and that its events and truth still belong together."""

import math
from collections import Counter

import orjson
import pytest

from benchmarks.quality.hospitals.playing import lists_of, play
from benchmarks.quality.hospitals.setting import Setting
from benchmarks.quality.hospitals.strains import strained
from benchmarks.quality.hospitals.wire_addresses import (
    READDRESSED,
    RENUMBERED_TS,
    both_versions,
    inside,
    leased,
    public,
    renumbered,
    version6,
)
from benchmarks.quality.hospitals.wire_strains import LOST, TWICE, WIRE_STRAINS
from pipeline.simulator import Emitted

CLIENT, OUTSIDE, SERVER = "10.20.12.7", "30.1.2.3", "10.20.1.20"


def event(number: int = 0, source: str = "network", ts: float = 1_772_450_000.5, **fields: object) -> Emitted:
    """A flow of a client to the internet, in all that is not said."""
    doc = {
        "ts": ts + number, "event_id": f"{number:016x}{'f' * 16}", "format": "zeek.conn", "src_ip": CLIENT,
        "src_port": 50_000, "dst_ip": OUTSIDE, "dst_port": 443, "proto": "tcp", "service": "ssl", "uid": f"C{number}",
        "src_mac": "aa:bb:cc:00:00:01", "kind": "flow", "duration_s": 1.25, "bytes_out": 900, "bytes_in": 9000,
        "packets_out": 9, "packets_in": 12, "conn_state": "SF", "history": "ShADadFf",
    }  # fmt: skip
    doc |= fields
    return Emitted(source, ts + number, str(doc["src_ip"]), orjson.dumps(doc), "beaconing-1")


def told(names: str, *events: Emitted) -> list[dict[str, object]]:
    """The documents that arrive."""
    return [orjson.loads(e.value) for e in strained(events, names.split(","))]


def test_sensors_see_what_passes_them() -> None:
    out, within = event(1), event(2, dst_ip=SERVER)
    assert [d["uid"] for d in told("edge_only", out, within)] == ["C1"]
    assert [d["uid"] for d in told("inside_only", out, within)] == ["C2"]
    assert abs(len(told("lossy", *map(event, range(1000)))) / 1000 - (1 - LOST)) < 0.05
    assert told("no_tls", event(1), event(2, kind="tls"), event(3, kind="tls")) == told("no_tls", event(1))
    log = event(1, "logs", host="srv-web1")
    assert told("edge_only", log) == told("lossy", log) == [orjson.loads(log.value)]


def test_an_exporter_tells_amounts_only_and_of_a_long_flow_several_times() -> None:
    first, *rest = told("netflow", event(1, duration_s=1000.0), event(2, kind="dns"))
    assert not {"service", "history", "uid", "src_mac"} & first.keys()
    assert len(rest) == 3 and len({d["event_id"] for d in (first, *rest)}) == 4
    assert sum(d["bytes_in"] for d in (first, *rest)) == 9000
    assert math.isclose(sum(d["duration_s"] for d in (first, *rest)), 1000.0)
    assert told("netflow", event(1, packets_in=0, conn_state="REJ"))[0]["conn_state"] == "S0"


def test_suricata_tells_no_outcome_of_ssh_and_its_own_words() -> None:
    ssh = event(1, format="zeek.ssh", kind="auth", outcome="failure", client="SSH-2.0-x", service="ssh")
    write = event(2, format="zeek.smb_files", kind="file", action="SMB::FILE_WRITE", service="smb")
    ticket = event(3, format="zeek.kerberos", kind="auth", request_type="TGS", outcome="success", user="u1")
    assert [d.get("outcome") for d in told("eve", ssh)] == ["unknown"]
    assert told("eve", write)[0]["action"] == "SMB2_COMMAND_WRITE"
    assert told("eve", ticket)[0]["request_type"] == "KRB_TGS_REP"
    assert told("eve", event(4, format="zeek.software", kind="software")) == []
    assert told("eve", event(5))[0] == {k: v for k, v in orjson.loads(event(5).value).items() if k != "history"} | {
        "format": "suricata.flow", "service": "tls",
    }  # fmt: skip


def test_a_proxy_stands_between_clients_and_the_web() -> None:
    tls = event(1, kind="tls", sni="www.x.example")
    assert [(d["kind"], d["src_ip"] == CLIENT, d["dst_port"]) for d in told("proxy", tls)] == [
        ("http", True, 3128), ("tls", True, 3128), ("tls", False, 443),
    ]  # fmt: skip
    assert len({d["event_id"] for d in told("proxy", tls)}) == 3
    assert len(told("proxy", event(1, dst_ip=SERVER))) == 1
    assert inside(told("nat", event(1))[0]["src_ip"]) and told("nat", event(1))[0]["src_ip"] != CLIENT


def test_two_sensors_tell_of_one_connection_twice() -> None:
    docs = told("two_sensors", *map(event, range(1000)))
    assert abs(len(docs) / 1000 - 1 - TWICE) < 0.06 and len({d["event_id"] for d in docs}) == len(docs)


def test_late_records_keep_their_time_and_wrong_clocks_their_place() -> None:
    many = [event(n) for n in range(300)]
    times = [d["ts"] for d in told("disorder", *many)]
    assert sorted(times) == [e.ts for e in many] != times
    long, brief = event(0, duration_s=60.0), event(1)
    assert [d["duration_s"] for d in told("at_end", long, brief)] == [1.25, 60.0]
    logs = [event(n, "logs", host=f"h{n}") for n in range(100)]
    behind = Counter(round(e.ts - d["ts"]) for e, d in zip(logs, told("clocks", *logs), strict=True))
    assert behind.keys() == {0, 420} and 20 < behind[420] < 60


def test_addresses_are_those_of_the_strain_in_events_truth_and_inventory() -> None:
    assert public(CLIENT) == "44.20.12.7" and version6(CLIENT) == "2a0c:5e40:20:12::7"
    assert {leased(CLIENT, h * 3600.0) for h in (1, 2, 3, 4, 5)} == {CLIENT} != {leased(CLIENT, 7 * 3600.0)}
    assert leased(SERVER, 7 * 3600.0) == SERVER
    setting = Setting(11, staff=50, hours=1.0, strains=("public_inside",))
    assert all(ip.startswith("44.20.") for ip in lists_of(setting).devices if ":" not in ip)
    played = play(setting, ["port_scan"], {"network.port_scan"})
    named = {ip[:6] for label in played.labels for ip in label.entities.get("ip", ())}
    assert "44.20." in named and "10.20." not in named
    assert "port_scan-1" in played.tags.values()


def test_several_strains_are_played_one_after_the_other() -> None:
    gate = [d["src_ip"] for d in told("nat,netflow,public_inside", event(1, duration_s=700.0))]
    assert len(gate) == 3 and set(gate) == {"44.20.0.9"}
    seen = told("two_sensors,netflow", *(event(n, duration_s=700.0) for n in range(100)))
    assert len({d["event_id"] for d in seen}) == len(seen) > 450
    late = told("at_end,disorder", event(0, duration_s=600.0), event(1, duration_s=0.0))
    assert [d["duration_s"] for d in late] == [0.0, 600.0]


def test_what_befalls_a_sensor_at_a_moment() -> None:
    six, hour = RENUMBERED_TS, 3600.0
    hours = [event(1, ts=six + h * hour, uid=f"C{h}") for h in range(-2, 2)]
    assert [d["uid"] for d in told("sensor_gap", *hours)] == ["C-1", "C0", "C1"]
    assert [d["uid"] for d in told("late_start", *hours)] == ["C0", "C1"]
    jumped = told("sensor_clock", *(event(n, ts=six) for n in range(200)))
    assert 60 < sum(d["ts"] > six + 250 for d in jumped) < 140
    log = event(1, "logs", ts=six, host="srv-web1")
    first, again = told("shipped_twice", log)
    assert first["ts"] == again["ts"] and first["event_id"] != again["event_id"]
    assert [e.ts for e in strained([log, event(2, ts=six + 2 * hour)], ["shipped_twice"])][1] == log.ts


def test_machines_are_the_same_under_other_addresses() -> None:
    assert renumbered(CLIENT, RENUMBERED_TS - 1) == CLIENT != renumbered(CLIENT, RENUMBERED_TS) == "10.20.112.7"
    assert renumbered(SERVER, RENUMBERED_TS) == SERVER
    both = {str(d["src_ip"]) for d in told("dual_stack", *map(event, range(50)))}
    assert both == {CLIENT, both_versions(CLIENT)} and both_versions(CLIENT) == "fd12:5e40:20:12::7"
    setting = Setting(11, staff=50, hours=1.0, strains=("dual_stack", "unnamed_scanner"))
    assert not len(lists_of(setting)["scanners"])
    named = {ip for x in play(setting, ["port_scan"], {"network.port_scan"}).labels for ip in x.entities.get("ip", ())}
    assert any(":" in ip for ip in named) and any(":" not in ip for ip in named)


@pytest.mark.parametrize("name", WIRE_STRAINS)
def test_every_strain_writes_documents_that_are_read(name: str) -> None:
    setting = Setting(11, staff=50, hours=0.1, begins_h=6.0, strains=(name,))
    played = play(setting, [], {"network.port_scan", "logs.volume", "devices.silent"})
    assert played.events > 50  # a refused document ends a play
    assert set(READDRESSED) < set(WIRE_STRAINS)

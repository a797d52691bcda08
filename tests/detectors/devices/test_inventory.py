"""What the passive inventory makes of a network, and the tables that say which maker builds what."""

import pytest
from netaddr import EUI

from detectors.played import decoded
from pipeline.detectors.devices.host_evidence import HostEvidence
from pipeline.detectors.devices.passive_inventory import InventoryRow, PassiveInventory
from pipeline.features.device_classes import NAMES, class_of_host, class_of_maker, class_of_word
from pipeline.features.oui_classes import OUI_CODES, OUI_PREFIXES

MAKERS = {"00:09:fb:00:00:01": "Philips Patient Monitoring"}
FLOW = {"kind": "flow", "ts": 1e6, "proto": "tcp", "bytes_out": 900, "bytes_in": 90}


def learned(
    events: list[dict[str, object]], listed: dict[str, dict[str, str]] | None = None
) -> dict[str, InventoryRow]:
    inventory = PassiveInventory(lambda mac: MAKERS.get(mac, ""), listed)
    for event in events:  # one by one: what is learned does not depend on batches
        inventory.learn(decoded("network", [event]))
    return {row.ip: row for row in inventory.rows()}


def test_maker_and_language_agree() -> None:
    rows = learned(
        [FLOW | {"src_ip": "10.4.1.9", "src_mac": "00:09:FB:00:00:01", "dst_ip": "10.1.0.5", "dst_port": 2575}]
    )
    monitor, server = rows["10.4.1.9"], rows["10.1.0.5"]
    assert (monitor.device_class, monitor.mac) == ("patient_monitor", "00:09:fb:00:00:01")
    assert monitor.confidence > 0.6 and "speaks port 2575" in monitor.evidence
    assert (server.device_class, server.events) == ("clinical_server", 0)


def test_lease_names_and_outside_hosts() -> None:
    lease = {"kind": "dhcp", "ts": 1e6, "src_ip": "10.4.0.7", "assigned_ip": "10.4.0.7", "hostname": "alaris-0007"}
    rows = learned([lease, FLOW | {"src_ip": "10.4.0.7", "dst_ip": "198.51.100.7", "dst_port": 443}])
    assert (rows["10.4.0.7"].device_class, rows["10.4.0.7"].name) == ("infusion_pump", "alaris-0007")
    assert set(rows) == {"10.4.0.7"}
    asks = {"kind": "dhcp", "ts": 1e6, "src_ip": ".".join("0000"), "hostname": "alaris-1"}
    assert not learned([asks]), "it has no address yet"


def test_names_that_machines_announce() -> None:
    told = {"kind": "dns", "ts": 1e6, "src_ip": "10.4.0.8", "dst_ip": "224.0.0.251", "dst_port": 5353}
    own = told | {"query": "intellivue-12.local", "answers": ["10.4.0.8"]}
    others = told | {"src_ip": "10.4.0.9", "query": "alaris-1.local", "answers": ["10.4.0.77"]}
    asked = told | {"src_ip": "10.4.0.9", "query": "alaris-2.local"}
    elsewhere = own | {"src_ip": "10.4.0.10", "dst_port": 53, "answers": ["10.4.0.10"]}
    rows = learned([own, others, asked, elsewhere])
    assert {row.name for row in rows.values()} <= {"", "intellivue-12"}, "nobody is named by another"
    assert (rows["10.4.0.8"].device_class, rows["10.4.0.8"].name) == ("patient_monitor", "intellivue-12")


def test_names_that_machines_tell_their_neighbours() -> None:
    told = {"kind": "dns", "ts": 1e6, "src_ip": "10.4.0.9", "dst_ip": "10.4.0.8", "dst_port": 5355}
    answered = told | {"query": "alaris-7", "answers": ["10.4.0.8"], "dst_mac": "00:09:fb:00:00:07"}
    poses = answered | {"query": "wpad", "ts": 1e6 + 9}
    older = {"kind": "dns", "ts": 1e6, "src_ip": "10.4.0.11", "src_port": 137, "dst_ip": "10.4.0.9", "dst_port": 137,
             "query": "ws-11", "answers": ["10.4.0.11"]}  # fmt: skip
    call = told | {"dst_port": 5353, "query": "0a1b2c3d-0a1b-4c2d-8e3f-0123456789ab.local", "answers": ["10.4.0.9"]}
    rows = learned([call, call | {"query": "_ipp._tcp.local"}, answered, poses, older])
    assert (rows["10.4.0.8"].name, rows["10.4.0.8"].mac) == ("alaris-7", "00:09:fb:00:00:07")
    assert rows["10.4.0.11"].name == "ws-11" and "10.4.0.9" not in {ip for ip, row in rows.items() if row.name}


def test_a_router_lends_its_maker_to_nobody() -> None:
    events = [
        FLOW | {"src_ip": f"10.7.0.{i}", "src_mac": "00:09:fb:00:00:01", "dst_ip": "10.1.0.5", "dst_port": 80}
        for i in range(1, 9)
    ]
    rows = learned(events)
    assert {rows[f"10.7.0.{i}"].device_class for i in range(1, 9)} == {"unknown"}


def test_the_inventory_wins_and_what_was_not_seen_is_told() -> None:
    listed = {"10.4.1.9": {"ip": "10.4.1.9", "class": "Ventilator"}, "10.4.1.10": {"ip": "10.4.1.10", "class": "pump"}}
    rows = learned([FLOW | {"src_ip": "10.4.1.9", "dst_ip": "10.1.0.5", "dst_port": 2575}], listed)
    assert (rows["10.4.1.9"].device_class, rows["10.4.1.9"].evidence) == ("ventilator", ("inventory",))
    assert (rows["10.4.1.10"].device_class, rows["10.4.1.10"].events) == ("infusion_pump", 0)


def test_first_and_last_sight() -> None:
    event = FLOW | {"src_ip": "10.4.1.9", "dst_ip": "10.1.0.5", "dst_port": 80}
    row = learned([event, event | {"ts": 1e6 + 60}])["10.4.1.9"]
    assert (row.first_ts, row.last_ts, row.events) == (1e6, 1e6 + 60, 2)


def test_rivals_cost_confidence() -> None:
    sure, torn = HostEvidence("10.0.0.1"), HostEvidence("10.0.0.2")
    for host in (sure, torn):
        host.hint("printer", "answers port 9100", 0.6)
    torn.hint("workstation", "speaks port 445", 0.5)
    assert sure.judged()[:2] == ("printer", 0.6)
    assert torn.judged()[0] == "printer" and torn.judged()[1] < 0.6


@pytest.mark.parametrize(
    ("word", "name"),
    [("Patient Monitor", "patient_monitor"), ("building_control", "building_automation"), ("CT", "imaging"),
     ("pump gateway", "clinical_server"), ("something new", "medical"), ("", "unknown")],
)  # fmt: skip
def test_words_of_inventories(word: str, name: str) -> None:
    assert class_of_word(word) == name


def test_names_of_hosts() -> None:
    assert class_of_host("SEP001122334455") == "phone" and class_of_host("ct-0012") == "imaging"


def test_prefixes_are_those_of_their_makers() -> None:
    """The baked table says what the registry's names say: every ninth of it, as reading the registry is slow."""
    for prefix, code in list(zip(OUI_PREFIXES.tolist(), OUI_CODES.tolist(), strict=True))[::9]:
        assert class_of_maker(EUI(prefix << 24).oui.registration().org) == NAMES[code]


def test_what_a_machine_serves_says_more_than_an_ordinary_computer_s_card() -> None:
    inventory = PassiveInventory(lambda _: "Dell Inc.")
    asks = FLOW | {"dst_ip": "10.1.0.35", "dst_port": 11112, "service": "dicom"}
    own = FLOW | {"src_ip": "10.1.0.35", "src_mac": "00:1e:4f:00:00:01", "dst_ip": "10.1.0.2", "dst_port": 53}
    desk = own | {"src_ip": "10.1.0.9", "src_mac": "00:1e:4f:00:00:02"}
    events = [own, desk, *(asks | {"src_ip": f"10.4.0.{k}"} for k in range(3))]
    inventory.learn(decoded("network", events))
    rows = {row.ip: row for row in inventory.rows()}
    assert rows["10.1.0.35"].device_class == "pacs" and rows["10.1.0.35"].confidence > 0.5
    assert rows["10.1.0.9"].device_class == "workstation", "of which nothing else is known"

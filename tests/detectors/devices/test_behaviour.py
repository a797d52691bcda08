"""How the detectors of devices behave where their examples do not tell: who is named, how often, and by what clock."""

import gzip
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detectors.documents import GROUPS
from detectors.played import decoded, played
from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.detector import Setup
from pipeline.detectors.devices.internet import Internet
from pipeline.detectors.devices.new_peer import NewPeer
from pipeline.detectors.devices.remote_access import RemoteAccess
from pipeline.detectors.devices.silent import Silent
from pipeline.detectors.devices.vitals_mismatch import VitalsMismatch
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode
from pipeline.features.lists import Lists, UserList
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Manner, Parsed

ROOT = Path(__file__).parents[3]
WUSTL = ROOT.parent / "shared/data/network/wustl_ehms_head11000.csv.gz"
# Addresses of one key group, so that each sees the other.
PUMPS = ("10.4.9.13", "10.4.9.25", "10.4.9.33")
LISTS = Lists(devices={ip: {"ip": ip, "class": "infusion pump"} for ip in PUMPS})
FLOW: dict[str, Any] = {
    "kind": "flow", "proto": "tcp", "dst_ip": "10.1.0.5", "dst_port": 8443, "bytes_in": 90, "conn_state": "SF",
}  # fmt: skip


def reports(ip: str, first: int, last: int) -> list[dict[str, Any]]:
    """One a minute."""
    return [FLOW | {"ts": 1e6 + 60.0 * i, "src_ip": ip} for i in range(first, last)]


def in_time(*parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted((event for part in parts for event in part), key=lambda e: e["ts"])


def test_silence_names_the_silent_device_once() -> None:
    cut = FLOW | {"ts": 1e6 + 60.0 * 70 + 1, "src_ip": PUMPS[1], "conn_state": "RSTR", "bytes_in": 30}
    events = decoded("network", in_time(reports(PUMPS[0], 0, 140), reports(PUMPS[1], 0, 70), [cut]))
    others = tuple(name for name in catalogue() if name != Silent.id)
    engine = Engine("network", EngineConfig(GROUPS, disabled=others), LISTS)
    (hits,) = engine.process(events, Origin("network", 0, np.arange(events.n))).hits
    finding = hits.describe(0)
    assert len(hits.rows) == 1
    assert (finding.entity, finding.group_key) == (PUMPS[1], PUMPS[1])
    assert finding.message.startswith(f"{PUMPS[1]}, an infusion pump, has not reported for")
    assert {o.value for o in finding.observables} == {PUMPS[1]}


def test_calls_in_vain_are_silence() -> None:
    vain = [e | {"conn_state": "S0", "bytes_in": 0} for e in reports(PUMPS[1], 70, 140)]
    scores = played(Silent, in_time(reports(PUMPS[0], 0, 140), reports(PUMPS[1], 0, 70), vain), LISTS)
    assert np.nanmax(scores) == 0.7


def test_of_those_that_fall_silent_together_one_is_told() -> None:
    cuts = [FLOW | {"ts": 1e6 + 60.0 * 70, "src_ip": ip, "conn_state": "RSTR", "bytes_in": 30} for ip in PUMPS[1:]]
    parts = [reports(PUMPS[0], 0, 140), *(reports(ip, 0, 70) for ip in PUMPS[1:]), cuts]
    assert np.count_nonzero(played(Silent, in_time(*parts), LISTS) >= 0.5) == 1


def test_a_new_address_of_a_known_kind_is_no_news() -> None:
    moved = [e | {"src_ip": PUMPS[1]} for e in reports(PUMPS[0], 150, 200)]
    assert np.nanmax(played(NewPeer, [*reports(PUMPS[0], 0, 150), *moved], LISTS)) < 0.5


def test_listed_scanners_are_not_devices_that_wander() -> None:
    usual = [e | {"src_mac": "3c:a1:0e:00:00:09"} for e in reports(PUMPS[0], 0, 150)]
    scan = [usual[-1] | {"ts": 2e6 + i, "dst_ip": f"10.8.0.{i}", "dst_port": 22} for i in range(9)]
    listed = Lists({"scanners": UserList({PUMPS[0]: ({"value": PUMPS[0]},)})})
    assert np.nanmax(played(NewPeer, [*usual, *scan])) >= 0.5
    assert np.all(np.isnan(played(NewPeer, [*usual, *scan], listed)))


def test_a_roll_out_from_the_makers_cloud_is_quiet() -> None:
    parts = [reports(ip, 0, 150) for ip in PUMPS]
    fetch = FLOW | {"dst_ip": "203.0.113.9", "dst_port": 443, "bytes_out": 9000, "bytes_in": 48_000_000}
    update = [fetch | {"src_ip": ip, "ts": 1.1e6 + 90.0 * i + k} for i in range(5) for k, ip in enumerate(PUMPS)]
    assert np.nanmax(played(Internet, [*in_time(*parts), *update], LISTS)) < 0.5


def test_administrators_are_known_by_their_other_work() -> None:
    admin = "10.4.2.9"
    shell = FLOW | {"src_ip": admin, "dst_port": 22, "service": "ssh", "bytes_out": 900}
    work = [shell | {"ts": 1e6 + 600.0 * i, "dst_ip": f"10.1.0.{20 + i % 4}"} for i in range(12)]
    device = shell | {"ts": 1e6 + 8000.0, "dst_ip": PUMPS[0]}
    scores = played(RemoteAccess, [*work, device, device | {"dst_port": 23, "service": "telnet"}], LISTS)
    assert scores[-2] < 0.5 <= scores[-1]


@pytest.mark.skipif(not WUSTL.exists(), reason="shared data is not here")
def test_wustl_through_its_mapping(tmp_path: Path) -> None:
    """Altered readings are told, almost nothing else is; labels are used to judge alone."""
    mapping, table = ROOT / "infra/mappings/wustl_ehms.yaml", tmp_path / "head.csv"
    with gzip.open(WUSTL, "rt") as file:
        lines = list(islice(file, 2500))
    table.write_text("".join(lines))
    records = [r for r in read_paths([table], mapping=mapping, manner=Manner(mask=False)) if isinstance(r, Parsed)]
    attacks = [line.split(",")[-2] for line in lines[1:]]
    scores = VitalsMismatch(Setup(GROUPS)).score(decode("network", [r.value for r in records], GROUPS).batch).values
    told, attack = scores >= 0.5, np.array(attacks)
    assert told[attack == "Data Alteration"].mean() > 0.9
    assert told[attack == "normal"].mean() < 0.01


def quiet_night_then_morning(days: float) -> list[dict[str, Any]]:
    """A machine that shows no hardware address: one server all night, and many places from then on."""
    night = [FLOW | {"ts": 1e6 + 60.0 * i, "src_ip": "10.9.1.2"} for i in range(int(days * 1440))]
    doors = [(f"10.1.0.{20 + k}", port) for k, port in enumerate((445, 135, 443, 3389, 88, 445))]
    begin = night[-1]["ts"] + 60.0
    return night + [
        FLOW | {"ts": begin + 60.0 * k, "src_ip": "10.9.1.2", "dst_ip": ip, "dst_port": port, "bytes_out": 8e6}
        for k, (ip, port) in enumerate(doors)
    ]


@pytest.mark.parametrize(("days", "told"), [(0.25, False), (1.2, True)])
def test_a_network_without_makers_is_watched_for_a_day_before_it_counts_as_devices(days: float, told: bool) -> None:
    events = quiet_night_then_morning(days)
    assert (np.nanmax(played(NewPeer, events), initial=0.0) >= 0.5) == told
    known = [event | {"src_mac": "3c:a1:0e:00:00:09"} for event in events]
    assert np.nanmax(played(NewPeer, known)) >= 0.5

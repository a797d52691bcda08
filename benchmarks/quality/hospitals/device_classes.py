"""Which classes the passive inventory gives the machines of simulated hospitals and of a laboratory's captures.

    python -m benchmarks.quality.hospitals.device_classes --seeds 11,13 [--hours 6] [--bare] [--captures PCAP …]

Right: the machine's own class. A server beside patients' care may also be called a server: what it serves is not in
every packet. Of captures every machine is shown, as the laboratory says who is what (`lab/house.py`).
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from benchmarks.quality.hospitals.playing import lists_of
from benchmarks.quality.hospitals.setting import Setting
from pipeline.cli.commands.devices import maker_of
from pipeline.detectors.devices.passive_inventory import InventoryRow, PassiveInventory
from pipeline.features.decode import decode
from pipeline.features.device_classes import class_of_word
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Manner, Parsed
from pipeline.simulator import Hospital
from pipeline.simulator.world.world import World

CHUNK = 4096
CLINICAL_SERVERS = ("lis1", "intf1", "pump-gw", "ehr1", "ehr2")
LABORATORY = {
    "pacs": "pacs", "engine": "clinical_server", "his": "clinical_server", "analyser": "lab_analyzer", "ct": "imaging",
    "ultrasound": "imaging", "controller": "building_automation", "viewer": "workstation", "plant": "workstation",
    "sensors": "unknown", **dict.fromkeys(("names", "files", "web", "app", "monitor", "broker"), "server"),
    **{f"desk{n}": "workstation" for n in range(1, 7)},
}  # fmt: skip
"""What the machines of the laboratory are for."""


def truth_of(setting: Setting) -> dict[str, str]:
    """Address → class of every machine of a simulated hospital that stays in one place."""
    world = World(setting.seed, setting.start_ts, setting.start_ts + setting.seconds, **setting.size)
    truth = {m.host.ip: class_of_word(m.cls.name) for m in world.devices}
    for name, host in world.servers.items():
        truth[host.ip] = "pacs" if name == "pacs1" else "clinical_server" if name in CLINICAL_SERVERS else "server"
    truth |= {printer.ip: "printer" for printer in world.printers}
    return truth | {desk.ip: "workstation" for desk in world.desks}


def learned(documents: Iterable[bytes], listed: dict[str, dict[str, str]]) -> list[InventoryRow]:
    """The inventory of a network's events."""
    inventory = PassiveInventory(maker_of, listed)
    waiting = iter(documents)
    while chunk := list(islice(waiting, CHUNK)):
        inventory.learn(decode("network", chunk, 1).batch)
    return list(inventory.rows())


def _of_hospital(setting: Setting) -> Iterator[bytes]:
    hospital = Hospital(stories=(), **setting.hospital | {"sources": ("network",)})
    return (event.value for event in hospital.events(setting.seconds) if event.source == "network")


def _of_captures(paths: list[Path]) -> Iterator[bytes]:
    records = read_paths(paths, manner=Manner(mask=False))
    return (one.value for one in records if isinstance(one, Parsed) and one.source == "network")


def told(rows: list[InventoryRow], truth: dict[str, str]) -> dict[str, Counter[str]]:
    """True class → how often each was given."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.ip in truth and row.events:
            found[truth[row.ip]][row.device_class] += 1
    return found


def main(words: Sequence[str] | None = None) -> int:
    """A line a true class: machines, right, and what the others are called."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", default="")
    parser.add_argument("--hours", type=float, default=6.0)
    parser.add_argument("--bare", action="store_true", help="no inventory")
    parser.add_argument("--captures", nargs="*", type=Path, default=[])
    given = parser.parse_args(words)
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for seed in [int(word) for word in given.seeds.split(",") if word]:
        setting = Setting(seed, hours=given.hours, bare=given.bare)
        listed = {} if given.bare else {key: dict(row) for key, row in lists_of(setting).devices.items()}
        for name, counts in told(learned(_of_hospital(setting), listed), truth_of(setting)).items():
            total[name].update(counts)
    if given.captures:
        _captured(given.captures)
    for name, counts in sorted(total.items()):
        others = ", ".join(f"{k} {n}" for k, n in counts.most_common() if k != name)
        print(f"{name:20} {counts.total():5} right {counts[name]:5}   {others}")
    return 0


def _captured(paths: list[Path]) -> None:
    from benchmarks.quality.lab.house import WARD

    names = {address: name for name, (address, _) in WARD.items()}
    for row in learned(_of_captures(paths), {}):
        if row.ip in names:
            sign = "+" if LABORATORY[names[row.ip]] == row.device_class else "-"
            print(f"{sign} {names[row.ip]:12} {row.device_class:20} {row.confidence:.2f} {'; '.join(row.evidence)}")


if __name__ == "__main__":
    sys.exit(main())

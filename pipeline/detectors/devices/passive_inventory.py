"""Which devices there are, learned from what the network shows and merged with what an inventory lists."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.detectors.devices.host_evidence import ANSWERS, LISTED, MOST_PEERS, SPEAKS, HostEvidence
from pipeline.detectors.neighbour_names import PORTS, machine_name
from pipeline.features.addresses import EXTERNAL, INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.device_classes import (
    COMPUTERS,
    PROTOCOLS,
    SERVING,
    class_of_host,
    class_of_maker,
    class_of_software,
)
from pipeline.features.hashing import combine_many
from pipeline.features.known_devices import device_ends, inventory_class
from pipeline.features.lists import Lists
from pipeline.features.unknown import filled, is_port

MAX_HOSTS, MAX_SEEN = 65_536, 1_000_000
MAX_SOFTWARE = 8
ROUTER = 4  # addresses behind one MAC from which it is a router's, and says nothing of those behind it
MAKER, COMPUTER, NAME, SOFTWARE = 0.6, 0.35, 0.5, 0.4
"""Weights; a maker of whole computers says less than what the machine does, shares apart."""
NOBODY_YET = "0.0.0.0"  # noqa: S104 - the address of who asks for one
_NOBODY = Lists()


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """One device as it is shown."""

    ip: str
    mac: str
    name: str
    maker: str
    device_class: str
    confidence: float
    evidence: tuple[str, ...]
    listed: bool
    first_ts: float | None
    last_ts: float | None
    events: int


class PassiveInventory:
    """Hosts inside by address, up to 65,536; `left_out` counts events of hosts beyond.

    Work in Python is done once for each new (host, peer, port, service), name or software, not for every event. The
    maker of a MAC address is what `maker_of` says. An inventory row wins over what was learned.
    """

    def __init__(self, maker_of: Callable[[str], str], listed: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._maker_of = maker_of
        self._listed = dict(listed or {})
        self._hosts: dict[str, HostEvidence] = {}
        self._by_hash: dict[int, HostEvidence] = {}
        self._seen: set[int] = set()
        self._behind: dict[str, set[str]] = {}
        self.left_out = 0

    def list_devices(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Add inventory rows: mac, ip, class, vendor, model …"""
        for row in rows:
            self._listed |= {row[key].lower(): row for key in ("mac", "ip") if row.get(key)}

    def learn(self, batch: Batch) -> None:
        """Learn a batch of the source `network`."""
        src, dst = (device_ends(batch, _NOBODY, side) for side in ("src", "dst"))
        self._count(batch, np.flatnonzero((src.where == INTERNAL) & (batch.hash("src_ip") != 0)))
        answered = batch.kind("flow") & (batch.number("bytes_in") > 0)
        talks = batch.kind("flow") & (src.where == INTERNAL) & (~(batch.number("bytes_in") == 0))
        self._protocols(batch, np.flatnonzero(talks), "src", 0)
        self._protocols(batch, np.flatnonzero(answered & (dst.where == INTERNAL)), "dst", 1)
        outside = np.flatnonzero(talks & (dst.where == EXTERNAL))
        self._peers(batch, outside, "src_ip", "dst_ip", "outside")
        self._peers(batch, np.flatnonzero(answered & (dst.where == INTERNAL)), "dst_ip", "src_ip", "clients")
        self._texts(batch, np.flatnonzero(batch.kind("software", "http") & (src.where == INTERNAL)))
        for row in np.flatnonzero(batch.kind("dhcp")):
            self._lease(batch, int(row))
        for row in np.flatnonzero(batch.kind("dns") & is_port(batch.number("dst_port"), PORTS)):
            self._announced(batch, int(row))

    def rows(self) -> Iterator[InventoryRow]:
        """All hosts that were seen, by address, then those listed that were not."""
        met = set()
        for host in sorted(self._hosts.values(), key=lambda h: h.ip):
            router = len(self._behind.get(host.mac, ())) > ROUTER
            mac = "" if router else host.mac
            row = self._listed.get(mac) or self._listed.get(host.ip)
            if row is not None:
                met.add(id(row))
            yield self._row(host, mac, row)
        for row in {id(r): r for r in self._listed.values() if id(r) not in met}.values():
            yield self._row(HostEvidence(row.get("ip") or ""), (row.get("mac") or "").lower(), row)

    def _row(self, host: HostEvidence, mac: str, listed: Mapping[str, str] | None) -> InventoryRow:
        maker = self._maker_of(mac) if mac else ""
        if maker:
            made = class_of_maker(maker)
            host.computer = made in COMPUTERS
            host.hint(made, f"maker {maker}", COMPUTER if host.computer else MAKER)
        name, confidence, why = host.judged()
        if listed is not None:
            name, confidence, why = inventory_class(listed), LISTED, ["inventory"]
            maker = listed.get("vendor") or maker
        seen = host.events > 0
        return InventoryRow(
            host.ip, mac, host.name, maker, name, confidence, tuple(why), listed is not None,
            host.first_ts if seen else None, host.last_ts if seen else None, host.events,
        )  # fmt: skip

    def _host(self, batch: Batch, side: str, row: int) -> HostEvidence | None:
        key = int(batch.hash(f"{side}_ip")[row])
        host = self._by_hash.get(key)
        if host is None and key:
            if len(self._hosts) >= MAX_HOSTS:
                return None
            ip = (batch.text(f"{side}_ip", row) or "").lower()
            host = self._by_hash[key] = self._hosts.setdefault(ip, HostEvidence(ip))
        return host

    def _count(self, batch: Batch, rows: np.ndarray) -> None:
        """Events, first and last sight, and MAC of every source."""
        if not len(rows):
            return
        _, first, place = np.unique(batch.hash("src_ip")[rows], return_index=True, return_inverse=True)
        counts = np.bincount(place)
        low, high = np.full(len(first), np.inf), np.full(len(first), -np.inf)
        np.minimum.at(low, place, batch.ts[rows])
        np.maximum.at(high, place, batch.ts[rows])
        for k, row in enumerate(rows[first]):
            host = self._host(batch, "src", int(row))
            if host is None:
                self.left_out += int(counts[k])
                continue
            host.events += int(counts[k])
            host.first_ts, host.last_ts = min(host.first_ts, float(low[k])), max(host.last_ts, float(high[k]))
            self._own_mac(host, batch.text("src_mac", int(row)))

    def _own_mac(self, host: HostEvidence, mac: str | None) -> None:
        if mac and mac.lower() != host.mac:
            host.mac = mac.lower()
            behind = self._behind.setdefault(host.mac, set())
            if len(behind) <= ROUTER:
                behind.add(host.ip)

    def _fresh(self, keys: np.ndarray) -> np.ndarray:
        """int64[k]: places of the first of every key that never came before; 0 is no key."""
        unique, first = np.unique(keys, return_index=True)
        fresh = [int(at) for key, at in zip(unique.tolist(), first, strict=True) if key and key not in self._seen]
        if len(self._seen) < MAX_SEEN:
            self._seen.update(unique.tolist())
        return np.array(fresh, np.int64)

    def _protocols(self, batch: Batch, rows: np.ndarray, side: str, role: int) -> None:
        port, service = batch.number("dst_port")[rows], batch.hash("service")[rows]
        what = filled(port).astype(np.uint64) + np.uint64(70_000 * (role + 1)) + (service << np.uint64(20))
        other = batch.hash("src_ip" if role else "dst_ip")[rows]
        both = combine_many(batch.hash(f"{side}_ip")[rows], combine_many(other, what))
        for at in self._fresh(both):
            row = int(rows[at])
            host = self._host(batch, side, row)
            number, word = int(batch.value("dst_port", row) or 0), batch.text("service", row) or ""
            known = PROTOCOLS.get(word) or (PROTOCOLS.get(number) if not word or number != 443 else None)
            if host is not None and known is not None:
                name, why = known[1] if role else known[0], f"{ANSWERS if role else SPEAKS} port {number}"
                host.hint(name, why, known[2])
                met = host.others.setdefault((name, why), set()) if name in SERVING else set()
                if len(met) < MOST_PEERS:
                    met.add(int(other[at]))

    def _peers(self, batch: Batch, rows: np.ndarray, who: str, whom: str, kept: str) -> None:
        peers = batch.hash(whom)[rows]
        for at in self._fresh(combine_many(batch.hash(who)[rows], peers + np.uint64(len(kept)))):
            host = self._host(batch, who.removesuffix("_ip"), int(rows[at]))
            if host is not None:
                found: set[int] = getattr(host, kept)
                if len(found) < MOST_PEERS:
                    found.add(int(peers[at]))

    def _texts(self, batch: Batch, rows: np.ndarray) -> None:
        """Software and browsers that sources show."""
        for name in ("software", "user_agent"):
            for at in self._fresh(combine_many(batch.hash("src_ip")[rows], batch.hash(name)[rows])):
                host, text = self._host(batch, "src", int(rows[at])), batch.text(name, int(rows[at]))
                if host is not None and text and len(host.software) < MAX_SOFTWARE:
                    host.software.add(text[:80])
                    host.hint(class_of_software(text), f"shows {text[:40]}", SOFTWARE)

    def _lease(self, batch: Batch, row: int) -> None:
        ip = batch.text("assigned_ip", row) or batch.text("src_ip", row)
        self._name(batch, row, ip, batch.text("hostname", row))

    def _announced(self, batch: Batch, row: int) -> None:
        """The first name that a machine tells of its own address, unasked or to a neighbour (RFC 6762, 4795, 1002):
        who poses as others (`network.name_poisoning`) takes more names later."""
        answers, name = batch.text("answers", row) or "", machine_name(batch.text("query", row) or "")
        for side in ("src", "dst"):
            ip = (batch.text(f"{side}_ip", row) or "").lower()
            known = self._hosts.get(ip)
            if f'"{ip}"' in answers and name and not (known and known.name):
                self._name(batch, row, ip, name, side)

    def _name(self, batch: Batch, row: int, ip: str | None, name: str | None, side: str = "src") -> None:
        if not ip or ip == NOBODY_YET or (ip not in self._hosts and len(self._hosts) >= MAX_HOSTS):
            return
        host = self._hosts.setdefault(ip.lower(), HostEvidence(ip.lower()))
        self._own_mac(host, batch.text(f"{side}_mac", row))
        if name:
            host.name = name[:64]
            host.hint(class_of_host(name), f"calls itself {name[:40]}", NAME)

"""Naive thresholds: fixed counts in fixed windows, as a first rule set in a SIEM has them."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks.quality.hospitals.beacon_scores import INSIDE
from benchmarks.quality.hospitals.peers import Peer
from benchmarks.quality.hospitals.raised import Raised
from pipeline.simulator import Emitted

Doc = dict[str, Any]
_DAY_S = 86_400.0
_ADMIN_PORTS = (22, 135, 445, 3389, 5900, 5985, 5986)
_LOGON_PORTS = (21, 22, 445, 3389)
_DEVICE_NETS = tuple(f"10.20.{n}." for n in range(40, 50))
_DOMAIN_LABELS = 2
_UNANSWERED = ("S0", "REJ", "RSTO", "RSTOS0")


def _out(doc: Doc) -> bool:
    return doc.get("src_ip", "").startswith(INSIDE) and not doc.get("dst_ip", "").startswith(INSIDE)


def _flow(doc: Doc) -> bool:
    return bool(doc["kind"] == "flow")


@dataclass(frozen=True)
class Rule:
    """`what(doc)` gives (entity, thing): things are counted apart, None is each event; an int adds that much."""

    name: str
    fits: tuple[str, ...]
    window_s: float
    limit: float
    what: Callable[[Doc], Iterator[tuple[tuple[str, ...], Hashable]]]


def _ports(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if _flow(doc):
        yield (doc["src_ip"], doc["dst_ip"]), doc["dst_port"]


def _hosts(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if _flow(doc) and doc["dst_ip"].startswith(INSIDE):
        yield (doc["src_ip"], str(doc["dst_port"])), doc["dst_ip"]


def _failures(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if doc["kind"] == "auth" and doc.get("outcome") == "failure":
        yield (doc["src_ip"],), None


def _logons(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if _flow(doc) and doc["dst_port"] in _LOGON_PORTS:
        yield (doc["src_ip"], doc["dst_ip"]), None


def _calls(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if _flow(doc) and _out(doc):
        yield (doc["src_ip"], doc["dst_ip"]), None


def _sent(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if _flow(doc) and _out(doc):
        yield (doc["src_ip"], doc["dst_ip"]), doc.get("bytes_out", 0)


def _names(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if doc["kind"] == "dns" and doc.get("query"):
        query = doc["query"]
        yield (doc["src_ip"], ".".join(query.split(".")[-_DOMAIN_LABELS:])), query


def _unknown_names(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if doc["kind"] == "dns" and doc.get("rcode") == "NXDOMAIN":
        yield (doc["src_ip"],), doc.get("query")


def _admin(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if _flow(doc) and doc["dst_port"] in _ADMIN_PORTS and doc["dst_ip"].startswith(INSIDE):
        yield (doc["src_ip"],), doc["dst_ip"]


def _renames(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if doc["kind"] == "file" and doc.get("action") == "SMB::FILE_RENAME":
        yield (doc["src_ip"],), None


def _flood(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if _flow(doc):
        yield (doc["dst_ip"],), None


def _device_out(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if _flow(doc) and doc["src_ip"].startswith(_DEVICE_NETS) and _out(doc):
        yield (doc["src_ip"],), None


def _tickets(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if doc["kind"] == "auth" and doc.get("request_type") == "TGS":
        yield (doc["src_ip"],), doc.get("target")


def _clinical(doc: Doc) -> Iterator[tuple[tuple[str, ...], Hashable]]:
    if _flow(doc) and doc["dst_port"] in (104, 11112, 2575, 6661):
        yield (doc["src_ip"],), doc["dst_ip"]


RULES = (
    Rule("ports", ("network.port_scan", "network.slow_scan"), 600, 20, _ports),
    Rule("hosts", ("network.port_scan", "network.slow_scan", "devices.new_peer"), 600, 20, _hosts),
    Rule("failures", ("network.auth_brute_force", "logs.auth_brute_force", "logs.password_spray"), 600, 10, _failures),
    Rule("logons", ("network.auth_brute_force",), 600, 40, _logons),
    Rule("calls", ("network.beaconing",), 3600, 50, _calls),
    Rule("sent", ("network.exfiltration", "network.slow_exfiltration", "network.flow_anomaly"), 3600, 5e8, _sent),
    Rule("names", ("network.dns_tunnel",), 600, 60, _names),
    Rule("unknown names", ("network.dga",), 600, 20, _unknown_names),
    Rule("admin", ("network.lateral_movement", "network.remote_service_exec"), 3600, 4, _admin),
    Rule("renames", ("network.ransomware",), 600, 60, _renames),
    Rule("flood", ("network.flood",), 60, 1500, _flood),
    Rule("device outside", ("devices.internet", "devices.remote_access"), 3600, 1, _device_out),
    Rule("tickets", ("network.kerberoasting",), 600, 8, _tickets),
    Rule("clinical", ("devices.mass_retrieval", "devices.clinical_protocol", "devices.unknown_device"), 3600, 3,
         _clinical),
)  # fmt: skip


class NaiveThresholds(Peer):
    """Counts by rule, entity and window; one alert a rule, entity and day."""

    name = "naive thresholds"

    def __init__(self, rules: tuple[Rule, ...] = RULES) -> None:
        self._rules = rules
        self._counts: dict[tuple[int, tuple[str, ...], int], float] = defaultdict(float)
        self._seen: dict[tuple[int, tuple[str, ...], int], set[Hashable]] = defaultdict(set)
        self._alerts: dict[tuple[str, tuple[str, ...], int], list[float]] = {}
        self._window = [0] * len(rules)

    def see(self, event: Emitted) -> None:
        doc = orjson.loads(event.value)
        ts = event.ts
        for number, rule in enumerate(self._rules):
            window = int(ts // rule.window_s)
            if window != self._window[number]:
                self._window[number] = window
                self._forget(number)
            for entity, thing in rule.what(doc):
                key = (number, entity, window)
                if thing is None:
                    self._counts[key] += 1
                elif rule.name == "sent":
                    self._counts[key] += thing  # type: ignore[operator]
                else:
                    seen = self._seen[key]
                    seen.add(thing)
                    self._counts[key] = len(seen)
                if self._counts[key] >= rule.limit:
                    alert = self._alerts.setdefault((rule.name, entity, int(ts // _DAY_S)), [ts, ts, 0.0])
                    alert[1], alert[2] = ts, alert[2] + 1

    def _forget(self, number: int) -> None:
        self._counts = defaultdict(float, {k: v for k, v in self._counts.items() if k[0] != number})
        self._seen = defaultdict(set, {k: v for k, v in self._seen.items() if k[0] != number})

    def finish(self) -> list[Raised]:
        fits = {rule.name: rule.fits for rule in self._rules}
        return [
            Raised(f"naive.{name}", fits[name], entity[0], frozenset(entity), first, last, int(count), (),
                   f"{name}: {' '.join(entity)} crossed the limit {int(count)} times")
            for (name, entity, _), (first, last, count) in self._alerts.items()
        ]  # fmt: skip

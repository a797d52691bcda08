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
Counted = Iterator[tuple[tuple[str, ...], Hashable]]
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
    """`what(doc)` gives (entity, thing): different things are counted, each event for None; `sums`: numbers added."""

    name: str
    fits: tuple[str, ...]
    window_s: float
    limit: float
    what: Callable[[Doc], Counted]
    sums: bool = False


def _ports(doc: Doc) -> Counted:
    if _flow(doc):
        yield (doc["src_ip"], doc["dst_ip"]), doc["dst_port"]


def _hosts(doc: Doc) -> Counted:
    if _flow(doc) and doc["dst_ip"].startswith(INSIDE):
        yield (doc["src_ip"], str(doc["dst_port"])), doc["dst_ip"]


def _failures(doc: Doc) -> Counted:
    if doc["kind"] == "auth" and doc.get("outcome") == "failure":
        yield (doc["src_ip"],), None


def _logons(doc: Doc) -> Counted:
    if _flow(doc) and doc["dst_port"] in _LOGON_PORTS:
        yield (doc["src_ip"], doc["dst_ip"]), None


def _calls(doc: Doc) -> Counted:
    if _flow(doc) and _out(doc):
        yield (doc["src_ip"], doc["dst_ip"]), None


def _sent(doc: Doc) -> Counted:
    if _flow(doc) and _out(doc):
        yield (doc["src_ip"], doc["dst_ip"]), doc.get("bytes_out", 0)


def _names(doc: Doc) -> Counted:
    if doc["kind"] == "dns" and doc.get("query"):
        query = doc["query"]
        yield (doc["src_ip"], ".".join(query.split(".")[-_DOMAIN_LABELS:])), query


def _unknown_names(doc: Doc) -> Counted:
    if doc["kind"] == "dns" and doc.get("rcode") == "NXDOMAIN":
        yield (doc["src_ip"],), doc.get("query")


def _admin(doc: Doc) -> Counted:
    if _flow(doc) and doc["dst_port"] in _ADMIN_PORTS and doc["dst_ip"].startswith(INSIDE):
        yield (doc["src_ip"],), doc["dst_ip"]


def _renames(doc: Doc) -> Counted:
    if doc["kind"] == "file" and doc.get("action") == "SMB::FILE_RENAME":
        yield (doc["src_ip"],), None


def _flood(doc: Doc) -> Counted:
    if _flow(doc):
        yield (doc["dst_ip"],), None


def _device_out(doc: Doc) -> Counted:
    if _flow(doc) and doc["src_ip"].startswith(_DEVICE_NETS) and _out(doc):
        yield (doc["src_ip"],), None


def _tickets(doc: Doc) -> Counted:
    if doc["kind"] == "auth" and doc.get("request_type") == "TGS":
        yield (doc["src_ip"],), doc.get("target")


def _clinical(doc: Doc) -> Counted:
    if _flow(doc) and doc["dst_port"] in (104, 11112, 2575, 6661):
        yield (doc["src_ip"],), doc["dst_ip"]


RULES = (
    Rule("ports", ("network.port_scan", "network.slow_scan"), 600, 20, _ports),
    Rule("hosts", ("network.port_scan", "network.slow_scan", "devices.new_peer"), 600, 20, _hosts),
    Rule("failures", ("network.auth_brute_force", "logs.auth_brute_force", "logs.password_spray"), 600, 10, _failures),
    Rule("logons", ("network.auth_brute_force",), 600, 40, _logons),
    Rule("calls", ("network.beaconing",), 3600, 50, _calls),
    Rule("sent", ("network.exfiltration", "network.slow_exfiltration", "network.flow_anomaly"), 3600, 5e8, _sent, True),
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
        self._counts: list[dict[tuple[str, ...], float]] = [defaultdict(float) for _ in rules]
        self._seen: list[dict[tuple[str, ...], set[Hashable]]] = [defaultdict(set) for _ in rules]
        self._window = [0] * len(rules)
        self._alerts: dict[tuple[str, tuple[str, ...], int], list[float]] = {}

    def see(self, event: Emitted) -> None:
        doc = orjson.loads(event.value)
        for number, rule in enumerate(self._rules):
            for entity, thing in rule.what(doc):
                if self._count(number, rule, event.ts, entity, thing) >= rule.limit:
                    key = (rule.name, entity, int(event.ts // _DAY_S))
                    alert = self._alerts.setdefault(key, [event.ts, event.ts, 0.0])
                    alert[1], alert[2] = event.ts, alert[2] + 1

    def _count(self, number: int, rule: Rule, ts: float, entity: tuple[str, ...], thing: Hashable) -> float:
        window = int(ts // rule.window_s)
        counts, seen = self._counts[number], self._seen[number]
        if window != self._window[number]:
            self._window[number] = window
            counts.clear()
            seen.clear()
        if thing is None:
            counts[entity] += 1
        elif rule.sums:
            counts[entity] += float(thing)  # type: ignore[arg-type]
        else:
            seen[entity].add(thing)
            counts[entity] = len(seen[entity])
        return counts[entity]

    def finish(self) -> list[Raised]:
        fits = {rule.name: rule.fits for rule in self._rules}
        return [
            Raised(f"naive.{name}", fits[name], entity[0], frozenset(entity), first, last, int(count), (),
                   f"{name}: {' '.join(entity)} crossed the limit {int(count)} times")
            for (name, entity, _), (first, last, count) in self._alerts.items()
        ]  # fmt: skip

"""Joins the two directions of a connection where an exporter tells each by itself, as NetFlow does.

Left apart, every answer of a server would look like a connection that the server opened to a high port of its client.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.ingest.flows.rows import refused
from pipeline.ingest.flows.tcp_flags import SYN, connection_state
from pipeline.ingest.format import Fields, Item

_HELD = 4096
"""Records that wait for their other direction; exporters write both within seconds of each other."""
_APART_S = 0.05
"""Begins that lie closer than this do not tell who began: an exporter's clock and its sampling are no finer."""
_WELL_KNOWN = 1024
_UNTOLD = 65_535
_PORTED = ("tcp", "udp", "sctp")
_ECHO_REPLIES = (0, 129)
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class OneWay:
    """A record of one direction."""

    item: Item
    flags: int | None


class FlowPairs:
    """Takes records in file order and gives flows in the order in which they were first seen."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Key, OneWay] = OrderedDict()

    def add(self, record: OneWay) -> Iterator[Item]:
        """Flows that are complete or have waited long enough."""
        fields = record.item.fields
        ported = fields["proto"] in _PORTED
        there = (fields["src_ip"], fields["src_port"] if ported else None)
        here = (fields["dst_ip"], fields["dst_port"] if ported else None)
        key: Key = (fields["proto"], *there, *here)
        other = self._waiting.pop((fields["proto"], *here, *there), None)
        if other is not None:
            yield _joined(other, record)
            return
        earlier = self._waiting.pop(key, None)
        if earlier is not None:
            yield _alone(earlier)
        self._waiting[key] = record
        if len(self._waiting) > _HELD:
            yield _alone(self._waiting.popitem(last=False)[1])

    def rest(self) -> Iterator[Item]:
        """What still waits at the end."""
        for record in self._waiting.values():
            yield _alone(record)
        self._waiting.clear()


def _joined(first: OneWay, second: OneWay) -> Item:
    began, answered = (second, first) if _is_answer(first, second) else (first, second)
    out, back = began.item.fields, answered.item.fields
    fields: Fields = {
        **out, "ts": min(out["ts"], back["ts"]), "bytes_in": back["bytes_out"], "packets_in": back["packets_out"],
    }  # fmt: skip
    if fields["conn_state"] is None:
        known = began.flags is not None and answered.flags is not None and fields["proto"] == "tcp"
        turned = refused(fields["proto"], fields["packets_out"], fields["packets_in"], fields["bytes_in"])
        guessed = "REJ" if turned else "SF"
        fields["conn_state"] = connection_state(began.flags or 0, answered.flags or 0) if known else guessed
    return replace(first.item, fields=fields)


def _is_answer(one: OneWay, other: OneWay) -> bool:
    """Whether `one` answers `other`: it came later, or from the port of a service."""
    apart = one.item.fields["ts"] - other.item.fields["ts"]
    if one.item.fields["proto"] not in _PORTED:
        return one.item.fields["src_port"] in _ECHO_REPLIES
    sport, dport = _ports(one)
    if (sport < _WELL_KNOWN) != (dport < _WELL_KNOWN):
        return bool(sport < _WELL_KNOWN)
    if abs(apart) > _APART_S:
        return bool(apart > 0)
    return bool(sport < dport)


def _ports(record: OneWay) -> tuple[int, int]:
    """Of both ends; one that is not told is no service's: sets without names keep those that many use."""
    sport, dport = record.item.fields["src_port"], record.item.fields["dst_port"]
    return _UNTOLD if sport is None else sport, _UNTOLD if dport is None else dport


def _alone(record: OneWay) -> Item:
    """A direction whose other one was never told: only SYNs were refused by silence; an answer is turned round."""
    fields = dict(record.item.fields)
    sport, dport = _ports(record)
    opened = record.flags is not None and record.flags == SYN
    if fields["proto"] not in _PORTED:
        return record.item
    if fields["proto"] == "tcp" and opened and fields["conn_state"] is None:
        fields["conn_state"] = "S0"
    elif 0 < sport < _WELL_KNOWN <= dport and not opened:
        for one, two in (("src_ip", "dst_ip"), ("src_port", "dst_port"), ("src_mac", "dst_mac"),
                         ("bytes_out", "bytes_in"), ("packets_out", "packets_in")):  # fmt: skip
            fields[one], fields[two] = fields[two], fields[one]
    return replace(record.item, fields=fields)

"""Contacts in a rhythm: regular intervals, like sizes, for long. `network.beaconing` says whose they are alone."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.network import beacon_rhythm as kernel
from pipeline.detectors.network.continued import Continued
from pipeline.detectors.network.makers import MakersServers
from pipeline.detectors.network.requested import Requested
from pipeline.detectors.network.sides import ICMP, Outsiders, contacted, place, ports, to_one_host
from pipeline.features.addresses import EXTERNAL, INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful, join_states, split_states
from pipeline.features.unknown import filled, is_port
from pipeline.features.where import address_kind
from schemas.finding import Feature

RING = 24  # intervals and sizes remembered: enough to tell ±50 % jitter from chance, cheap to sort
SOURCES = 8  # sources of one destination told apart
CROWD = 16  # sources of a group told apart
PAIRS, DOOR, DESTINATIONS, HOSTS = 2048, 8192, 2048, 1024  # per key group
QUIET_UDP = (53, 67, 68, 69, 123, 137, 138, 161, 162, 500, 514, 546, 547, 1900, 3478, 3702, 4500, 5353, 5355)
SERVICES = ("dns", "ntp", "dhcp", "snmp", "syslog", "radius", "krb", "stun")
SHUT = ("S0", "REJ", "RSTOS0", "RSTRH", "SH", "SHR")  # Zeek: no handshake
MIDDLE = "OTH"  # a part of a connection that was there before, as exporters cut long ones: no new visit
UNTOLD = -1.0
FAINT = 0.1  # rhythm below which nobody asks whose server it is
MAKERS_FACTOR = 0.4  # of what makers' own programs do by the clock, as if six machines of the house went there
EVIDENCE = ("interval_s", "jitter", "visits", "span_s", "alike", "sources", "sudden")


class Rhythm(Detector):
    """Rhythm of contacts from one source to one destination and port.

    Contacts within `same_visit_s` are one visit; a connection whose requests name its host counts by these. Of the last
    24 intervals between visits those near their median count as evidence against chance (a binomial bound, once for ±50
    % and once for ±10 %), which copes with jitter and missed beats; it is discounted where sizes vary, where the rhythm
    has not lasted, and where more than three machines of the source's key group talk to the destination. It tells
    nothing: what it finds is given on to the destination's key group, which knows all that go there.

    A contact is sudden when its source had been known for `known_s`, and for four beats of its rhythm, and nobody of
    the group had used the destination before (inside: that port of it); the less alike its contacts are in size, the
    longer it is watched. A rhythm with pauses belongs to somebody who opens and closes a page: it counts by the share
    of time that it fills, and one with more visits than its beat allows is several programs', behind one address. One
    that was there when watching began waits longer the more sources there are. Between inside addresses only sudden
    rhythms count, as devices and servers poll each other by design; `internal` lets all count. After two days the
    score fades: the alert stands. Servers of widely known makers of software (`makers`) count as a service, whoever
    goes there.
    """

    id = "network.rhythm"
    title = "Contacts in a rhythm"
    severity = 2
    tells = False
    attacks = ("T1071.001", "T1573")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    group_by: ClassVar[tuple[str, ...]] = ("src_ip", "dst_ip")
    inputs: ClassVar[tuple[str, ...]] = (
        "src_ip", "dst_ip", "dst_port", "proto", "service", "host", "sni", "bytes_out", "bytes_in",
    )  # fmt: skip
    cost = "O(24 log 24) a contact that comes again; 330 bytes a pair that does, 16 one that does not; 9 MB in all"
    reference = "Active Countermeasures, RITA; Hubballi and Goyal, FlowSummary, PReMI 2013"
    misses = (
        "Implants with intervals as irregular as a person's, with pauses longer than the time they call, or fewer than "
        "ten times; those that call under the name of a widely known maker of software."
    )
    alone: ClassVar[float] = 3.0
    """Machines of a key group that may talk to the destination before it counts as a service."""
    many: ClassVar[float] = math.inf
    """Sources with a rhythm of their own that halve the weight of one that was there before; here the destination's
    key group knows how many of the house do."""
    greeted: ClassVar[bool] = True
    """Whether what is contacted may have been greeted by name."""
    defaults = {"min_visits": 10, "same_visit_s": 1.0, "min_span_s": 120.0, "settled_s": 240.0, "known_s": 3600.0,
                "internal": False}  # fmt: skip

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        ring, scalar, known = ((RING,), np.float32), ((), np.float64), ((), np.float32)

        def distinct(size: int, items: str, at: str) -> dict[str, tuple[tuple[int, ...], type]]:
            return {items: ((size,), np.uint32), at: ((size,), np.uint32)}

        self._parts = {
            "pairs": EntityState(
                setup.groups,
                PAIRS,
                {"gaps": ring, "sent": ring, "got": ring, "last": scalar, "began": scalar, "first": scalar,
                 "visits": ((), np.int64), "known_s": known},
            ),
            "door": EntityState(setup.groups, DOOR, {"known_s": known}),
            "fleet": EntityState(setup.groups, DESTINATIONS, distinct(SOURCES, "items", "at")),
            "sources": EntityState(setup.groups, HOSTS, {"first": scalar}),
            "group": EntityState(
                setup.groups, 1, distinct(CROWD, "crowd", "crowd_at") | distinct(CROWD, "steady", "steady_at")
            ),
        }  # fmt: skip
        self._outsiders = Outsiders(setup.groups)
        self._continued = Continued(setup.groups)
        self._saved: dict[str, Stateful] = {
            **self._parts, "outsiders": self._outsiders, "continued": self._continued
        }  # fmt: skip
        self._makers = MakersServers(setup.groups) if self.greeted else None
        if self._makers:
            self._saved["makers"] = self._makers
        self._requested = Requested(setup.groups) if self.greeted else None
        if self._requested:
            self._saved["requested"] = self._requested

    def score(self, batch: Batch) -> Scores:
        rows = self._rows(batch)
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in EVIDENCE}
        out = self._noted(batch, rows) if len(rows) else np.zeros((0, kernel.OUT))
        if self._makers:
            beats = out[:, kernel.SCORE] >= FAINT
            theirs = self._makers.mark(batch, rows[beats])
            out[np.flatnonzero(beats)[theirs], kernel.SCORE] *= MAKERS_FACTOR
        values[rows] = out[:, kernel.SCORE]
        for k, name in enumerate(EVIDENCE):
            evidence[name][rows] = out[:, k + 1]
        return Scores(values, evidence)

    def _noted(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """float64[m, OUT] of `beacon_rhythm.note_visits`."""
        target, source, inside = self._target(batch, rows), batch.hash("src_ip")[rows], self._inside(batch, rows)
        port = ports(batch, rows)
        pair = combine_many(source, combine_many(target, port + batch.hash("kind")[rows]))
        target = place(target, port, inside)
        names = ("pairs", "door", "fleet", "sources", "group")
        columns = (kernel.PAIR_COLUMNS, kernel.DOOR_COLUMNS, kernel.TARGET_COLUMNS, kernel.SOURCE_COLUMNS,
                   kernel.GROUP_COLUMNS)  # fmt: skip
        arrays = [tuple(self._parts[n].arrays()[c] for c in cs) for n, cs in zip(names, columns, strict=True)]
        options = ("same_visit_s", "min_visits", "min_span_s", "settled_s", "known_s", "internal")
        limits = (*(float(self.option[o]) for o in options), self.alone, self.many)
        out: np.ndarray = kernel.note_visits(
            pair, source, target, inside, batch.ts[rows], batch.groups[rows], *self._sizes(batch, rows), *arrays, limits
        )
        return out

    def _target(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """uint64[m]: what is contacted, by name where it has one."""
        return contacted(batch, rows)

    def _inside(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: only a sudden rhythm counts there."""
        inside: np.ndarray = address_kind(batch, "dst_ip")[rows] == INTERNAL
        return inside

    def _sizes(self, batch: Batch, rows: np.ndarray) -> list[np.ndarray]:
        """float64[m] twice: what was sent and what came back, below zero for requests whose size is not told."""
        sizes = [filled(batch.number(name)[rows]) for name in ("bytes_out", "bytes_in")]
        untold = batch.kind("http")[rows] & (sizes[0] + sizes[1] == 0.0)
        return [np.where(untold, UNTOLD, size) for size in sizes]

    def _rows(self, batch: Batch) -> np.ndarray:
        """int64[m]: contacts whose rhythm means something."""
        wanted = batch.kind("flow", "http") & to_one_host(batch)
        wanted &= ~batch.equals("conn_state", MIDDLE)
        wanted &= ~batch.is_in("service", SERVICES) & ~batch.is_in("proto", (*ICMP, "igmp"))
        rows = np.flatnonzero(wanted & (address_kind(batch, "dst_ip") >= EXTERNAL))
        if self._requested:
            rows = rows[~self._requested.mark(batch, rows)]
        udp = batch.equals("proto", "udp")[rows]
        if udp.any():
            rows = rows[~(udp & is_port(batch.number("dst_port")[rows], QUIET_UDP))]
        # A door that is shut inside is not used by those who knock; outside, a controller may be away.
        shut = batch.is_in("conn_state", SHUT)[rows] | (batch.number("bytes_in")[rows] == 0)
        rows = rows[~(shut & self._inside(batch, rows))]
        rows = rows[~self._continued.note(batch, rows).again]
        return rows[~self._outsiders.mark(batch, rows)]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        src, dst = named(batch, row, "src_ip"), named(batch, row, "host", "dst_ip", limit=80)
        port = batch.value("dst_port", row)
        where = dst + (f" port {int(port)}" if port is not None else "")
        message = (
            f"{src} contacted {where} {int(e['visits'])} times in {span_in_words(e['span_s'])}, about every "
            f"{span_in_words(e['interval_s'])} (±{100 * e['jitter']:.0f} %), {100 * e['alike']:.0f} % alike in size"
            + (", a destination that no machine near it had used before." if e["sudden"] else ".")
        )
        features = rhythm_features(e, float(self.option["min_visits"]))
        return Explanation(message, "Contacts that come irregularly and differ in size.", features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return join_states(self._saved, group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        split_states(self._saved, group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443,
                "bytes_out": 310, "bytes_in": 120}  # fmt: skip
        jitter = (0.6, 1.3, 0.9, 1.45, 0.75, 1.0, 1.2, 0.55)
        at = np.cumsum([60.0 * jitter[i % 8] for i in range(60)]).tolist()
        person = np.cumsum([3.0 * (1 + i * i % 11) ** 2.2 for i in range(60)]).tolist()
        return (
            Example("every ten seconds", [flow | {"ts": 1e6 + 10.0 * i} for i in range(60)], True),
            Example("every hour for a day", [flow | {"ts": 1e6 + 3600.0 * i} for i in range(24)], True),
            Example("half a minute to one and a half", [flow | {"ts": 1e6 + t} for t in at], True),
            Example(
                "a person browses",
                [flow | {"ts": 1e6 + t, "bytes_in": 900 * i * i % 7919} for i, t in enumerate(person)],
                False,
            ),
            Example(
                "time service",
                [flow | {"ts": 1e6 + 64.0 * i, "proto": "udp", "dst_port": 123} for i in range(60)],
                False,
            ),
            Example(
                "an antivirus asks for its lists",
                [{**flow, "kind": "tls", "sni": "update.eset.com", "ts": 1e6}]
                + [flow | {"ts": 1e6 + 1.0 + 60.0 * i} for i in range(60)],
                False,
            ),
            Example("a monitor polls", [flow | {"ts": 1e6 + 60.0 * i, "dst_ip": "10.0.0.5"} for i in range(60)], False),
        )


def rhythm_features(e: Mapping[str, float], min_visits: float) -> list[Feature]:
    """What speaks for a program."""
    return [
        Feature(name="deviation_from_the_beat", value=round(e["jitter"], 3), usual_low=0.5),
        Feature(name="visits", value=e["visits"], usual_low=0, usual_high=min_visits - 1),
        Feature(name="alike_in_size", value=round(e["alike"], 2), usual_low=0, usual_high=0.5),
        Feature(name="interval", value=round(e["interval_s"], 1), unit="s"),
    ]


def span_in_words(seconds: float) -> str:
    """In the largest unit of which there are two."""
    for unit, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} seconds"

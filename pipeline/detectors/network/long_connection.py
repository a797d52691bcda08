"""A connection that stays open for hours to a place that nobody else uses: remote control, a tunnel, a way in."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import nearest
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.continued import Continued
from pipeline.detectors.network.few_hosts import FewHosts
from pipeline.detectors.network.sides import Outsiders, to_one_host
from pipeline.features.addresses import EXTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import filled, is_port
from pipeline.features.where import address_kind
from schemas.finding import Feature

PAIRS, DESTINATIONS = 512, 512  # per key group
WEEK_S, DAY_S, HOUR_S = 604_800.0, 86_400.0, 3600.0
LOOK_S = 1800.0  # shorter connections are none of its business
# Ports of services that keep connections open by design: mail, push, chat, MQTT, shells, tunnels of the house, and the
# media of calls (TURN, RFC 8656, and the ports beside it).
LASTING_PORTS = (
    22, 143, 443, 500, 993, 1194, 1883, 3478, 3479, 3480, 3481, 4500, 5222, 5223, 5228, 5349, 8443, 8883, 51820,
)  # fmt: skip
LASTING_FACTOR = 3.0
# Of these, shells and the web: who opens them asks and is answered with more, unless it works the other way round.
ASKING_PORTS = (22, 443, 8443)
BACKWARDS = 1.25  # times as much sent as received
BACKWARDS_FACTOR = 0.5
TRICKLE = 50_000.0  # bytes a second: above it is an upload, which others judge
LEAST_SENT = 1e6  # bytes: less is the signalling beside a call, or a channel for news
WATCHED_S = 4 * HOUR_S  # before it, no pair can be called new
FEW_FACTOR = 1 / 12  # of the hours, where few machines are: a shell of twenty minutes
USUAL_PORTS = (80, 443, 8080, *LASTING_PORTS[1:])  # of what says nothing of itself these are none of a shell's
ARRANGED = 3.0  # long connections of a pair, over more than a day, that make it an arrangement


class LongConnection(Detector):
    """Duration of a connection to outside that carried data both ways, by how many sources hold such ones there.

    Four hours count; twelve on ports whose services keep connections open. A destination with several sources of the
    key group, and a pair that has held long connections for days, count half.

    On the ports of shells and of the web two hours of a day are enough where a new pair works backwards: who opened
    the connection sends more than it gets, at a trickle, as it answers what is asked from outside through a tunnel.
    Connections renewed within the day are added up.

    In a network of few machines whoever administers can be asked about each shell (SSH, or a connection of a port that
    is no usual one in which no language is recognised) to a place new to the house: half an hour counts there.
    """

    id = "network.long_connection"
    title = "Long connection"
    severity = 2
    attacks = ("T1572", "T1219")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    group_by = ("src_ip", "dst_ip")
    inputs = ("src_ip", "dst_ip", "dst_port", "duration_s", "bytes_out", "bytes_in")
    cost = "O(4) a connection of half an hour and more, nothing others; 90 bytes a pair; 1 MB in all"
    reference = "Active Countermeasures, RITA: long connections"
    misses = (
        "Connections that are still open (sensors tell them when they end), those renewed within half an hour, and "
        "tunnels through which less comes out than goes in."
    )
    defaults = {"hours": 4.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._pairs = Sightings(setup.groups, PAIRS)
        self._users = WindowedDistinct(setup.groups, DESTINATIONS, WEEK_S, ring=4)
        self._backwards = WindowedSum(setup.groups, PAIRS // 2, DAY_S)
        self._watched = Sightings(setup.groups, 1)
        self._outsiders = Outsiders(setup.groups)
        self._continued, self._few = Continued(setup.groups), FewHosts(setup.groups)
        self._parts: dict[str, Stateful] = {
            "pairs": self._pairs, "users": self._users, "backwards": self._backwards, "watched": self._watched,
            "outsiders": self._outsiders, "continued": self._continued, "few": self._few,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        few = self._few.mark(batch)
        rows = self._lasting(batch)
        whole = self._continued.note(batch, rows)
        long = whole.lasted_s >= LOOK_S
        rows, lasted, sent, got = rows[long], whole.lasted_s[long], whole.sent[long], whole.got[long]
        ours = ~self._outsiders.mark(batch, rows)
        rows, lasted, sent, got = rows[ours], lasted[ours], sent[ours], got[ours]
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("users", "before", "backwards_s", "lasted_s")}
        self._watch(batch)
        if len(rows):
            src, dst = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows]
            ts, groups = batch.ts[rows], batch.groups[rows]
            age, _, before = self._pairs.note(combine_many(src, dst), ts, groups)
            users = self._users.add(dst, src, ts, groups)
            lasting = is_port(batch.number("dst_port")[rows], LASTING_PORTS)
            limit = HOUR_S * float(self.option["hours"]) * np.where(lasting, LASTING_FACTOR, 1.0)
            began = ts + filled(batch.number("duration_s")[rows]) - lasted  # however often it was told since
            watched_s = began - self._watched.arrays()["first"].max(1)[groups]
            shell = few[rows] & (users <= 1) & (age < DAY_S) & (watched_s >= HOUR_S) & _like_a_shell(batch, rows)
            limit = np.where(shell, HOUR_S * float(self.option["hours"]) * FEW_FACTOR, limit)
            usual = (users > 1) | ((before >= ARRANGED) & (age > DAY_S))
            score = lasted / (lasted + limit) * np.where(usual, 0.5, 1.0)
            back_s = self._tunnelled_s(batch, rows, (users <= 1) & (age < DAY_S), lasted, sent, got)
            backwards = back_s / (back_s + BACKWARDS_FACTOR * HOUR_S * float(self.option["hours"]))
            values[rows] = np.maximum(score, backwards)
            evidence["users"][rows], evidence["before"][rows] = users, before
            evidence["lasted_s"][rows] = lasted
            evidence["backwards_s"][rows] = np.where(backwards > score, back_s, 0.0)
        return Scores(values, evidence)

    def _lasting(self, batch: Batch) -> np.ndarray:
        """int64[m]: flows to the internet that last long enough to go on in another record, or may go on from one."""
        flows = batch.kind("flow") & to_one_host(batch) & (batch.number("duration_s") > 0.0)
        flows &= (batch.number("bytes_out") > 0) & (batch.number("bytes_in") > 0)
        rows: np.ndarray = np.flatnonzero(flows & (address_kind(batch, "dst_ip") == EXTERNAL))
        return rows

    def _watch(self, batch: Batch) -> None:
        """Note when each group's first event came; later ones cost nothing."""
        unknown = self._watched.arrays()["keys"].max(1) == 0
        if unknown.any():
            rows = np.flatnonzero(unknown[batch.groups])
            if not len(rows):
                return
            rows = rows[np.unique(batch.groups[rows], return_index=True)[1]]
            self._watched.note(np.ones(len(rows), np.uint64), batch.ts[rows], batch.groups[rows])

    def _tunnelled_s(
        self, batch: Batch, rows: np.ndarray, new: np.ndarray, lasted: np.ndarray, sent: np.ndarray, got: np.ndarray
    ) -> np.ndarray:
        """float64[m]: seconds of a day that the pair of each row was open and worked backwards; 0 where it is known
        or none of its connections did."""
        ts, groups = batch.ts[rows], batch.groups[rows]
        watched_s = ts - self._watched.arrays()["first"].max(1)[groups]
        backwards = new & (watched_s >= WATCHED_S) & is_port(batch.number("dst_port")[rows], ASKING_PORTS)
        backwards &= (sent >= np.maximum(BACKWARDS * got, LEAST_SENT)) & (sent <= TRICKLE * lasted)
        pair = combine_many(batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows])
        told_s = np.minimum(batch.number("duration_s")[rows], DAY_S)
        total = self._backwards.add(pair, np.where(backwards, told_s, 0.0), ts, groups)
        return np.where(backwards, np.maximum(total, np.minimum(lasted, DAY_S)), 0.0)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        hours = float(scores.evidence["lasted_s"][row]) / HOUR_S
        before = int(scores.evidence["before"][row])
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip")
        port = batch.value("dst_port", row)
        where = dst + (f" port {int(port)}" if port is not None else "")
        known = f"after {before} such ones before" if before > 2 else "which no other machine here does"
        back_h = float(scores.evidence["backwards_s"][row]) / HOUR_S
        if back_h > 0:
            return self._explain_backwards(batch, row, scores, f"{src} kept connections to {where} open", back_h)
        message = f"{src} kept a connection to {where} open for {min(hours, 1e6):,.1f} hours, {known}."
        users = int(scores.evidence["users"][row])
        arranged = users > 1 or (before >= ARRANGED and scores.values[row] < 0.5)
        score, limit = float(scores.values[row]) * (2.0 if arranged else 1.0), self.limit(scores, row)
        less = round(nearest(hours, score, min(limit * (2.0 if arranged else 1.0), 0.999)), 1)
        features = [
            Feature(name="duration", value=round(hours, 1), unit="h", usual_low=0, usual_high=less, contribution=1.0),
            Feature(name="machines_that_do_so_there", value=users, usual_low=2),
        ]
        return Explanation(
            message, f"Open for less than {less:g} hours, or to a place that others use so too.", features
        )

    def _explain_backwards(self, batch: Batch, row: int, scores: Scores, what: str, back_h: float) -> Explanation:
        sent, got = (batch.value(name, row) or 0.0 for name in ("bytes_out", "bytes_in"))
        times = min(sent / max(got, 1.0), 1e6)
        message = (
            f"{what} for {back_h:,.1f} hours of a day, which no other machine here does, and sent {times:,.1f} times "
            "what it got, at a trickle, as a tunnel does through which someone outside works in here."
        )
        less = round(nearest(back_h, float(scores.values[row]), self.limit(scores, row)), 1)
        features = [
            Feature(
                name="open_within_a_day",
                value=round(back_h, 1),
                unit="h",
                usual_low=0,
                usual_high=less,
                contribution=1.0,
            ),
            Feature(name="sent_to_received", value=round(times, 2), usual_low=0, usual_high=BACKWARDS),
            Feature(name="machines_that_do_so_there", value=1, usual_low=2),
        ]
        normal = f"Open for less than {less:g} hours of a day, or more received than sent, as who asks is answered."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 8531,
                "bytes_in": 90_000, "bytes_out": 40_000, "ts": 1e6}  # fmt: skip
        push = [
            flow | {"src_ip": f"10.0.{k}.9", "dst_port": 5228, "duration_s": 90_000.0, "ts": 1e6 + k} for k in range(40)
        ]
        # One at the start, as nothing is new while nothing is known; the address is of the key group of the others.
        ssh = flow | {"dst_port": 22, "duration_s": 10_000.0}
        many = [flow | {"ts": 8e5 + k, "src_ip": f"10.0.{k}.9", "duration_s": 4.0} for k in range(99)]
        early = ssh | {"ts": 9e5, "dst_ip": "203.0.113.77", "bytes_out": 9000}
        return (
            Example("a shell that answers for three hours", [early, ssh | {"bytes_out": 9_000_000}], True),
            Example("a shell of three hours, where many machines are", [*many, early, ssh], False),
            Example(
                "a shell of half an hour, in a small network",
                [early, ssh | {"duration_s": 2000.0}, ssh | {"ts": 1e6 + 1, "duration_s": 2000.0, "service": "ssh"}],
                True,
            ),
            Example("half an hour of TLS there", [early, flow | {"duration_s": 2000.0, "service": "ssl"}], False),
            Example("ten hours on an odd port", [flow | {"duration_s": 36_000.0}], True),
            Example("a day of TLS", [flow | {"duration_s": 86_000.0, "dst_port": 443}], True),
            Example("a morning of mail", [flow | {"duration_s": 14_000.0, "dst_port": 993}], False),
            Example("ten hours inside", [flow | {"duration_s": 36_000.0, "dst_ip": "10.0.0.5"}], False),
            Example("a page", [push[0] | {"duration_s": 4.0}], False),
        )


def _like_a_shell(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """bool[m]: SSH, or TCP in which no sensor recognised a language, on a port that is no usual one."""
    service, port = batch.hash("service")[rows], batch.number("dst_port")[rows]
    nothing = (service == 0) & batch.equals("proto", "tcp")[rows] & ~is_port(port, USUAL_PORTS)
    found: np.ndarray = batch.equals("service", "ssh")[rows] | nothing
    return found

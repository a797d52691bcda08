"""A patient scanner: a few tries an hour, for hours, nearly all of them in vain."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import least
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.scanning import EVERYDAY_FACTOR, EVERYDAY_PORTS, OUTSIDE_FACTOR, service_key, tries
from pipeline.detectors.network.sides import Outsiders, answered, to_one_host
from pipeline.features.addresses import EXTERNAL
from pipeline.features.batch import Batch
from pipeline.features.distinct_bitmap import PARTS, count_distinct
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.hashing import combine_many, mix64
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import is_port
from pipeline.features.where import address_kind
from schemas.finding import Feature

CAPACITY = 2048  # sources (inside), sources and ports (outside) per key group
WORDS = 2  # 128 bits a quarter of a day: about 600 targets at most
DAY_S = 86_400.0
SPELL_S = 600.0  # new targets within ten minutes are one effort; a fast scan makes two or three of them
FAST = 15.0  # new targets in ten minutes from which `network.port_scan` sees it
# Where many sources try much in vain, as desks of a large house do whose printers and neighbours are off at times, it
# takes more: so many may be `LOUD` of the targets, each `CROWD` further ones add as many targets as it takes alone.
LOUD, FEW, CROWD, LOUD_RING = 0.5, 3.0, 4.0, 16
# Ports of one machine that a source tried in vain: programs know a handful, and seek those again and again.
# Ports that systems draw for single transfers (Linux from 32768 on) are none of a service's: passive FTP through a
# firewall that forbids it. Who tries comes from such a port; what comes from a lower one is a service's answer whose
# question was missed, or a call (RTP), of which music on hold has no answer.
PAIRS, SPELLS_RING, DRAWN = 1024, 16, 32_768
ESTABLISHED = ("SF", "S1", "S2", "S3", "RSTO", "RSTR")  # Zeek: the handshake was completed


class SlowScan(Detector):
    """Distinct targets (host and port inside; hosts on one port outside) tried in vain within a day.

    They count when new ones came in at least `spells` different ten minutes and are more than twice as many as the
    targets that answered: those who manage many machines, some of which are off, are answered by most. Where many
    sources of a key group try as much in vain within a day, it takes more. `ports` different ports of one machine
    inside tried in vain in as many ten minutes count whatever else answered.
    """

    id = "network.slow_scan"
    title = "Slow scan"
    severity = 3
    attacks = ("T1046",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "dst_ip", "src_port", "dst_port", "proto", "bytes_in", "conn_state")
    cost = (
        "O(1) a flow of a source that tried in vain, O(32) a try in vain inside; 190 bytes a source inside or source "
        "and port, 420 a source and machine, 7.7 MB in all"
    )
    reference = "Jung et al., Fast Portscan Detection Using Sequential Hypothesis Testing, IEEE S&P 2004"
    misses = (
        "Fewer than `targets` new targets a day (in a large house, where many machines try much in vain, up to four "
        "times as many), scans of doors that are mostly open, and scans by many machines."
    )
    defaults = {"targets": 25.0, "spells": 6.0, "ports": 12.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        bits, mark = ((PARTS, WORDS), np.uint64), ((2,), np.int64)
        self._table = EntityState(
            setup.groups,
            CAPACITY,
            {"vain": bits, "vain_mark": mark, "met": bits, "met_mark": mark, "spell": ((2,), np.int64)},
        )
        self._outsiders = Outsiders(setup.groups)
        self._loud = WindowedDistinct(setup.groups, 4, DAY_S, LOUD_RING)
        self._ports = WindowedDistinct(setup.groups, PAIRS, DAY_S, 32)
        self._spells = WindowedDistinct(setup.groups, PAIRS, DAY_S, SPELLS_RING)
        self._parts: dict[str, Stateful] = {
            "table": self._table, "outsiders": self._outsiders, "loud": self._loud, "ports": self._ports,
            "spells": self._spells,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        vain = tries(batch) & ~batch.is_in("conn_state", ESTABLISHED)
        rows = np.flatnonzero(vain | (answered(batch) & to_one_host(batch)))
        rows = rows[~self.setup.lists["scanners"].marks(batch.hash("src_ip")[rows])]
        rows = rows[~self._outsiders.mark(batch, rows)]
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("targets", "answered", "spells", "ports")}
        if len(rows):
            src, dst, service = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows], service_key(batch, rows)
            away = address_kind(batch, "dst_ip")[rows] == EXTERNAL
            key = np.where(away, combine_many(src, service), src)
            item = np.where(away, dst, combine_many(dst, service))
            everyday = is_port(batch.number("dst_port")[rows], EVERYDAY_PORTS)
            factor = np.where(away, np.where(everyday, EVERYDAY_FACTOR, OUTSIDE_FACTOR), 1.0)
            a = self._table.arrays()
            out = _note(
                key, item, vain[rows], batch.ts[rows], batch.groups[rows],
                a["keys"], a["seen"], a["vain"], a["vain_mark"], a["met"], a["met_mark"], a["spell"],
            )  # fmt: skip
            n, met, spells = out
            slow = (spells >= float(self.option["spells"])) & (n <= FAST * spells)
            fits = (n > 2.0 * met) & slow
            limit = float(self.option["targets"]) * factor
            item = np.where(n >= LOUD * limit, key, np.uint64(0))
            side = np.where(away, np.uint64(1), np.uint64(2))
            loud = self._loud.add(side, item, batch.ts[rows], batch.groups[rows])
            limit *= 1.0 + np.maximum(loud - FEW, 0.0) / CROWD
            score = np.where(fits, n / (n + limit), 0.0)
            doors = vain[rows] & ~away & (batch.number("dst_port")[rows] < DRAWN)
            doors &= ~(batch.number("src_port")[rows] < DRAWN)
            ports, deep = self._deep(batch, rows, doors, service)
            values[rows] = np.where(n > 0, np.maximum(score, deep), np.nan)
            for name, column in zip(evidence, (*out, np.where(deep > score, ports, 0.0)), strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _deep(
        self, batch: Batch, rows: np.ndarray, vain: np.ndarray, service: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """float64[m] each: ports of the machine that the source tried in vain within a day, their score."""
        ports, deep, at = np.zeros(len(rows)), np.zeros(len(rows)), rows[vain]
        if len(at):
            pair, ts, groups = (
                combine_many(batch.hash("src_ip")[at], batch.hash("dst_ip")[at]),
                batch.ts[at],
                batch.groups[at],
            )
            ports[vain] = self._ports.add(pair, service[vain], ts, groups)
            spells = self._spells.add(pair, (ts // SPELL_S).astype(np.uint64), ts, groups)
            score = ports[vain] / (ports[vain] + float(self.option["ports"]))
            deep[vain] = np.where(spells >= float(self.option["spells"]), score, 0.0)
        return ports, deep

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: int(column[row]) for name, column in scores.evidence.items()}
        src = named(batch, row, "src_ip")
        if e["ports"]:
            few = least(e["ports"], float(scores.values[row]), self.limit(scores, row), self.option["ports"]) - 1
            feature = Feature(name="ports_without_answer", value=e["ports"], usual_low=0, usual_high=few)
            message = (
                f"{src} tried {e['ports']} ports of {named(batch, row, 'dst_ip')} within a day without an answer, a "
                "few at a time, as somebody does who looks for a way in slowly."
            )
            return Explanation(message, f"At most {few} unanswered ports of one machine within a day.", [feature])
        message = (
            f"{src} tried {e['targets']} targets within a day without an answer, a few at a time, and {e['answered']} "
            f"answered; the last was {named(batch, row, 'dst_ip')} port {int(batch.value('dst_port', row) or 0)}. "
            "Someone who looks around slowly does so."
        )
        fewer = least(e["targets"], float(scores.values[row]), self.limit(scores, row), self.option["targets"])
        features = [
            Feature(
                name="targets_without_answer", value=e["targets"], usual_low=0, usual_high=fewer - 1, contribution=1.0
            ),
            Feature(name="targets_that_answered", value=e["answered"], usual_low=e["targets"] / 2.0),
            Feature(name="ten_minute_spells", value=e["spells"], usual_low=0, usual_high=self.option["spells"] - 1),
        ]
        normal = f"Fewer than {fewer} targets without an answer within a day, or half as many that do answer."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "bytes_in": 0, "conn_state": "S0"}
        slow = [flow | {"ts": 1e6 + 700.0 * i, "dst_ip": f"10.0.1.{i}", "dst_port": 445} for i in range(60)]
        deep = [e | {"dst_ip": "10.0.1.7", "dst_port": 900 + 7 * i} for i, e in enumerate(slow)]
        half = [e | ({"bytes_in": 300, "conn_state": "SF"} if i % 2 else {}) for i, e in enumerate(deep)]
        few = [e | {"dst_port": 900 + i % 9} for i, e in enumerate(deep)]
        answers = [e | {"dst_port": 135, "bytes_in": 300, "conn_state": "SF"} for e in slow]
        return (
            Example("a host every twelve minutes", slow, True),
            Example("ports of one machine, of which half answer", half, True),
            Example("a program that asks nine closed ports of its server all day", few, False),
            Example(
                "a manager of machines, of which half are off",
                [e for p in zip(slow, answers, strict=True) for e in p],
                False,
            ),
            Example("a few dead hosts all day", [e | {"dst_ip": f"10.0.1.{i % 9}"} for i, e in enumerate(slow)], False),
        )


@nb.njit(cache=True, nogil=True)
def _note(key, item, vain, ts, groups, keys, seen, bits, mark, met, met_mark, spell):  # type: ignore[no-untyped-def]
    """float64[3, m]: targets tried in vain, targets that answered, spells; all 0 for rows that are no tries.

    Columns [m]; state [G, capacity, …]. Answers are noted for keys that tried in vain before: most never do.
    """
    out = np.zeros((3, len(key)))
    for i in range(len(key)):
        if key[i] == 0:
            continue
        g, t = groups[i], ts[i]
        if not vain[i]:
            slot = find_slot(keys[g], key[i])
            if slot >= 0:
                count_distinct(met[g, slot], met_mark[g, slot], mix64(item[i]), t, DAY_S)
            continue
        slot, fresh = claim_slot(keys[g], seen[g], key[i], t)
        if fresh:
            bits[g, slot] = 0
            mark[g, slot] = 0
            met[g, slot] = 0
            met_mark[g, slot] = 0
            spell[g, slot] = 0
        before = mark[g, slot, 1]
        n = count_distinct(bits[g, slot], mark[g, slot], mix64(item[i]), t, DAY_S)
        now = np.int64(t // SPELL_S)
        if mark[g, slot, 1] > before and now > spell[g, slot, 0]:
            # A day without a new target ends the effort.
            idle = now - spell[g, slot, 0] > np.int64(DAY_S / SPELL_S)
            spell[g, slot, 1] = 1 if idle else spell[g, slot, 1] + 1
            spell[g, slot, 0] = now
        size = met.shape[3] * 64
        seen_met = met_mark[g, slot, 1]
        out[0, i] = n if n == n else 0.0
        out[1, i] = np.round(-size * np.log(1.0 - min(seen_met, size - 1) / size))
        out[2, i] = spell[g, slot, 1]
    return out

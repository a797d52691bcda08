"""A line such as its machine hardly ever writes."""

import re
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.logs.surprise_tail import SurpriseTail
from pipeline.detectors.logs.template_miner import TemplateMiner
from pipeline.detectors.logs.upkeep import Upkeep
from pipeline.detectors.memory.sightings import Sightings
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.hashing import combine, mix64
from pipeline.features.line_shape import WILDCARD, line_shapes, shape_words
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.models.density_kernels import RANKS, calibrate, rank, sum_tails
from schemas.finding import Feature

SHAPES = 4096  # shapes of lines whose template is known, per key group
PAIRS = 8192  # pairs of host and template
HOSTS = 512
FLEET_WEIGHT = 20.0  # lines that the key group's other hosts speak for, beside a host's own
WARMUP_HOST, WARMUP_GROUP = 50.0, 256.0  # lines
MEMORY = 20_000.0  # surprises that the tail remembers
NOBODY, EVERYBODY = np.uint64(2), np.uint64(1)  # in place of a host's hash
TELLING = 0.05  # tail probability from which a line is common: no budget is spent on what is left
SELDOM = 3.0  # sights by the host, faded: what it writes again and again is not rare, however much else it writes
REFRESH = 32  # lines between refreshes of the tail sums
NUMBER = re.compile(r"\b[a-fA-F]{8,}\b")  # hexadecimal without a digit, as one in 2,500 of eight places is; no word is


class RareTemplate(Detector):
    """Surprise of a line's template given its host's volume, as a tail probability among all surprises before.

    Templates are mined by Drain; a compiled table of line shapes before it answers for every line whose words were
    seen, so that Drain only sees new ones. Counts fade by half in `half_life_d`; what other hosts of the key group
    write often surprises less. NaN for a host's first 50 lines and a key group's first 256. For a host's first
    `watched_h` hours lines only teach: what it does every hour or once a shift has not been seen yet. So do lines that
    the host has written three times already. What package managers write, and a machine that is updated or restarted,
    is new there by its nature, on host after host: it is learned, and gets no opinion (`upkeep`).
    """

    id = "logs.rare_template"
    title = "Unusual log line"
    severity = 2
    source = "logs"
    entity = ("host",)
    entity_type = "host"
    inputs = ("host", "program", "message")
    cost = "O(length of the line); 10-50 us for a line with new words; 400 KiB a key group"
    reference = "He et al., Drain, ICWS 2017"
    threshold = None
    alerts_per_day = 5.0
    misses = (
        "Events that are told in usual words with other values (names, addresses, paths), a host's first six hours, "
        "the quarter of an hour after a package manager wrote or the machine was restarted, as an intruder may do "
        "himself, and what he writes often enough to become usual."
    )
    defaults = {"half_life_d": 7.0, "watched_h": 6.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        count = {"count": ((2,), np.float64)}
        self._shapes = EntityState(setup.groups, SHAPES, {"template": ((), np.int64)})
        self._pairs = EntityState(setup.groups, PAIRS, count)
        self._hosts = EntityState(setup.groups, HOSTS, count)
        self._watched = Sightings(setup.groups, HOSTS)
        self._tail = SurpriseTail(setup.groups)
        self._miner = TemplateMiner(setup.groups)
        self._upkeep = Upkeep(setup.groups, HOSTS)
        self._parts: dict[str, Stateful] = {
            "shapes": self._shapes, "pairs": self._pairs, "hosts": self._hosts, "tail": self._tail,
            "watched": self._watched, "miner": self._miner, "upkeep": self._upkeep,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        start, length = batch.spans("message")
        rows = np.flatnonzero(batch.kind("line") & (length > 0))
        values = np.full(batch.n, np.nan)
        silent = np.zeros(batch.n, np.bool_)
        evidence = {name: np.zeros(batch.n) for name in ("seen", "lines")}
        if len(rows):
            shape = line_shapes(batch.data, start[rows], length[rows], batch.hash("program")[rows])
            template = self._templates(batch, rows, shape)
            p, h, t = self._pairs.arrays(), self._hosts.arrays(), self._tail.arrays()
            host = batch.hash("host")[rows]
            host = np.where(host != 0, host, NOBODY)
            out = _surprise(
                host, template, batch.ts[rows], batch.groups[rows],
                p["keys"], p["seen"], p["count"], h["keys"], h["seen"], h["count"], t["cal"], t["num"], t["idx"],
                float(self.option["half_life_d"]) * 86400.0,
            )  # fmt: skip
            values[rows], evidence["seen"][rows], evidence["lines"][rows] = out[:, 0], out[:, 1], out[:, 2]
            values[rows[self._upkeep.mark(batch, rows, host, out[:, 0] > 0)]] = np.nan
            watched, _, _ = self._watched.note(host, batch.ts[rows], batch.groups[rows])
            silent[rows] = (watched < 3600.0 * float(self.option["watched_h"])) | (out[:, 1] >= SELDOM)
        return Scores(values, evidence, silent=silent)

    def _templates(self, batch: Batch, rows: np.ndarray, shape: np.ndarray) -> np.ndarray:
        """int64[m]: template of each row, from the table of shapes or, where that does not know it, from Drain."""
        template = np.zeros(len(rows), np.int64)
        a, groups, ts = self._shapes.arrays(), batch.groups[rows], batch.ts[rows]
        at = 0
        while True:
            at = _known(at, shape, ts, groups, a["keys"], a["seen"], a["template"], template)
            if at == len(rows):
                return template
            row, g = int(rows[at]), int(groups[at])
            slot = int(find_slot(a["keys"][g], shape[at]))
            a["template"][g, slot] = self._miner.template(g, self._words(batch, row))

    def _words(self, batch: Batch, row: int) -> list[str]:
        """The line's words behind its program."""
        program = (batch.text("program", row) or "-").split()
        words = shape_words(batch.text("message", row) or "")
        words = [WILDCARD if NUMBER.search(word) else word for word in words]
        return [*shape_words(program[0] if program else "-"), *words]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        host, program = (
            named(batch, row, "host", otherwise="a machine"),
            named(batch, row, "program", otherwise="A program"),
        )
        line = " ".join(shape_words(batch.text("message", row) or ""))[:180]
        seen, lines = float(scores.evidence["seen"][row]), float(scores.evidence["lines"][row])
        often = "never before" if seen < 0.05 else f"about {seen:.2g} times"
        message = f"{program} on {host} wrote a line seen {often} in its last {lines:.0f}: “{line}”."
        rank = 1.0 / max(min(TELLING, 1.0 - self.limit(scores, row)), 1e-9)
        features = [
            Feature(name="times_seen", value=round(seen, 2), usual_low=max(1.0, round(seen, 2))),
            Feature(name="lines_of_the_machine", value=round(lines)),
        ]
        return Explanation(message, f"A line less rare than one in {rank:,.0f} of those before.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        line = {"kind": "line", "host": "srv-1", "program": "kernel"}
        words = ("link up eth{}", "rotated log {} of volume", "heard {} peers")
        usual = [
            line | {"ts": 1e6 + 60.0 * i, "message": words[i % 3].format(i % 7)}
            for i in range(900)
        ]  # fmt: skip
        odd = [line | {"ts": 1e6 + 54_001.0, "message": "Out of memory: killed process backup by order of nobody"}]
        update = [
            line | {"ts": 1e6 + 54_010.0, "program": "dpkg", "message": "Unpacking libc6 (2.36-9) over old version"},
            line | {"ts": 1e6 + 54_020.0, "program": "systemd", "message": "Stopped target Basic System."},
            line | {"ts": 1e6 + 54_090.0, "message": "Linux version 6.1.0 booting, root=1"},
        ]
        return (
            Example("a line never seen, after a day of usual ones", [*usual, *odd], True),
            Example("an update and a restart", [*usual, *update], False),
            Example("usual lines with new numbers", usual, False),
        )


@nb.njit(cache=True, nogil=True)
def _known(at, shape, ts, groups, keys, seen, template, out):  # type: ignore[no-untyped-def]
    """Fill `out` from row `at` on with known templates; gives the first row whose shape is new (claimed), or m."""
    for i in range(at, len(shape)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], shape[i], ts[i])
        if fresh:
            template[g, slot] = 0
        if template[g, slot] == 0:
            return i
        out[i] = template[g, slot]
    return len(shape)


@nb.njit(cache=True, nogil=True)
def _decayed(keys, seen, count, key, ts, half_life_s):  # type: ignore[no-untyped-def]
    """Slot of a key in one group's table, its count faded to `ts`; count float64[capacity, 2] = (count, when)."""
    slot, fresh = claim_slot(keys, seen, key, ts)
    if fresh:
        count[slot, 0] = 0.0
        count[slot, 1] = ts
    age = ts - count[slot, 1]
    if age > 0.0:
        count[slot, 0] *= 2.0 ** (-age / half_life_s)
        count[slot, 1] = ts
    return slot


@nb.njit(cache=True, nogil=True)
def _surprise(  # type: ignore[no-untyped-def]
    host,
    template,
    ts,
    groups,
    pair_keys,
    pair_seen,
    pairs,
    host_keys,
    host_seen,
    hosts,
    cal,
    num,
    idx,
    half_life_s,
):
    """float64[m, 3]: score, times seen on this host, lines of this host; EVERYBODY is the whole group."""
    out = np.empty((len(host), 3))
    for i in range(len(host)):
        g = groups[i]
        kind = np.uint64(template[i])
        here = _decayed(pair_keys[g], pair_seen[g], pairs[g], combine(host[i], mix64(kind)), ts[i], half_life_s)
        c, kept = pairs[g, here, 0], pair_keys[g, here]
        all_ = _decayed(pair_keys[g], pair_seen[g], pairs[g], combine(EVERYBODY, mix64(kind)), ts[i], half_life_s)
        n_slot = _decayed(host_keys[g], host_seen[g], hosts[g], mix64(host[i]), ts[i], half_life_s)
        n = hosts[g, n_slot, 0]
        m_slot = _decayed(host_keys[g], host_seen[g], hosts[g], EVERYBODY, ts[i], half_life_s)
        fleet = (max(pairs[g, all_, 0] - c, 0.0) + 0.05) / (max(hosts[g, m_slot, 0] - n, 0.0) + 1.0)
        share = (c + FLEET_WEIGHT * min(max(fleet, 0.0), 1.0)) / (n + FLEET_WEIGHT)
        u = -np.log(max(min(share, 1.0), 1e-7))
        out[i, 0], out[i, 1], out[i, 2] = np.nan, c, n
        if n >= WARMUP_HOST:
            if cal[g, 0, RANKS] >= WARMUP_GROUP:
                # The second term keeps the order of surprises far beyond the tail, where the first is all but 0.
                p = rank(u, cal[g], num[g]) + 1e-4 * np.exp(-0.5 * u)
                out[i, 0] = 1.0 - p if p < TELLING else 0.0
            calibrate(u, cal[g], MEMORY)
            idx[g, 0] += 1
            if idx[g, 0] % REFRESH == 0:
                sum_tails(cal[g], num[g])
        if pair_keys[g, here] == kept:
            pairs[g, here, 0] += 1.0
        pairs[g, all_, 0] += 1.0
        hosts[g, n_slot, 0] += 1.0
        hosts[g, m_slot, 0] += 1.0
    return out

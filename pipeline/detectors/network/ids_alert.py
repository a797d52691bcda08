"""What another sensor raised (Suricata alerts, Zeek notices), told once and not a thousand times."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import count_of, whole
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.ids_signatures import (
    ATTEMPT,
    GRAVE,
    HOUSEKEEPING,
    PLAIN,
    POLICY,
    REPUTATION,
    SCAN,
    sorts_of,
)
from pipeline.features.addresses import EXTERNAL
from pipeline.features.batch import Batch
from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, mix64
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from pipeline.features.where import address_kind
from schemas.finding import Feature

CAPACITY = 8192  # pairs of signature and source per key group
KINDS = 1024  # signatures per key group
SOURCES = 16  # sources of one of them told apart
WORTH = (0.6, 0.9, 0.6, 0.45, 0.3)  # severity unknown, 1 (gravest), 2, 3, 4 and above
# By sort: the most a first alert is worth. Below .5 it only shows in the rows, beside what our own detectors say.
LIMITS = {HOUSEKEEPING: 0.2, POLICY: 0.4, SCAN: 0.45, REPUTATION: 0.55, ATTEMPT: 0.65, GRAVE: 0.95, PLAIN: 0.9}
SCAN_ALONE = 0.6  # of a scan whose flows are not seen, so that our own detectors cannot tell it
OURS, FLOWS_S, SCANNERS = 10.0, 3600.0, 1024  # unanswered flows an hour from which our own detectors tell it
INBOUND = 0.45  # of reputation from outside: the internet's noise at every public address


class IdsAlerts(Detector):
    """Severity of the sensor's alert, divided by how often this signature named this source lately.

    What a signature speaks of (`ids_signatures`) caps what it is worth: policy and housekeeping never alert, scans
    only where our own detectors do not see their flows. Repeats fade by half in a day; a grave alert passes for its
    first eight repeats. Unless it is grave, what many are named for within a day counts less with each of them: a
    signature for addresses inside, all of a sort together (the internet's noise) for those outside. Sources are
    counted within the key group; all signatures of one source are one alert a day.
    """

    id = "network.ids_alert"
    title = "Alert of another sensor"
    severity = 3
    attacks = ()
    source = "network"
    entity = ("src_ip", "dst_ip")
    entity_type = "ip"
    inputs = ("signature", "signature_id", "category", "severity", "src_ip", "dst_ip", "bytes_in")
    cost = "O(16) an alert, nothing others; 32 bytes a pair of signature and source, 8,192 pairs a key group"
    misses = (
        "What the sensor has no signature for; attacks that only policy or scan signatures name, where they are told "
        "by this alone; a second attack of the same day by the same source adds to the first alert."
    )
    defaults = {"half_life_h": 24.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._seen = EntityState(setup.groups, CAPACITY, {"count": ((), np.float64), "last": ((), np.float64)})
        ring = ((SOURCES,), np.uint32)
        self._named = EntityState(setup.groups, KINDS, {"items": ring, "at": ring})
        self._flows = WindowedSum(setup.groups, SCANNERS, FLOWS_S)
        self._parts = {"seen": self._seen, "named": self._named, "flows": self._flows}

    def score(self, batch: Batch) -> Scores:
        rows = np.flatnonzero(batch.kind("ids_alert"))
        values, repeats, named = np.full(batch.n, np.nan), np.zeros(batch.n), np.zeros(batch.n)
        tried = self._tried(batch, rows)
        if len(rows):
            number, text = batch.hash("signature_id")[rows], batch.hash("signature")[rows]
            signature = np.where(number != 0, number, text) | np.uint64(1)
            key = combine_many(signature, batch.hash("src_ip")[rows] | np.uint64(1))
            a = self._seen.arrays()
            repeats[rows] = _repeats(
                key, batch.ts[rows], batch.groups[rows], a["keys"], a["seen"], a["count"], a["last"],
                float(self.option["half_life_h"]) * 3600.0,
            )  # fmt: skip
            grade = np.clip(filled(batch.number("severity")[rows], 0.0), 0, 4).astype(np.int64)
            sort = sorts_of(batch, rows)
            outside = address_kind(batch, "src_ip")[rows] == EXTERNAL
            worth = np.minimum(np.array(WORTH)[grade], np.array([LIMITS[k] for k in range(len(LIMITS))])[sort])
            worth[(sort == GRAVE) & (grade != 4)] = LIMITS[GRAVE]
            # A sensor's own count of many targets (Scan::Address_Scan) is no single packet from somewhere.
            noted = np.isnan(batch.number("severity")[rows])
            worth[(sort == SCAN) & (tried < OURS) & (grade != 4) & (~outside | noted)] = SCAN_ALONE
            worth[(sort == REPUTATION) & outside] = INBOUND
            f = self._named.arrays()
            named[rows] = _sources(
                np.where(outside, (sort + 1).astype(np.uint64), signature), batch.hash("src_ip")[rows], sort != GRAVE,
                batch.ts[rows], batch.groups[rows], f["keys"], f["seen"], f["items"], f["at"],
            )  # fmt: skip
            worth = worth / (1.0 + np.maximum(named[rows] - 1.0, 0.0) / 4.0)
            values[rows] = worth / (1.0 + np.log10(np.maximum(repeats[rows], 1.0)))
        return Scores(values, {"repeats": repeats, "named": named})

    def _tried(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """float64[m]: flows without an answer by the source of each alert lately, which our own detectors count.

        Every batch has to come by here, with alerts or without.
        """
        src = batch.hash("src_ip")
        flows = batch.kind("flow") & ~(batch.number("bytes_in") > 0) & (src != 0)
        flows[rows] = True
        both = np.flatnonzero(flows)
        alert = np.zeros(batch.n, np.bool_)
        alert[rows] = True
        weight = np.where(alert[both], 0.0, 1.0)
        return self._flows.add(src[both], weight, batch.ts[both], batch.groups[both])[alert[both]]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        src, dst = (
            named(batch, row, "src_ip", otherwise="an unknown address"),
            named(batch, row, "dst_ip", otherwise=""),
        )
        what = named(batch, row, "signature", "signature_id", otherwise="an alert", limit=160)
        category = named(batch, row, "category", otherwise="", limit=60)
        message = f"The sensor reports for {src}" + (f" and {dst}" if dst else "") + f": {what}"
        message += f" ({category})." if category else "."
        n, sources = (float(scores.evidence[name][row]) for name in ("repeats", "named"))
        # The sensor's own word has the whole score; repeats only take from it, by their logarithm.
        worth = float(scores.values[row]) * (1.0 + math.log10(max(n, 1.0)))
        times = 10.0 ** min(worth / self.limit(scores, row) - 1.0, 6.0)
        severity = batch.value("severity", row)
        features = [
            Feature(name="word_of_the_sensor", value=what[:64], contribution=1.0),
            Feature(name="gravity_by_the_sensor", value=severity if severity is not None else "not said",
                    contribution=0.0),
            Feature(name="told_lately", value=round(n, 1), usual_low=0, usual_high=round(times, 1), contribution=0.0),
            Feature(name="machines_it_names_today", value=sources, contribution=0.0),
        ]  # fmt: skip
        return Explanation(
            message, f"The same of this machine for more than {count_of(whole(times), 'time')} a day.", features
        )

    @classmethod
    def examples(cls) -> Sequence[Example]:
        alert = {"kind": "ids_alert", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "signature_id": "2024897",
                 "signature": "Known command and control server", "category": "Network Trojan"}  # fmt: skip
        notice = {"kind": "ids_alert", "src_ip": "10.0.0.9", "signature_id": "SSH::Password_Guessing",
                  "signature": "10.0.0.9 appears to be guessing SSH passwords", "category": "SSH"}  # fmt: skip
        return (
            Example("a grave alert", [alert | {"ts": 1e6, "severity": 1}], True),
            Example("a notice", [notice | {"ts": 1e6}], True),
            Example(
                "an odd packet",
                [
                    alert | {"ts": 1e6 + i, "severity": 3, "category": "Generic Protocol Command Decode"}
                    for i in range(9)
                ],
                False,
            ),
            Example(
                "a policy note about every desk",
                [
                    alert | {"ts": 1e6 + i, "severity": 1, "signature": "ET POLICY Dropbox client in use",
                             "src_ip": f"10.0.0.{i % 40}", "category": "Potential Corporate Privacy Violation"}
                    for i in range(200)
                ],
                False,
            ),
            Example(
                "a scan that our own detectors see in the flows",
                [
                    *({"kind": "flow", "ts": 1e6, "src_ip": "10.0.0.9", "bytes_in": 0} for _ in range(15)),
                    notice | {"ts": 1e6 + 1, "signature_id": "Scan::Port_Scan", "category": "Scan",
                              "signature": "10.0.0.9 scanned at least 15 unique ports of host 10.0.0.20"},
                ],
                False,
            ),
        )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def _repeats(key, ts, groups, keys, seen, count, last, half_life_s):  # type: ignore[no-untyped-def]
    """float64[m]: decayed number of events of each key, this one included; state [G, capacity]."""
    out = np.empty(len(key))
    for i in range(len(key)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            count[g, slot] = 0.0
            last[g, slot] = ts[i]
        age = max(ts[i] - last[g, slot], 0.0)
        count[g, slot] = count[g, slot] * 2.0 ** (-age / half_life_s) + 1.0
        last[g, slot] = max(last[g, slot], ts[i])
        out[i] = count[g, slot]
    return out


@nb.njit(cache=True, nogil=True)
def _sources(what, source, counted, ts, groups, keys, seen, items, at):  # type: ignore[no-untyped-def]
    """float64[m]: distinct sources of `what` within a day where `counted`, else 0; rings [G, KINDS, SOURCES]."""
    out = np.zeros(len(what))
    for i in range(len(what)):
        if not counted[i]:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], what[i], ts[i])
        if fresh:
            items[g, slot] = 0
            at[g, slot] = 0
        out[i] = note_distinct(items[g, slot], at[g, slot], mix64(source[i]), ts[i], 86400.0)
    return out

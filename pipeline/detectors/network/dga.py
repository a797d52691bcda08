"""Malware looks for its master under names drawn at random: many of them, and hardly one exists."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import least
from pipeline.detectors.memory.windowed_sum import BUCKETS, WindowedSum
from pipeline.features.batch import Batch
from pipeline.features.count_window import note_count
from pipeline.features.distinct_bitmap import PARTS, count_distinct
from pipeline.features.domain_names import INSIDE, SERVICE, query_parts
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.naming import named
from schemas.finding import Feature

HOSTS = 1024  # hosts with odd or failing names per key group
KNOWN = 16384  # domains known to exist per key group
WORDS = 4  # 256 names told apart in a quarter of an hour and a half
WINDOW_S = 3600.0
SOFT_BITS = 3.0  # a name this many bits above the line is drawn with odds e : 1
# What an outcome of a look-up says: drawn names fail; one in a hundred is the master, or a sinkhole.
FAILED, UNANSWERED, FOUND = 1.0, 0.6, 0.15
# Of a failing name without oddity: names made of words are told by their number. More where the host asks for little:
# people's machines fail with few names an hour, those that ask for others with many.
PLAIN_WORTH, QUIET_WORTH, QUIET = 0.25, 0.15, 250.0
# Mail servers look up whoever writes to them (MX, TXT) and reversed addresses.
TYPES = ("A", "AAAA", "HTTPS", "CNAME")


class Dga(Detector):
    """Distinct registered domains that failed within an hour, per host, each by how random its letters look.

    The letters are weighed by a table of how people name things; a domain that resolved for anybody before is known
    and counts nothing, so that the hospital's own and its partners' odd names are learned. The limit grows with the
    number of look-ups, as a resolver or proxy asks for everyone.
    """

    id = "network.dga"
    title = "Names drawn at random"
    severity = 4
    attacks = ("T1568.002",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("query", "qtype", "rcode", "src_ip")
    cost = "O(length of the name) a look-up, nothing others; 300 bytes a host, 1,024 a key group; 16 a known domain"
    reference = "Antonakakis et al., From Throw-Away Traffic to Bots, USENIX Security 2012"
    misses = (
        "A generator whose first name exists, names made of words until some twenty fail within an hour, and single "
        "random names: those are left to rarity of the destination."
    )
    defaults = {"names": 8.0, "busy_lookups_an_hour": 1000.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns = {
            "bits": ((PARTS, WORDS), np.uint64), "mark": ((2,), np.int64), "sum": ((BUCKETS,), np.float32),
            "at": ((BUCKETS,), np.int64),
        }  # fmt: skip
        self._hosts = EntityState(setup.groups, HOSTS, columns)
        self._known = EntityState(setup.groups, KNOWN, {})
        self._lookups = WindowedSum(setup.groups, HOSTS, WINDOW_S)
        self._parts = {"hosts": self._hosts, "known": self._known, "lookups": self._lookups}

    def score(self, batch: Batch) -> Scores:
        values, total, names, odd = (np.full(batch.n, np.nan) for _ in range(4))
        evidence = {"sum": total, "names": names, "odd": odd}
        rows = np.flatnonzero(
            batch.kind("dns") & (batch.hash("src_ip") != 0) & (batch.is_in("qtype", TYPES) | (batch.hash("qtype") == 0))
        )
        if not len(rows):
            return Scores(values, evidence)
        src, ts, groups = batch.hash("src_ip")[rows], batch.ts[rows], batch.groups[rows]
        lookups = self._lookups.add(src, 1.0, ts, groups)
        start, length = batch.spans("query")
        domain, own, excess, _, _, _, flags = query_parts(batch, rows)
        # Names of other scripts are written in punycode, which looks random and is not.
        odds = np.where(_puny(batch.data, start[rows], length[rows], own), 0.0, excess)
        random = 1.0 / (1.0 + np.exp(np.clip(1.0 - odds / SOFT_BITS, -30.0, 30.0)))
        rcode = batch.hash("rcode")[rows]
        failed = batch.equals("rcode", "NXDOMAIN")[rows]
        outcome = np.where(failed, FAILED, np.where(rcode == 0, UNANSWERED, FOUND))
        plain = PLAIN_WORTH + QUIET_WORTH * QUIET / np.maximum(lookups, QUIET)
        weight = np.where(random >= 0.5, random * outcome, np.where(failed, plain, 0.0))
        weight[(domain == 0) | ((flags & (INSIDE | SERVICE)) != 0)] = 0.0
        exists = batch.equals("rcode", "NOERROR")[rows]
        values[rows] = 0.0
        self._learned(domain, exists, weight, ts, groups)
        some = np.flatnonzero(weight > 0.0)
        if len(some):
            a = self._hosts.arrays()
            found = _gather(
                src[some], domain[some], weight[some], ts[some], groups[some],
                a["keys"], a["seen"], a["bits"], a["mark"], a["sum"], a["at"],
            )  # fmt: skip
            limit = float(self.option["names"]) * np.maximum(
                lookups[some] / float(self.option["busy_lookups_an_hour"]), 1.0
            )
            at = rows[some]
            total[at], names[at], odd[at] = found[0], found[1], random[some]
            values[at] = found[0] / (found[0] + limit)
        return Scores(values, evidence)

    def _learned(
        self, domain: np.ndarray, exists: np.ndarray, weight: np.ndarray, ts: np.ndarray, groups: np.ndarray
    ) -> None:
        """Take the weight from domains that existed before. Asking for one that fails does not make it known."""
        a = self._known.arrays()
        _forgive(domain, exists, weight, ts, groups, a["keys"], a["seen"])

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        names = int(np.nan_to_num(scores.evidence["names"][row]))
        query = named(batch, row, "query", otherwise="a name", limit=80)
        message = (
            f"{named(batch, row, 'src_ip')} looked up about {names} domains within an hour that look drawn at random "
            f"or do not exist, now {query}, as malware does that seeks its control server."
        )
        # Each name counts by how random it looks and whether it exists: at the weight of these, so many would do.
        fewer = least(names, float(scores.values[row]), self.limit(scores, row), float(self.option["names"]))
        odd = round(float(np.nan_to_num(scores.evidence["odd"][row])), 2)
        features = [
            Feature(name="odd_or_failing_names_1h", value=names, usual_low=0, usual_high=fewer - 1),
            Feature(name="random_look_of_the_last", value=odd, usual_low=0.0, usual_high=0.5),
        ]
        return Explanation(message, f"Fewer than about {fewer} such names within an hour.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        dns = {"kind": "dns", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.2", "qtype": "A"}
        lost = dns | {"rcode": "NXDOMAIN"}
        here = dns | {"rcode": "NOERROR"}

        def drawn(k: int) -> str:
            return "".join(chr(97 + j) for j in np.random.default_rng(k).integers(0, 26, 12))

        words = ("river", "stone", "garden", "silver", "winter", "bridge", "market", "forest", "coffee", "window")
        pairs = [a + b for a in words for b in words]
        return (
            Example(
                "random names that fail", [lost | {"ts": 1e6 + k, "query": f"{drawn(k)}.com"} for k in range(20)], True
            ),
            Example(
                "words, but none exists",
                [lost | {"ts": 1e6 + k, "query": f"{w}.net"} for k, w in enumerate(pairs)],
                True,
            ),
            Example(
                "odd names of content networks",
                [here | {"ts": 1e6 + 60 * k, "query": f"{drawn(k)}.cloudfront.net"} for k in range(15)],
                False,
            ),
            Example(
                "one odd name, asked again and again",
                [lost | {"ts": 1e6 + k, "query": "xkqzvjwpt.com"} for k in range(90)],
                False,
            ),
            Example(
                "the browser probes its resolver",
                [lost | {"ts": 1e6 + k, "query": drawn(k)} for k in range(30)],
                False,
            ),
            Example(
                "mistyped names",
                [lost | {"ts": 1e6 + 300 * k, "query": f"www.{w}.com"} for k, w in enumerate(words)],
                False,
            ),
        )


@nb.njit(cache=True, nogil=True)
def _puny(data, start, length, own):  # type: ignore[no-untyped-def]
    """bool[n]: the registered label begins with xn--."""
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        end = start[i] + length[i]
        if length[i] > 0 and data[end - 1] == 46:
            end -= 1
        at = end - own[i, 0]
        if own[i, 1] > 4:
            out[i] = data[at] | 32 == 120 and data[at + 1] | 32 == 110 and data[at + 2] == 45 and data[at + 3] == 45
    return out


@nb.njit(cache=True, nogil=True)
def _forgive(domain, exists, weight, ts, groups, keys, seen):  # type: ignore[no-untyped-def]
    """Set weight[i] to 0 where the domain existed before; remember those that exist. State [G, KNOWN]."""
    for i in range(len(domain)):
        if domain[i] == 0:
            continue
        g = groups[i]
        if find_slot(keys[g], domain[i]) >= 0:
            weight[i] = 0.0
        if exists[i]:
            claim_slot(keys[g], seen[g], domain[i], ts[i])


@nb.njit(cache=True, nogil=True)
def _gather(src, domain, weight, ts, groups, keys, seen, bits, mark, sums, at):  # type: ignore[no-untyped-def]
    """float64[2, m]: weight of distinct domains per host within the window, and their number, the row included."""
    out = np.zeros((2, len(src)))
    for i in range(len(src)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], src[i], ts[i])
        if fresh:
            bits[g, slot] = 0
            mark[g, slot] = 0
            at[g, slot] = 0
        before, part = mark[g, slot, 1], mark[g, slot, 0]
        names = count_distinct(bits[g, slot], mark[g, slot], domain[i], ts[i], WINDOW_S)
        new = mark[g, slot, 1] > before or mark[g, slot, 0] != part
        out[0, i] = note_count(sums[g, slot], at[g, slot], WINDOW_S / BUCKETS, ts[i], weight[i] if new else 0.0)
        out[1, i] = 0.0 if names != names else names
    return out

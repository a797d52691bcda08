"""Data leaves, or orders come in, inside names that are looked up."""

from collections.abc import Sequence
from functools import cached_property

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import nearest
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import BUCKETS, WindowedSum
from pipeline.features.batch import Batch
from pipeline.features.count_window import note_count
from pipeline.features.distinct_bitmap import PARTS, count_distinct
from pipeline.features.domain_names import INSIDE, SERVICE, query_parts
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, hash_text
from pipeline.features.naming import named
from pipeline.features.unknown import among, filled
from schemas.finding import Feature

CAPACITY = 1024  # pairs of host and domain with random sub-names per key group
DOMAINS = 4096
FEW_HOSTS = 8  # hosts of one domain told apart
WORDS = 8  # 512 names told apart in a quarter of a window
DAY_S = 86_400.0
LEAST_BITS = 20.0  # four random characters: less cannot carry anything
# Types whose answers carry free data (RFC 1035, RFC 2782, iodine's and dns2tcp's manuals).
FREE_TYPES = ("TXT", "NULL", "CNAME", "MX", "SRV", "KEY", "PRIVATE", "SPF", "NAPTR", "65399")
FREE_WORTH = 1.5
TEXT_TYPES = ("TXT", "NULL", "PRIVATE", "65399")
# A whole digest (MD5, SHA-1, SHA-256) asks what is known of a file; a tunnel has no reason to keep to that size.
DIGEST_WORTH = 0.3
SERVICE_WORTH = 0.1
# Look-ups of reputation, whose names hold digests or addresses, as their makers document them.
SERVICES = (
    "mcafee.com", "trellix.com", "sophosxl.net", "sophos.com", "e5.sk", "eset.com", "trendmicro.com", "avast.com",
    "avcdn.net", "bitdefender.net", "kaspersky.com", "kaspersky-labs.com", "symantec.com", "cymru.com",
    "team-cymru.com", "spamhaus.org", "spamhaus.net", "surbl.org", "uribl.com", "barracudacentral.org",
    "dnswl.org", "spamcop.net", "abuseat.org", "sorbs.net", "senderbase.org", "mailspike.net", "msbl.org",
    "support-intelligence.net", "spameatingmonkey.net", "googlevideo.com", "googlesyndication.com", "gstatic.com",
    "akamaihd.net", "akamai.net", "msedge.net",
)  # fmt: skip
# Times the limit for one, two, three and more hosts of the group that use the domain: what all use is a service.
POPULAR = np.array((1.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 32.0, 32.0))


class DnsTunnel(Detector):
    """Bits that the distinct random-looking names under one domain can carry, per host, in an hour and in a day.

    What text records under many names of one domain bring back counts, too: orders come in that way.
    Letters are weighed by how surprising they are in names that people chose, so that words cost nothing and base32
    or hex count in full; a name counts once. Reputation look-ups, service records and reversed addresses count little
    or nothing, and what many hosts use, or a resolver asks among thousands of other names, has to carry much more.
    """

    id = "network.dns_tunnel"
    title = "Data inside DNS names"
    severity = 4
    attacks = ("T1071.004", "T1048.003", "T1572")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("query", "qtype", "answers", "src_ip")
    cost = "O(length of the name) a look-up, nothing others; 560 bytes a host and suspicious domain, 1,024 a key group"
    reference = "Paxson et al., Practical Comprehensive Bounds on Surreptitious Communication over DNS, USENIX 2013"
    misses = (
        "Tunnels over DNS inside TLS or HTTPS, names made of words, less than about 5,000 bits an hour and 16,000 a "
        "day, and a domain that many hosts of the network use alike."
    )
    defaults = {"bits_an_hour": 5000.0, "bits_a_day": 16000.0, "busy_lookups_an_hour": 3000.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        sums = {
            f"{n}_{p}": ((BUCKETS,), t) for n in ("hour", "day") for p, t in (("sum", np.float32), ("at", np.int64))
        }
        bits = {"bits": ((PARTS, WORDS), np.uint64), "mark": ((2,), np.int64)}
        self._pairs = EntityState(setup.groups, CAPACITY, bits | sums)
        self._users = WindowedDistinct(setup.groups, DOMAINS, DAY_S, FEW_HOSTS)
        self._lookups = WindowedSum(setup.groups, CAPACITY, 3600.0)
        self._parts = {"pairs": self._pairs, "users": self._users, "lookups": self._lookups}

    @cached_property
    def _services(self) -> np.ndarray:
        return np.sort(np.array([hash_text(name) for name in SERVICES], np.uint64))

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("hour", "day", "names", "users")}
        rows = np.flatnonzero(batch.kind("dns") & (batch.hash("src_ip") != 0))
        if not len(rows):
            return Scores(values, evidence)
        src, ts, groups = batch.hash("src_ip")[rows], batch.ts[rows], batch.groups[rows]
        domain, _, _, sub, bits, digest, flags = query_parts(batch, rows)
        users = self._users.add(domain, src, ts, groups)
        lookups = self._lookups.add(src, 1.0, ts, groups)
        bits[(flags & (INSIDE | SERVICE)) != 0] = 0.0
        bits[digest] *= DIGEST_WORTH
        bits[among(domain, self._services) | self._refused(batch, rows)] *= SERVICE_WORTH
        free = batch.is_in("qtype", FREE_TYPES)[rows]
        size = batch.spans("answers")[1][rows]
        asked = bits * np.where(free, FREE_WORTH, 1.0)
        # Orders come in by answers of free data: the names beside it may be as short as a number.
        orders = batch.is_in("qtype", TEXT_TYPES)[rows] & (sub != 0) & ((flags & (INSIDE | SERVICE)) == 0)
        orders &= ~np.isin(domain, self._services)
        brought = np.where(orders | (free & (bits > 0)), np.clip(size - 40, 0, 250), 0)
        bits = asked + brought
        values[rows] = 0.0
        some = np.flatnonzero((bits >= LEAST_BITS) & (domain != 0))
        if len(some):
            a = self._pairs.arrays()
            found = _carry(
                combine_many(src[some], domain[some]), sub[some], bits[some], ts[some], groups[some], a["keys"],
                a["seen"], a["bits"], a["mark"], a["hour_sum"], a["hour_at"], a["day_sum"], a["day_at"],
            )  # fmt: skip
            busy = np.maximum(lookups[some] / float(self.option["busy_lookups_an_hour"]), 1.0)
            limit = POPULAR[filled(users[some]).astype(np.int64)] * busy
            hour, day = float(self.option["bits_an_hour"]) * limit, float(self.option["bits_a_day"]) * limit
            at = rows[some]
            values[at] = np.maximum(found[0] / (found[0] + hour), found[1] / (found[1] + day))
            for name, column in zip(evidence, (*found, users[some]), strict=True):
                evidence[name][at] = column
        return Scores(values, evidence)

    def _refused(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the answer is an address of the local host, as lists of bad names and mail give (RFC 5782)."""
        start, length = batch.spans("answers")
        return _begins(batch.data, start[rows], length[rows], np.frombuffer(b'["127.', np.uint8))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = scores.evidence
        names, hour, day = int(e["names"][row]), e["hour"][row] / 8, e["day"][row] / 8
        query = named(batch, row, "query", otherwise="a name", limit=80)
        message = (
            f"{named(batch, row, 'src_ip')} looked up about {names} different random names like {query}, which can "
            f"carry {hour:,.0f} bytes within an hour ({day:,.0f} within a day) past the proxy."
        )
        at_once = hour * float(self.option["bits_a_day"]) >= day * float(self.option["bits_an_hour"])
        amount, span = (hour, "an hour") if at_once else (day, "a day")
        less = nearest(amount, float(scores.values[row]), self.limit(scores, row))
        users = int(np.nan_to_num(e["users"][row]))
        features = [
            Feature(name=f"bytes_in_names_{'1h' if at_once else '1d'}", value=round(amount), unit="B", usual_low=0,
                    usual_high=round(less), contribution=1.0),
            Feature(name="machines_that_use_the_domain", value=users, usual_low=2),
            Feature(name="different_random_names", value=names),
        ]  # fmt: skip
        normal = f"Less than {less:,.0f} bytes {span} in names under one domain, or more machines that use it."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        dns = {"kind": "dns", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.2", "qtype": "A"}
        letters = "abcdefghijklmnopqrstuvwxyz234567"

        def drawn(k: int, size: int, alphabet: str = letters) -> str:
            return "".join(alphabet[j] for j in np.random.default_rng(k).integers(0, len(alphabet), size))

        tunnel = [dns | {"ts": 1e6 + 10 * k, "query": f"{drawn(k, 14)}.belcast.example"} for k in range(120)]
        text = [dns | {"ts": 1e6 + k, "query": f"{drawn(k, 50)}.{drawn(k + 77, 50)}.tun.example", "qtype": "TXT"}
                for k in range(30)]  # fmt: skip
        words = ("www", "mail", "static", "images", "api", "login", "cdn", "search")
        pages = [dns | {"ts": 1e6 + k, "query": f"{words[k % 8]}.site{k % 50}.example"} for k in range(200)]
        virus = [dns | {"ts": 1e6 + 30 * k, "query": f"{drawn(k, 32, '0123456789abcdef')}.avqs.mcafee.com",
                        "answers": ["127.0.0.8"]} for k in range(100)]  # fmt: skip
        back = [dns | {"ts": 1e6 + k, "query": f"{k}.7.16.172.in-addr.arpa", "qtype": "PTR"} for k in range(200)]
        service = [dns | {"ts": 1e6 + k, "src_ip": f"10.0.0.{k % 200}", "query": f"{drawn(k, 24)}.telemetry.example"}
                   for k in range(300)]  # fmt: skip
        return (
            Example("short names that carry data", tunnel, True),
            Example("long TXT names", text, True),
            Example("browsing", pages, False),
            Example("a virus scanner asks for digests", virus, False),
            Example("addresses are looked up backwards", back, False),
            Example("a service that every machine asks once or twice", service, False),
        )


@nb.njit(cache=True, nogil=True)
def _begins(data, start, length, prefix):  # type: ignore[no-untyped-def]
    """bool[n]: which texts begin with `prefix`."""
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        if length[i] >= len(prefix):
            out[i] = True
            for k in range(len(prefix)):
                out[i] &= data[start[i] + k] == prefix[k]
    return out


@nb.njit(cache=True, nogil=True)
def _carry(key, sub, weight, ts, groups, keys, seen, bits, mark, hour_sum, hour_at, day_sum, day_at):  # type: ignore[no-untyped-def]
    """float64[3, m]: bits of an hour and of a day and names of a day, the row included; state [G, CAPACITY, …]."""
    out = np.zeros((3, len(key)))
    for i in range(len(key)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            bits[g, slot] = 0
            mark[g, slot] = 0
            hour_at[g, slot] = 0
            day_at[g, slot] = 0
        before, part = mark[g, slot, 1], mark[g, slot, 0]
        count = count_distinct(bits[g, slot], mark[g, slot], sub[i], ts[i], DAY_S)
        new = mark[g, slot, 1] > before or mark[g, slot, 0] != part
        amount = weight[i] if new else 0.0
        out[0, i] = note_count(hour_sum[g, slot], hour_at[g, slot], 300.0, ts[i], amount)
        out[1, i] = note_count(day_sum[g, slot], day_at[g, slot], 7200.0, ts[i], amount)
        out[2, i] = 0.0 if count != count else count
    return out

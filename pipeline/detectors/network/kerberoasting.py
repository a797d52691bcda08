"""Tickets for many services at once, in a cipher that can be cracked at leisure: passwords of service accounts leak."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, least
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from schemas.finding import Feature

PAIRS = 8192
CLIENTS = 1024
RING = 32
DAY_S = 86_400.0
# RFC 4757 and the single-DES types: the ones for which cracking is cheap.
WEAK = ("rc4-hmac", "rc4-hmac-exp", "rc4-hmac-old", "rc4-hmac-nt", "arcfour-hmac", "arcfour-hmac-md5", "rc4_hmac",
        "des-cbc-crc", "des-cbc-md5", "des-cbc-md4")  # fmt: skip
TICKETS = ("TGS", "KRB_TGS_REP", "KRB_TGS_REQ")
KEYS, STRONG = np.uint64(1), np.uint64(2)
PATIENT_S = 2 * 3600.0
SERVICES, LEAST_WEAK, WEAK_WORTH = 4096, 2.0, 2.0


class Kerberoasting(Detector):
    """Distinct services for which a client newly asked a ticket within ten minutes; those in RC4 or DES count one by
    one, those in AES from about five times as many on.

    Asked for with patience, services count that nobody of the key group had asked for before: five and more within two
    hours, those in a weak cipher double and at least two of them, against as many as others newly ask for in that
    time, which is much while nothing is known yet or when something new is set up.

    A client that has had RC4 tickets for a service for days (an old application) is known; tickets for tickets
    (krbtgt) and for machines ($) do not count.
    """

    id = "network.kerberoasting"
    title = "Service tickets gathered for cracking"
    severity = 4
    attacks = ("T1558.003",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("service", "request_type", "target", "cipher", "outcome", "src_ip", "user")
    cost = "O(32) a Kerberos ticket, nothing others; 40 bytes a client and service, 1 kB a client; 12 MB in all"
    reference = "MITRE ATT&CK T1558.003; Medin, Attacking Kerberos, DerbyCon 2014"
    misses = (
        "Tickets asked for one by one over days, or for services that others use too, and Kerberos inside an encrypted "
        "channel (FAST, a VPN); in the first day an application server that starts with many weak tickets looks alike."
    )
    defaults = {"window_s": 600.0, "weak_tickets": 5.0, "strong_tickets": 25.0, "unused_services": 5.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._known = Sightings(setup.groups, PAIRS)
        self._fresh = WindowedDistinct(setup.groups, CLIENTS, float(self.option["window_s"]), RING)
        self._services = Sightings(setup.groups, SERVICES)
        self._unused = WindowedDistinct(setup.groups, CLIENTS, PATIENT_S, RING)
        self._watched = Sightings(setup.groups, 1)
        self._weak = WindowedDistinct(setup.groups, CLIENTS, PATIENT_S, RING)
        self._news = WindowedSum(setup.groups, CLIENTS, PATIENT_S)
        self._parts = {
            "known": self._known, "fresh": self._fresh, "services": self._services, "unused": self._unused,
            "weak": self._weak, "news": self._news, "watched": self._watched,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("weak", "strong", "unused", "unused_weak", "others")}
        rows = np.flatnonzero(batch.kind("auth") & batch.is_in("request_type", TICKETS) & (batch.hash("src_ip") != 0))
        if len(rows):
            start, length = batch.spans("target")
            counts = _for_a_service(batch.data, start[rows], length[rows])
            counts &= ~batch.equals("outcome", "failure")[rows]
            rows = rows[counts]
        if len(rows):
            src, target, ts, groups = (
                c[rows] for c in (batch.hash("src_ip"), batch.hash("target"), batch.ts, batch.groups)
            )
            weak = batch.is_in("cipher", WEAK)[rows]
            mark = np.where(weak, KEYS, STRONG)
            age, _, _ = self._known.note(combine_many(combine_many(src, target), mark), ts, groups)
            item = np.where(age > DAY_S, np.uint64(0), target)
            counts = filled(self._fresh.add(combine_many(src, mark), item, ts, groups))
            limit = np.where(weak, float(self.option["weak_tickets"]), float(self.option["strong_tickets"]))
            patient = self._patient(batch, rows, weak, evidence)
            values[rows] = np.maximum(counts / (counts + limit), patient)
            slow = patient > counts / (counts + limit)
            evidence["unused"][rows] = np.where(slow, evidence["unused"][rows], 0.0)
            evidence["weak"][rows] = np.where(weak, counts, 0.0)
            evidence["strong"][rows] = np.where(weak, 0.0, counts)
        return Scores(values, evidence)

    def _patient(self, batch: Batch, rows: np.ndarray, weak: np.ndarray, evidence: dict[str, np.ndarray]) -> np.ndarray:
        """float64[m]: by how many services, used by nobody here, the client of each row asked for in two hours."""
        src, target, ts, groups = (
            c[rows] for c in (batch.hash("src_ip"), batch.hash("target"), batch.ts, batch.groups)
        )
        _, _, before = self._services.note(target, ts, groups)
        new = before == 0
        item = np.where(new, target, np.uint64(0))
        unused = self._unused.add(src, item, ts, groups)
        in_weak = self._weak.add(src, np.where(weak, item, np.uint64(0)), ts, groups)
        everyone = self._news.add(np.ones_like(src), new.astype(np.float64), ts, groups)
        others = np.maximum(everyone - unused, 0.0)
        watched_s, _, _ = self._watched.note(np.ones_like(src), ts, groups)
        enough = (unused >= float(self.option["unused_services"])) & (in_weak >= LEAST_WEAK) & (watched_s >= PATIENT_S)
        weight = np.where(enough, unused + (WEAK_WORTH - 1.0) * in_weak, 0.0)
        for name, column in (("unused", unused), ("unused_weak", in_weak), ("others", others)):
            evidence[name][rows] = column
        score: np.ndarray = weight / (weight + float(self.option["unused_services"]) + others)
        return np.where(new, score, 0.0)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        weak, strong = int(scores.evidence["weak"][row]), int(scores.evidence["strong"][row])
        who = named(batch, row, "src_ip")
        user = named(batch, row, "user", otherwise="")
        if scores.evidence["unused"][row] > 0:
            return self._explain_patient(batch, row, scores)
        count, cipher = (weak, "in a weak cipher") if weak else (strong, "at once")
        message = (
            f"{who}{f' ({user})' if user else ''} asked for tickets for {count_of(count, 'service')} {cipher}, now "
            f"{named(batch, row, 'target', otherwise='a service')}, as someone who cracks service passwords does."
        )
        fewer = least(count, float(scores.values[row]), self.limit(scores, row), 1.0)
        name = "new_weak_tickets_10min" if weak else "new_strong_tickets_10min"
        features = [Feature(name=name, value=count, usual_low=0, usual_high=fewer - 1)]
        normal = f"Tickets for fewer than {count_of(fewer, 'new service')} {'in a weak cipher ' if weak else ''}"
        return Explanation(message, normal + "within ten minutes.", features)

    def _explain_patient(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        count, weak, others = (int(scores.evidence[name][row]) for name in ("unused", "unused_weak", "others"))
        user = named(batch, row, "user", otherwise="")
        message = (
            f"{named(batch, row, 'src_ip')}{f' ({user})' if user else ''} asked within two hours for tickets for "
            f"{count_of(count, 'service')} that nobody here had used, {weak} of them in a weak cipher, now "
            f"{named(batch, row, 'target', otherwise='a service')}, as someone who cracks service passwords does."
        )
        weight = count + (WEAK_WORTH - 1.0) * weak
        limit = float(self.option["unused_services"]) + others
        fewer = max(
            least(weight, float(scores.values[row]), self.limit(scores, row), limit) - weak,
            int(self.option["unused_services"]),
        )
        features = [
            Feature(name="tickets_for_unused_services_2h", value=count, usual_low=0, usual_high=max(fewer - 1, 0),
                    contribution=count / weight),
            Feature(name="of_them_in_a_weak_cipher", value=weak, usual_low=0, usual_high=1,
                    contribution=1.0 - count / weight),
            Feature(name="newly_used_by_others", value=others, contribution=0.0),
        ]  # fmt: skip
        return Explanation(message, f"Tickets for fewer than {count_of(fewer, 'service')} that nobody uses.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        ticket = {"kind": "auth", "service": "kerberos", "request_type": "TGS", "outcome": "success",
                  "src_ip": "10.0.0.9", "dst_ip": "10.0.0.2", "user": "m.lane"}  # fmt: skip
        weak, good = ticket | {"cipher": "rc4-hmac"}, ticket | {"cipher": "aes256-cts-hmac-sha1-96"}
        settled = [good | {"ts": 9e5 + 600 * k, "target": f"cifs/file{k % 9}"} for k in range(60)]
        strong = [good | {"ts": 1e6 + 700 * k, "target": f"MSSQLSvc/db{k}:1433"} for k in range(6)]
        slow = [(weak if k % 3 == 0 else good) | {"ts": t["ts"], "target": t["target"]} for k, t in enumerate(strong)]
        return (
            Example(
                "many weak tickets", [weak | {"ts": 1e6 + k, "target": f"MSSQLSvc/db{k}:1433"} for k in range(8)], True
            ),
            Example("six unused services in an hour, two of them weak", [*settled, *slow], True),
            Example("six unused services in an hour, all in a strong cipher", [*settled, *strong], False),
            Example("morning", [good | {"ts": 1e6 + k, "target": f"cifs/file{k}"} for k in range(8)], False),
            Example(
                "an old application", [weak | {"ts": 1e6 + 60 * k, "target": "HTTP/lab1"} for k in range(50)], False
            ),
            Example(
                "a domain controller's clients", [weak | {"ts": 1e6 + k, "target": f"PC{k}$"} for k in range(50)], False
            ),
        )


@nb.njit(cache=True, nogil=True)
def _for_a_service(data, start, length):  # type: ignore[no-untyped-def]
    """bool[n]: the target is neither krbtgt, nor a machine's account (PC7$), nor unknown."""
    krbtgt = (107, 114, 98, 116, 103, 116)
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        size = length[i]
        if size <= 0 or data[start[i] + size - 1] == 36:
            continue
        ticket = size >= 6
        for k in range(min(size, 6)):
            ticket &= data[start[i] + k] | 32 == krbtgt[k]
        out[i] = not ticket
    return out

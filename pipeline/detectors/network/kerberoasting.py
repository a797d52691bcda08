"""Tickets for many services at once, in a cipher that can be cracked at leisure: passwords of service accounts leak."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, nearest, whole
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.ticket_habits import CLIENTS, TicketHabits
from pipeline.detectors.network.ticket_names import EITHER, MACHINE, NOTHING, kinds_of
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from schemas.finding import Feature

# RFC 4757 and the single-DES types: the ones for which cracking is cheap.
WEAK = ("rc4-hmac", "rc4-hmac-exp", "rc4-hmac-old", "rc4-hmac-nt", "arcfour-hmac", "arcfour-hmac-md5", "rc4_hmac",
        "des-cbc-crc", "des-cbc-md5", "des-cbc-md4")  # fmt: skip
REFUSED = ("KDC_ERR_ETYPE_NOSUPP", "14", "etype_nosupp")
"""RFC 4120, 7.5.9: only ciphers were asked for that the service does not take, which are the weak ones."""
TICKETS = ("TGS", "KRB_TGS_REP", "KRB_TGS_REQ")
LOGONS = ("AS", "KRB_AS_REP")
PATIENT_S = 2 * 3600.0
COUNTS = ("services", "weak", "unseen")


class Kerberoasting(Detector):
    """Services for which a client asks a ticket for the first time, within ten minutes and within two hours: those
    that run under an account of their own, since a machine's key cannot be cracked.

    Each counts by how seldom others' tickets are like it, up to five times: a weak cipher (RC4, DES) where others get
    a strong one for this service or, while nobody else asked, in this house; a service that nobody asked for before.
    One that is refused as it was asked for in weak ciphers only counts as weak. In a domain that is RC4 throughout
    only the second remains. Within ten minutes all count, within two hours what is odd about them. Who asks for as
    many machines goes round the house (an inventory). A ticket for `http` is for either, as PowerShell asks so for a
    machine: that nobody had asked for it is no sign.
    """

    id = "network.kerberoasting"
    title = "Service tickets gathered for cracking"
    severity = 4
    attacks = ("T1558.003",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("service", "request_type", "target", "cipher", "outcome", "error", "src_ip", "user")
    cost = "O(12) a Kerberos ticket, nothing others; 4.6 MB a key group"
    reference = "MITRE ATT&CK T1558.003; Medin, Attacking Kerberos, DerbyCon 2014"
    misses = (
        "Tickets asked for one by one over days, for a few services that others use too in the cipher that others get, "
        "or for web services alone in that cipher, and Kerberos inside an encrypted channel (FAST, a VPN); in the "
        "first hours a server that starts with many weak tickets looks alike."
    )
    defaults = {"window_s": 600.0, "weak_tickets": 5.0, "strong_tickets": 25.0, "odd_tickets": 3.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        window_s = float(self.option["window_s"])
        self._habits = TicketHabits(setup.groups)
        self._recent, self._patient = (WindowedSum(setup.groups, 4 * CLIENTS, s) for s in (window_s, PATIENT_S))
        self._watched = Sightings(setup.groups, 1)
        self._parts = {
            "habits": self._habits, "recent": self._recent, "patient": self._patient, "watched": self._watched
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        names = [f"{window}_{name}" for window in ("fast", "slow") for name in (*COUNTS, "worth", "against", "score")]
        evidence = {name: np.zeros(batch.n) for name in names}
        refused = batch.is_in("error", REFUSED) & batch.is_in("request_type", TICKETS)
        asked = batch.is_in("request_type", (*TICKETS, *LOGONS)) & (refused | ~batch.equals("outcome", "failure"))
        rows = np.flatnonzero(batch.kind("auth") & asked & (batch.hash("src_ip") != 0))
        start, length = (part[rows] for part in batch.spans("target"))
        kinds = kinds_of(batch.data, start, length)
        rows, kinds = rows[kinds != NOTHING], kinds[kinds != NOTHING]
        if not len(rows):
            return Scores(values, evidence)
        src, target, ts, groups = (
            c[rows] for c in (batch.hash("src_ip"), batch.hash("target"), batch.ts, batch.groups)
        )
        weak, account = (refused | batch.is_in("cipher", WEAK))[rows], kinds != MACHINE
        new, unseen, weakness, news = self._habits.note(
            src, target, account, weak, (refused | (batch.hash("cipher") != 0))[rows], ts, groups
        )
        known = self._watched.note(np.ones_like(src), ts, groups)[0] >= PATIENT_S
        most = float(self.option["strong_tickets"]) / float(self.option["weak_tickets"])
        in_weak = np.where(weak, 1.0 / np.maximum(weakness, 1.0 / most), 1.0)
        in_vain = np.where(unseen & known & (kinds != EITHER) & ~refused[rows], 1.0 / np.maximum(news, 1.0 / most), 1.0)
        worth = np.minimum(in_weak * in_vain, most)
        machine = (~account | (kinds == EITHER)) & batch.is_in("request_type", TICKETS)[rows]
        odd = known * (in_weak + in_vain - 2.0) / (most - 1.0)
        limits = (float(self.option["strong_tickets"]), float(self.option["odd_tickets"]) * most)
        for window, memory, each, limit, round_trip in (
            ("fast", self._recent, worth, limits[0], 1.0), ("slow", self._patient, most * odd, limits[1], 0.5)
        ):  # fmt: skip
            each = np.where(new, each, 0.0)
            counts = {
                name: memory.add(combine_many(src, np.full_like(src, mark)), amount, ts, groups)
                for mark, (name, amount) in enumerate(zip(
                    (*COUNTS, "worth", "machines"), (new, new & weak, unseen, each, machine), strict=True), 1)
            }  # fmt: skip
            against = limit + round_trip * counts.pop("machines")
            counts |= {"against": against, "score": counts["worth"] / (counts["worth"] + against)}
            for name, column in counts.items():
                evidence[f"{window}_{name}"][rows] = column
        best = np.maximum(evidence["fast_score"][rows], evidence["slow_score"][rows])
        values[rows] = np.where(new, best, np.where(batch.is_in("request_type", TICKETS)[rows], 0.0, np.nan))
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        window = max(("fast", "slow"), key=lambda name: scores.evidence[f"{name}_score"][row])
        count, weak, unseen = (round(float(scores.evidence[f"{window}_{name}"][row])) for name in COUNTS)
        worth = float(scores.evidence[f"{window}_worth"][row])
        while_ = "ten minutes" if window == "fast" else "two hours"
        user = named(batch, row, "user", otherwise="")
        message = (
            f"{named(batch, row, 'src_ip')}{f' ({user})' if user else ''} asked within {while_} for tickets for "
            f"{count_of(count, 'service')} new to it, {weak} in a weak cipher, {unseen} that nobody here had used, now "
            f"{named(batch, row, 'target', otherwise='a service')}, as someone who cracks service passwords does."
        )
        enough = nearest(worth, float(scores.values[row]), self.limit(scores, row))
        fewer = min(whole(count * enough / max(worth, 1e-9)), max(count, 1))
        features = [
            Feature(name="tickets_for_new_services", value=count, usual_low=0, usual_high=max(fewer - 1, 0),
                    contribution=count / max(worth, float(count), 1.0)),
            Feature(name="of_them_in_a_weak_cipher", value=weak,
                    contribution=max(1.0 - count / max(worth, 1.0), 0.0) * weak / max(weak + unseen, 1)),
            Feature(name="of_them_used_by_nobody", value=unseen,
                    contribution=max(1.0 - count / max(worth, 1.0), 0.0) * unseen / max(weak + unseen, 1)),
        ]  # fmt: skip
        return Explanation(message, f"Tickets for fewer than {count_of(fewer, 'such service')} in that time.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        ticket = {"kind": "auth", "service": "kerberos", "request_type": "TGS", "outcome": "success",
                  "src_ip": "10.0.0.9", "dst_ip": "10.0.0.2", "user": "m.lane"}  # fmt: skip
        weak, good = ticket | {"cipher": "rc4-hmac"}, ticket | {"cipher": "aes256-cts-hmac-sha1-96"}
        refused = ticket | {"outcome": "failure", "error": "KDC_ERR_ETYPE_NOSUPP"}
        others = [{"ts": 9e5 + 100 * k, "src_ip": f"10.0.{k % 7}.{k % 250}", "target": f"http/app{k % 9}"}
                  for k in range(1000)]  # fmt: skip
        new, old = ([kind | e for e in others] for kind in (good, weak))
        many = [{"ts": 1e6 + k, "target": f"MSSQLSvc/db{k}:1433"} for k in range(30)]
        slow = [{"ts": 1e6 + 700 * k, "target": f"MSSQLSvc/db{k}:1433"} for k in range(8)]
        round_ = [{"ts": 1e6 + k, "target": f"wsman/pc{k}" if k % 9 else f"MSSQLSvc/db{k}:1433"} for k in range(90)]
        day = [{"ts": 1e6 + 9 * k, "target": f"http/app{k}"} for k in range(9)]
        return (
            Example("many weak tickets", [weak | e for e in many[:8]], True),
            Example("weak tickets in a house of strong ones", [*new, *(weak | e for e in many[:8])], True),
            Example("weak tickets asked for in vain", [*new, *(refused | e for e in many[:8])], True),
            Example("many tickets where all are weak", [*old, *(weak | e for e in many)], True),
            Example("unused services in an hour and a half", [*new, *(good | e for e in slow)], True),
            Example("a morning where all are weak", [*old, *(weak | e for e in day)], False),
            Example("an inventory where all are weak", [*old, *(weak | e for e in round_)], False),
            Example("an old machine in vain", [*new, *(refused | e for e in many[:2] for _ in range(9))], False),
            Example("morning", [good | {"ts": 1e6 + k, "target": f"http/app{k}"} for k in range(8)], False),
            Example(
                "an old application", [weak | {"ts": 1e6 + 60 * k, "target": "HTTP/lab1"} for k in range(50)], False
            ),
            Example(
                "a domain controller's clients", [weak | {"ts": 1e6 + k, "target": f"PC{k}$"} for k in range(50)], False
            ),
        )

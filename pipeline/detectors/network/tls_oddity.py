"""Encrypted connections whose certificate, name or client program is odd, to places that nobody else visits."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import odds_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.certificate_names import common_name, drawn_bits
from pipeline.detectors.network.terms import terms_in
from pipeline.features.addresses import INTERNAL, UNKNOWN, address_kinds
from pipeline.features.batch import Batch
from pipeline.features.domain_names import take_apart
from pipeline.features.hashing import combine_many
from pipeline.features.letter_costs import letter_costs
from pipeline.features.multi_pattern import Automaton, automaton
from pipeline.features.naming import named
from pipeline.features.unknown import is_port
from pipeline.features.where import address_kind
from schemas.finding import Feature

PLACES = 4096  # destinations, and client programs, per key group
PAIRS = 8192
FEW = 8
WEEK_S = 604_800.0
DAY_S = 86_400.0
MANY_HOSTS = 5  # below so many hosts, "nobody else" means little
USUAL_PORTS = (
    443,
    8443,
    993,
    995,
    465,
    587,
    25,
    110,
    143,
    636,
    853,
    989,
    990,
    3389,
    5061,
    5223,
    5228,
    8883,
    2762,
    6514,
)
# What Zeek and OpenSSL say of a certificate, what we make of Suricata's, and what defaults of tools leave in subjects.
_SELF, _EXPIRED, _ISSUER, _NAME = 0, 2, 4, 7
_VALIDATION = ("self signed", "self-signed", "expired", "not yet valid", "unable to get", "unable to verify",
               "untrusted", "mismatch", "does not match")  # fmt: skip
_TOOLS = (
    "internet widgits", "some-state", "default company ltd", "cn=localhost", "o=dis,", "my company", "mycompany",
    "acme co", "cn=example", "o=example", "cn=server,", "cn=test", "o=test", "st=denial",
)  # fmt: skip
# Names that remote-control programs of intruders put into their certificates unless told otherwise.
_IMPLANTS = (
    "cobalt strike", "cobaltstrike", "metasploit", "multiplayer", "asyncrat", "cn=quasar", "dcrat", "qwqdanchun",
    "cn=orcus", "bitrat", "venomrat", "xworm", "cn=pupy", "p18055077",
)  # fmt: skip
# Points, in steps of about one in e: an oddity that one destination in a thousand has is worth more than one in ten.
POINTS = {
    "self-signed certificate": 2.0, "expired certificate": 1.5, "unknown issuer": 0.75, "name does not match": 1.5,
    "subject of a tool": 1.0, "certificate of a known implant": 5.0,
    "random subject": 1.5, "issuer without organisation": 1.75, "random server name": 1.0,
    "no server name": 1.0, "address as server name": 1.0,
    "broken version": 2.0, "old version": 0.5, "unusual port": 0.75, "client program of no other host": 1.5,
    "nobody else goes there": 1.5, "certificate of another name": 2.5,
}  # fmt: skip
LIMIT = 4.5
DRAWN_BITS = 6.0  # that a label costs more than a chosen name's: drawn by a program
# Authorities name their organisation (CA/Browser Forum, Baseline Requirements 7.1.2), a house's directory its domain.
_RESPONSIBLE = ("o=", "dc=")
# A name whose handshakes showed one certificate, or one other beside it, so often is known by it; shared fronts and
# content networks show several.
KNOWN_NAME, ONE_AND_ANOTHER, SELDOM = 10.0, 2.0, 0.1
POPULAR, INSIDE, FAMILIAR, BROKEN_OFF = -4.0, -3.0, -3.0, -1.0


@cache
def _validation() -> Automaton:
    return automaton(_VALIDATION)


@cache
def _tools() -> Automaton:
    return automaton(_TOOLS)


@cache
def _implants() -> Automaton:
    return automaton(_IMPLANTS)


@cache
def _responsible() -> Automaton:
    return automaton(_RESPONSIBLE)


class TlsOddity(Detector):
    """Points for each oddity of a handshake, less where many hosts go there, inside, or where the host went before.

    One oddity alone is everyday life; it takes several, to a place outside that is rare among the hosts of the key
    group. Client programs (JA3, JA4) count where at least five hosts were seen. A server name that always came with
    one certificate, and now with that of another registered domain, is borrowed; the place is then the address.
    """

    id = "network.tls_oddity"
    title = "Odd encrypted connection"
    severity = 3
    attacks = ("T1573.002", "T1071.001")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("sni", "subject", "issuer", "validation", "tls_version", "ja3", "ja4", "dst_ip", "dst_port", "src_ip")
    cost = "O(length of subject and name) a handshake, nothing others; 80 bytes a destination, 40 a pair of host and it"
    misses = (
        "Handshakes that look like a browser's to a host with a valid certificate (most rented servers), and TLS 1.3 "
        "hides certificates: there only name, port, program and rarity are left."
    )

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._visitors = WindowedDistinct(setup.groups, PLACES, WEEK_S, FEW)
        self._programs = WindowedDistinct(setup.groups, PLACES // 4, WEEK_S, FEW)
        self._hosts = WindowedDistinct(setup.groups, 1, WEEK_S, FEW)
        self._pairs = Sightings(setup.groups, PAIRS)
        self._subjects = WindowedDistinct(setup.groups, PLACES, WEEK_S, 4)
        self._names = Sightings(setup.groups, PLACES)
        self._signed = Sightings(setup.groups, PAIRS)
        self._parts = {
            "subjects": self._subjects, "names": self._names, "signed": self._signed, "visitors": self._visitors,
            "programs": self._programs, "hosts": self._hosts, "pairs": self._pairs,
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {"points": np.zeros(batch.n), "which": np.zeros(batch.n), "visitors": np.zeros(batch.n)}
        rows = np.flatnonzero(batch.kind("tls") & (batch.hash("src_ip") != 0) & (batch.hash("dst_ip") != 0))
        if len(rows):
            odd = self._oddities(batch, rows)
            visitors, discount = self._rarity(batch, rows, odd)
            points = odd @ np.array(list(POINTS.values())) + discount
            values[rows] = 1.0 / (1.0 + np.exp(np.clip(LIMIT - points, -30.0, 30.0)))
            evidence["points"][rows] = points
            evidence["which"][rows] = odd @ (2.0 ** np.arange(len(POINTS)))
            evidence["visitors"][rows] = visitors
        return Scores(values, evidence)

    def _oddities(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m, len(POINTS)] in the order of POINTS; the last three are filled in by `_rarity`."""
        data = batch.data
        start, length = (a[rows] for a in batch.spans("sni"))
        as_address = address_kinds(data, start, length) != UNKNOWN
        says = terms_in(batch, rows, "validation", _validation())[:, 0]
        tool, implant = (terms_in(batch, rows, "subject", words)[:, 0] != 0 for words in (_tools(), _implants()))
        issued = batch.hash("issuer")[rows] != 0
        own = (batch.hash("subject")[rows] == batch.hash("issuer")[rows]) & issued
        nobody = issued & ~own & (terms_in(batch, rows, "issuer", _responsible())[:, 0] == 0)
        common = common_name(data, *(a[rows] for a in batch.spans("subject")))
        asked, _, drawn, *_ = take_apart(data, start, length)
        # A certificate of the name that was asked for says the same as the name: that is no second oddity.
        same = (asked != 0) & (asked == take_apart(data, *common)[0])
        random = np.where(same, 0.0, drawn_bits(data, *common, letter_costs()))
        port = batch.number("dst_port")[rows]
        columns = (
            own | _any(says, _SELF, _EXPIRED), _any(says, _EXPIRED, _ISSUER), _any(says, _ISSUER, _NAME),
            _any(says, _NAME, len(_VALIDATION)), tool, implant, random > DRAWN_BITS, nobody,
            (drawn > DRAWN_BITS) & ~as_address, batch.hash("sni")[rows] == 0, as_address,
            batch.is_in("tls_version", ("SSLv2", "SSLv3"))[rows],
            batch.is_in("tls_version", ("TLSv1", "TLSv1.0", "TLSv1.1", "TLSv10", "TLSv11"))[rows],
            (port == port) & ~is_port(port, USUAL_PORTS), *np.zeros((3, len(rows)), np.bool_),
        )  # fmt: skip
        return np.stack(columns, 1)

    def _rarity(self, batch: Batch, rows: np.ndarray, odd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(hosts seen there, discount in points); fills in the last three columns of `odd`."""
        src, ts, groups = batch.hash("src_ip")[rows], batch.ts[rows], batch.groups[rows]
        start, length = batch.spans("sni")
        domain = take_apart(batch.data, start[rows], length[rows])[0]
        odd[:, -1] = borrowed = self._borrowed(batch, rows, domain)
        place = np.where((domain != 0) & ~borrowed, domain, batch.hash("dst_ip")[rows])
        visitors = self._visitors.add(place, src, ts, groups)
        hosts = self._hosts.add(np.ones_like(src), src, ts, groups)
        ja3 = batch.hash("ja4")[rows]
        ja3 = np.where(ja3 != 0, ja3, batch.hash("ja3")[rows])
        programs = self._programs.add(ja3, src, ts, groups)
        age, _, _ = self._pairs.note(combine_many(src, place), ts, groups)
        compare = hosts >= MANY_HOSTS
        odd[:, -3] = compare & (programs <= 1)
        odd[:, -2] = compare & (visitors <= 1)
        inside = address_kind(batch, "dst_ip")[rows] == INTERNAL
        discount = np.where(visitors >= 3, POPULAR, 0.0) + np.where(inside, INSIDE, 0.0)
        discount += np.where(age > DAY_S, FAMILIAR, 0.0)
        return visitors, discount + np.where(batch.number("established")[rows] == 0, BROKEN_OFF, 0.0)

    def _borrowed(self, batch: Batch, rows: np.ndarray, domain: np.ndarray) -> np.ndarray:
        """bool[m]: the server name is known by another certificate, and this one is of another registered domain."""
        start, length = common_name(batch.data, *(a[rows] for a in batch.spans("subject")))
        owner = take_apart(batch.data, start, length)[0]
        name = np.where(owner != 0, domain, np.uint64(0))
        ts, groups = batch.ts[rows], batch.groups[rows]
        subjects = self._subjects.add(name, owner, ts, groups)
        _, _, seen = self._names.note(name, ts, groups)
        _, _, signed = self._signed.note(np.where(name != 0, combine_many(name, owner), np.uint64(0)), ts, groups)
        known = (seen >= KNOWN_NAME) & (subjects <= ONE_AND_ANOTHER) & (signed <= SELDOM * seen)
        return (name != 0) & (owner != domain) & known

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        which = int(scores.evidence["which"][row])
        found = [name for k, name in enumerate(POINTS) if which >> k & 1] or ["rare destination"]
        where = named(batch, row, "sni", "dst_ip", otherwise="a server", limit=80)
        message = f"{named(batch, row, 'src_ip')} opened an encrypted connection to {where} with {_listed(found)}."
        points = [POINTS.get(name, 0.0) for name in found]
        total = sum(points) or 1.0
        features = [
            Feature(name=name.replace(" ", "_").replace("-", "_"), value="yes", contribution=p / total)
            for name, p in zip(found, points, strict=True)
        ]
        visitors = int(scores.evidence["visitors"][row])
        features.append(Feature(name="machines_that_go_there", value=visitors, usual_low=3, contribution=0.0))
        spare = float(scores.evidence["points"][row]) - LIMIT - math.log(odds_of(self.limit(scores, row)))
        enough = [name for name, p in zip(found, points, strict=True) if p > spare]
        normal = f"The same without {_listed(enough, 'or')}" if enough else "At most two of these oddities"
        return Explanation(message, f"{normal}, or to a place that three or more machines visit.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        tls = {"kind": "tls", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443, "tls_version": "TLSv12"}
        name = "CN=ldbnyvhf.example,O=Uvkoz Ltd"
        odd = tls | {"subject": name, "issuer": name, "validation": "self signed certificate", "dst_port": 4443}
        box = tls | {
            "dst_ip": "10.0.0.80",
            "subject": "CN=nas",
            "issuer": "CN=nas",
            "validation": "self signed certificate",
        }
        sites = [
            tls | {"ts": 1e6 + k, "src_ip": f"10.0.0.{k}", "sni": "www.news.example", "subject": "CN=*.news.example"}
            for k in range(250)
        ]
        posing = sites[9] | {"ts": 1e6 + 300, "subject": "CN=api.rented.example", "ja3": "0" * 32}
        distribution = tls | {"ts": 1e6 + 300, "sni": "d3ag4hukkh62yn.cloudfront.net", "ja3": "0" * 32,
                              "subject": "CN=d3ag4hukkh62yn.cloudfront.net", "issuer": "CN=Some CA,O=Some"}  # fmt: skip
        rented = tls | {"sni": "cdn.example", "subject": "CN=AsyncRAT Server", "issuer": "CN=Some CA,O=Some"}
        relay = tls | {"sni": "www.6kvq4zt7os2pxgka.com", "subject": "CN=www.x5b4qkx7jrqzvk.net",
                       "issuer": "CN=www.zq3gg7yivzxjal4.com", "tls_version": "TLSv10"}  # fmt: skip
        good = tls | {
            "sni": "portal.example",
            "subject": "CN=portal.example",
            "issuer": "CN=Some CA",
            "validation": "ok",
        }
        return (
            Example("a self-signed certificate with a random name, on an odd port", [odd | {"ts": 1e6}], True),
            Example("a content network's distribution, whose name nobody chose", [*sites, distribution], False),
            Example("a well-known name with a certificate of another, by an unknown program", [*sites, posing], True),
            Example("a well-known name", [*sites, sites[9] | {"ts": 1e6 + 300, "ja3": "0" * 32}], False),
            Example("a certificate that names its program", [rented | {"ts": 1e6}], True),
            Example("a relay whose names and certificate are drawn anew each time", [relay | {"ts": 1e6}], True),
            Example("an appliance inside", [box | {"ts": 1e6 + k, "src_ip": f"10.0.0.{k}"} for k in range(30)], False),
            Example("everyday life", [good | {"ts": 1e6 + k} for k in range(20)], False),
            Example("an expired certificate", [good | {"ts": 1e6, "validation": "certificate has expired"}], False),
        )


def _listed(parts: list[str], last: str = "and") -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" {last} " + parts[-1]


def _any(says: np.ndarray, first: int, end: int) -> np.ndarray:
    return (says & np.uint64((1 << end) - (1 << first))) != 0

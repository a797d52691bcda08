"""Malware asks for orders inside names: new names under one domain, in a rhythm, that only one machine looks up."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from pipeline.detectors.detector import Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import span_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.network.dns_tunnel import SERVICES
from pipeline.detectors.network.rhythm import Rhythm
from pipeline.features.batch import Batch
from pipeline.features.domain_names import INSIDE, SERVICE, query_parts
from pipeline.features.hashing import combine_many, hash_text
from pipeline.features.naming import named
from pipeline.features.unknown import among
from schemas.finding import Feature

NAMES = 16384  # names under domains that were looked up, per key group


class BeaconingDns(Rhythm):
    """Rhythm of look-ups of ever new names under one registered domain, by the rules of `network.rhythm`.

    A name counts at its first look-up in the key group: what is asked again is cached, or a program's fixed address.
    An implant must ask for names that no resolver remembers, whatever the record type. Service records, names of the
    own network, and look-ups of reputation by name of their makers do not count; a domain that several machines use is
    discounted as a service is.
    """

    id = "network.beaconing_dns"
    title = "Beaconing inside DNS names"
    severity = 4
    tells = True
    alone = 1.0
    many = 4.0
    greeted = False
    attacks = ("T1071.004", "T1568")
    group_by = ("src_ip",)
    inputs = ("query", "answers", "src_ip")
    cost = "O(24 log 24) a new name of a domain that comes again; 330 bytes a host and domain, 40 a name; 13 MB in all"
    misses = (
        "Names inside DNS over TLS or HTTPS, a domain that several machines use, a dozen look-ups or fewer, "
        "and a machine that asks through a resolver of the house which alone is seen by the sensor."
    )
    defaults = {"min_visits": 12, "same_visit_s": 2.0, "min_span_s": 600.0, "settled_s": 900.0, "known_s": 3600.0,
                "internal": False}  # fmt: skip

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._names = Sightings(setup.groups, NAMES)
        self._saved["names"] = self._names

    @cached_property
    def _services(self) -> np.ndarray:
        return np.sort(np.array([hash_text(name) for name in SERVICES], np.uint64))

    def _rows(self, batch: Batch) -> np.ndarray:
        """int64[m]: first look-ups of names of other domains."""
        rows = np.flatnonzero(batch.kind("dns") & (batch.hash("src_ip") != 0))
        if not len(rows):
            return rows
        domain, _, _, sub, _, _, flags = query_parts(batch, rows)
        wanted = (domain != 0) & (sub != 0) & ((flags & (INSIDE | SERVICE)) == 0) & ~among(domain, self._services)
        rows, name = rows[wanted], combine_many(domain[wanted], sub[wanted])
        _, _, before = self._names.note(name, batch.ts[rows], batch.groups[rows])
        return rows[before == 0]

    def _target(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        domain: np.ndarray = query_parts(batch, rows)[0]
        return domain

    def _inside(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        return np.zeros(len(rows), np.bool_)

    def _sizes(self, batch: Batch, rows: np.ndarray) -> list[np.ndarray]:
        """Lengths of question and answer, where flows have bytes; a difference of 64 counts as alike there."""
        return [4.0 * np.maximum(batch.spans(name)[1][rows], 0).astype(np.float64) for name in ("query", "answers")]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        query = named(batch, row, "query", otherwise="a name", limit=80)
        message = (
            f"{named(batch, row, 'src_ip')} looked up {int(e['visits'])} new names like {query} in "
            f"{span_of(round(e['span_s']))}, about every {span_of(round(e['interval_s']))} (±{100 * e['jitter']:.0f} %)"
            + (", under a domain that no machine here had used before" if e["sudden"] else "")
            + ", as a program that asks for orders does."
        )
        features = [
            Feature(name="deviation_from_the_beat", value=round(e["jitter"], 3), usual_low=0.5),
            Feature(name="new_names", value=e["visits"], usual_low=0, usual_high=self.option["min_visits"] - 1),
            Feature(name="machines_that_use_the_domain", value=e["sources"], usual_low=2),
            Feature(name="interval", value=round(e["interval_s"], 1), unit="s"),
        ]
        normal = "Names that come again, new ones at irregular times, or a domain that several machines here use."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        dns = {"kind": "dns", "proto": "udp", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.2", "dst_port": 53, "qtype": "A",
               "rcode": "NOERROR", "answers": ["203.0.113.9"]}  # fmt: skip
        jitter = (0.6, 1.3, 0.9, 1.35, 0.75, 1.0, 1.2, 0.65)
        at = np.cumsum([300.0 * jitter[i % 8] for i in range(60)]).tolist()
        person = np.cumsum([20.0 * (1 + i * i % 11) ** 2.2 for i in range(60)]).tolist()
        new = [dns | {"ts": 1e6 + t, "query": f"7f3a{i:x}.corner.example"} for i, t in enumerate(at)]
        return (
            Example("a new name every five minutes", new, True),
            Example("the same name every five minutes", [e | {"query": "www.corner.example"} for e in new], False),
            Example("a person's new names", [e | {"ts": 1e6 + t} for e, t in zip(new, person, strict=True)], False),
            Example(
                "names of the own network", [e | {"query": f"ws-{i}.clinic.local"} for i, e in enumerate(new)], False
            ),
        )

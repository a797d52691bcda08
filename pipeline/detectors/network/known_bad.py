"""Traffic with an address or a domain that the user's lists call bad."""

from collections.abc import Sequence
from functools import cached_property

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores
from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_slice
from pipeline.features.lists import Lists, UserList
from pipeline.features.naming import named
from schemas.finding import Feature

ADDRESSES = ("dst_ip", "src_ip", "host", "query")
DOMAINS = ("query", "host", "sni")


class KnownBad(Detector):
    """Exact match of addresses, and of domains with all their subdomains, whatever the case.

    Has no opinion where both lists are empty.
    """

    id = "network.known_bad"
    title = "Contact with a known bad address"
    severity = 4
    attacks = ("T1071",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "dst_ip", "query", "host", "sni")
    cost = "O(1) without lists; else O(length of the names), no state"

    @cached_property
    def _addresses(self) -> UserList:
        return self.setup.lists["bad_addresses"]

    @cached_property
    def _domains(self) -> UserList:
        return self.setup.lists["bad_domains"]

    def score(self, batch: Batch) -> Scores:
        if not len(self._addresses) and not len(self._domains):
            return Scores(np.full(batch.n, np.nan))
        found = np.zeros(batch.n, np.bool_)
        if len(self._addresses):
            for name in ADDRESSES:
                found |= self._addresses.marks(batch.hash(name))
        if len(self._domains):
            for name in DOMAINS:
                start, length = batch.spans(name)
                found |= _under(batch.data, start, length, self._domains.hashes)
        return Scores(found.astype(np.float64))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        field, value = self._match(batch, row)
        who = named(batch, row, "src_ip" if field != "src_ip" else "dst_ip", otherwise="A machine")
        message = f"{who} was in contact with {value[:200]}, which is on your list of bad ones."
        return Explanation(message, "No contact with anything on the lists.", [Feature(name=field, value=value[:256])])

    def _match(self, batch: Batch, row: int) -> tuple[str, str]:
        """(field, value) that is on a list."""
        for name in ADDRESSES:
            value = batch.text(name, row)
            if value and value in self._addresses:
                return name, value
        for name in DOMAINS:
            labels = (batch.text(name, row) or "").partition(":")[0].rstrip(".").split(".")
            if any(".".join(labels[k:]) in self._domains for k in range(len(labels))):
                return name, ".".join(labels)
        return "dst_ip", batch.text("dst_ip", row) or "unknown"

    @classmethod
    def examples(cls) -> Sequence[Example]:
        lists = Lists(
            {
                "bad_domains": UserList({"evil.example": ({},)}),
                "bad_addresses": UserList({"203.0.113.66": ({},)}),
            }
        )
        dns = {"kind": "dns", "ts": 1e6, "src_ip": "10.0.0.9", "dst_ip": "10.0.0.2"}
        return (
            Example(
                "an address",
                [{"kind": "flow", "ts": 1e6, "src_ip": "10.0.0.9", "dst_ip": "203.0.113.66"}],
                True,
                lists,
            ),
            Example("a subdomain", [dns | {"query": "a.b.EVIL.example"}], True, lists),
            Example("another domain that ends alike", [dns | {"query": "notevil.example"}], False, lists),
        )


@nb.njit(cache=True, nogil=True)
def _under(data, start, length, listed):  # type: ignore[no-untyped-def]
    """bool[n]: whether a name is one of the listed domains or lies under one; listed uint64[m], sorted hashes.

    Names end before a port or a final dot; length -1 is unknown. Only the last 8 labels are looked at.
    """
    out = np.zeros(len(start), np.bool_)
    name = np.empty(max(0, length.max()) if len(length) else 0, np.uint8)
    for i in range(len(start)):
        end = 0
        while end < length[i] and data[start[i] + end] != 58:
            b = data[start[i] + end]
            name[end] = b + 32 if 65 <= b <= 90 else b
            end += 1
        if end > 0 and name[end - 1] == 46:
            end -= 1
        labels = 0
        at = end
        while at > 0 and labels < 8 and not out[i]:
            at -= 1
            if at > 0 and name[at - 1] != 46:
                continue
            labels += 1
            h = hash_slice(name, at, end - at)
            k = np.searchsorted(listed, h)
            out[i] = k < len(listed) and listed[k] == h
    return out

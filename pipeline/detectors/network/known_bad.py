"""Traffic with an address, a domain, a URL or a file that the user's lists call bad."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from ipaddress import ip_address, ip_network

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores
from pipeline.detectors.network.indicators import Indicators, expires, indicators, under, urls
from pipeline.features.batch import Batch
from pipeline.features.lists import Lists, UserList
from pipeline.features.naming import named
from schemas.finding import Feature

ADDRESSES = ("dst_ip", "src_ip", "host", "query")
DOMAINS = ("query", "host", "sni")
HASHES = ("md5", "sha1", "sha256")


class KnownBad(Detector):
    """Exact match of addresses, networks, URLs and file hashes, and of domains with all their subdomains.

    A row counts until the date its feed gives (`valid_until`), or `max_age_days` after it was last seen; rows without
    dates always count. What counts is the event's time, so that old captures meet the feeds of their time and of any
    later one. No opinion where all lists are empty.
    """

    id = "network.known_bad"
    title = "Contact with a known bad address"
    severity = 4
    attacks = ("T1071",)
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "dst_ip", "query", "host", "uri", "sni", "md5", "sha1", "sha256")
    lists = ("bad_addresses", "bad_domains", "bad_urls", "bad_hashes")
    cost = "O(1) without lists; else O(length of the names); no state; about 70 bytes a row of a list"
    reference = "OASIS STIX 2.1; MISP core format (draft-dulaunoy-misp-core-format)"
    misses = (
        "What is on no list (yet): new addresses and domains, addresses behind a content network, and of STIX and MISP "
        "all that says more than one thing at a time."
    )
    defaults = {"max_age_days": 365.0}

    def _table(self, name: str) -> Indicators:
        return indicators(self.setup.lists[name], float(self.option["max_age_days"]))

    @cached_property
    def _addresses(self) -> Indicators:
        return self._table("bad_addresses")

    @cached_property
    def _domains(self) -> Indicators:
        return self._table("bad_domains")

    @cached_property
    def _urls(self) -> Indicators:
        return self._table("bad_urls")

    @cached_property
    def _hashes(self) -> Indicators:
        return self._table("bad_hashes")

    @cached_property
    def _empty(self) -> bool:
        return not any(len(self.setup.lists[n]) for n in ("bad_addresses", "bad_domains", "bad_urls", "bad_hashes"))

    def score(self, batch: Batch) -> Scores:
        if self._empty:
            return Scores(np.full(batch.n, np.nan))
        found = np.zeros(batch.n, np.bool_)
        if len(self._addresses):
            for name in ADDRESSES:
                found |= self._addresses.marks(batch.hash(name), batch.ts)
            if len(self._addresses.prefixes):
                for name in ("dst_ip", "src_ip"):
                    found |= self._addresses.networks(batch.data, *batch.spans(name), batch.ts)
        if len(self._domains):
            for name in DOMAINS:
                found |= under(self._domains.keys, self._domains.until, batch.data, *batch.spans(name), batch.ts)
        rows = np.flatnonzero(batch.kind("http") & ~found) if len(self._urls) else ()
        if len(rows):
            host, uri = batch.spans("host"), batch.spans("uri")
            found[rows] = urls(
                self._urls.keys, self._urls.until, batch.data,
                host[0][rows], host[1][rows], uri[0][rows], uri[1][rows], batch.ts[rows],
            )  # fmt: skip
        if len(self._hashes):
            for name in HASHES:
                found |= self._hashes.marks(batch.hash(name), batch.ts)
        return Scores(found.astype(np.float64))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        field, value, why = self._match(batch, row)
        who = named(batch, row, "src_ip" if field != "src_ip" else "dst_ip", otherwise="A machine")
        what = f"moved the file {value[:80]}" if field in HASHES else f"was in contact with {value[:160]}"
        message = f"{who} {what}, which is on your list of bad ones{f': {why[:80]}' if why else ''}."
        normal = f"No contact with it, or an entry older than {float(self.option['max_age_days']):g} days."
        return Explanation(message, normal, [Feature(name=field, value=value[:256] or "unknown", contribution=1.0)])

    def _match(self, batch: Batch, row: int) -> tuple[str, str, str]:
        """(field, value, what the list says of it) of the row's first value that is on a list and has not expired."""
        lists, ts = self.setup.lists, float(batch.ts[row])
        for name, field in (("bad_addresses", ADDRESSES), ("bad_hashes", HASHES)):
            for place in field:
                value = batch.text(place, row) or ""
                why = self._why(lists[name], value, ts)
                if why is not None:
                    return place, value, why
        for place in DOMAINS:
            labels = (batch.text(place, row) or "").partition(":")[0].rstrip(".").split(".")
            for k in range(len(labels)):
                why = self._why(lists["bad_domains"], ".".join(labels[k:]), ts)
                if why is not None:
                    return place, ".".join(labels), why
        host, uri = batch.text("host", row) or "", batch.text("uri", row) or ""
        why = self._why(lists["bad_urls"], host.removesuffix(":80") + uri, ts)
        if why is not None:
            return "uri", host + uri, why
        for place in ("dst_ip", "src_ip"):
            value = batch.text(place, row) or ""
            why = self._in_network(value, ts)
            if why is not None:
                return place, value, why
        return "dst_ip", batch.text("dst_ip", row) or "unknown", ""

    def _why(self, values: UserList, value: str, ts: float) -> str | None:
        """What the list says of a value, "" for nothing; None where it is not on it, or expired."""
        for row in values.get(value) if value else ():
            if ts <= expires(dict(row), float(self.option["max_age_days"])):
                return row.get("name", "")
        return None

    def _in_network(self, value: str, ts: float) -> str | None:
        try:
            address = ip_address(value)
        except ValueError:
            return None
        for prefix in range(address.max_prefixlen, -1, -1):
            why = self._why(self.setup.lists["bad_addresses"], str(ip_network(f"{value}/{prefix}", strict=False)), ts)
            if why is not None:
                return why
        return None

    @classmethod
    def examples(cls) -> Sequence[Example]:
        old: Mapping[str, str] = {"value": "expired.example", "valid_until": "900000"}
        digest = "44d88612fea8a8f36de82e1278abb02f"
        lists = Lists(
            {
                "bad_domains": UserList({"evil.example": ({},), "expired.example": (old,)}),
                "bad_addresses": UserList({"203.0.113.66": ({},), "198.51.100.0/28": ({},)}),
                "bad_urls": UserList({"files.example/a/drop.exe": ({"name": "dropper"},)}),
                "bad_hashes": UserList({digest: ({},)}),
            }
        )
        flow = {"kind": "flow", "ts": 1e6, "src_ip": "10.0.0.9"}
        dns = {"kind": "dns", "ts": 1e6, "src_ip": "10.0.0.9", "dst_ip": "10.0.0.2"}
        web = {"kind": "http", "ts": 1e6, "src_ip": "10.0.0.9", "host": "files.example"}
        return (
            Example("an address", [flow | {"dst_ip": "203.0.113.66"}], True, lists),
            Example("an address in a network", [flow | {"dst_ip": "198.51.100.7"}], True, lists),
            Example("a subdomain", [dns | {"query": "a.b.EVIL.example"}], True, lists),
            Example("a URL", [web | {"uri": "/a/drop.exe"}], True, lists),
            Example("a file", [{"kind": "file", "ts": 1e6, "src_ip": "10.0.0.9", "md5": digest}], True, lists),
            Example("another domain that ends alike", [dns | {"query": "notevil.example"}], False, lists),
            Example("another page of that host", [web | {"uri": "/a/"}], False, lists),
            Example("a domain that expired before", [dns | {"query": "expired.example"}], False, lists),
        )

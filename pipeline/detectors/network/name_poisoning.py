"""One machine answers for the names of others when their neighbours ask who that is: it wants their passwords."""

import re
from collections.abc import Sequence
from ipaddress import ip_address

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, least
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.neighbour_names import PORTS, machine_name
from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_text
from pipeline.features.naming import named
from pipeline.features.unknown import is_port
from schemas.finding import Feature

ADDRESSES, RING, HOUR_S = 512, 16, 3600.0
FIRST = re.compile(r'"([0-9A-Fa-f.:]{2,45})"')


class NamePoisoning(Detector):
    """Distinct names within an hour for which neighbours were told one and the same address.

    Machines answer for their own name, of NetBIOS also for their domain's and its browser's: that is three. Tools that
    lie in wait for passwords answer for every name that is mistyped, gone, or looked for by programs (`wpad`). Who
    answers for others with the addresses of those others (WINS, mDNS proxies) counts nothing.
    """

    id = "network.name_poisoning"
    title = "One machine answers for many names"
    severity = 4
    attacks = ("T1557.001",)
    source = "network"
    entity = ("dst_ip",)
    entity_type = "ip"
    inputs = ("src_port", "dst_port", "query", "answers")
    cost = "O(16) an answer of a neighbour, nothing others; 144 bytes an address, 512 a key group"
    reference = "MITRE ATT&CK T1557.001; RFC 4795; RFC 1002"
    misses = (
        "Answers that the sensor does not see, as it is on another segment, fewer than four names in an hour, and a "
        "machine that answers with a different address each time. Where the sensor names who asked first (Zeek and "
        "packets for LLMNR), those who ask are spread over key groups, of which each counts by itself. A server that "
        "took over the names of several others is told until it is on the list `allow`."
    )
    defaults = {"names": 4.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._names = WindowedDistinct(setup.groups, ADDRESSES, HOUR_S, RING)
        self._parts = {"names": self._names}

    def score(self, batch: Batch) -> Scores:
        values, names = np.full(batch.n, np.nan), np.zeros(batch.n)
        told = batch.kind("dns") & (batch.hash("answers") != 0) & (batch.hash("query") != 0)
        told &= is_port(batch.number("dst_port"), PORTS) | is_port(batch.number("src_port"), PORTS)
        claims = {int(row): claim for row in np.flatnonzero(told) if (claim := _claim(batch, int(row)))}
        if claims:
            rows = np.fromiter(claims, np.int64, len(claims))
            address, name = (np.array([hash_text(c[k]) for c in claims.values()], np.uint64) for k in (0, 1))
            names[rows] = self._names.add(address, name | np.uint64(1), batch.ts[rows], batch.groups[rows])
            values[rows] = names[rows] / (names[rows] + float(self.option["names"]))
        return Scores(values, {"names": names}, {row: claim[0] for row, claim in claims.items()})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        address, _ = _claim(batch, row) or ("A machine", "")
        names = int(scores.evidence["names"][row])
        query = named(batch, row, "query")
        message = (
            f"{address} was given as the address of {names} different names within an hour, now {query}, to machines "
            "that asked their neighbours (LLMNR, NetBIOS, mDNS): it answers for names that are not its own, as someone "
            "does who waits for passwords."
        )
        fewer = least(names, float(scores.values[row]), self.limit(scores, row), float(self.option["names"]))
        features = [Feature(name="names_answered_for_1h", value=names, usual_low=0, usual_high=fewer - 1)]
        normal = f"A machine answers for its own name: fewer than {count_of(fewer, 'name')} in an hour."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        asked = {
            "kind": "dns",
            "proto": "udp",
            "src_ip": "10.0.0.9",
            "dst_port": 5355,
            "qtype": "A",
            "rcode": "NOERROR",
        }
        liar = asked | {"dst_ip": "10.0.0.66", "answers": ["10.0.0.66"]}
        lies = [liar | {"ts": 1e6 + 300 * k, "query": name} for k, name in enumerate(
            ("wpad", "filesrv1", "pritner", "wardshare", "proxysrv", "filesrv1"),
        )]  # fmt: skip
        old = {"kind": "dns", "proto": "udp", "src_ip": "10.0.0.5", "src_port": 137, "dst_ip": "10.0.0.9",
               "dst_port": 137, "qtype": "NB", "answers": ["10.0.0.5"]}  # fmt: skip
        own = [old | {"ts": 1e6 + 60 * k, "query": ("ward-pc5", "hospital", "__msbrowse__")[k % 3]} for k in range(40)]
        names = [old | {"ts": 1e6 + 60 * k, "query": f"pc{k}", "answers": [f"10.0.0.{k + 20}"]} for k in range(40)]
        calls = [liar | {"ts": 1e6 + 60 * k, "dst_port": 5353, "query": f"{k:08x}-0a1b-4c2d-8e3f-0123456789ab.local"}
                 for k in range(40)]  # fmt: skip
        can = old | {"src_port": 5353, "qtype": "PTR", "answers": ["ward-printer.local", "10.0.0.5"]}
        resolver = [liar | {"ts": 1e6 + 60 * k, "dst_port": 5353, "query": f"shop{k}.example"} for k in range(40)]
        services = ("ipp", "ipps", "printer", "pdl-datastream", "scanner", "http")
        printer = [can | {"ts": 1e6 + 60 * k, "query": f"_{s}._tcp.local"} for k, s in enumerate(services)]
        return (
            Example("every name is its own", lies, True),
            Example("a domain's browser answers for itself", own, False),
            Example("a name server of NetBIOS", names, False),
            Example("a browser that calls itself anew for each call", calls, False),
            Example("a printer that tells what it can do", printer, False),
            Example("a resolver on mDNS' port, and shops at one address", resolver, False),
        )


def _claim(batch: Batch, row: int) -> tuple[str, str] | None:
    """(address, name) of an answer; None where it gives no address, or the name is no machine's."""
    found = FIRST.search(batch.text("answers", row) or "")
    name = machine_name(batch.text("query", row) or "")
    if found is None or not name:
        return None
    try:
        return str(ip_address(found[1])), name
    except ValueError:
        return None

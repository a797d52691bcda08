"""One machine answers for the names of others when their neighbours ask who that is: it wants their passwords."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of, least
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from schemas.finding import Feature

ADDRESSES, RING, HOUR_S = 512, 16, 3600.0


class NamePoisoning(Detector):
    """Distinct names within an hour for which neighbours were told one and the same address.

    Machines answer for their own name, of NetBIOS also for their domain's and its browser's: that is three. Tools that
    lie in wait for passwords answer for every name that is mistyped, gone, or looked for by programs (`wpad`). Who
    answers for others with the addresses of those others (WINS, mDNS proxies) counts nothing. What sensors saw of them
    (`network.name_claim`) comes together here under the address, whoever asked.
    """

    id = "network.name_poisoning"
    title = "One machine answers for many names"
    severity = 4
    attacks = ("T1557.001",)
    source = "contacts"
    entity = ("dst_ip",)
    entity_type = "ip"
    inputs = ("dst_ip", "host")
    cost = "O(16) a name of an hour; 144 bytes an address, 512 a key group"
    reference = "MITRE ATT&CK T1557.001; RFC 4795; RFC 1002"
    misses = (
        "Answers that the sensor does not see, as it is on another segment, fewer than four names in an hour, and a "
        "machine that answers with a different address each time. A server that took over the names of several others "
        "is told until it is on the list `allow`."
    )
    defaults = {"names": 4.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._names = WindowedDistinct(setup.groups, ADDRESSES, HOUR_S, RING)
        self._parts = {"names": self._names}

    def score(self, batch: Batch) -> Scores:
        values, names = np.full(batch.n, np.nan), np.zeros(batch.n)
        rows = np.flatnonzero(batch.kind("claim") & (batch.hash("host") != 0))
        if len(rows):
            name = batch.hash("host")[rows]
            names[rows] = self._names.add(batch.key_hash[rows] | np.uint64(1), name, batch.ts[rows], batch.groups[rows])
            values[rows] = names[rows] / (names[rows] + float(self.option["names"]))
        return Scores(values, {"names": names})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        address = named(batch, row, "dst_ip", otherwise="A machine")
        names = int(scores.evidence["names"][row])
        query = named(batch, row, "host")
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
        claim: dict[str, object] = {
            "kind": "claim",
            "src_ip": "10.0.0.9",
            "destination": "10.0.0.66",
            "dst_ip": "10.0.0.66",
        }
        lies = [claim | {"ts": 1e6 + 300 * k, "src_ip": f"10.0.0.{k + 7}", "host": name} for k, name in enumerate(
            ("wpad", "filesrv1", "pritner", "wardshare", "proxysrv", "filesrv1"),
        )]  # fmt: skip
        own = [claim | {"ts": 1e6 + 60 * k, "host": ("ward-pc5", "hospital", "__msbrowse__")[k % 3]} for k in range(40)]
        names = [claim | {"ts": 1e6 + 60 * k, "host": f"pc{k}", "destination": f"10.0.0.{k + 20}",
                          "dst_ip": f"10.0.0.{k + 20}"} for k in range(40)]  # fmt: skip
        slow = [lie | {"ts": 1e6 + 2000 * k} for k, lie in enumerate(lies)]
        return (
            Example("every name is its own, whoever asks", lies, True),
            Example("a domain's browser answers for itself", own, False),
            Example("a name server of NetBIOS", names, False),
            Example("a server that took over old names, each asked for now and then", slow, False),
        )

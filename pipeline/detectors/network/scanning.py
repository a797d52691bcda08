"""What detectors of scans share: distinct targets that gave nothing back, by source and host and by source and port."""

import numpy as np

from pipeline.detectors.detector import Detector, Explanation, Scores, Setup
from pipeline.detectors.explaining import least
from pipeline.detectors.memory.many_distinct import ManyDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.sides import ICMP, Outsiders, answered, to_one_host
from pipeline.features.addresses import EXTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from pipeline.features.unknown import among, filled, is_port
from pipeline.features.where import address_kind
from schemas.finding import Feature

CAPACITY = 2048  # pairs of source and target per key group
# When the way to the internet is down, every browser and mail server tries many hosts on these in vain.
EVERYDAY_PORTS = (25, 53, 80, 443, 465, 587, 853, 993, 8080, 8443)
EVERYDAY_FACTOR, OUTSIDE_FACTOR = 10.0, 2.0  # times as many hosts needed: on those ports outside; on others outside
# The way is not down while some answer; where most answer, the rest are blocked trackers and dead links.
SOME, MOST = 3.0, 3.0


def tries(batch: Batch) -> np.ndarray:
    """bool[n]: flows to one host that gave nothing back; of ICMP only echo requests (Zeek: type 8 in src_port)."""

    def compute(b: Batch) -> np.ndarray:
        port = b.number("dst_port")
        found = b.kind("flow") & ~answered(b) & to_one_host(b) & (port == port)
        icmp = b.is_in("proto", ICMP)
        origin = b.number("src_port")
        # From a service's own port to a high one: an answer whose question the sensor missed.
        reply = ((origin < 1024) | (origin == 1900)) & (port >= 1024) & ~icmp
        return found & ~reply & (~icmp | (origin == 8))

    found: np.ndarray = batch.shared("tries", compute)
    return found


def service_key(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """uint64[m]: transport and port, never 0."""
    port = filled(batch.number("dst_port")[rows], -1.0).astype(np.int64).astype(np.uint64)
    return (port + np.uint64(1)) ^ (batch.hash("proto")[rows] << np.uint64(17))


class Scanning(Detector):
    """Counts distinct targets without an answer within `window_s`, by rows that `_wanted` chooses."""

    source = "network"
    inputs = ("src_ip", "dst_ip", "src_port", "dst_port", "proto", "bytes_in", "conn_state")
    attacks = ("T1046",)
    reference = "Jung et al., Fast Portscan Detection Using Sequential Hypothesis Testing, IEEE S&P 2004"

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        window_s = float(self.option["window_s"])
        self._ports = ManyDistinct(setup.groups, CAPACITY, window_s)
        self._hosts = ManyDistinct(setup.groups, CAPACITY, window_s)
        self._answers = WindowedSum(setup.groups, CAPACITY // 2, window_s)
        self._outsiders = Outsiders(setup.groups)
        self._parts: dict[str, Stateful] = {
            "ports": self._ports, "hosts": self._hosts, "answers": self._answers, "outsiders": self._outsiders
        }  # fmt: skip

    def _counted(self, batch: Batch, *, outside: bool) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """(rows int64[m], of all rows: ports and hosts tried, scores of both): of tries from outside, or of others."""
        rows = np.flatnonzero(tries(batch) & ~self.setup.lists["scanners"].marks(batch.hash("src_ip")))
        rows = rows[self._outsiders.mark(batch, rows) == outside]
        e = {name: np.zeros(batch.n) for name in ("ports", "hosts", "vertical", "horizontal")}
        if not len(rows):
            if not outside:
                self._factor(batch, rows, np.zeros(0))  # answers count, whether or not a try is among this batch
            return rows, e
        src, dst, service = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows], service_key(batch, rows)
        ts, groups = batch.ts[rows], batch.groups[rows]
        e["ports"][rows] = ports = self._ports.add(combine_many(src, dst), service, ts, groups)
        e["hosts"][rows] = hosts = self._hosts.add(combine_many(src, service), dst, ts, groups)
        factor = 1.0 if outside else self._factor(batch, rows, hosts)
        e["vertical"][rows] = ports / (ports + float(self.option["ports"]))
        e["horizontal"][rows] = hosts / (hosts + float(self.option["hosts"]) * factor)
        return rows, e

    def _factor(self, batch: Batch, rows: np.ndarray, hosts: np.ndarray) -> np.ndarray:
        """float64[m]: times as many hosts that it takes for the tries `rows`, of which `hosts` were in vain."""
        away = address_kind(batch, "dst_ip") == EXTERNAL
        daily = away & is_port(batch.number("dst_port"), EVERYDAY_PORTS)
        factor = np.where(away[rows], OUTSIDE_FACTOR, 1.0)
        # Tries only ask, answers count, in the order of the log.
        both = np.flatnonzero(daily & (answered(batch) & to_one_host(batch)))
        at = np.sort(np.concatenate([both, rows[daily[rows]]]))
        if len(at):
            key = combine_many(batch.hash("src_ip")[at], service_key(batch, at))
            got = self._answers.add(key, answered(batch)[at].astype(np.float64), batch.ts[at], batch.groups[at])
            asked = among(at, rows)
            answers, vain = got[asked], hosts[daily[rows]]
            factor[daily[rows]] = np.where((answers >= SOME) & (answers <= MOST * vain), 1.0, EVERYDAY_FACTOR)
        return factor

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        src, dst = named(batch, row, "src_ip"), named(batch, row, "dst_ip", otherwise="an unknown host")
        minutes = self.option["window_s"] / 60
        limit = self.limit(scores, row)
        ports, hosts = (
            least(e[amount], e[score], limit, float(self.option[amount]))
            for amount, score in (("ports", "vertical"), ("hosts", "horizontal"))
        )
        features = [
            Feature(name="ports_without_answer", value=e["ports"], usual_low=0, usual_high=ports - 1),
            Feature(name="machines_without_answer", value=e["hosts"], usual_low=0, usual_high=hosts - 1),
        ]
        if e["vertical"] >= e["horizontal"]:
            message = (
                f"{src} tried {int(e['ports'])} ports of {dst} without an answer, as someone looking for a way in does."
            )
            normal = f"Fewer than {ports} unanswered ports of one machine within {minutes:g} minutes."
        else:
            what = f"port {int(batch.value('dst_port', row) or 0)} of"
            if (batch.text("proto", row) or "").startswith(("icmp", "ipv6-icmp")):
                what = "to reach"
            message = f"{src} tried {what} {int(e['hosts'])} machines without an answer, as if to find a victim."
            normal = f"Fewer than {hosts} unanswered machines on one port within {minutes:g} minutes."
        return Explanation(message, normal, features)

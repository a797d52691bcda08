"""A device that never left the house, and none of its kind either, keeps up a conversation with the internet."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.devices.device_flows import device_flows, kind_of
from pipeline.detectors.devices.habits import Habits
from pipeline.detectors.devices.routed import Routed
from pipeline.detectors.explaining import count_of, odds_of, size_of, whole
from pipeline.features.batch import Batch
from pipeline.features.known_devices import device_ends
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from schemas.finding import Feature

DAY_S = 86_400.0
DOWNLOAD = 20.0  # times more received than sent, and at least DOWNLOAD_BYTES: an update, not a conversation
DOWNLOAD_BYTES = 1e6
KIN = 3  # machines of a kind from which a place is a matter of the kind: a roll-out, the maker's cloud
_EVIDENCE = ("visits", "sent", "got", "outside")


class Internet(Detector):
    """Visits of one device to a network outside that is new for it and for its kind, which had settled before.

    Score .5 at `visits` visits (a minute or more apart), or at once when `upload_bytes` left. A download, or a place
    that three of its kind visit, stays below; so does a kind that goes to many places outside already.
    """

    id = "devices.internet"
    title = "Device talks to the internet"
    severity = 4
    attacks = ("T1071", "T1041", "T1571")
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    inputs = ("src_ip", "src_mac", "dst_ip", "dst_port", "service", "proto", "bytes_out", "bytes_in",
              "duration_s", "packets_out", "packets_in")  # fmt: skip
    cost = "O(1) a flow of a device; 4,096 places of devices of 56 bytes a key group"
    reference = "NIST SP 1800-8, Securing Wireless Infusion Pumps; RFC 8520 (MUD)"
    misses = (
        "Contacts that began before the capture, fewer than four visits that send little, what goes through a proxy or "
        "a name server inside, and places that three devices of a kind take up on one day, as a worm would."
    )
    defaults = {"visits": 4.0, "upload_bytes": 5e6}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._habits, self._routed = Habits(setup.groups), Routed(setup.groups)
        self._parts: dict[str, Stateful] = {"habits": self._habits, "routed": self._routed}

    def score(self, batch: Batch) -> Scores:
        flows = device_flows(batch, self.setup.lists)
        rows = flows.rows
        habit = self._habits.note(
            batch.hash("src_ip")[rows], flows.kin, flows.place, batch.ts[rows], batch.groups[rows], flows.listed,
            flows.outside, batch.number("bytes_out")[rows], batch.number("bytes_in")[rows],
        )  # fmt: skip
        at, followed = habit.at, rows[habit.at]
        judged = flows.outside[at] & flows.single_purpose(habit, self._routed.mark(batch, flows.rows))
        new = judged & (habit.late == 1) & (habit.kind_age_s <= DAY_S) & (habit.members <= KIN)
        limit = float(self.option["visits"]) + 2.0 * habit.outside
        amount = np.maximum(habit.visits / limit, habit.sent / float(self.option["upload_bytes"]))
        fetched = (habit.got > DOWNLOAD_BYTES) & (habit.got > DOWNLOAD * habit.sent)
        score = amount / (amount + 1.0)
        score = np.where(fetched | (habit.members >= KIN), np.minimum(score, 0.4), score)
        values = np.full(batch.n, np.nan)
        values[followed[judged]] = np.where(new, score, 0.0)[judged]
        evidence = {}
        for name, column in zip(_EVIDENCE, (habit.visits, habit.sent, habit.got, habit.outside), strict=True):
            evidence[name] = np.zeros(batch.n)
            evidence[name][followed] = column
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        src, dst = named(batch, row, "src_ip", "src_mac"), named(batch, row, "dst_ip")
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        what = kind_of(int(device_ends(batch, self.setup.lists, "src").codes[row]))
        visits = int(e["visits"])
        times = "once" if visits == 1 else f"{visits} times"
        message = (
            f"{src}, {what}, talked {times} with {dst} on the internet and sent {size_of(e['sent'])}; "
            "no machine of its kind had been there."
        )
        # Whichever of the two is larger against its limit has the score.
        times_enough = odds_of(self.limit(scores, row))
        fewer = whole((float(self.option["visits"]) + 2.0 * e["outside"]) * times_enough)
        less = float(self.option["upload_bytes"]) * times_enough
        by_visits = visits / (float(self.option["visits"]) + 2.0 * e["outside"])
        decides = by_visits >= e["sent"] / float(self.option["upload_bytes"])
        features = [
            Feature(name="visits", value=visits, usual_low=0, usual_high=fewer - 1, contribution=float(decides)),
            Feature(
                name="bytes_sent", value=e["sent"], unit="B", usual_low=0, usual_high=less,
                contribution=float(not decides),
            ),
            Feature(name="bytes_received", value=e["got"], unit="B", contribution=0.0),
            Feature(name="networks_outside_of_its_kind", value=e["outside"], contribution=0.0),
        ]  # fmt: skip
        normal = f"Fewer than {count_of(fewer, 'visit')} there, and less than {size_of(less)} sent."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.4.0.9", "src_mac": "3c:a1:0e:00:00:09"}
        usual = [flow | {"ts": 1e6 + 60.0 * i, "dst_ip": "10.1.0.5", "dst_port": 8443} for i in range(130)]
        out = flow | {"dst_ip": "203.0.113.9", "dst_port": 443, "bytes_out": 900, "bytes_in": 2500}
        later = 1e6 + 60.0 * 130
        return (
            Example("calls home", [*usual, *(out | {"ts": later + 300.0 * i} for i in range(6))], True),
            Example("sends much at once", [*usual, out | {"ts": later, "bytes_out": 20_000_000}], True),
            Example("fetches an update", [*usual, out | {"ts": later, "bytes_in": 80_000_000}], False),
            Example("always did", [out | {"ts": 1e6 + 60.0 * i} for i in range(150)], False),
        )

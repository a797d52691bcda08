"""River's HalfSpaceTrees on what `ehr.access_anomaly` is given: judged accesses with reason, relation and signs."""

from collections import defaultdict
from typing import Any

import orjson
from river.anomaly import HalfSpaceTrees

from benchmarks.quality.hospitals.peers import Peer
from benchmarks.quality.hospitals.raised import Raised
from benchmarks.quality.hospitals.setting import DAY_S, Setting
from benchmarks.quality.hospitals.volume_only import budget, fits
from pipeline.simulator import Emitted

_SIGNS = ("sign_volume", "sign_hours", "sign_workstation", "sign_export", "sign_account")
_DEAD_DAYS = 365.0


def features(doc: dict[str, Any], today: int) -> dict[str, float]:
    """Each in [0, 1], 1 the most suspicious; `today`: unexplained charts of the user within the day."""
    strength = doc.get("strength")
    relation = max(
        0.2 * bool(doc.get("is_coworker")), 0.4 * bool(doc.get("same_family")), 0.6 * bool(doc.get("same_address")),
        1.0 * bool(doc.get("is_self")),
    )  # fmt: skip
    dead = doc.get("deceased_days")
    return {
        "lacks": 1.0 - (1.0 if strength is None else strength),
        "relation": relation,
        "mine": 1.0 / (1.0 + doc.get("user_before", 1)),
        "theirs": 1.0 / (1.0 + doc.get("department_before", 1)),
        "today": min(today / 15, 1.0),
        "emergency": (0.5 + 0.5 * (not doc.get("care_after"))) * bool(doc.get("break_glass")),
        "dead": min(max(dead, 0.0) / _DEAD_DAYS, 1.0) if dead is not None else 0.0,
        "hour": doc["ts"] % DAY_S / DAY_S,
    } | {name: doc.get(name) or 0.0 for name in _SIGNS}


class ReasonTrees(Peer):
    """Scores before it learns; the highest user-days of the whole span are raised, as many as the budget allows."""

    name = "HalfSpaceTrees"
    sources = ("judged",)

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._model = HalfSpaceTrees(n_trees=15, height=8, window_size=500, seed=7)
        self._today: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._best: dict[tuple[str, int], tuple[float, str, float]] = {}

    def see(self, event: Emitted) -> None:
        doc = orjson.loads(event.value)
        if doc.get("withdrawn"):
            return
        key = (event.key, int(event.ts // DAY_S))
        if (doc.get("strength") or 0.0) < 0.5:
            self._today[key].add(doc.get("patient", ""))
        row = features(doc, len(self._today[key]))
        score = self._model.score_one(row)
        self._model.learn_one(row)
        if score > self._best.get(key, (-1.0, "", 0.0))[0]:
            self._best[key] = (score, doc["event_id"], event.ts)

    def finish(self) -> list[Raised]:
        order = sorted(self._best.items(), key=lambda item: -item[1][0])[: budget(self._setting)]
        return [
            Raised(
                "ehr.half_space_trees", fits("ehr"), who, frozenset({who}), ts, ts, 1, (event,), f"{who}: {score:.2f}"
            )
            for (who, _), (score, event, ts) in order
        ]

"""Who judges alerts in the benchmark: few verdicts, late, some wrong, some of ill will."""

import hashlib
from dataclasses import dataclass

import numpy as np

from schemas.feedback import Verdict
from schemas.note import VerdictNote

STORY, CONFOUNDER, NOTHING = "story", "confounder", "nothing"
_TRUTH: dict[str, Verdict] = {STORY: "true", CONFOUNDER: "benign_expected", NOTHING: "false"}


@dataclass(frozen=True)
class Analysts:
    """`share` of the alerts is judged by one of `people`; `wrong` of the verdicts say the opposite. `hostile`: one more
    account calls as many alerts false as all others judge, whatever they were."""

    share: float
    people: int = 3
    wrong: float = 0.0
    hostile: bool = False
    seed: int = 1

    def judge(self, alert_id: str, truth: str, ts: float) -> list[VerdictNote]:
        """What is said of an alert that is story, confounder or nothing; the same in every run."""
        digest = hashlib.blake2b(f"{self.seed}/{alert_id}".encode(), digest_size=8).digest()
        draw = np.random.default_rng(int.from_bytes(digest)).random(4)
        said: list[VerdictNote] = []
        if draw[0] < self.share:
            verdict = _TRUTH[truth]
            if draw[1] < self.wrong:
                verdict = "false" if truth == STORY else "true"
            said.append(_note(alert_id, verdict, f"analyst-{int(draw[2] * self.people)}", ts))
        if self.hostile and draw[3] < self.share:
            said.append(_note(alert_id, "false", "mallory", ts))
        return said


def _note(alert_id: str, verdict: Verdict, who: str, ts: float) -> VerdictNote:
    return VerdictNote(ts=ts, verdict_id=f"{alert_id}/{who}", alert_id=alert_id, verdict=verdict, who=who)

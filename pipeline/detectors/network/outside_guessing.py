"""Strangers guess the passwords of whatever is open to the internet: one alert a target, unless one of them gets in."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Example, Explanation, Scores
from pipeline.detectors.network.guessing import Guessing
from pipeline.features.batch import Batch

STRONG = 0.8  # four times the number that counts as guessing: worth naming wherever it is seen
HELD = 0.49


class OutsideGuessing(Guessing):
    """Guesses of sources outside (`network.sides.Outsiders`), by target.

    A host open to the internet has many guessers a day. So that they are one alert, those of ordinary strength are
    told in one key group only, the one that the target's address falls into; strong ones and those that ended with
    a successful logon in each.
    """

    id = "network.outside_guessing"
    title = "Passwords guessed from outside"
    severity = 2
    entity = ("dst_ip",)
    entity_type = "ip"
    group_by = ("dst_ip",)
    cost = (
        "O(40) a logon or short session from outside; "
        "770 bytes a pair of source and target, 80 a source and service, 40 an account; 8.4 MB"
    )
    misses = "Guesses spread over many sources, over encrypted web forms, or fewer than ten in ten minutes."

    def score(self, batch: Batch) -> Scores:
        values, evidence = self._counted(batch, outside=True)
        home = batch.hash("dst_ip") % np.uint64(self.setup.groups) == batch.groups.astype(np.uint64)
        told = home | (values >= STRONG) | (evidence["success"] > 0)
        return Scores(np.where(told, values, np.minimum(values, HELD)), evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        told = super().explain(batch, row, scores)
        if scores.evidence["success"][row]:
            return told
        return Explanation(told.message + " Hosts open to the internet see this daily.", told.normal, told.features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        auth = {"kind": "auth", "service": "ssh", "src_ip": "203.0.113.7", "dst_ip": "10.0.0.20", "dst_port": 22}
        failure = auth | {"outcome": "failure"}
        return (
            Example("many failed logons", [failure | {"ts": 1e6 + 5 * i} for i in range(60)], True),
            Example(
                "six failures, then in",
                [failure | {"ts": 1e6 + 5 * i} for i in range(6)] + [auth | {"ts": 1e6 + 40, "outcome": "success"}],
                True,
            ),
            Example(
                "a machine of ours", [failure | {"ts": 1e6 + 5 * i, "src_ip": "10.0.7.7"} for i in range(60)], False
            ),
            Example(
                "at home, a typing mistake",
                [failure | {"ts": 1e6 + 5 * i} for i in range(3)] + [auth | {"ts": 1e6 + 40, "outcome": "success"}],
                False,
            ),
        )

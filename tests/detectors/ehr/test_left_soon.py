"""How soon a chart was left: wrong clicks weigh little, who stayed weighs more, and what is not known nothing."""

import numpy as np
import pytest

from detectors.ehr.story import DAY, batch_of, fresh, scores
from pipeline.detectors.ehr.coworker import Coworker
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import CURIOUS, meant, slip
from pipeline.detectors.ehr.unexplained_access import UnexplainedAccess

SOON = {"left_s": 8.0, "left_usual": 0.6, "left_late": 0.05}
SECONDS = (8, 20, 40, 90, 900)
STAYED = {"left_s": 900.0, "left_usual": 0.05, "left_late": 0.05}


def test_weights() -> None:
    spread = [{"left_s": s, "left_usual": u, "left_late": 0.4} for s, u in zip(SECONDS, CURIOUS.tolist(), strict=True)]
    batch = batch_of("judged", [judged_access(1e5, f"p{i}", **d) for i, d in enumerate([SOON, STAYED, {}, *spread])])
    np.testing.assert_allclose(slip(batch), [0.2, 4.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    np.testing.assert_allclose(meant(batch), [0.2 / 4, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])


def test_a_single_look_at_a_colleague() -> None:
    def score(**more: float) -> float:
        one = judged_access(36_000.0, "p1", is_coworker=True, unexplained_share=0.05, **more)
        return float(scores(fresh(Coworker), [one])[0])

    assert score(**SOON) < score() / 2 < score() < score(**STAYED)


@pytest.mark.parametrize(("many", "tells"), [(STAYED, True), (SOON, False)])
def test_a_spree_among_slips(many: dict[str, float], tells: bool) -> None:
    """Where wrong charts are opened all day and left at once, seven that were read are no slips."""
    usual = [
        judged_access(DAY * day + 3600.0 * k, f"s{day} {user} {k}", user=f"u{user}", **SOON)
        for day in range(12) for user in range(8) for k in range(1 + (day + user) % 3)
    ]  # fmt: skip
    spree = [judged_access(DAY * 12 + 600.0 * k, f"q{k}", user="u1", **many) for k in range(7)]
    found = scores(fresh(UnexplainedAccess), [*sorted(usual, key=lambda d: d["ts"]), *spree])
    assert (found[-1] >= 0.5) == tells

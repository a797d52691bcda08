"""How often checkpoints are written."""

import pytest

from pipeline.runtime.checkpoint.pace import CheckpointPace


@pytest.mark.parametrize(
    ("every_s", "spent_s", "wait_s"),
    [(15, 0.1, 15), (15, 0.75, 15), (15, 1.0, 20), (15, 9.0, 30), (60, 9.0, 60), (0.5, 9.0, 0.5)],
    ids=["cheap", "just cheap enough", "dear", "very dear", "set longer", "set short on purpose"],
)
def test_a_dear_checkpoint_is_followed_by_a_longer_wait(every_s: float, spent_s: float, wait_s: float) -> None:
    pace = CheckpointPace()
    for _ in range(4):
        pace.spend(spent_s / 4)
    assert pace.wait_s(every_s) == pytest.approx(wait_s)
    assert pace.wait_s(every_s) == every_s

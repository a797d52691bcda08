"""Someone looks up a colleague."""

from collections.abc import Sequence

from pipeline.simulator.stories.curiosity import Curiosity
from pipeline.simulator.stories.story import Stage
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person


class SnoopingCoworker(Curiosity):
    """Shows: the patient works here, no reason. Hard: one look, the colleague is treated elsewhere."""

    kind = "snooping_coworker"
    expected = ("ehr.coworker", "ehr.unexplained_access", "ehr.access_anomaly")

    def wanted(self, stage: Stage, user: Person) -> Sequence[Patient]:
        return [p for p in stage.scene.world.patient_like("coworker") if p.staff_id != user.id]

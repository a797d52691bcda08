"""Someone looks up who lives in the same house."""

from collections.abc import Sequence

from pipeline.simulator.stories.curiosity import Curiosity
from pipeline.simulator.stories.story import Stage
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person


class SnoopingNeighbour(Curiosity):
    """Shows: the address is shared, the name is not, no reason. Hard: one look, while treated elsewhere."""

    kind = "snooping_neighbour"
    expected = ("ehr.neighbour", "ehr.unexplained_access", "ehr.access_anomaly")

    def _near(self, stage: Stage) -> dict[str, list[Patient]]:
        out: dict[str, list[Patient]] = {}
        for patient in stage.scene.world.patient_like("neighbour"):
            out.setdefault(patient.staff_id or "", []).append(patient)
        return out

    def wanted(self, stage: Stage, user: Person) -> Sequence[Patient]:
        return self._near(stage).get(user.id, ())

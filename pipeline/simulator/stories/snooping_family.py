"""Someone looks up a relative: the same name and address."""

from collections.abc import Sequence

from pipeline.simulator.stories.curiosity import Curiosity
from pipeline.simulator.stories.story import Stage
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person


class SnoopingFamily(Curiosity):
    """Shows: name and address shared, no reason. Hard: one look, the relative is being treated elsewhere."""

    kind = "snooping_family"
    expected = ("ehr.family", "ehr.unexplained_access", "ehr.access_anomaly")

    def _relatives(self, stage: Stage) -> dict[str, list[Patient]]:
        out: dict[str, list[Patient]] = {}
        for patient in stage.scene.world.patient_like("household"):
            out.setdefault(patient.staff_id or "", []).append(patient)
        return out

    def wanted(self, stage: Stage, user: Person) -> Sequence[Patient]:
        mine = self._relatives(stage)
        return [p for p in mine.get(user.id, ()) if p.family == user.family]

"""A celebrity is in the house, or was: someone without a part in the care looks."""

from collections.abc import Sequence

from pipeline.simulator.stories.curiosity import Curiosity
from pipeline.simulator.stories.story import Stage
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person


class SnoopingVip(Curiosity):
    """Shows: on the list of VIPs, no reason. Hard: one look among many rightful ones of others."""

    kind = "snooping_vip"
    expected = ("ehr.vip", "ehr.unexplained_access", "ehr.access_anomaly")

    def wanted(self, stage: Stage, _user: Person) -> Sequence[Patient]:
        return stage.scene.world.patient_like("vip")

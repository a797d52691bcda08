"""Someone opens their own chart."""

from collections.abc import Sequence

from pipeline.simulator.stories.curiosity import Curiosity
from pipeline.simulator.stories.story import Stage
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person


class SnoopingSelf(Curiosity):
    """Shows: the own identifier. Hard: one look, while being treated."""

    kind = "snooping_self"
    expected = ("ehr.self", "ehr.unexplained_access", "ehr.access_anomaly")

    def wanted(self, stage: Stage, user: Person) -> Sequence[Patient]:
        own = stage.scene.world.charts.get(user.id)
        return [own] if own else []

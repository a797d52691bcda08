"""Someone opens the chart of a patient who died."""

from collections.abc import Sequence

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.curiosity import Curiosity
from pipeline.simulator.stories.story import Stage
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person


class SnoopingDeceased(Curiosity):
    """Shows: dead for days to months, no reason. Hard: one look, shortly after a death in the house."""

    kind = "snooping_deceased"
    expected = ("ehr.deceased", "ehr.unexplained_access", "ehr.access_anomaly")

    def wanted(self, stage: Stage, _user: Person) -> Sequence[Patient]:
        died, people = stage.scene.world.care.died, stage.scene.world.patients
        late = [p for p in people if stage.start_ts - 20 * DAY_S < died.get(p.id, 0.0) < stage.start_ts - DAY_S]
        if stage.difficulty == "hard" and late:
            return late[:40]
        return [p for p in people if p.died_days is not None][:40]

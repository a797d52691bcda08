"""Someone cannot leave one chart alone: a former partner's, a rival's, that of the neighbour next door."""

from collections.abc import Sequence

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.curiosity import Curiosity
from pipeline.simulator.stories.story import Stage
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person

_KNOWN = 8


class Stalking(Curiosity):
    """Shows: one stranger's chart, on one day after another, and no reason on any of them; neither name nor address is
    shared. Easy: nine looks of some pages over three weeks. Hard: four, of one or two pages, while the person is
    treated elsewhere."""

    kind = "stalking"
    expected = ("ehr.same_stranger", "ehr.access_anomaly")
    length_s = 21 * DAY_S
    least_s = 10 * DAY_S
    roles = ("nurse", "resident", "registrar", "lab_tech")  # a bill is a coder's reason for any chart
    looks = (9, 6, 4)

    def pages(self, stage: Stage) -> int:
        d = stage.scene.draws
        return stage.by(d.whole(2, 5), d.whole(1, 3), d.whole(1, 2))

    def wanted(self, stage: Stage, user: Person) -> Sequence[Patient]:
        care = stage.scene.world.care
        chosen = care.strangers(stage.scene.draws, user, _KNOWN, charted=stage.difficulty == "hard")
        return [p for p in chosen if p.relation == "none"]

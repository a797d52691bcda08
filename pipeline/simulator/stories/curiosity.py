"""What stories of curiosity share: somebody opens the chart of a certain person without any part in the care."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart, opening
from pipeline.simulator.verbs.seat import seat
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person


class Curiosity(Story):
    """Easy: four looks of several pages on as many days. Hard: one look, one or two pages, while the person is treated
    elsewhere in the house if anybody like that is."""

    techniques = ("T1213",)
    length_s = 4 * DAY_S
    records = True
    # Only these have time and a screen of their own to be curious with.
    roles: ClassVar[tuple[str, ...]] = ("nurse", "resident", "registrar", "lab_tech", "coder")
    looks: ClassVar[tuple[int, int, int]] = (4, 2, 1)
    """When easy, medium and hard."""

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        user, patient = self._pair(stage)
        looks = stage.by(*self.looks)
        for place in range(looks):
            low, high = stage.at(place / looks), stage.at((place + 0.9) / looks)
            ts = opening.when(s, user, low, high) or d.between(low, high)
            chart.read_chart(s, ts, user, seat(s, ts, user), patient, None, pages=self.pages(stage))
        stage.note("user", user.id)
        stage.note("patient", patient.id)

    def pages(self, stage: Stage) -> int:
        """How much is read at a look."""
        d = stage.scene.draws
        return stage.by(d.whole(4, 7), 3, d.whole(1, 2))

    @abstractmethod
    def wanted(self, stage: Stage, user: Person) -> Sequence[Patient]:
        """Whose charts this user is curious about."""

    def _pair(self, stage: Stage) -> tuple[Person, Patient]:
        s, d = stage.scene, stage.scene.draws
        care = s.world.care
        staff = [p for p in s.world.of_role(*self.roles) if p.employed(stage.at(1.0)) and p.employed(stage.start_ts)]
        d.rng.shuffle(staff)
        spare: tuple[Person, Patient] | None = None
        for user in staff:
            wanted = list(self.wanted(stage, user))
            d.rng.shuffle(wanted)
            for patient in wanted:
                if care.related(user, patient):
                    continue
                spare = spare or (user, patient)
                treated = any(x.start_ts < stage.at(1.0) for x in care.by_patient.get(patient.id, ()))
                if stage.difficulty != "hard" or treated:
                    return user, patient
        if spare is not None:
            return spare
        user = d.pick(staff)
        return user, d.pick(care.strangers(d, user, 1) or s.world.patients)

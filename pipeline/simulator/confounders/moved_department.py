"""Someone changes the department: from that day on all charts, desks and colleagues are others."""

from dataclasses import replace

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import care, opening


class MovedDepartment(Story):
    """The record system is told on the day; the charts are those of the new ward, at its desks."""

    kind = "benign:moved_department"
    length_s = 3 * DAY_S
    hour = 7.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        nurse = stage.someone("nurse")
        ward = d.pick([w for w in s.world.care.wards if w != nurse.department])
        moved = replace(nurse, department=ward)
        care.tell_person(s, stage.at(d.between(0, 0.05)), moved)
        days = max(1, round(stage.length_s / DAY_S))
        for day in range(days):
            low, high = stage.at((day + 0.05) / days), stage.at((day + 0.9) / days)
            for _ in range(12):
                ts = opening.when(s, moved, low, high) or d.between(low, high)
                stays = [x for x in s.world.care.census(ts).by_place.get(ward, []) if x.start_ts < ts]
                if stays:
                    opening.look(s, ts, moved, d.pick(stays), d.whole(1, 5))
        stage.note("user", nurse.id)

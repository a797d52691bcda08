"""A locum arrives: an account nobody knew yet, full of work from the first hour."""

from dataclasses import replace

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import care, opening


class NewStaff(Story):
    """The directory tells of the account hours after its first use; charts are those of the ward."""

    kind = "benign:new_staff"
    length_s = 3 * DAY_S
    hour = 7.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        model = stage.someone("nurse", "resident")
        locum = replace(model, id=f"u{d.whole(80_000, 99_999)}", floats=False, begins_ts=0.0)
        care.tell_person(s, stage.at(d.between(0.01, 0.08)), locum)
        days = max(1, round(stage.length_s / DAY_S))
        for day in range(days):
            low, high = stage.at((day + 0.02) / days), stage.at((day + 0.9) / days)
            for _ in range(12):
                ts = opening.when(s, locum, low, high) or d.between(low, high)
                stays = [x for x in s.world.care.census(ts).by_place.get(locum.department, []) if x.start_ts < ts]
                if stays:
                    opening.look(s, ts, locum, d.pick(stays), d.whole(1, 5))
        stage.note("user", locum.id)

"""Someone falls ill: a nurse of one ward covers another, and opens charts there all shift."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import care, chart
from pipeline.simulator.world.staff import WARDS


class CrossCover(Story):
    """Charts of another department's patients; the care teams are told of it, as they should be."""

    kind = "benign:cross_cover"
    length_s = 6 * 3600.0
    hour = 8.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        nurse = stage.someone("nurse")
        ward = d.pick([w for w in WARDS if w != nurse.department])
        desk = d.pick(s.world.workstations[ward])
        stays = [x for x in s.world.care.census(stage.start_ts).by_place.get(ward, []) if x.start_ts < stage.start_ts]
        chosen = d.rng.sample(stays, min(len(stays), 8))
        for stay in chosen:
            stay.team.append(nurse)
            care.tell_team(s, stage.start_ts + d.between(0, 1), stay)
            stage.note("patient", stay.patient.id)
        for place in range(2 * len(chosen)):
            stay = chosen[place % len(chosen)]
            chart.read_chart(s, stage.at(0.02 + 0.9 * place / (2 * len(chosen))), nurse, desk, stay.patient, stay)
        stage.note("user", nurse.id)

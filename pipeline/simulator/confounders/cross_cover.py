"""Someone falls ill: a nurse of one ward covers another, and opens charts there all shift."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import care, opening


class CrossCover(Story):
    """Charts of another department's patients; the care teams are told of it, of some within the hour, of others at
    the end of the shift."""

    kind = "benign:cross_cover"
    length_s = 6 * 3600.0
    hour = 8.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        nurse = stage.someone("nurse")
        ward = d.pick([w for w in s.world.care.wards if w != nurse.department])
        stays = [x for x in s.world.care.census(stage.start_ts).by_place.get(ward, []) if x.start_ts < stage.start_ts]
        chosen = d.rng.sample(stays, min(len(stays), 8))
        for stay in chosen:
            stay.team.append(nurse)
            stay.named.append(nurse)
            care.tell_team(s, stage.at(d.between(0, 0.3) if d.chance(0.7) else d.between(0.7, 1.0)), stay)
            stage.note("patient", stay.patient.id)
        for place in range(2 * len(chosen)):
            ts = stage.at(0.02 + 0.9 * place / (2 * len(chosen)))
            opening.look(s, ts, nurse, chosen[place % len(chosen)], d.whole(1, 5))
        stage.note("user", nurse.id)

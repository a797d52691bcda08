"""Work that goes back to one chart: a complaint is reviewed, a case coded, a patient nursed before anybody says so."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import care, opening
from pipeline.simulator.world.staff import Person
from pipeline.simulator.world.stay import Stay

_LOOKS, _CALLS = 6, 3


class ChartFollowedUp(Story):
    """Each opens one chart six times in ten days: quality management, of a patient long gone home; a coder, for the
    bill; a float nurse, named by the care team only when it is over. A clerk is asked on three days by who calls."""

    kind = "benign:chart_followed_up"
    length_s = 10 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        past = [x for x in s.world.care.stays if x.end_ts < stage.start_ts] or s.world.care.stays
        for role, purpose in (("quality_manager", "HOPERAT"), ("coder", "HPAYMT")):
            if s.world.of_role(role):  # a small house may have none
                self._return(stage, stage.someone(role), d.pick(past), _LOOKS, purpose)
        self._return(stage, stage.someone("registrar"), d.pick(past), _CALLS)
        nurse = stage.someone("nurse")
        ward = d.pick([w for w in s.world.care.wards if w != nurse.department])
        here = s.world.care.census(stage.start_ts).by_place.get(ward) or s.world.care.stays
        stay = d.pick(here)
        self._return(stage, nurse, stay, _LOOKS)
        stay.team.append(nurse)
        stay.named.append(nurse)
        care.tell_team(s, stage.at(0.97), stay)

    def _return(self, stage: Stage, person: Person, stay: Stay, looks: int, purpose: str = "TREAT") -> None:
        s, d = stage.scene, stage.scene.draws
        for place in range(looks):
            ts = opening.when(s, person, stage.at(0.9 * place / looks), stage.at(0.9 * (place + 0.9) / looks))
            opening.look(s, ts, person, stay, d.whole(1, 3), purpose=purpose, of_stay=False)
        stage.note("user", person.id)
        stage.note("patient", stay.patient.id)

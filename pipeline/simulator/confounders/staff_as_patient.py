"""A colleague falls ill and is treated here: many of the house open that chart, all with a reason."""

from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import care, opening
from pipeline.simulator.world.stay import Stay


class StaffAsPatient(Story):
    """An inpatient who is staff, and a VIP beside: team, orders and rounds as for anybody."""

    kind = "benign:staff_as_patient"
    length_s = 2 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        for relation in ("coworker", "vip"):
            patient = d.pick(s.world.patient_like(relation))
            ward = d.pick(s.world.care.wards)
            begin = stage.at(0.05 * d.random())
            people = [p for p in s.world.staff if p.department == ward and p.role in ("nurse", "physician", "resident")]
            people = [p for p in people if p.id != patient.staff_id]
            team = d.rng.sample(people, min(len(people), 7))
            number = d.whole(400_000, 499_999)
            stay = Stay(f"e{number}", patient, ward, "inpatient", begin, stage.at(1.0), team[0], team, team[:4], [])
            care.tell_patient(s, begin, patient)
            care.tell_stay(s, begin + d.between(10, 900), stay, "in-progress")
            care.tell_team(s, begin + d.between(0.2, 2.0) * min(HOUR_S, 0.02 * stage.length_s), stay)
            for _ in range(30):
                person = d.pick(team)
                ts = opening.when(s, person, begin, stage.at(0.98))
                opening.look(s, ts, person, stay, d.whole(1, 5))
            stage.note("patient", patient.id)

"""A stolen identity: in one name comes somebody of another sex and age, with a new insurance number."""

from dataclasses import replace

from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, care, practice
from pipeline.simulator.world.patients import Patient


class IdentityTheft(Story):
    """Shows: demographics or member number change back and forth in one record. Easy: sex, age and number, eight
    visits. Medium: age and number, four. Hard: the number and a birth year some years off, two."""

    kind = "identity_theft"
    techniques = ("T1078",)
    expected = ("ehr.identity_theft", "claims.identity")
    length_s = 6 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        patient = d.pick([x.patient for x in s.world.care.stays if x.end_ts < stage.start_ts] or s.world.patients)
        impostor = self._impostor(stage, patient)
        count = stage.by(8, 4, 2)
        doctors = s.world.of_role("physician")
        for place in range(count):
            provider = d.pick(doctors)
            ts = stage.at(0.8 * (place + d.random()) / count)
            stay = practice.visit(s, ts, provider, impostor)
            bill = billing.bill_of(s, stay, provider, institutional=False)
            billing.submit(s, min(ts + d.between(2, 20) * HOUR_S, stage.at(1.0)), bill)
            stage.note("provider", provider.npi)
            if place % 2:
                care.tell_patient(s, ts + HOUR_S, patient)
        stage.note("patient", patient.id)

    def _impostor(self, stage: Stage, patient: Patient) -> Patient:
        d = stage.scene.draws
        sex = "male" if patient.sex == "female" else "female"
        far = patient.birth_year - 30 if patient.birth_year > 1950 else patient.birth_year + 40
        number = f"M{d.whole(10**8, 10**9 - 1)}"
        near = patient.birth_year - d.whole(4, 9)
        return stage.by(
            replace(patient, sex=sex, birth_year=far, member_id=number),
            replace(patient, birth_year=far, member_id=number),
            replace(patient, birth_year=near, member_id=number),
        )

"""A patient goes from doctor to doctor for the same drug."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, practice


class DoctorShopping(Story):
    """Shows: many prescribers and pharmacies for one patient within days. Easy: twelve doctors, each visit with an
    opioid. Hard: five, over twice the time."""

    kind = "doctor_shopping"
    expected = ("claims.doctor_shopping",)
    length_s = 14 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        patient = d.pick([p for p in s.world.patients if p.relation == "none" and p.died_days is None])
        everyone = s.world.of_role("physician")
        count = stage.by(12, 8, 5)
        doctors = d.rng.sample(everyone, min(count, len(everyone)))
        for place in range(count):
            doctor = doctors[place % len(doctors)]
            ts = stage.at(0.85 * (place + d.random()) / count)
            stay = practice.visit(s, ts, doctor, patient)
            day = billing.midnight(ts)
            for sent in (
                billing.bill_of(s, stay, doctor, institutional=False),
                practice.dispensed(s, patient, doctor.npi, day, stay.id, opioid=True),
            ):
                billing.submit(s, min(ts + d.between(0.05, 1.5) * DAY_S, stage.at(1.0)), sent)
            stage.note("provider", doctor.npi)
        stage.note("patient", patient.id)

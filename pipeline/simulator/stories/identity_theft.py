"""A stolen insurance number: care in one name is billed by many providers who never shared that patient."""

from dataclasses import replace

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, chart
from pipeline.simulator.verbs.billing import Bill


class IdentityTheft(Story):
    """Easy: 30 claims by 15 providers, with another sex and age. Hard: 8 by 4, and only the name is wrong."""

    kind = "identity_theft"
    techniques = ("T1078",)
    expected = ()
    length_s = 2 * 86_400.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        patient = d.pick([p for p in s.world.patients if not s.world.care.by_patient.get(p.id)] or s.world.patients)
        clerk = stage.someone("registrar")
        desk = s.world.home_desk(clerk)
        chart.read_chart(s, stage.at(0.0), clerk, desk, patient, None, pages=2)
        providers = d.rng.sample(s.world.of_role("physician"), stage.by(15, 8, 4))
        count = stage.by(30, 16, 8)
        sex = "male" if patient.sex == "female" else "female"
        year = patient.birth_year - 30 if patient.birth_year > 1950 else 1990
        other = replace(patient, sex=sex)
        impostor = stage.by(replace(other, birth_year=year), other, patient)
        day = billing.midnight(stage.start_ts)
        for place in range(count):
            lines = billing.visit_lines(s, billing.EMERGENCY, 3)
            provider = providers[place % len(providers)]
            bill = Bill(impostor, provider, "professional", lines, ["R07.9"], day, day, "23", None)
            billing.submit(s, stage.at(0.1 + 0.88 * (place + d.random()) / count), bill)
            stage.note("provider", provider.npi)
        stage.note("patient", patient.id)
        stage.note("user", clerk.id)

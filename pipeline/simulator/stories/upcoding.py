"""A provider begins to bill the dear levels of visits for what colleagues bill the usual ones."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, own_visits


class Upcoding(Story):
    """Shows: a mix of levels above that of the specialty and above the own past. Visits took place and charts were
    opened. Easy: 80 claims, nearly all of the highest. Medium: 60, high. Hard: 60, each half a level higher."""

    kind = "upcoding"
    expected = ("claims.upcoding", "claims.provider_outlier")
    length_s = 20 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        provider = own_visits.billing_physician(s, stage.start_ts)
        seen = own_visits.visits_of_department(s, provider, stage.start_ts)
        chosen = d.rng.sample(seen, min(len(seen), stage.by(80, 60, 60)))
        for place, stay in enumerate(chosen):
            sent = billing.bill_of(s, stay, provider, institutional=False, tilt=stage.by(5.0, 3.0, 1.8))
            billing.submit(s, stage.at((place + d.random()) / len(chosen)), sent)
            stage.note("patient", stay.patient.id)
        stage.note("provider", provider.npi)

"""A few providers pass the same patients round, and each bills each of them."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, price_list


class ReferralRing(Story):
    """Shows: providers who share nearly all patients, with more services a patient than peers. Easy: eight providers
    and 40 patients, all by all. Hard: three providers, twelve patients, two in three."""

    kind = "referral_ring"
    expected = ("claims.referral_ring", "claims.provider_outlier")
    length_s = 12 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        everyone = s.world.of_role("physician")
        ring = d.rng.sample(everyone, min(stage.by(8, 5, 3), len(everyone)))
        past = [x for x in s.world.care.stays if x.end_ts < stage.start_ts] or s.world.care.stays
        stays = {x.patient.id: x for x in (d.pick(past) for _ in range(stage.by(40, 25, 12)))}
        pairs = [(x, p) for x in stays.values() for p in ring if d.chance(stage.by(1.0, 0.9, 0.67))]
        for place, (stay, provider) in enumerate(pairs):
            ts = stage.at((place + d.random()) / len(pairs))
            # Services of the visit's day, dear and without level of their own.
            lines = billing.visit_lines(s, price_list.VISITS, billing.midnight(stay.start_ts), provider.npi, tilt=0.8)
            billing.submit(s, ts, billing.bill(s, stay.patient, provider.npi, lines, "22", stay.id))
            stage.note("patient", stay.patient.id)
        stage.note("provider", *(p.npi for p in ring))

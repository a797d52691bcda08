"""One insurance number is used by several people."""

from dataclasses import replace

from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, practice


class MemberSharing(Story):
    """Shows: claims and index entries of different people with one member number. Easy: six people. Hard: two."""

    kind = "member_sharing"
    techniques = ("T1078",)
    expected = ("ehr.member_number", "ehr.identity_theft", "claims.identity")
    length_s = 6 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        adults = [p for p in s.world.patients if p.relation == "none" and p.died_days is None]
        owner, *others = d.rng.sample(adults, stage.by(6, 4, 2) + 1)
        doctors = s.world.of_role("physician")
        users = [owner, *(replace(p, member_id=owner.member_id) for p in others)]
        for place, patient in enumerate(users):
            provider = d.pick(doctors)
            ts = stage.at(0.85 * (place + d.random()) / len(users))
            stay = practice.visit(s, ts, provider, patient)
            bill = billing.bill_of(s, stay, provider, institutional=False)
            billing.submit(s, min(ts + d.between(2, 20) * HOUR_S, stage.at(1.0)), bill)
            stage.note("patient", patient.id)
            stage.note("provider", provider.npi)

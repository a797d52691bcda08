"""A bad night: many emergencies at once, everyone helps, charts are opened before anyone is assigned."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import care, chart
from pipeline.simulator.world.care import Stay


class MassCasualty(Story):
    """Thirty arrivals; half of the first looks break the glass, with reason: an encounter exists by then."""

    kind = "benign:mass_casualty"
    length_s = 2400.0
    hour = 22.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        present = {p.id: p for p in s.world.on_duty(stage.start_ts) if p.role in ("nurse", "physician", "resident")}
        helpers = [p for p in present.values() if p.department == "Emergency"] or list(s.world.of_role("nurse"))
        helpers += [p for p in present.values() if p.department == "Surgery"][:6]
        attending = next((p for p in helpers if p.role == "physician"), s.world.of_role("physician")[0])
        first = len(s.world.care.stays) + 5000
        for place, patient in enumerate(d.rng.sample(s.world.patients, 30)):
            ts = stage.at(0.7 * (place + d.random()) / 30)
            team = [attending, *d.rng.sample(helpers, min(3, len(helpers)))]
            stay = Stay(f"e{first + place:06d}", patient, "Emergency", "emergency", ts, ts + 9000, attending, team, [])
            care.tell_patient(s, ts, patient)
            care.tell_stay(s, ts + 0.1, stay, "in-progress")
            for person in team:
                glass = True if d.chance(0.5) else None
                chart.read_chart(
                    s, ts + d.between(1, 0.2 * stage.length_s), person, s.world.home_desk(person), patient, stay,
                    pages=d.whole(1, 3), purpose="BTG" if glass else "ETREAT", break_glass=glass,
                )  # fmt: skip
                stage.note("user", person.id)
            stage.note("patient", patient.id)

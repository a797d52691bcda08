"""A bad night: many emergencies at once, everyone helps, charts are opened before anyone is assigned."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import care, opening
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person
from pipeline.simulator.world.stay import Order, Stay


class MassCasualty(Story):
    """Thirty arrivals; half of the first looks break the glass, with reason: care of each is written down, at once or
    when the rush is over."""

    kind = "benign:mass_casualty"
    length_s = 2400.0
    hour = 22.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        posts = ("nurse", "physician", "resident", "anaesthetist")
        present = {p.id: p for p in s.world.on_duty(stage.start_ts) if p.role in posts}
        helpers = [p for p in present.values() if p.department.startswith("Emergency")]
        helpers = helpers or list(s.world.of_role("nurse"))
        helpers += [p for p in present.values() if p.department.startswith(("Surgery", "Anaesthesia"))][:10]
        attending = next((p for p in helpers if p.role == "physician"), s.world.of_role("physician")[0])
        for place, patient in enumerate(d.rng.sample(s.world.patients, 30)):
            ts = stage.at(0.7 * (place + d.random()) / 30)
            team = [attending, *d.rng.sample(helpers, min(3, len(helpers)))]
            stay = self._stay(stage, place, ts, patient, team)
            told = ts + d.lognormal(0.15 * stage.length_s, 0.8)
            care.tell_patient(s, told, stay.patient)
            care.tell_stay(s, told + 0.1, stay, "in-progress")
            for person in team:
                glass = d.chance(0.5)
                at = ts + d.between(1, 0.2 * stage.length_s)
                purpose = "BTG" if glass else "ETREAT"
                opening.look(s, at, person, stay, d.whole(1, 3), purpose=purpose, break_glass=glass)
                stage.note("user", person.id)
            for order in stay.orders:
                care.tell_order(s, order.told_ts, stay, order)
            care.tell_team(s, told + d.between(0.1, 0.5) * stage.length_s, stay)
            stage.note("patient", patient.id)

    def _stay(self, stage: Stage, place: int, ts: float, patient: Patient, team: list[Person]) -> Stay:
        s, d = stage.scene, stage.scene.draws
        number = len(s.world.care.stays) + 5000 + place
        orders = [
            Order(f"o{number:06d}-{k}", ts, d.pick(team).id, what, what.lower(), ts + d.lognormal(1800, 0.8))
            for k, what in enumerate(("Laboratory", "Radiology"))
        ]
        return Stay(
            f"e{number:06d}", patient, team[0].department, "emergency", ts, ts + 9000, team[0], team, team, orders
        )

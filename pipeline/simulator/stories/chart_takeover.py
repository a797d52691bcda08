"""Someone else works under a user's name: from a machine where the user never was."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.posts import seat_of


class ChartTakeover(Story):
    """Shows: a machine new for the user and the department. Easy: from outside, 20 charts. Hard: a desk of another
    department, 4 charts of the user's own patients."""

    kind = "chart_takeover"
    techniques = ("T1078", "T1133")
    expected = ("ehr.new_workstation", "ehr.unexplained_access", "ehr.access_anomaly")
    length_s = 3600.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        user = stage.someone("physician", "nurse", "pharmacist")
        outside = Host(f"laptop-{d.hex(6)}", s.world.internet.new_address(d), None, "internet")
        desk = d.pick([h for h in s.world.desks if h.department not in (seat_of(user.department), "IT")])
        machine = stage.by(outside, outside, desk)
        count = stage.by(20, 8, 4)
        chosen = s.world.care.strangers(d, user, count, charted=True)
        mine = s.world.care.census(stage.start_ts).by_user.get(user.id)
        if stage.difficulty == "hard" and mine:
            chosen = [d.pick(mine).patient for _ in range(count)]
        for place, patient in enumerate(chosen):
            ts = stage.at((place + d.random()) / len(chosen))
            chart.read_chart(s, ts, user, machine, patient, None, pages=d.whole(1, 3))
            stage.note("patient", patient.id)
        stage.note("user", user.id)
        stage.note("host", machine.name)

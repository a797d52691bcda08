"""A study takes its data, as approved: a large export with a purpose that says so."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import care, chart


class ResearchExport(Story):
    """Ten exports of thousands of records for HRESCH; the approval names the researcher for each patient whose whole
    chart is read beside them."""

    kind = "benign:research_export"
    length_s = 1800.0
    hour = 10.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        person = d.pick(s.world.of_role("researcher"))
        desk = s.world.home_desk(person)
        for place in range(10):
            ts = stage.at((place + d.random()) / 10)
            size = d.size(2500, 0.4)
            chart.access(s, ts, person, desk, None, "export", "Observation", purpose="HRESCH", records_n=size)
        for place, stay in enumerate(d.rng.sample(s.world.care.stays, 12)):
            care.tell_study(s, stage.at(0.01 * d.random()), person, stay.patient)
            ts = stage.at(0.05 + 0.9 * (place + d.random()) / 12)
            chart.read_chart(s, ts, person, desk, stay.patient, None, pages=d.whole(1, 3), purpose="HRESCH")
        stage.note("user", person.id)
        stage.note("host", desk.name)

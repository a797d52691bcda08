"""Somebody sits at an account that is not theirs, and opens one chart after the other."""

from collections.abc import Sequence

from pipeline.simulator.stories.story import Stage
from pipeline.simulator.verbs import chart
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person


def open_charts(stage: Stage, begin_ts: float, user: Person, desk: Host, chosen: Sequence[Patient]) -> None:
    """Spread over the story's length from `begin_ts` on; notes all whom it touches."""
    s, d = stage.scene, stage.scene.draws
    for place, patient in enumerate(chosen):
        ts = begin_ts + stage.length_s * (place + d.random()) / len(chosen)
        chart.read_chart(s, ts, user, desk, patient, None, pages=d.whole(1, 3))
        stage.note("patient", patient.id)
    stage.note("user", user.id)
    stage.note("host", desk.name)

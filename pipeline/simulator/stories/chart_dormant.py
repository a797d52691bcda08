"""The account of someone who left weeks ago was not closed, and opens charts again."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.account_of_another import open_charts
from pipeline.simulator.stories.story import Stage, Story


class ChartDormant(Story):
    """Shows: silence for weeks, then charts. Easy: 12 charts at night. Hard: 2 by day, from the usual desk."""

    kind = "chart_dormant"
    techniques = ("T1078",)
    expected = ("ehr.dormant_account", "ehr.access_anomaly")
    length_s = 3600.0
    records = True
    least_s = 40 * DAY_S

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        gone = [p for p in s.world.sleepers if p.ends_ts < stage.start_ts - 10 * DAY_S] or s.world.sleepers
        user = d.pick(gone)
        desk = s.world.home_desk(user) if stage.difficulty == "hard" else d.pick(s.world.desks)
        # As late as there is time: the longer the silence, the more it says.
        late = s.world.end_ts - stage.length_s - 0.02 * (s.world.end_ts - s.world.start_ts)
        begin = max(stage.start_ts, late // DAY_S * DAY_S - DAY_S + stage.by(2.0, 21.0, 13.0) * 3600.0)
        begin = min(begin, late)
        chosen = s.world.care.strangers(d, user, stage.by(12, 5, 2), charted=True)
        open_charts(stage, begin, user, desk, chosen)

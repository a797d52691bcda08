"""Charts are opened under a day worker's name in the middle of the night, from the usual desk."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.account_of_another import open_charts
from pipeline.simulator.stories.story import Stage, Story


class ChartNight(Story):
    """Shows: an hour at which this user and others of the post never work. Easy: 15 charts at three. Hard: 4 late in
    the evening."""

    kind = "chart_night"
    techniques = ("T1078",)
    expected = ("ehr.odd_hours", "ehr.unexplained_access", "ehr.access_anomaly")
    length_s = 3600.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        begin = stage.start_ts
        if s.world.end_ts - s.world.start_ts > 2 * DAY_S:
            begin = begin // DAY_S * DAY_S + stage.by(3.0, 2.0, 22.5) * 3600.0
            begin += DAY_S if begin < stage.start_ts else 0.0
            begin -= DAY_S if begin + stage.length_s >= s.world.end_ts else 0.0
        # People of offices, who open charts on every working day and at no other time.
        user = stage.someone("coder", "biller")
        desk = s.world.home_desk(user)
        chosen = s.world.care.strangers(d, user, stage.by(15, 8, 4), charted=True)
        open_charts(stage, begin, user, desk, chosen)

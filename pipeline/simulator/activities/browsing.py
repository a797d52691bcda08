"""People use the web: a page is a handful of exchanges with one site and what it embeds."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.verbs.net import visit
from pipeline.simulator.verbs.scene import Scene


class Browsing(Activity):
    """Mostly popular sites; the long tail is visited too."""

    share = 0.27

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        person = d.pick(s.world.on_duty(ts))
        desk = s.world.desk(person, d)
        at = ts
        for _ in range(d.whole(1, 4)):
            site = s.world.internet.popular(d)
            visit(s, at, desk, site, d.size(2400, 0.7), d.size(38_000, 1.3))
            at += d.lognormal(1.5, 1.0)

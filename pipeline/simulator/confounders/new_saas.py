"""A department begins to use a service on the web that nobody here knew: all morning, from many desks, with uploads."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import visit


class NewSaas(Story):
    """A first-seen destination that takes files, and a page that asks for news every half a minute."""

    kind = "benign:new_saas"
    length_s = 6 * 3600.0
    hour = 9.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        site = s.world.internet.new_site(d, "cloud", ("app", "portal"))
        desks = d.rng.sample(s.world.desks, min(len(s.world.desks), 8))
        for desk in desks:
            ts = stage.start_ts + d.between(0.0, 0.4) * stage.length_s
            while ts < stage.at(0.98):
                # Someone works in it for a while; the open page polls; then they close it.
                until = ts + d.lognormal(1500, 0.6)
                while ts < min(until, stage.at(1.0)):
                    upload = d.chance(0.02)
                    visit(s, ts, desk, site, d.size(6e6 if upload else 1300, 0.6), d.size(2200, 0.8))
                    ts += d.between(29, 34)
                ts = until + d.lognormal(2400, 0.7)
            stage.note("ip", desk.ip)
        stage.note("domain", site.name)

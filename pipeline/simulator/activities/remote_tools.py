"""IT works on machines by remote calls: inventories, patches, roll-outs, help on someone's desk."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.rhythm import office
from pipeline.simulator.verbs import windows_net
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.verbs.scene import Scene


class RemoteTools(Activity):
    """Always from the patch server, the jump host or an administrator's own desk."""

    share = 0.003

    def level(self, ts: float) -> float:
        return 0.2 + 0.8 * office(ts)

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        admin = d.pick(s.world.on_duty_in(ts, "IT"))
        # Most of it is the patch server; of what people do, each has a few machines a day.
        source = s.world.home_desk(admin) if d.chance(0.15) else s.world.servers["wsus1"]
        user = "svc-patch" if source.kind == "server" else admin.id
        for target in d.rng.sample(s.world.desks, d.whole(1, 4)):
            roll = d.random()
            if roll < 0.4:
                windows_net.service_by_rpc(s, ts, source, target, user, task=d.chance(0.3))
            elif roll < 0.7:
                where = link(s, source, target, 135, "tcp", "dce_rpc")
                windows_net.call(s, ts + 0.1, where, "IWbemServices", "ExecQuery", "135")
                connect(s, ts, where, d.size(5000, 0.4), d.size(22_000, 0.6), d.lognormal(2, 0.5))
            else:
                connect(s, ts, link(s, source, target, 5985, "tcp", "http"), d.size(9000, 0.4), d.size(20_000, 0.5),
                        d.lognormal(4, 0.6))  # fmt: skip
            ts += d.lognormal(25, 0.7)

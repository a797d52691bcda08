"""IT moves a ward to new machines: an administrator is on twenty desks in a row, and makes accounts."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon, windows_log, windows_net
from pipeline.simulator.verbs.process import SYSTEM32, start


class HelpDeskDay(Story):
    """Remote desktops, remote services, shells and new accounts, by someone whose work that is."""

    kind = "benign:help_desk_day"
    length_s = 4 * 3600.0
    hour = 9.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        admin = stage.someone("it_admin")
        desk = s.world.home_desk(admin)
        targets = d.rng.sample([h for h in s.world.desks if h is not desk], min(20, len(s.world.desks) - 1))
        for place, target in enumerate(targets):
            ts = stage.at(0.95 * (place + d.random()) / len(targets)) + 1
            if place % 3 == 0:
                windows_net.service_by_rpc(s, ts, desk, target, admin.id)
            else:
                logon.rdp(s, ts, desk, target, admin.id, ok=True)
            start(s, ts + 40, target, admin.id, SYSTEM32 + "cmd.exe", "cmd.exe /c ipconfig /all")
            stage.note("host", target.name)
        for number in range(3):
            windows_log.account(s, stage.at(0.2 + 0.2 * number), admin.id, "account_created", f"u{4000 + number}")
            logon.desk_logon(s, stage.at(0.3 + 0.2 * number), targets[number], f"u{4000 + number}")
        stage.note("user", admin.id)
        stage.note("ip", desk.ip)

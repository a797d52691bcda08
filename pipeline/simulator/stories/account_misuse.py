"""An account that slept for months wakes up at night on a machine where its owner never was."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon
from pipeline.simulator.verbs.process import SYSTEM32, start


class AccountMisuse(Story):
    """Easy: logs on to eight machines, with privileges. Hard: one logon of an account in use, at another desk."""

    kind = "account_misuse"
    techniques = ("T1078.002", "T1078.003")
    expected = (
        "logs.dormant_account", "logs.odd_hour", "logs.new_host_for_user", "logs.many_desks", "logs.privilege_gained",
        "network.lateral_movement",
    )  # fmt: skip
    length_s = 1800.0
    hour = 3.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        away = [p for p in s.world.staff if not p.works(stage.start_ts) and p.shift in ("office", "day")]
        person = d.pick(away or s.world.staff)
        user = stage.by(f"old-{person.id}", person.id, person.id)
        foreign = [h for h in s.world.desks if h.department not in (person.department, "IT")]
        chosen = d.rng.sample(foreign, stage.by(8, 3, 1))
        for place, desk in enumerate(chosen):
            ts = stage.at((place + 0.5 * d.random()) / len(chosen)) + 1
            logon.desk_logon(s, ts, desk, user)
            if stage.difficulty != "hard":
                logon.windows(s, ts + 0.1, desk, user, "privilege_use")
                start(s, ts + 20, desk, user, SYSTEM32 + "cmd.exe", "cmd.exe")
            stage.note("host", desk.name)
            stage.note("ip", desk.ip)
        stage.note("user", user)

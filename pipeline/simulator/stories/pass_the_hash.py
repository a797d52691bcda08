"""A stolen password hash is used as it is: NTLM where Kerberos is usual, one account from a machine not its own."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon, windows_net
from pipeline.simulator.verbs.net import connect, link


class PassTheHash(Story):
    """Easy: an administrator's hash on 20 machines, services made. Hard: on 4, over an hour, files only."""

    kind = "pass_the_hash"
    techniques = ("T1550.002", "T1021.002")
    expected = (
        "network.pass_the_hash", "network.lateral_movement", "network.remote_service_exec", "logs.new_host_for_user",
        "logs.remote_execution",
    )  # fmt: skip
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        admin = d.pick(s.world.of_role("it_admin"))
        source = d.pick([h for h in s.world.desks if h.department != "IT"])
        targets = d.rng.sample([h for h in s.world.desks if h is not source], stage.by(18, 7, 3))
        targets.append(s.world.servers["file1"])
        length = stage.by(0.15, 0.5, 1.0)
        for place, target in enumerate(targets):
            ts = stage.at(length * (place + 0.4 * d.random()) / len(targets)) + 1
            if stage.difficulty == "hard" or (stage.difficulty == "medium" and place % 2):
                where = link(s, source, target, 445, "tcp", "smb")
                windows_net.ntlm(s, ts, where, admin.id)
                connect(s, ts - 0.1, where, d.size(9000, 0.5), d.size(250_000, 0.9), d.lognormal(5, 0.5))
            else:
                windows_net.service_by_rpc(s, ts, source, target, admin.id)
            logon.windows(s, ts + 0.2, target, admin.id, "logon", logon_type=3, src=source)
        stage.note("ip", source.ip)
        stage.note("user", admin.id)

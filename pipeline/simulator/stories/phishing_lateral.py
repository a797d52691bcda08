"""A link in a mail takes someone's password; with it the intruder moves on over administrators' protocols."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon, mailing, process
from pipeline.simulator.verbs.net import connect, link, visit
from pipeline.simulator.verbs.process import SYSTEM32


class PhishingLateral(Story):
    """Easy: 14 new machines within half an hour. Hard: 4, with pauses."""

    kind = "phishing_lateral"
    techniques = ("T1566.002", "T1078", "T1021.001", "T1021.002", "T1021.006")
    expected = (
        "network.lateral_movement", "network.remote_service_exec", "logs.remote_execution", "logs.new_host_for_user",
        "logs.rare_parent_child",
        "network.phishing_click",
        "network.phishing_mail",
    )  # fmt: skip
    length_s = 2700.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        victim = stage.someone("coder", "registrar", "radiographer")
        desk = s.world.home_desk(victim)
        site = s.world.internet.new_site(d, "web")
        sender = f"helpdesk@{site.name.split('.', 1)[1]}"
        mailing.receive(s, stage.at(0.01), site.host, sender, [mailing.mailbox(victim.id)], d.size(21_000, 0.3))
        visit(s, stage.at(0.1), desk, site, d.size(3200, 0.3), d.size(420_000, 0.3))
        image = f"C:\\Users\\{victim.id}\\Downloads\\setup-{d.whole(1, 99)}.exe"
        process.start(s, stage.at(0.14), desk, victim.id, image, image)
        targets = d.rng.sample([h for h in s.world.desks if h is not desk], stage.by(14, 8, 4))
        targets += [s.world.servers[n] for n in stage.by(("dc1", "file1", "ehr1"), ("dc1", "file1"), ("file1",))]
        for place, target in enumerate(targets):
            ts = stage.at(0.2 + 0.78 * place / len(targets)) + d.between(0, 5)
            if d.chance(0.5):
                logon.rdp(s, ts, desk, target, victim.id, ok=not d.chance(0.2))
            else:
                port, service = d.pick(((445, "smb"), (5985, "http"), (135, "dce_rpc")))
                connect(s, ts, link(s, desk, target, port, "tcp", service), d.size(90_000, 0.7), d.size(30_000, 0.7))
                logon.windows(s, ts + 0.3, target, victim.id, "logon", logon_type=3, src=desk)
                service_host = SYSTEM32 + "wbem\\WmiPrvSE.exe"
                process.start(s, ts + 1.0, target, victim.id, SYSTEM32 + "cmd.exe", "cmd.exe /c whoami", service_host)
        stage.note("user", victim.id)
        stage.note("host", desk.name)
        stage.note("ip", desk.ip, site.host.ip)

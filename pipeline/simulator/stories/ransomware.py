"""A mailed document runs a script; the intruder looks around, stops backups, and encrypts the shares."""

from pipeline.simulator.documents import logs
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon, mailing, process, smb
from pipeline.simulator.verbs.net import connect, visit
from pipeline.simulator.verbs.process import SYSTEM32
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.staff import Person

_WORD = "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE"
_SHELL = SYSTEM32 + "WindowsPowerShell\\v1.0\\powershell.exe"
_CMD = SYSTEM32 + "cmd.exe"
_LOOK_AROUND = (
    ("whoami.exe", "whoami /all"),
    ("net.exe", 'net group "Domain Admins" /domain'),
    ("nltest.exe", "nltest /dclist:hosp"),
    ("net.exe", "net view /all"),
    ("ipconfig.exe", "ipconfig /all"),
    ("systeminfo.exe", "systeminfo"),
)
_DESTROY = (
    ("vssadmin.exe", "vssadmin delete shadows /all /quiet"),
    ("wbem\\WMIC.exe", "wmic shadowcopy delete"),
    ("bcdedit.exe", "bcdedit /set {default} recoveryenabled no"),
    ("wbadmin.exe", "wbadmin delete catalog -quiet"),
)


class Ransomware(Story):
    """Easy: 2,000 files in minutes, all shadow copies. Hard: 250 files, slowly, no new extension, one command."""

    kind = "ransomware"
    techniques = ("T1566.001", "T1204.002", "T1059.001", "T1087", "T1490", "T1489", "T1021.002", "T1486")
    expected = (
        "network.ransomware",
        "logs.suspicious_command",
        "logs.backup_tampering",
        "logs.rare_parent_child",
        "logs.sigma",
    )
    length_s = 1800.0

    def play(self, stage: Stage) -> None:
        s = stage.scene
        victim = stage.someone("registrar", "biller", "nurse")
        desk = s.world.home_desk(victim)
        self._enter(stage, victim, desk)
        for place, (image, command) in enumerate(_LOOK_AROUND[: stage.by(6, 5, 2)]):
            process.start(s, stage.at(0.2 + 0.03 * place), desk, victim.id, SYSTEM32 + image, command, _SHELL)
        for place, (image, command) in enumerate(_DESTROY[: stage.by(4, 3, 1)]):
            process.start(s, stage.at(0.5 + 0.01 * place), desk, victim.id, SYSTEM32 + image, command, _CMD)
        self._stop_backups(stage, victim, desk)
        self._encrypt(stage, desk)
        stage.note("user", victim.id)
        stage.note("host", desk.name)
        stage.note("ip", desk.ip)

    def _enter(self, stage: Stage, victim: Person, desk: Host) -> None:
        s, d = stage.scene, stage.scene.draws
        sender = s.world.internet.new_site(d, "mail", ("mx", "smtp"))
        address = f"office@{sender.name.split('.', 1)[1]}"
        mailing.receive(
            s, stage.at(0.0) + 0.2, sender.host, address, [mailing.mailbox(victim.id)], d.size(240_000, 0.4)
        )
        name = f"C:\\Users\\{victim.id}\\Downloads\\letter-{d.whole(1, 9999)}.docm"
        process.start(s, stage.at(0.08), desk, victim.id, _WORD, f"WINWORD.EXE /n {name}")
        script = d.word("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 180)
        command = f"powershell.exe -nop -w hidden -enc {script}"
        process.start(s, stage.at(0.09), desk, victim.id, _SHELL, command, _WORD)
        visit(s, stage.at(0.1), desk, s.world.internet.new_site(d, "web"), 1400, d.size(900_000, 0.3))

    def _stop_backups(self, stage: Stage, victim: Person, desk: Host) -> None:
        s = stage.scene
        server = s.world.servers["backup1"]
        if stage.difficulty == "hard":
            return
        logon.windows(s, stage.at(0.54), server, victim.id, "logon", logon_type=3, src=desk)
        logs.line(s.tape, stage.at(0.55), server.name, "systemd", 1, 5, "Stopped Backup storage daemon.")
        logs.line(
            s.tape, stage.at(0.551), server.name, "bacula-sd", 1432, 3, "job 2201 cancelled: daemon shutting down"
        )
        stage.note("host", server.name)

    def _encrypt(self, stage: Stage, desk: Host) -> None:
        s, d = stage.scene, stage.scene.draws
        count = stage.by(900, 450, 150)
        ending = stage.by(d.word("abcdefghijklmnopqrstuvwxyz", 6), d.word("abcdefghijklmnopqrstuvwxyz", 4), "")
        server, share = smb.home_share(s, d.pick(("Medicine", "Surgery", "Billing")))
        begin, length = stage.at(0.6), stage.by(0.15, 0.25, 0.39) * stage.length_s
        where = smb.open_share(s, desk, server)
        total = 0
        for place in range(count):
            ts = begin + length * place / count
            name, size = smb.filename(s), d.size(60_000, 1.2)
            total += size
            smb.touch(s, ts, where, share, "FILE_OPEN", name, size)
            smb.touch(s, ts + 0.01, where, share, "FILE_WRITE", name, size)
            after = f"{name}.{ending}" if ending else smb.filename(s)
            smb.touch(s, ts + 0.02, where, share, "FILE_RENAME", after, size, name)
        connect(s, begin, where, total, total, length)
        stage.note("ip", server.ip)

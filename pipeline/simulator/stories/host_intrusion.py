"""On one machine an intruder settles: looks around, reads memory, stays, and wipes the traces."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import windows_log
from pipeline.simulator.verbs.process import SYSTEM32, start
from pipeline.simulator.world.host import Host

_SHELL = SYSTEM32 + "WindowsPowerShell\\v1.0\\powershell.exe"
_CMD = SYSTEM32 + "cmd.exe"
_LSASS = SYSTEM32 + "lsass.exe"
_RUN = "HKU\\S-1-5-21-1\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Updater"
_LOOK = (
    ("whoami.exe", "whoami /priv"), ("net.exe", 'net group "Domain Admins" /domain'),
    ("nltest.exe", "nltest /domain_trusts"),
    ("systeminfo.exe", "systeminfo"), ("quser.exe", "quser"), ("arp.exe", "arp -a"),
)  # fmt: skip


class HostIntrusion(Story):
    """Easy: dumps memory with rundll32, clears the log. Hard: a renamed tool, one task, no clearing."""

    kind = "host_intrusion"
    techniques = ("T1059.001", "T1003.001", "T1547.001", "T1053.005", "T1070.001", "T1082", "T1087.002", "T1562.001")
    expected = (
        "logs.credential_dumping", "logs.persistence", "logs.log_clearing", "logs.defence_evasion", "logs.discovery",
        "logs.suspicious_command", "logs.rare_parent_child", "logs.sigma",
    )  # fmt: skip
    length_s = 2400.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        person = stage.someone("nurse", "coder", "registrar", "biller")
        desk = s.world.home_desk(person)
        user = person.id
        encoded = d.word("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 220)
        command = stage.by(
            f"powershell.exe -nop -w hidden -enc {encoded}", f"powershell.exe -ep bypass -c iex({encoded[:60]})",
            f"powershell.exe -File C:\\Users\\{user}\\AppData\\Local\\Temp\\{d.hex(6)}.ps1",
        )  # fmt: skip
        start(s, stage.at(0.02), desk, user, _SHELL, command, stage.by(_CMD, _CMD, SYSTEM32 + "svchost.exe"))
        for place, (image, line) in enumerate(_LOOK[: stage.by(6, 4, 2)]):
            start(s, stage.at(0.1 + 0.03 * place), desk, user, SYSTEM32 + image, line, _SHELL)
        self._dump(stage, desk, user)
        task = f"schtasks /create /tn Update{d.whole(1, 99)} /tr C:\\Users\\Public\\u.exe /sc onlogon"
        if stage.difficulty == "hard":
            windows_log.task_created(s, stage.at(0.7), desk, user, f"\\Update{d.whole(1, 99)}")
        else:
            start(s, stage.at(0.7), desk, user, SYSTEM32 + "schtasks.exe", task, _SHELL)
            windows_log.sysmon(s, stage.at(0.72), desk, user, "13", "registry_set", _SHELL, _RUN)
            off = "powershell.exe Set-MpPreference -DisableRealtimeMonitoring $true"
            start(s, stage.at(0.75), desk, user, _SHELL, off, _CMD)
        if stage.difficulty == "easy":
            start(s, stage.at(0.95), desk, user, SYSTEM32 + "wevtutil.exe", "wevtutil cl Security", _CMD)
            windows_log.log_cleared(s, stage.at(0.96), desk, user)
        stage.note("user", user)
        stage.note("host", desk.name)

    def _dump(self, stage: Stage, desk: Host, user: str) -> None:
        s, d = stage.scene, stage.scene.draws
        tool = stage.by(SYSTEM32 + "rundll32.exe", "C:\\Users\\Public\\pd64.exe", f"C:\\ProgramData\\{d.hex(5)}.exe")
        line = stage.by(
            "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 624 C:\\Temp\\m.dmp full",
            "pd64.exe -accepteula -ma lsass.exe m.dmp", f"{d.hex(5)}.exe",
        )  # fmt: skip
        start(s, stage.at(0.5), desk, user, tool, line, _SHELL)
        windows_log.sysmon(s, stage.at(0.5) + 0.4, desk, user, "10", "access", tool, _LSASS)

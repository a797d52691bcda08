"""Commands come from another machine: services, WMI, WinRM, DCOM, tasks, copied programs."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector, process_example


class RemoteExecution(HostRuleDetector):
    """Rules of the family `remote_execution`: services that are shells, children of WMI and WinRM, DCOM, programs
    put onto administrative shares.
    """

    id = "logs.remote_execution"
    family = "remote_execution"
    title = "Command from another machine"
    severity = 4
    attacks = ("T1021", "T1021.002", "T1021.003", "T1021.006", "T1047", "T1569.002", "T1550.002", "T1563.002")
    misses = (
        "Remote desktop by hand, and administrators whose own tools are used in their own way: what a host "
        "does for three days by the same tool is routine."
    )
    also = ("T1021",)
    usual = "Machines are administered from the same few stations in the same way."

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            process_example(
                "a service starts a shell",
                True,
                {
                    "command_line": "%COMSPEC% /C start powershell",
                    "image": "C:\\Windows\\System32\\cmd.exe",
                    "parent_image": "C:\\Windows\\System32\\services.exe",
                },
            ),
            process_example(
                "WMI starts a shell",
                True,
                {
                    "command_line": "cmd.exe /Q /c dir",
                    "image": "C:\\Windows\\System32\\cmd.exe",
                    "parent_image": "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe",
                },
            ),
            process_example(
                "WinRM runs a command",
                True,
                {
                    "command_line": "whoami",
                    "image": "C:\\Windows\\System32\\whoami.exe",
                    "parent_image": "C:\\Windows\\System32\\wsmprovhost.exe",
                },
            ),
            process_example(
                "everyday",
                False,
                {
                    "command_line": "C:\\Windows\\system32\\svchost.exe -k netsvcs",
                    "image": "C:\\Windows\\System32\\svchost.exe",
                    "parent_image": "C:\\Windows\\System32\\services.exe",
                },
                {"action": "share_access", "target": "\\\\*\\SYSVOL\\gpt.ini", "user": "nurse1"},
            ),
        )

"""Something is left behind that starts by itself."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector, process_example


class Persistence(HostRuleDetector):
    """Rules of the family `persistence`: run keys, tasks, services, WMI subscriptions, hijacked components, keys and
    accounts.
    """

    id = "logs.persistence"
    family = "persistence"
    title = "Something was left behind that starts by itself"
    severity = 4
    attacks = (
        "T1547.001",
        "T1547.004",
        "T1547.005",
        "T1546",
        "T1546.003",
        "T1546.004",
        "T1546.015",
        "T1053.003",
        "T1053.005",
        "T1543.003",
        "T1098",
        "T1098.004",
        "T1136.001",
        "T1137",
        "T1505.003",
    )
    misses = (
        "Programs that replace a file which starts anyway, firmware, and settings made through a group "
        "policy; run keys set by installers in Program Files are taken as wanted."
    )
    usual = "Installers set services and run keys for programs in Program Files."

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            process_example(
                "a run key by script",
                True,
                {
                    "action": "registry_set",
                    "image": "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
                    "target": "HKU\\S-1-5-21-1\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Updater",
                },
            ),
            process_example(
                "a task that runs a script",
                True,
                {"command_line": 'schtasks /Create /F /SC DAILY /TN Updater /TR "powershell -W hidden -c x"'},
            ),
            process_example(
                "a WMI subscription",
                True,
                {"action": "wmi_consumer", "target": "Updater", "data": '{"Type":"Command Line"}'},
            ),
            process_example(
                "a service that is a command",
                True,
                {"action": "service_installed", "image": "%COMSPEC% /C start powershell", "target": "x"},
            ),
            process_example(
                "an installer",
                False,
                {
                    "action": "registry_set",
                    "image": "C:\\Program Files\\Viewer\\setup.exe",
                    "target": "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Viewer",
                    "data": '{"Details":"C:\\\\Program Files\\\\Viewer\\\\v.exe"}',
                },
                {"action": "service_installed", "image": "C:\\Program Files\\Viewer\\svc.exe", "target": "Viewer"},
                {"command_line": "schtasks /query"},
            ),
        )

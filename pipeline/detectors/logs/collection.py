"""What people type, see and say is recorded, and data is packed to be taken away."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector, process_example


class Collection(HostRuleDetector):
    """Rules of the family `collection`: microphone, camera, keys and screen recorded, files packed with passwords,
    mailboxes copied, tools that send files out.
    """

    id = "logs.collection"
    family = "collection"
    title = "Data gathered to be taken away"
    severity = 4
    attacks = ("T1123", "T1125", "T1056.001", "T1113", "T1115", "T1560.001", "T1114", "T1048", "T1039")
    misses = "Recording by programs installed in Program Files, and by calls that leave no event."
    usual = "Meetings use installed programs; archives for colleagues seldom have passwords."

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            process_example(
                "keys are recorded",
                True,
                {"kind": "line", "event_code": "4104", "message": "Get-Keystrokes -LogPath x"},
            ),
            process_example(
                "packed with a password",
                True,
                {"command_line": "7z.exe a -p1234 out.7z C:\\data"},
            ),
            process_example(
                "sent out",
                True,
                {"command_line": "rclone.exe copy D:\\data remote:x"},
            ),
            process_example(
                "an archive",
                False,
                {"command_line": "7z.exe a out.7z C:\\data"},
                {"command_line": "robocopy C:\\a D:\\b /MIR"},
            ),
        )

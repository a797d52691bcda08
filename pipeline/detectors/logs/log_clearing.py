"""Traces of what was done are removed."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector, process_example


class LogClearing(HostRuleDetector):
    """Rules of the family `log_clearing`: cleared event logs, deleted log files and histories, changed ages of
    programs.
    """

    id = "logs.log_clearing"
    family = "log_clearing"
    title = "Traces removed"
    severity = 4
    attacks = ("T1070.001", "T1070.002", "T1070.003", "T1070.004", "T1070.006")
    misses = "Logs that are not forwarded before they are cleared, and single records taken out of a log file."
    usual = "Logs are rotated by the system; nobody clears them by hand."

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            process_example(
                "the log was cleared",
                True,
                {"action": "log_cleared"},
            ),
            process_example(
                "by command",
                True,
                {"command_line": "wevtutil.exe cl Security"},
            ),
            process_example(
                "on Linux",
                True,
                {"command_line": "rm -rf /var/log/auth.log"},
            ),
            process_example(
                "logs are read and rotated",
                False,
                {"command_line": "wevtutil qe Security /c:5"},
                {"command_line": "logrotate /etc/logrotate.conf"},
                {"command_line": "tail -f /var/log/syslog"},
            ),
        )

"""A protection program found something, or could not remove it."""

import re
from collections.abc import Sequence

from pipeline.detectors.detector import Example, Explanation, Scores
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector, process_example
from pipeline.features.batch import Batch

_NAME = re.compile(r'"Threat ?Name":"([^"\\]{1,80})"')
_FOUND = re.compile(r"threat found: ([^()\"\\]{1,80})")


class Antivirus(HostRuleDetector):
    """Rules of the family `antivirus`: findings of Microsoft Defender and other protection programs in the logs,
    threats that records of any maker name, failures to clean, deleted histories, programs held back.
    """

    id = "logs.antivirus"
    family = "antivirus"
    title = "Found by protection"
    severity = 4
    attacks = ("T1204.002", "T1562.001", "T1059")
    misses = (
        "Findings that a product keeps to itself or sends to its own console, and products that log in other words. "
        "Whether what was found had been run already is not told."
    )
    usual = "Protection finds nothing on most days."

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        told = super().explain(batch, row, scores)
        name = _NAME.search(batch.text("data", row) or "") or _FOUND.search(batch.text("message", row) or "")
        message = f"{told.message} It is called {name[1]}." if name else told.message
        return Explanation(message, told.normal, told.features, told.attacks)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        defender: dict[str, object] = {"kind": "line", "program": "Microsoft-Windows-Windows Defender"}
        return (
            process_example(
                "malware was found",
                True,
                defender
                | {
                    "event_code": "1116",
                    "message": "Microsoft Defender Antivirus has detected malware.",
                    "data": '{"Threat Name":"HackTool:Win32/Mimikatz","Severity Name":"High"}',
                },
            ),
            process_example("it could not be removed", True, defender | {"event_code": "1119"}),
            process_example(
                "a scanner of a mail server",
                True,
                {"kind": "line", "program": "clamd", "message": "/srv/in/a.doc: Win.Trojan.Agent-1 FOUND"},
            ),
            process_example(
                "another maker's record names what was found",
                True,
                {"kind": "line", "event_code": "threat_grave", "message": "threat found: Ransom.Example"},
            ),
            process_example(
                "another maker's record of something slight",
                False,
                {"kind": "line", "event_code": "threat_slight", "message": "threat found: Adware.Example"},
            ),
            process_example(
                "a clean scan and new signatures",
                False,
                defender | {"event_code": "1001", "message": "A scan has finished. No threats found."},
                defender | {"event_code": "2000", "message": "Security intelligence was updated."},
                {"kind": "line", "program": "clamd", "message": "Known viruses: 8700000. Infected files: 0 found"},
            ),
        )

"""A host's log names a tool by which machines are managed from outside. `logs.remote_tool` says which are news."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.logs.host_rule_detector import process_example
from pipeline.detectors.logs.host_rule_set import HOST_RULES, host_hits
from pipeline.detectors.remote_tools import REMOTE_TOOLS
from pipeline.detectors.tool_sights import ToolSights
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from schemas.finding import Feature

_FAMILY = HOST_RULES.families.index("remote_tools")
_NUMBERS = {tool.name: number for number, tool in enumerate(REMOTE_TOOLS)}
_TOOL_OF = np.array([_NUMBERS.get(rule.title, -1) for rule in HOST_RULES.rules])
"""Which tool a rule of the family tells, by the rule's number."""


class RemoteToolSeen(Detector):
    """The first sight of each tool on a host and day scores 1, with the time for which its key group was watched.

    It tells nothing: what it finds is given on under the tool's key, where all machines of the house come together.
    """

    id = "logs.remote_tool_seen"
    title = "Tool of remote management on a host"
    severity = 2
    tells = False
    attacks = ("T1219",)
    source = "logs"
    entity = ("host",)
    entity_type = "host"
    inputs = ("action", "event_code", "program", "image", "command_line", "target", "message", "data")
    cost = "as host rules; 40 bytes a tool of a host, 80 KB a key group"
    reference = "ATT&CK T1219; CISA, Guide to Securing Remote Access Software, 2023"
    misses = "Tools under other names than their makers', and hosts that log neither processes, services nor names."

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._first = ToolSights(setup.groups)
        self._parts = {"first": self._first}

    def score(self, batch: Batch) -> Scores:
        hits = host_hits(batch)
        mine = (HOST_RULES.family[hits.numbers] == _FAMILY) & (batch.hash("host")[hits.rows] != 0)
        return self._first.scores(batch, hits.rows[mine], _TOOL_OF[hits.numbers[mine]])

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        tool = REMOTE_TOOLS[max(int(scores.evidence["tool"][row]), 0)].name
        message = f"On {named(batch, row, 'host', otherwise='a machine')} {tool} is at work."
        return Explanation(message, "No such tool.", [Feature(name="tool", value=tool)])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            process_example("a tool runs", True, {"image": "C:\\Program Files\\AnyDesk\\AnyDesk.exe"}),
            process_example("under another name", True,
                            {"image": "C:\\a.exe", "data": '{"OriginalFileName":"AnyDesk.exe","Company":"x"}'}),
            process_example("on Linux", True, {"image": "/usr/bin/tailscaled"}),
            process_example("its service is made", True, {"action": "service_installed", "target": "AnyDesk Service"}),
            process_example("its server is asked for", True,
                            {"action": "dns_query", "target": "relay-7.net.anydesk.com"}),
            process_example("its page is read", False, {"action": "dns_query", "target": "www.anydesk.com"}),
            process_example("another program", False, {"image": "C:\\Windows\\System32\\mstsc.exe"}),
        )  # fmt: skip

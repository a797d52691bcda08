"""Sigma rules over logs of hosts and applications."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.sigma_rules import SigmaRules


class LogSigma(SigmaRules):
    """The shipped Sigma rules and the user's (setting `rules`), over Windows, Linux, web and application logs.

    A finding has its rule's title, level (as severity), techniques and known false positives, and is counted by rule
    and host. The score follows the level: .5 informational, .6 low, .7 medium, .85 high, .95 critical.
    """

    id = "logs.sigma"
    source = "logs"
    entity = ("host",)
    entity_type = "host"
    inputs = ("kind", "event_code", "program", "action", "image", "command_line", "target", "message", "data")

    @classmethod
    def examples(cls) -> Sequence[Example]:
        start = {
            "kind": "process", "action": "start", "host": "ws-7", "ts": 1e6, "user": "eve",
            "image": "C:\\Windows\\System32\\nltest.exe", "parent_image": "C:\\Windows\\System32\\cmd.exe",
        }  # fmt: skip
        return (
            Example("the domain's trusts are listed", [start | {"command_line": "nltest /domain_trusts"}], True),
            Example("a domain controller is looked up", [start | {"command_line": "nltest /dsgetdc:corp"}], False),
        )

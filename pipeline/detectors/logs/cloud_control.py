"""A cloud or its directory is opened, blinded, robbed or broken by what its own records tell."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many


class CloudControl(HostRuleDetector):
    """Rules of the family `cloud` over records of AWS, Entra, Azure, Microsoft 365, Okta and Google.

    As host rules, but what is routine, and what adds up over all services of a cloud, is an account's own: what one
    administrator does daily is news from another.
    """

    id = "logs.cloud_control"
    family = "cloud"
    title = "A cloud is opened or blinded"
    severity = 4
    attacks = (
        "T1562.008",
        "T1562.001",
        "T1562.007",
        "T1098.001",
        "T1098.003",
        "T1114.003",
        "T1564.008",
        "T1528",
        "T1484.002",
        "T1556.006",
        "T1556.009",
        "T1078.004",
        "T1537",
        "T1530",
        "T1485",
        "T1490",
        "T1651",
    )
    entity = ("user", "host")
    entity_type = "user"
    group_by = ("host",)
    inputs = ("event_code", "user", "program", "message", "data")
    misses = (
        "Reading alone, unless by a tool that names itself; acts that honest administrators do daily and that are told "
        "by nothing but who does them; clouds whose records are delivered in another form than the maker's JSON."
    )
    defaults: ClassVar[Mapping[str, float]] = {**HostRuleDetector.defaults, "window_s": 3600.0}
    """Clouds are slower than hosts: pages are opened, and what a key or token opens lasts an hour."""
    whose = "an account"
    usual = "Accounts and rights change, but records, guards and backups stay on and inside."

    def _whose(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        return combine_many(batch.key_hash[rows], batch.hash("user")[rows])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        trail = {"kind": "line", "ts": 1e6, "host": "AWS", "user": "eve",
                 "event_code": "StopLogging", "program": "cloudtrail.amazonaws.com",
                 "message": '{"eventName":"StopLogging"}'}  # fmt: skip
        mail = {
            "kind": "line",
            "ts": 1e6,
            "host": "Microsoft cloud",
            "user": "eve@example.org",
            "event_code": "New-InboxRule",
        }
        forward = '{"Operation":"New-InboxRule","Parameters":[{"Name":"ForwardTo","Value":"x@example.net"}]}'
        sort = '{"Operation":"New-InboxRule","Parameters":[{"Name":"MoveToFolder","Value":"Rota"}]}'
        steps = [
            trail | {"ts": 1e6 + 600.0 * k, "event_code": act, "program": f"{service}.amazonaws.com", "message": "{}"}
            for k, (service, act) in enumerate(
                (("iam", "CreateUser"), ("sts", "GetSessionToken"), ("rds", "CreateDBSnapshot"))
            )
        ]
        return (
            Example("the trail is switched off", [trail], True),
            Example("small steps in three services", steps, True),
            Example("two of them", steps[:2], False),
            Example("somebody may not switch it off",
                    [trail | {"message": '{"eventName":"StopLogging","errorCode":"AccessDenied"}'}], False),
            Example("mails are sent on outside", [mail | {"message": forward}], True),
            Example("mails are sorted", [mail | {"message": sort}], False),
        )  # fmt: skip

"""Records as clouds deliver them, read from a file: what opens or blinds a cloud is told, everyday acts are not."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from pipeline.detectors.detector import Setup
from pipeline.detectors.logs.cloud_control import CloudControl
from pipeline.features.decode import decode
from pipeline.ingest.reader import Parsed, read_path

TIME = "2026-11-20T10:00:00Z"


def _told(tmp_path: Path, *records: dict[str, Any]) -> np.ndarray:
    """Score of each record."""
    path = tmp_path / "records.json"
    path.write_bytes(b"\n".join(orjson.dumps(record) for record in records) + b"\n")
    events = [r.value for r in read_path(path) if isinstance(r, Parsed) and r.source == "logs"]
    assert len(events) == len(records)
    decoded = decode("logs", events, 8)
    detector = CloudControl(Setup(8))
    for group in range(8):
        detector.load(group, {})
    return np.nan_to_num(detector.score(decoded.batch).values)


def _trail(name: str, **fields: Any) -> dict[str, Any]:
    return {"eventVersion": "1.08", "eventTime": TIME, "eventSource": "iam.amazonaws.com", "eventName": name,
            "eventType": "AwsApiCall", "sourceIPAddress": "198.51.100.7",
            "userIdentity": {"type": "IAMUser", "userName": "anna"}} | fields  # fmt: skip


def _audit(operation: str, **fields: Any) -> dict[str, Any]:
    return {"CreationTime": "2026-11-20T10:00:00", "Operation": operation, "Workload": "Exchange",
            "UserId": "anna@example.org", "ResultStatus": "True"} | fields  # fmt: skip


def _entra(name: str, **fields: Any) -> dict[str, Any]:
    return {"time": TIME, "operationName": name, "category": "AuditLogs",
            "properties": {"initiatedBy": {"user": {"userPrincipalName": "anna@example.org"}}} | fields}  # fmt: skip


def _okta(name: str, outcome: str = "SUCCESS") -> dict[str, Any]:
    return {"published": TIME, "eventType": name, "displayMessage": "Something was done",
            "actor": {"alternateId": "anna@example.org"}, "outcome": {"result": outcome}}  # fmt: skip


def _google(method: str, status: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"timestamp": TIME, "severity": "NOTICE", "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
            "protoPayload": {"methodName": method, "status": status or {},
                             "authenticationInfo": {"principalEmail": "anna@example.org"}}}  # fmt: skip


PERMISSION = {"granted": True, "permission": "iam.roles.update", "resource": "projects/p"}
ROLE = {"targetResources": [{"modifiedProperties": [{"displayName": "Role.DisplayName",
        "newValue": '"Global Administrator"'}]}]}  # fmt: skip
OPENED = {"ipPermissions": {"items": [{"fromPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}}
INSIDE = {"ipPermissions": {"items": [{"fromPort": 22, "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}]}}]}}
FORWARD = [{"Name": "ForwardTo", "Value": "x@example.net"}]
SORT = [{"Name": "MoveToFolder", "Value": "Rota"}, {"Name": "From", "Value": "rota@example.org"}]
ALL = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.mark.parametrize(
    ("told", "quiet"),
    [
        (_trail("StopLogging"), _trail("StopLogging", errorCode="AccessDenied")),
        (_trail("DeleteDetector"), _trail("GetDetector")),
        (_trail("AttachUserPolicy", requestParameters={"policyArn": ALL}),
         _trail("AttachRolePolicy", requestParameters={"policyArn": "arn:aws:iam::1:policy/reports"})),
        (_trail("AuthorizeSecurityGroupIngress", requestParameters=OPENED),
         _trail("AuthorizeSecurityGroupIngress", requestParameters=INSIDE)),
        (_trail("GetCallerIdentity", userAgent="TruffleHog"), _trail("GetCallerIdentity", userAgent="aws-cli/2.15")),
        (_audit("New-InboxRule", Parameters=FORWARD), _audit("New-InboxRule", Parameters=SORT)),
        (_audit("Set-Mailbox", Parameters=[{"Name": "AuditEnabled", "Value": "False"}]),
         _audit("Set-Mailbox", UserId="NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)",
                Parameters=[{"Name": "AuditEnabled", "Value": "False"}])),
        (_audit("SharingPolicyChanged"), _audit("SharingPolicyChanged", UserId="Microsoft\\ServiceOperator")),
        (_entra("Add member to role", **ROLE), _entra("Add member to group", **ROLE)),
        (_entra("Set federation settings on domain"), _entra("Update user")),
        (_entra("MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE"), _entra("MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/READ")),
        (_okta("system.api_token.create"), _okta("system.api_token.create", "FAILURE")),
        (_okta("system.idp.lifecycle.read_client_secret"), _okta("user.lifecycle.activate")),
        (_google("x.NewCall") | {"protoPayload": {"methodName": "x.NewCall", "authorizationInfo": [PERMISSION]}},
         _google("x.NewCall") | {"protoPayload": {"methodName": "x.NewCall", "authorizationInfo": [
             PERMISSION | {"permission": "iam.roles.list"}]}}),
        (_google("google.monitoring.v3.AlertPolicyService.DeleteAlertPolicy"),
         _google("google.monitoring.v3.AlertPolicyService.DeleteAlertPolicy", {"code": 7})),
        (_okta("policy.rule.deactivate"), _okta("user.session.start")),
        (_trail("StopLogging", errorCode=None), _trail("StopLogging", errorCode="NoSuchTrail")),
        (_entra("Delete conditional access policy", resultDescription="Done"),
         _entra("Delete conditional access policy", resultDescription="Not allowed", result="failure")),
        (_entra("MICROSOFT.SQL/SERVERS/DELETE"), _entra("MICROSOFT.SQL/SERVERS/DELETE") | {"resultType": "Failure"}),
        (_audit("Set-Mailbox", Parameters=[{"Name": "ForwardingSmtpAddress", "Value": "smtp:x@example.net"}]),
         _audit("Set-Mailbox", Parameters=[{"Name": "ForwardingSmtpAddress", "Value": ""}])),
        (_audit("Set-DkimSigningConfig", Parameters=[{"Name": "Enabled", "Value": "False"}]),
         _audit("Set-DkimSigningConfig", Parameters=[{"Name": "Enabled", "Value": "True"}])),
        (_audit("Set-MailboxAuditBypassAssociation", Parameters=[{"Name": "AuditBypassEnabled", "Value": "True"}]),
         _audit("Set-MailboxAuditBypassAssociation", Parameters=[{"Name": "AuditBypassEnabled", "Value": "False"}])),
        (_google("google.logging.v2.ConfigServiceV2.DeleteSink"),
         _google("google.logging.v2.ConfigServiceV2.DeleteSink", {"code": 7, "message": "PERMISSION_DENIED"})),
    ],
)  # fmt: skip
def test_told_and_its_twin(tmp_path: Path, told: dict[str, Any], quiet: dict[str, Any]) -> None:
    scores = _told(tmp_path, told, quiet)
    assert scores[0] >= 0.5 > scores[1]


def test_what_one_account_does_daily_is_news_from_another(tmp_path: Path) -> None:
    days = [_trail("CreateAccessKey", eventTime=f"2026-11-{day:02d}T10:00:00Z") for day in range(1, 10)]
    other = _trail(
        "CreateAccessKey", eventTime="2026-11-10T10:00:00Z", userIdentity={"type": "IAMUser", "userName": "eve"}
    )
    scores = _told(tmp_path, *days, other)
    assert scores[0] >= 0.5 > scores[8] and scores[9] >= 0.5


def test_small_steps_of_one_account_add_up(tmp_path: Path) -> None:
    steps = [_trail(name) for name in ("CreateUser", "AttachUserPolicy", "UpdateAssumeRolePolicy")]
    scores = _told(tmp_path, *steps)
    assert scores[0] < 0.5 <= scores[-1]


def test_names_of_acts_and_actors(tmp_path: Path) -> None:
    path = tmp_path / "role.json"
    arn = "arn:aws:sts::1:assumed-role/admin/anna"
    path.write_bytes(orjson.dumps(_trail("RunInstances", userIdentity={"type": "AssumedRole", "arn": arn})) + b"\n")
    (event,) = [orjson.loads(r.value) for r in read_path(path) if isinstance(r, Parsed)]
    assert (event["event_code"], event["user"]) == ("RunInstances", arn)


def test_small_steps_add_up_over_the_services_of_a_cloud_and_not_over_people(tmp_path: Path) -> None:
    steps = [_trail("CreateUser"), _trail("GetSessionToken", eventSource="sts.amazonaws.com"),
             _trail("CreateDBSnapshot", eventSource="rds.amazonaws.com")]  # fmt: skip
    assert _told(tmp_path, *steps)[-1] >= 0.5
    others = [step | {"userIdentity": {"type": "IAMUser", "userName": f"u{k}"}} for k, step in enumerate(steps)]
    assert (_told(tmp_path, *others) < 0.5).all()

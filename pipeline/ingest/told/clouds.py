"""Whose cloud a record is of, and who acted in it.

Clouds name the service that wrote a record, but who breaks in goes through many: a key is made in one, records are
switched off in another, data leaves by a third. All of a cloud is therefore one host, in one key group, and its
service the program. A tenant's own records are few beside a hospital's others.
"""

import re

from pipeline.ingest.told.json_fields import Row

AWS, MICROSOFT, OKTA, GOOGLE = "AWS", "Microsoft cloud", "Okta", "Google cloud"
_AZURE = frozenset(("resourceId", "tenantId", "callerIpAddress", "resultType", "correlationId"))
_SESSION = re.compile(r"(:assumed-role/[^/]+)/(?:[\w.-]*-)?(?:\d{6,}|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,})$")
"""What a program calls a session of its role: another word each time, so that nothing would add up under it."""


def cloud_of(row: Row) -> str | None:
    """Name of the cloud or directory that wrote a flat row in its own form; None of all else.

    >>> cloud_of({"eventSource": "iam.amazonaws.com"}), cloud_of({"Operation": "Send", "Workload": "Exchange"})
    ('AWS', 'Microsoft cloud')
    """
    if str(row.get("eventSource", "")).endswith(".amazonaws.com"):
        return AWS
    if "protoPayload.methodName" in row or ("id.applicationName" in row and "events.name" in row):
        return GOOGLE
    if "eventType" in row and "actor.alternateId" in row:
        return OKTA
    if "Workload" in row and "Operation" in row:
        return MICROSOFT
    if "operationName" in row and not _AZURE.isdisjoint(row):
        return MICROSOFT
    graph = "activityDisplayName" in row or ("status.errorCode" in row and "userPrincipalName" in row)
    return MICROSOFT if graph else None


def principal(user: str) -> str:
    """Who acted: of a role that a program took, the role, as sessions have a new name each time.

    >>> principal("arn:aws:sts::111122223333:assumed-role/backup/botocore-session-1700000000")
    'arn:aws:sts::111122223333:assumed-role/backup'
    >>> principal("arn:aws:sts::111122223333:assumed-role/admin/anna@example.org")
    'arn:aws:sts::111122223333:assumed-role/admin/anna@example.org'
    """
    return _SESSION.sub(r"\1", user[:2048])

"""Values out of the text of a Windows event in any language: what stands where is the same in all of them.

Translations of the texts of the security log keep sections, lines and their order; labels and sentences change. So the
number of values tells the version of an event, and the place of each what it is. The orders are those of the English
texts; recordings whose values stand beside their texts hold them to that (`tests/ingest/test_windows_places.py`).
"""

import re

_SUBJECT = ("SubjectUserSid", "SubjectUserName", "SubjectDomainName", "SubjectLogonId")
_TARGET = ("TargetUserSid", "TargetUserName", "TargetDomainName")
_FROM = ("ProcessId", "ProcessName", "WorkstationName", "IpAddress", "IpPort", "LogonProcessName",
         "AuthenticationPackageName", "TransmittedServices", "LmPackageName", "KeyLength")  # fmt: skip
_NEW = (*_TARGET, "TargetLogonId")
_LINKED = (*_NEW, "TargetLinkedLogonId", "TargetOutboundUserName", "TargetOutboundDomainName", "LogonGuid")
_STARTED = ("NewProcessId", "NewProcessName", "TokenElevationType")
_GROUP = (*_SUBJECT, "MemberSid", "MemberName", *_TARGET)
_SERVICE = ("ServiceName", "ServiceFileName", "ServiceType", "ServiceStartType", "ServiceAccount")
_TICKET = ("TargetUserName", "TargetDomainName")
_ORDERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "4624": (
        (*_SUBJECT, "LogonType", *_NEW, "LogonGuid", *_FROM),
        (*_SUBJECT, "LogonType", "ImpersonationLevel", *_NEW, "LogonGuid", *_FROM),
        (*_SUBJECT, "LogonType", "RestrictedAdminMode", "VirtualAccount", "ElevatedToken", "ImpersonationLevel",
         *_LINKED, *_FROM),
        (*_SUBJECT, "LogonType", "RestrictedAdminMode", "RemoteCredentialGuard", "VirtualAccount", "ElevatedToken",
         "ImpersonationLevel", *_LINKED, *_FROM),
    ),
    "4625": ((*_SUBJECT, "LogonType", *_TARGET, "FailureReason", "Status", "SubStatus", *_FROM),),
    "4634": ((*_NEW, "LogonType"),),
    "4647": (_NEW,),
    "4648": ((*_SUBJECT, "LogonGuid", "TargetUserName", "TargetDomainName", "TargetLogonGuid", "TargetServerName",
              "TargetInfo", "ProcessId", "ProcessName", "IpAddress", "IpPort"),),
    "4672": ((*_SUBJECT, "PrivilegeList"),),
    "4688": (
        (*_SUBJECT, *_STARTED, "ProcessId"),
        (*_SUBJECT, *_STARTED, "ProcessId", "CommandLine"),
        (*_SUBJECT, *_NEW, *_STARTED, "MandatoryLabel", "ProcessId", "ParentProcessName", "CommandLine"),
    ),
    "4697": ((*_SUBJECT, *_SERVICE),),
    "4698": ((*_SUBJECT, "TaskName", "TaskContent"),),
    "4722": ((*_SUBJECT, *_TARGET),), "4723": ((*_SUBJECT, *_TARGET),), "4724": ((*_SUBJECT, *_TARGET),),
    "4725": ((*_SUBJECT, *_TARGET),), "4726": ((*_SUBJECT, *_TARGET),),
    "4728": (_GROUP,), "4729": (_GROUP,), "4732": (_GROUP,), "4733": (_GROUP,), "4756": (_GROUP,), "4757": (_GROUP,),
    "4740": ((*_SUBJECT, "TargetUserSid", "TargetUserName", "CallerComputerName"),),
    "4768": ((*_TICKET, "TargetSid", "ServiceName", "ServiceSid", "IpAddress", "IpPort", "TicketOptions", "Status",
              "TicketEncryptionType", "PreAuthType"),),
    "4769": ((*_TICKET, "LogonGuid", "ServiceName", "ServiceSid", "IpAddress", "IpPort", "TicketOptions",
              "TicketEncryptionType", "Status", "TransmittedServices"),),
    "4771": (("TargetSid", "TargetUserName", "ServiceName", "IpAddress", "IpPort", "TicketOptions", "Status",
              "PreAuthType"),),
    "4776": (("PackageName", "TargetUserName", "Workstation", "Status"),),
    "5140": ((*_SUBJECT, "ObjectType", "IpAddress", "IpPort", "ShareName", "ShareLocalPath"),),
    "7045": (_SERVICE,),
}  # fmt: skip
"""Event id → the names of its values in the order of its text, by version; of tickets the first ones."""
_MORE_BEHIND = frozenset(("4672", "4698", "4768", "4769", "4771", "5140"))
"""Of these, values without a name here, or lines of the last one, may follow."""
_LABELLED = re.compile(r"([ \t]*)[^\W\d][^\t:\n]{1,80}?[ \xa0]?:{1,2}(?:([ \t\xa0]+)(.*))?$")
_SHAPES = {
    "IpAddress": re.compile(r"-|(?:::ffff:)?\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F:]{2,39}(?:%\d+)?|LOCAL|::1"),
    "IpPort": re.compile(r"-|\d{1,5}"),
    "LogonType": re.compile(r"\d{1,2}"),
    "Status": re.compile(r"0x[\da-fA-F]{1,8}|%%\d+|-"),
    "NewProcessId": re.compile(r"0x[\da-fA-F]+|\d+"),
    "SubjectLogonId": re.compile(r"0x[\da-fA-F]+|\(0x.*|-"),
    "TargetLogonId": re.compile(r"0x[\da-fA-F]+|\(0x.*|-"),
}
"""What cannot be anything else: a text whose values do not fit is of another version."""
_LOOK_AT = 32_768
_ENGLISH = ("Account Name:", "Security ID:", "Logon Account:", "Service Name:")
"""One of them stands in the English text of each of these events, whose labels say more than places do."""


def data_by_place(code: str, message: str) -> dict[str, str]:
    """Name → value of an event of this id; empty where its text has another number of values, or one that cannot be.

    >>> text = "Abgemeldet.\\n\\nAntragsteller:\\n\\tSicherheits-ID:\\t\\tS-1-5-18\\n\\tKontoname:\\t\\tanna\\n"
    >>> text += "\\tKontodomäne:\\tDOM\\n\\tAnmelde-ID:\\t\\t0x7\\n\\nAnmeldetyp:\\t\\t3\\n"
    >>> data_by_place("4634", text)["TargetUserName"]
    'anna'
    """
    orders = None if any(label in message for label in _ENGLISH) else _ORDERS.get(code)
    values = _values(message[:_LOOK_AT]) if orders else []
    for names in orders or ():
        if len(values) == len(names) or (code in _MORE_BEHIND and len(values) > len(names)):
            found = dict(zip(names, values, strict=False))
            if all(pattern.fullmatch(found[name]) for name, pattern in _SHAPES.items() if found.get(name)):
                return {name: value for name, value in found.items() if value}
    return {}


def _values(message: str) -> list[str]:
    """What stands behind labels, in order. A label at the edge with nothing behind it heads a section; further in, its
    value is empty. Behind the last of them sentences explain the event, whose colons have one blank behind them."""
    values: list[str] = []
    for line in message.splitlines()[1:]:
        match = _LABELLED.match(line)
        indent, gap, value = match.groups(default="") if match else ("", "", "")
        if indent or (value and (len(gap) > 1 or gap == "\t")):
            values.append(value.strip())
        elif values and line[:1].strip() and (value or not match):
            break
    return values

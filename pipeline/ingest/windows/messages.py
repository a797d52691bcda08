"""Values out of the English text of a Windows event, where an export kept nothing else (Event Viewer, Get-WinEvent).

The text has a sentence, then `Section:` lines with `Label:<tabs>value` below them. The names given to values are
those of the event's own data, so that all exports read alike.
"""

import re

_LOOK_AT = 32_768
_LINE = re.compile(r"[ \t]*([A-Z][A-Za-z0-9 /-]{1,48}):(?:[ \t]+(.*)|[ \t]*)$")
_RUN_TOGETHER = re.compile(r"(?<!\s)(?=\s?(?:\t| {2}))\s++(?=[A-Z][A-Za-z-]{0,24}(?: [A-Za-z-]{1,24}){0,6}:(?:\s|$))")
_SECTIONS = {
    "subject": "Subject", "creator subject": "Subject", "new logon": "Target", "target account": "Target",
    "account for which logon failed": "Target", "account whose credentials were used": "Target",
    "account that was locked out": "Target", "new account": "Target", "account information": "Target",
    "target subject": "Target", "new computer account": "Target", "group": "Target", "member": "Member",
    "user": "Target",
}  # fmt: skip
_OF_SECTION = {"Account Name": "UserName", "Account Domain": "DomainName", "Security ID": "UserSid",
               "Group Name": "UserName", "Group Domain": "DomainName"}  # fmt: skip
_LABELS = {
    "Source Network Address": "IpAddress", "Client Address": "IpAddress", "Source Port": "IpPort",
    "Client Port": "IpPort", "Source Workstation": "Workstation", "Logon Account": "TargetUserName",
    "Authentication Package": "AuthenticationPackageName", "Error Code": "Status", "Result Code": "Status",
    "Failure Code": "Status", "New Process ID": "NewProcessId", "Process ID": "ProcessId",
    "Creator Process Name": "ParentProcessName", "Process Command Line": "CommandLine",
}  # fmt: skip
_SCRIPT = re.compile(r"Creating Scriptblock text \(\d+ of \d+\):\s*(.*?)\s*ScriptBlock ID:", re.DOTALL)


def data_of(message: str) -> dict[str, str]:
    """Name → value; empty where the text has no labels.

    >>> data_of("A logon failed.\\n\\nNew Logon:\\n\\tAccount Name:\\t\\tanna\\n\\nLogon Type:\\t3")
    {'TargetUserName': 'anna', 'LogonType': '3'}
    """
    message = message[:_LOOK_AT]
    script = _SCRIPT.match(message)
    if script:
        return {"ScriptBlockText": script[1]}
    lines = message.splitlines() if "\n" in message else _RUN_TOGETHER.sub("\n", message).splitlines()
    found: dict[str, str] = {}
    section = ""
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        label, value = match[1], (match[2] or "").rstrip(" \t")
        if not value:
            section = _SECTIONS.get(label.lower(), "")
        elif label in _OF_SECTION and section:
            found.setdefault(section + _OF_SECTION[label], value)
        else:
            found.setdefault(_LABELS.get(label) or label.replace(" ", ""), value)
    if "ServiceFileName" in found:
        found["ImagePath"] = found["ServiceFileName"]  # 7045 and 4697 name it differently, and show it alike
    return found

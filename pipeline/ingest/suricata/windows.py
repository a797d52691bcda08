"""What Suricata tells of the protocols of Windows: SMB, Kerberos, remote procedure calls."""

from typing import Any

from pipeline.ingest.format import Fields
from pipeline.ingest.json_records import dumps
from pipeline.ingest.rpc_names import rpc_call
from pipeline.ingest.toolkits import IMPACKET, SPEAKS_SMB, is_impackets

Row = dict[str, Any]
MADE_ANEW = ("FILE_CREATE", "FILE_OVERWRITE", "FILE_OVERWRITE_IF", "FILE_SUPERSEDE")
"""Ways to open a file that leave nothing of what it held (MS-SMB2, 2.2.13, CreateDisposition)."""


def part(row: Row, name: str) -> Row:
    """The object under `name`; empty where there is none."""
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def smb_event(row: Row, fields: Fields) -> bool:
    """A file, a logon, a call through a pipe, or whose software speaks."""
    smb = part(row, "smb")
    ntlm = part(smb, "ntlmssp")
    fields["service"] = "smb"
    if _of_impacket(smb.get("client_guid")):
        fields.update(kind="software", software=IMPACKET, software_type=SPEAKS_SMB)
        return True
    if part(smb, "dcerpc") and not smb.get("filename"):
        return _call(part(smb, "dcerpc"), fields)
    if ntlm:
        status = smb.get("status")
        outcome = {"STATUS_SUCCESS": "success"}.get(str(status), "failure" if status else "unknown")
        fields.update(kind="auth", user=ntlm.get("user"), domain=ntlm.get("domain"), client=ntlm.get("host"),
                      outcome=outcome, error=None if outcome == "success" else status,
                      request_type=smb.get("command"))  # fmt: skip
        return True
    rename = part(smb, "rename")
    fields.update(kind="file", action=_action(smb), share=smb.get("share"),
                  filename=rename.get("to") or smb.get("filename"), previous_filename=rename.get("from"),
                  size_bytes=smb.get("size"))  # fmt: skip
    return True


def _of_impacket(client: Any) -> bool:
    try:
        return isinstance(client, str) and is_impackets(bytes.fromhex(client.replace("-", "")))
    except ValueError:
        return False


def _action(smb: Row) -> Any:
    """The command; a file that was made anew or emptied by its opening (`disposition`) is told by that word."""
    command, made = smb.get("command"), smb.get("disposition")
    if command != "SMB2_COMMAND_CREATE" or smb.get("status") != "STATUS_SUCCESS":
        return command
    return f"SMB2_{made}" if made in MADE_ANEW else command


def krb5_event(row: Row, fields: Fields) -> bool:
    """A logon."""
    krb = part(row, "krb5")
    message = str(krb.get("msg_type") or "")
    failed = message == "KRB_ERROR" or krb.get("error_code") is not None
    fields.update(kind="auth", service="kerberos", user=krb.get("cname"), domain=krb.get("realm"),
                  target=krb.get("sname"), cipher=krb.get("encryption"), request_type=message,
                  outcome="failure" if failed else "success" if message.endswith("_REP") else "unknown",
                  error=krb.get("error_code"))  # fmt: skip
    if fields["error"] is not None:
        fields["error"] = str(fields["error"])
    return True


def dcerpc_event(row: Row, fields: Fields) -> bool:
    """A remote procedure call over TCP or UDP."""
    return _call(part(row, "dcerpc"), fields)


def _call(call: Row, fields: Fields) -> bool:
    endpoint, operation = rpc_call(call)
    named = {"endpoint": endpoint, "operation": operation}
    told = {name: value for name, value in named.items() if value is not None}
    fields.update(format="suricata.dcerpc", kind="other", name="dcerpc", detail=dumps(told | call))
    return True

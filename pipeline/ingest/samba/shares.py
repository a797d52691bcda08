"""Lines of Samba's `full_audit` (vfs_full_audit(8)): what was done on a share → a FileEvent in Zeek's words.

`prefix|operation|ok or fail (why)|arguments`. The prefix is anybody's; as most write it, it holds the client's address
(`%I`) and ends with the share (`%S`).
"""

from ipaddress import ip_address

from pipeline.ingest.format import Fields

PROGRAM = "smbd_audit"
_LOOK_AT = 8192
_WRITES_DATA = 0x2 | 0x4
"""Access rights of a file opened to be written or added to (MS-SMB2, section 2.2.13.1.1)."""
_REPLACES = frozenset(("supersede", "create", "overwrite", "overwrite_if"))
_RENAMES = frozenset(("rename", "renameat"))
_BY_NAME = {"unlink": "DELETE", "unlinkat": "DELETE", **dict.fromkeys(("pwrite", "pwrite_send", "write"), "WRITE"),
            **dict.fromkeys(("pread", "pread_send", "read", "sendfile"), "READ")}  # fmt: skip


def told_share_act(message: str, host: str) -> Fields | None:
    """Fields of a FileEvent of one line of the server `host`; None where it tells of no file or share, or of a
    failure."""
    words = message[:_LOOK_AT].split("|")
    at = next((number for number, word in enumerate(words) if word == "ok" and number > 1), None)
    if at is None:
        return None
    prefix, operation, arguments = words[: at - 1], words[at - 1], words[at + 1 :]
    client = next((address for word in prefix if (address := _address(word))), None)
    act = _act(operation, arguments)
    if not act or not client:
        return None
    share = act.get("share") or (prefix[-1] if not _address(prefix[-1]) else None)
    if share and host:
        share = f"\\\\{host}\\{share}"
    return {"kind": "file", "service": "smb", "src_ip": client, **act, "share": share}


def _act(operation: str, arguments: list[str]) -> Fields | None:
    if not arguments:
        return None
    if operation == "connect":
        return {"action": "map", "share": arguments[0]}
    if operation in _RENAMES:
        named = {"filename": arguments[1], "previous_filename": arguments[0]} if len(arguments) == 2 else None
        return named and {"action": "SMB::FILE_RENAME", **named}
    if operation in _BY_NAME:
        return {"action": f"SMB::FILE_{_BY_NAME[operation]}", "filename": arguments[-1]}
    if operation in ("open", "openat"):
        return {"action": f"SMB::FILE_{'WRITE' if arguments[0] == 'w' else 'OPEN'}", "filename": arguments[-1]}
    if operation == "create_file" and len(arguments) == 4 and arguments[1] == "file":
        act = "WRITE" if _writes(arguments[0], arguments[2]) else "OPEN"
        return {"action": f"SMB::FILE_{act}", "filename": arguments[3]}
    return None


def _writes(mask: str, disposition: str) -> bool:
    """Whether a file is opened to replace what is in it."""
    try:
        return disposition in _REPLACES and int(mask, 16) & _WRITES_DATA != 0
    except ValueError:
        return False


def _address(word: str) -> str | None:
    try:
        return str(ip_address(word.removeprefix("::ffff:"))) if 2 < len(word) < 46 else None
    except ValueError:
        return None

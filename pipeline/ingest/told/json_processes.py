"""Programs that were started, in JSON records of Elastic, osquery, Falco and OCSF; other sensors: `sensors`."""

from typing import Any

from pipeline.ingest.format import Fields, whole_number
from pipeline.ingest.told.json_fields import Row, pick

_COMMANDS = ("process.command_line", "process.cmd_line", "CommandLine",
             "output_fields.proc.cmdline", "columns.cmdline", "process.args")  # fmt: skip
_IMAGES = ("process.executable", "process.file.path", "output_fields.proc.exepath", "columns.path",
           "process.name", "output_fields.proc.name", "columns.name")  # fmt: skip
_PARENTS = ("process.parent.executable", "process.parent_process.file.path",
            "output_fields.proc.pexepath", "process.parent.name", "output_fields.proc.pname")  # fmt: skip
_PARENT_COMMANDS = ("process.parent.command_line", "process.parent_process.cmd_line",
                    "output_fields.proc.pcmdline")  # fmt: skip
_PIDS = ("process.pid", "ProcessId", "output_fields.proc.pid", "columns.pid")
_USERS = ("user.name", "actor.user.name", "UserName", "output_fields.user.name", "columns.username")

_TYPED = "cowrie.command.input"
"""What somebody typed into the shell of a honeypot (Cowrie's `eventid`); its `input` is the command."""
NAMES = frozenset((*_COMMANDS, *_IMAGES, *_PARENTS, *_PARENT_COMMANDS, *_PIDS, *_USERS))
KNOWN_AS = {"process.command_line": _COMMANDS}


def json_process(row: Row) -> Fields | None:
    """Fields of a ProcessEvent, of a flat row; None where no command line is told."""
    command = row.get("input") if row.get("eventid") == _TYPED else pick(row, _COMMANDS)
    if isinstance(command, list):
        command = " ".join(word for word in command if isinstance(word, str))
    if not isinstance(command, str) or not command.strip():
        return None
    return {
        "kind": "process",
        "action": "start",
        "command_line": command,
        "image": _text(row, _IMAGES),
        "parent_image": _text(row, _PARENTS),
        "parent_command_line": _text(row, _PARENT_COMMANDS),
        "user": _text(row, _USERS),
        "pid": whole_number(str(pick(row, _PIDS) or "")),
    }


def _text(row: Row, names: tuple[str, ...]) -> str | None:
    value: Any = pick(row, names)
    return value if isinstance(value, str) else None

"""Commands of attackers and of honest people, as collections print them → the events that a host would write."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Event = dict[str, Any]

_ARGUMENT = re.compile(r"#\{(\w+)\}")
_FOLDERS = {
    "PathToAtomicsFolder\\..\\ExternalPayloads": "C:\\Lab\\payloads", "PathToAtomicsFolder": "C:\\Lab\\atomics",
    "%temp%": "C:\\Users\\anna\\AppData\\Local\\Temp", "%tmp%": "C:\\Users\\anna\\AppData\\Local\\Temp",
    "%userprofile%": "C:\\Users\\anna", "%appdata%": "C:\\Users\\anna\\AppData\\Roaming",
    "%localappdata%": "C:\\Users\\anna\\AppData\\Local", "%programdata%": "C:\\ProgramData",
    "%systemroot%": "C:\\Windows", "%windir%": "C:\\Windows", "%public%": "C:\\Users\\Public",
    "%programfiles%": "C:\\Program Files", "%comspec%": "C:\\Windows\\System32\\cmd.exe",
}  # fmt: skip
"""What a shell puts in place of these before a program is started."""
_LOLBAS = {
    "REMOTEURL": "http://203.0.113.7/a", "PATH_ABSOLUTE": "C:\\Users\\anna\\a", "PATH_SMB": "\\\\203.0.113.7\\share\\a",
    "PATH": "a", "CMD": "C:\\Windows\\System32\\calc.exe", "REMOTEURL_FTP": "ftp://203.0.113.7/a",
}  # fmt: skip
_BUILT_IN = frozenset((
    "set", "if", "for", "echo", "del", "copy", "move", "cd", "type", "mkdir", "md", "rd", "rmdir", "rem", "call",
    "start", "exit", "dir", "ren", "erase", "pushd", "popd", "timeout", "(", ")", "goto", "export", "then", "else",
    "fi", "do", "done", "while", "unset", "source", "alias", "function", "{", "}", "[", "read", "return",
))  # fmt: skip
_PIECES = re.compile(r"\s*(?:&&|\|\||[;|&])\s*")
_PROGRAM = re.compile(r"""\s*(?:"([^"]+)"|([^\s"'=$@]+))(?=\s|$|[,/])""")


@dataclass(frozen=True)
class Commands:
    """A procedure of a collection."""

    name: str
    """By which its half is chosen."""
    tactic_of: str
    """The technique it is filed under, empty where the collection files none."""
    events: tuple[Event, ...]


def atomic_tests(root: Path, platform: str) -> Iterator[Commands]:
    """Red Canary's atomic tests for a platform, with the values they propose."""
    for path in sorted(root.glob("atomics/*/T*.yaml")):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        for test in told["atomic_tests"]:
            command = test["executor"].get("command")
            if command and platform in test["supported_platforms"]:
                values = {k: str(v.get("default")) for k, v in (test.get("input_arguments") or {}).items()}
                text = _ARGUMENT.sub(lambda m, values=values: values.get(m[1], ""), command)
                events = events_of(text, test["executor"]["name"])
                yield Commands(test["auto_generated_guid"], told["attack_technique"], events)


def lolbas(root: Path) -> Iterator[Commands]:
    """What the LOLBAS project lists for programs that come with Windows."""
    for path in sorted(root.glob("yml/OS*/*.yml")):
        for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))["Commands"]):
            text = re.sub(r"\{(\w+)(:[.\w]+)?\}", lambda m: _LOLBAS.get(m[1], m[1]) + (m[2] or "")[1:],
                          entry["Command"])  # fmt: skip
            if text.strip():
                yield Commands(f"{path.stem} {number}", str(entry.get("MitreID", "")),
                               events_of(text, "command_prompt"))  # fmt: skip


def gtfobins(root: Path) -> Iterator[Commands]:
    """Shells, uploads and downloads of the GTFOBins project: what its programs do unseen and nobody does by hand."""
    for path in sorted((root / "_gtfobins").iterdir()):
        functions = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("functions") or {}
        for kind in ("shell", "reverse-shell", "bind-shell"):
            for number, entry in enumerate(functions.get(kind) or []):
                if isinstance(entry, dict) and entry.get("code"):
                    yield Commands(f"{path.name} {kind} {number}", "T1059.004", events_of(entry["code"], "sh"))


def honest_pages(root: Path, platform: str) -> Iterator[Commands]:
    """Examples of the tldr pages, which explain programs to those who use them; of Unix every eighth page."""
    folders = ("windows",) if platform == "windows" else ("linux", "common")
    pages = sorted(p for f in folders for p in (root / "pages" / f).glob("*.md"))
    for path in pages if platform == "windows" else pages[::8]:
        for number, text in enumerate(re.findall(r"^`(.+)`$", path.read_text(encoding="utf-8"), re.MULTILINE)):
            plain = re.sub(r"\{\{(?:\[[^|\]]*\|)?([^|}\]]*)[^}]*\}\}", r"\1", text)
            yield Commands(f"{path.stem} {number}", "", events_of(plain, "sh" if platform == "linux" else "powershell"))


def honest_scripts(root: Path) -> Iterator[Commands]:
    """Whole scripts of an administrator's collection."""
    for path in sorted((root / "scripts").glob("*.ps1")):
        yield Commands(path.stem, "", (_block(path.read_text(encoding="utf-8", errors="replace")),))


def events_of(text: str, shell: str) -> tuple[Event, ...]:
    """The lines of a command as its shell would run them: a script block, and a start for each program named."""
    if shell in ("sh", "bash", "manual"):
        return tuple(_unix(line) for line in _lines(text))
    text = _unfolded(text)
    parent = "C:\\Windows\\System32\\cmd.exe"
    events: list[Event] = []
    if shell == "powershell":
        parent = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"
        events.append(_block(text))
    for line in _lines(text):
        if shell != "powershell":
            events.append(_start(parent, f"cmd.exe /c {line}", "C:\\Windows\\explorer.exe"))
        for piece in _PIECES.split(line):
            program = _program(piece, strict=shell == "powershell")
            if program:
                events.append(_start(program, piece.strip(), parent))
    return tuple(events)


def _lines(text: str) -> list[str]:
    joined = re.sub(r"(?:\\|\^|`)\n", " ", text)
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith(("#", "::"))]


def _unfolded(text: str) -> str:
    for name, folder in _FOLDERS.items():
        text = re.sub(re.escape(name), folder.replace("\\", "\\\\"), text, flags=re.IGNORECASE)
    return text


def _program(piece: str, strict: bool) -> str | None:
    match = _PROGRAM.match(piece.lstrip("& @("))
    name = (match[1] or match[2]) if match else ""
    bare = name.rpartition("\\")[2].lower()
    if not bare or bare in _BUILT_IN or not re.match(r"[\w.+-]+$", bare) or (strict and "-" in bare):
        return None
    if strict and not (bare.endswith((".exe", ".com")) or re.fullmatch(r"[a-z0-9]{2,12}", bare)):
        return None
    if not bare.endswith((".exe", ".com", ".bat", ".cmd", ".scr")):
        name += ".exe"
    return name if "\\" in name else f"C:\\Windows\\System32\\{name}"


def _start(image: str, command: str, parent: str) -> Event:
    data = {"Image": image, "CommandLine": command, "ParentImage": parent}
    return {"kind": "process", "action": "start", "event_code": "1", "format": "windows.sysmon", "image": image,
            "command_line": command, "parent_image": parent, "data": data}  # fmt: skip


def _block(text: str) -> Event:
    text = text[:30_000]
    return {"kind": "line", "event_code": "4104", "format": "windows", "program": "Microsoft-Windows-PowerShell",
            "message": text, "data": {"ScriptBlockText": text}}  # fmt: skip


def _unix(line: str) -> Event:
    program = line.split()[0].rpartition("/")[2]
    return {"kind": "process", "action": "start", "format": "linux", "image": f"/usr/bin/{program}",
            "command_line": line, "data": {"Image": f"/usr/bin/{program}", "CommandLine": line}}  # fmt: skip

"""Tools by which machines are managed from outside, where a host's log names one: no alert by itself.

A rule's title is the tool. `logs.remote_tool` says which of them is news to the house.
"""

from pipeline.detectors.logs.host_rule import START, HostRule, When, rules
from pipeline.detectors.remote_tools import FOR_PEOPLE, REMOTE_TOOLS, RemoteTool

_MADE: When = ("action=", "service_installed")
_INSTALLED: When = ("code=", "1033", "11707")
_INSTALLERS: When = ("command", "msiexec", "winget install", "choco install", "apt install", "apt-get install",
                     "brew install", "snap install", "dpkg -i", "yum install", "dnf install")  # fmt: skip


def _ways(tool: RemoteTool) -> tuple[tuple[When, ...], ...]:
    """How a log shows that it runs or is installed: programs, services, names asked for, packages."""
    whole = tuple(name for name in tool.programs if not name.endswith("*"))
    begun = tuple(f"\\{name[:-1]}" for name in tool.programs if name.endswith("*"))
    begun += tuple(way.replace("\\", "/") for way in begun)
    ways: list[tuple[When, ...]] = []
    if whole:
        ends = (*(f"\\{name}.exe" for name in whole), *(f"/{name}" for name in whole))
        ways += [(START, ("image$", *ends)), (_MADE, ("image", *ends))]
        ways.append((START, ("data", *(f"originalfilename:{name}.exe," for name in whole))))
    if begun:
        ways += [(START, ("image", *begun)), (_MADE, ("image", *begun))]
    if tool.domains:
        hosts = tuple(f".{domain}" for domain in tool.domains)
        ways.append((("action=", "dns_query"), ("target$", *hosts), ("!target^", *FOR_PEOPLE)))
    if tool.words:
        ways += [
            (_MADE, ("target", *tool.words)), (_INSTALLED, ("program=", "msiinstaller"), ("command", *tool.words)),
            (START, _INSTALLERS, ("command", *tool.words)), (START, ("data", *(f"product:{w}" for w in tool.words))),
            (("program=", "systemd"), ("command", "started "), ("command", *(f"{w}.service" for w in tool.words))),
        ]  # fmt: skip
    return tuple(ways)


RULES: tuple[HostRule, ...] = tuple(
    rule for tool in REMOTE_TOOLS for rule in rules("T1219", 0.4, tool.name, *_ways(tool))
)

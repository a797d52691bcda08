"""Another machine asks this one who and what is here: pipes, handles to the accounts, hits of the directory."""

from pipeline.detectors.logs.host_rule import NOT_A_MACHINE, HostRule, When, commands, rules
from pipeline.detectors.logs.host_vocabulary import POWERSHELL, RUNNERS, WRITABLE

SHELL = ("data", "\\net1.exe", "\\net.exe", "\\powershell.exe", "\\pwsh.exe", "\\cmd.exe", "\\wmic.exe",
         "\\cscript.exe", "\\whoami.exe", "\\dsquery.exe", *WRITABLE)  # fmt: skip
ADMIN_GROUPS = ("data", "-512}", "-518}", "-519}", "-544}", "s-1-5-32-544", "-512,", "-519,", "-500}", "-512 ", "-519 ")


def _pipe(*names: str) -> tuple[When, ...]:
    return (("action=", "pipe_connected"), ("image=", "system"), ("target=", *(f"\\{name}" for name in names)))


def _share(*names: str) -> tuple[When, ...]:
    return (("action=", "share_access"), ("target$", *(f"\\ipc$\\{name}" for name in names)), NOT_A_MACHINE)


RULES: tuple[HostRule, ...] = (
    *rules("T1012", 0.25, "the registry is asked for from another machine", _pipe("winreg"), _share("winreg")),
    *rules("T1049", 0.25, "sessions are asked for from another machine", _pipe("srvsvc"), _pipe("wkssvc")),
    *rules("T1087", 0.25, "accounts are asked for from another machine", _pipe("samr"), _pipe("lsarpc", "lsass")),
    *rules("T1057", 0.25, "tasks and services are asked for from another machine",
           _pipe("svcctl"), _pipe("atsvc"), _share("svcctl"), _share("atsvc")),
    *rules("T1046", 0.25, "services are looked for from another machine",
           _pipe("epmapper", "browser", "initshutdown"), _share("epmapper", "browser", "initshutdown")),
    *rules("T1082", 0.25, "the event log is asked for from another machine", _pipe("eventlog"), _share("eventlog")),
    *rules(
        "T1087", 0.4, "accounts of this machine are listed",
        (("code=", "4798"), SHELL, NOT_A_MACHINE),
    ),
    *rules(
        "T1069", 0.4, "the administrators of this machine are listed",
        (("code=", "4799"), SHELL, ("data", "administrators", "remote desktop", "-544", "-555", "-580"), NOT_A_MACHINE),
    ),
    *rules(
        "T1069", 0.3, "the administrators of this machine are listed from another",
        (("code=", "4799"), ("data", "callerprocessid:0x0"), NOT_A_MACHINE),
    ),
    *rules(
        "T1069.002", 0.35, "the administrators of the domain are listed",
        (("command", "get-adgroupmember", "get-localgroupmember"), ("command", "admin")),
    ),
    *rules(
        "T1482", 0.45, "the forest is described by a script",
        (("command", "activedirectory.forest", "activedirectory.domain"), ("command", "getcurrent")),
        (("command", "get-adtrust", "get-addomain", "get-adforest", "get-adcomputer -filter", "get-aduser -filter"),),
    ),
    *rules(
        "T1069.002", 0.55, "the administrators of the domain are listed",
        (("code=", "4661"), ("data", "sam_group", "sam_alias", "sam_user", "bf967aba", "bf967a9c"), ADMIN_GROUPS,
         NOT_A_MACHINE),
    ),
    *rules(
        "T1087.002", 0.55, "the directory is searched for accounts that can be attacked",
        (("code=", "1644"), ("command", "serviceprincipalname=*", "useraccountcontrol:1.2.840.113556.1.4.803",
                             "admincount=1", "samaccounttype=805306368", "ms-mcs-admpwd", "msds-")),
        (("command", "useraccountcontrol:1.2.840.113556.1.4.803:=4194304", "serviceprincipalname=*"),
         ("command", "ldap", "filter", "findall", "searcher", "dsquery", "adfind")),
    ),
    *rules(
        "T1018", 0.55, "PowerShell or a script asks one machine after the other",
        (("action=", "connect"), ("image$", *POWERSHELL), ("target$", ":139", ":137", ":3268", ":9389", ":88")),
        (("action=", "connect"), ("image", *WRITABLE), ("target$", ":139", ":137", ":9389", ":3389", ":22")),
    ),
    *rules(
        "T1654", 0.5, "logs are searched for traces of people",
        (("command", "wevtutil", "get-winevent", "get-eventlog"), ("command", "4624", "4648", "1149"),
         ("command", " qe ", "query-events", "xpath", "instanceid", "-id", "id=")),
    ),
    *rules(
        "T1518.001", 0.5, "protection programs are listed",
        (("command", "securitycenter2", "antivirusproduct"), ("command", "wmic", "get-", "select")),
        (("command", "findstr", "select-string"), ("command", "msmpeng", "defender", "sophos", "crowdstrike"),
         ("command", "tasklist", "get-process", "sc query")),
    ),
    *rules(
        "T1615", 0.45, "policies of the domain are read",
        (("action=", "start"), ("image$", "\\gpresult.exe"), ("command", "-z", "-v", "-h", "-x")),
        (("command", "get-gporeport", "get-gpo", "get-domaingpo", "get-netgpo", "group3r"),),
    ),
    *rules(
        "T1217", 0.6, "what people visit is read by a script",
        (("action=", "object_access", "object_open"), ("target$", "\\history", "\\places.sqlite", "\\bookmarks"),
         ("image$", *RUNNERS)),
    ),
    *rules(
        "T1018", 0.5, "the name server is asked for all names of a zone",
        (("code=", "6004"), ("program", "dns-server", "dns server")),
    ),
    *commands(
        "T1087.002", 0.55, "accounts that run services are looked for",
        ("setspn", " -q ", "*/"),
    ),
)  # fmt: skip

"""Places of the registry that start code, blind a guard or open a machine, whether Sysmon tells of the edit or a
command or script does it.
"""

from typing import NamedTuple

from pipeline.detectors.logs.host_rule import REGISTRY, HostRule, When, rules
from pipeline.detectors.logs.host_vocabulary import BY_HAND

EDITS: When = (
    "command", "reg add ", "reg.exe add ", "set-itemproperty", "new-itemproperty", "new-item ", ".setvalue(", "sp hk",
    "reg import ", "regwrite ", "regwrite(", "setdwordvalue", "setstringvalue", "reg copy ", "rename-itemproperty",
    "registryvalue ",
)  # fmt: skip
REMOVALS: When = ("command", "reg delete ", "reg.exe delete ", "remove-item ", "remove-itemproperty", "deletekey")
OFF = (" -d 0 ", " -d 0x0", "-value 0", " -d 00000000", "-value $false", " 0 -propertytype", " 0 -type", " -v 0 ")
ON = (" -d 1 ", " -d 0x1", "-value 1", " -d 00000001", "-value $true", " 1 -propertytype", " 1 -type")


class Place(NamedTuple):
    """Where, what is set there, and what it means."""

    technique: str
    weight: float
    title: str
    key: str
    values: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    """`OFF` or `ON` where the other direction is a good thing."""


_START = "code is set to run when somebody logs on or a program starts"
_LIBRARY = "a library is set to be loaded by a part of the system"
_OPEN = "the machine is opened, or its users are held back, by a setting"
_BLIND = "a guard or a log of the system is switched off by a setting"
PLACES = (
    Place("T1546", 0.75, _START, "\\command processor", ("autorun",)),
    Place("T1547.014", 0.7, _START, "\\active setup\\installed components", ("stubpath",)),
    Place("T1547.001", 0.7, _START, "\\explorer\\user shell folders", ("startup",)),
    Place("T1547.001", 0.7, _START, "\\explorer\\shell folders", ("startup",)),
    Place("T1547.001", 0.75, _START, "\\control\\session manager", ("bootexecute", "setupexecute", "s0initialcommand")),
    Place("T1546.001", 0.6, _START, "\\shell\\", ("\\command", "delegateexecute")),
    Place("T1546.002", 0.6, _START, "\\control panel\\desktop", ("scrnsave.exe",)),
    Place("T1546.015", 0.6, _START, "\\clsid\\{", ("inprocserver32", "localserver32", "treatas", "scriptleturl")),
    Place("T1546.012", 0.75, _START, "\\image file execution options\\", ("debugger", "globalflag", "verifierdlls")),
    Place("T1546.012", 0.75, _START, "\\silentprocessexit\\", ("monitorprocess", "reportingmode")),
    Place("T1546", 0.75, _START, "\\windows error reporting\\", ("debugger", "runtimeexceptionhelpermodules")),
    Place("T1546", 0.7, _START, "\\currentversion\\aedebug", ("debugger",)),
    Place("T1053", 0.75, _START, "\\telemetrycontroller\\", ("command",)),
    Place("T1547.004", 0.75, _START, "\\currentversion\\winlogon", ("shell", "userinit", "notify", "mpnotify",
        "gpextensions",
                                                                     "taskman", "vmapplet")),
    Place("T1137", 0.7, _START, "\\office test\\special\\perf"),
    Place("T1137", 0.7, _START, "\\outlook\\", ("webview", "enableunsafeclientmailrules", "loadmacroprovideronboot",
                                                "enableroamingfolderhomepages")),
    Place("T1137.006", 0.6, _START, "\\excel\\options", (" open", "-name open", "\\open")),
    Place("T1176", 0.6, _START, "\\extensioninstallforcelist"),
    Place("T1547.010", 0.75, _LIBRARY, "\\control\\print\\monitors\\", ("driver",)),
    Place("T1547.012", 0.75, _LIBRARY, "\\print processors\\", ("driver",)),
    Place("T1547.003", 0.75, _LIBRARY, "\\w32time\\timeproviders", ("dllname",)),
    Place("T1556.008", 0.75, _LIBRARY, "\\control\\networkprovider\\order", ("providerorder",)),
    Place("T1547.005", 0.75, _LIBRARY, "\\control\\lsa", ("security packages", "authentication packages",
                                                          "notification packages")),
    Place("T1547.008", 0.8, _LIBRARY, "\\services\\ntds", ("lsadbextpt", "directoryserviceextpt")),
    Place("T1546", 0.75, _LIBRARY, "\\winsock2\\parameters", ("autodialdll",)),
    Place("T1546.009", 0.8, _LIBRARY, "\\session manager\\appcertdlls"),
    Place("T1546.010", 0.75, _LIBRARY, "\\currentversion\\windows", ("appinit_dlls", "loadappinit_dlls")),
    Place("T1546.011", 0.65, _LIBRARY, "\\appcompatflags\\custom"),
    Place("T1546.011", 0.65, _LIBRARY, "\\appcompatflags\\installedsdb"),
    Place("T1546.007", 0.7, _LIBRARY, "\\microsoft\\netsh"),
    Place("T1546", 0.65, _LIBRARY, "\\terminal server\\addins\\"),
    Place("T1574.012", 0.75, _LIBRARY, "environment", ("cor_profiler", "coreclr_profiler", "dotnet_startup_hooks",
                                                       "cor_enable_profiling")),
    Place("T1574", 0.7, _LIBRARY, "\\explorer\\", ("shellexecutehooks", "sharedtaskscheduler",
                                                   "shellserviceobjectdelayload")),
    Place("T1543.003", 0.6, _LIBRARY, "\\services\\", ("servicedll", "failurecommand")),
    Place("T1574.011", 0.6, "a service is given another program", "\\services\\", ("imagepath",)),
    Place("T1112", 0.65, _OPEN, "\\policies\\", ("disabletaskmgr", "disableregistrytools", "disablecmd", "norun",
          "disablelockworkstation", "nologoff", "disablechangepassword", "nocontrolpanel", "shutdownwithoutlogon",
          "noclose", "nofind", "nodesktop", "notraycontextmenu", "hidefastuserswitching", "nosetfolders"), ON),
    Place("T1548.002", 0.75, _OPEN, "\\policies\\system", ("enablelua", "promptonsecuredesktop",
          "consentpromptbehavioradmin", "filteradministratortoken"), OFF),
    Place("T1112", 0.75, _OPEN, "\\policies\\system", ("localaccounttokenfilterpolicy",), ON),
    Place("T1112", 0.7, _OPEN, "\\control\\lsa", ("disablerestrictedadmin", "limitblankpassworduse",
        "restrictanonymous",
                                                   "nolmhash", "runasppl", "lmcompatibilitylevel"), OFF),
    Place("T1552.002", 0.55, _OPEN, "\\winlogon", ("autoadminlogon", "defaultpassword"), ON),
    Place("T1112", 0.6, _OPEN, "\\terminal server", ("allowremoterpc", "fsinglesessionperuser", "shadow",
        "portnumber")),
    Place("T1112", 0.65, _OPEN, "\\office\\", ("vbawarnings", "accessvbom", "disableattachementsinpv",
                                               "disableinternetfilesinpv", "disableunsafelocationsinpv"), ON),
    Place("T1553.005", 0.65, _BLIND, "\\policies\\attachments", ("savezoneinformation", "scanwithantivirus")),
    Place("T1562.001", 0.7, _BLIND, "\\microsoft\\windows\\system", ("enablesmartscreen",), OFF),
    Place("T1562.001", 0.7, _BLIND, "\\currentversion\\explorer", ("smartscreenenabled",)),
    Place("T1562.001", 0.7, _BLIND, "\\microsoftedge\\phishingfilter", ("enabledv9", "preventoverride"), OFF),
    Place("T1562.001", 0.8, _BLIND, "\\windows defender", ("disable", "disallow"), ON),
    Place("T1562.001", 0.8, _BLIND, "\\windows defender", ("tamperprotection", "spynetreporting", "mpenablepus",
          "submitsamplesconsent", "enablenetworkprotection", "enablecontrolledfolderaccess", "puaprotection",
          "exploitguard_asr_rules"), OFF),
    Place("T1562.001", 0.8, _BLIND, "\\windows defender\\exclusions"),
    Place("T1562.001", 0.8, _BLIND, "\\instances\\", ("altitude",)),
    Place("T1562.001", 0.75, _BLIND, "\\services\\", ("windefend", "wdfilter", "wdnissvc", "\\sense ", "securityhealth",
          "sysmondrv", "wscsvc", "mpssvc", "eventlog"), (" -d 4 ", "-value 4", " -d 0x4", " -d 3 ")),
    Place("T1562.002", 0.8, _BLIND, "\\powershell\\", ("enablescriptblocklogging", "enablemodulelogging",
                                                       "enabletranscripting"), OFF),
    Place("T1562.002", 0.75, _BLIND, "\\winevt\\channels", ("enabled",), OFF),
    Place("T1562.002", 0.65, _BLIND, "\\eventlog\\", ("channelaccess", "customsd", "maxsize", "autobackuplogfiles",
                                                      "\\file", "-name file")),
    Place("T1562.006", 0.75, _BLIND, "environment", ("complus_etwenabled",), OFF),
    Place("T1562.006", 0.75, _BLIND, "\\.netframework", ("etwenabled",), OFF),
    Place("T1562.006", 0.75, _BLIND, "\\wmi\\autologger\\", ("start", "enabled"), OFF),
    Place("T1562.002", 0.7, _BLIND, "\\policies\\system\\audit", ("processcreationincludecmdline",), OFF),
    Place("T1562.004", 0.75, _BLIND, "firewall", ("enablefirewall",), OFF),
    Place("T1112", 0.6, _BLIND, "\\microsoft.powershell", ("executionpolicy",), ("unrestricted", "bypass")),
    Place("T1562.001", 0.7, _BLIND, "\\control\\ci\\", ("vulnerabledriverblocklistenable", "hypervisorenforced"), OFF),
    Place("T1562.001", 0.6, _BLIND, "\\windowsupdate", ("noautoupdate", "disablewindowsupdateaccess",
        "disableosupgrade"), ON),
    Place("T1070.005", 0.5, "administrators' shares are taken away", "\\lanmanserver\\parameters",
          ("autoshareserver", "autosharewks"), OFF),
    Place("T1491.001", 0.5, "everybody is shown a text at log-on", "\\policies\\system", ("legalnotice",)),
)  # fmt: skip


def _rules(place: Place) -> tuple[HostRule, ...]:
    asked: list[When] = [EDITS, ("command", place.key)]
    if place.values:
        asked.append(("command", *place.values))
    forms: list[tuple[When, ...]] = []
    if place.to:
        forms.append((*asked, ("command", *place.to)))
        ends = tuple(word.rstrip() for word in place.to if word.startswith(" -d ") and word.endswith(" "))
        if ends:
            forms.append((*asked, ("command$", *ends)))
    else:
        forms.append(tuple(asked))
        seen: list[When] = [REGISTRY, ("target", place.key), ("image$", *BY_HAND)]
        if place.values:
            seen.append(("target", *(value.strip() for value in place.values if not value.startswith("-"))))
        forms.append(tuple(seen))
    return rules(place.technique, place.weight, place.title, *forms)


RULES: tuple[HostRule, ...] = (
    *(rule for place in PLACES for rule in _rules(place)),
    *rules(
        "T1562.001", 0.75, _BLIND,
        (REMOVALS, ("command", "\\amsi\\providers\\", "\\windows defender\\", "\\winevt\\publishers",
         "\\autologger\\eventlog",
                    "\\services\\windefend", "\\services\\eventlog")),
    ),
    *rules("T1053.005", 0.75, "the description of a task is taken out of the registry",
           (REMOVALS, ("command", "\\schedule\\taskcache\\"))),
)  # fmt: skip

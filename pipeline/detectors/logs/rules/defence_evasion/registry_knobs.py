"""Places of the registry by which protection, update, log-on and remote desktop are weakened, edited by command."""

from pipeline.detectors.logs.host_rule import HostRule, When, rules

EDITS: When = ("command", "reg add", "reg.exe add", "set-itemproperty", "new-itemproperty", "sp hk", "regwrite",
               "setvalue(", "setdwordvalue", "setstringvalue")  # fmt: skip
_KNOBS: tuple[tuple[str, float, str, tuple[tuple[str, ...], ...]], ...] = (
    ("T1112", 0.55, "what the desktop lets people see or run is taken away", tuple(
        ("policies\\explorer", name) for name in (
            "disallowrun", "restrictrun", "norun", "nofind", "nofilemenu", "nocontrolpanel", "nodesktop", "noclose",
            "nologoff", "nosetfolders", "noviewcontextmenu", "nodrives", "hidesca", "noproperties",
            "notraycontextmenu",
            "nosecuritytab", "nosavesettings", "nomanagemycomputer"))),
    ("T1486", 0.55, "what unlocks the disk is changed", tuple(
        ("microsoft\\fve", name) for name in (
            "useadvancedstartup", "enablebdewithnotpm", "usetpm", "enablenontpm", "recoverykeymessage",
            "osrecovery"))),
    ("T1562.001", 0.4, "updates are kept away from this machine", tuple(
        ("\\windowsupdate", name) for name in (
            "auoptions", "noautoupdate", "donotconnecttowindowsupdate", "disablewindowsupdateaccess", "wuserver",
            "setdisableuxwuaccess", "nowindowsupdate"))),
    ("T1021.001", 0.6, "remote desktop is let in with less ado", (
        ("\\rdp-tcp", "securitylayer"), ("\\rdp-tcp", "userauthentication"), ("\\rdp-tcp", "minencryptionlevel"),
        ("\\rdp-tcp", "finheritinitialprogram"), ("\\rdp-tcp", "initialprogram"), ("terminal server",
                "fallowtogethelp"),
        ("terminal server", "fsinglesessionperuser"), ("terminal services", "shadow"),
        ("terminal services", "disablesecuritysettings"), ("terminal server", "allowremoterpc"),
        ("control\\lsa", "disablerestrictedadmin"), ("credssp\\parameters", "allowencryptionoracle"))),
    ("T1021.001", 0.35, "remote desktop is switched on or off", (("terminal server", "fdenytsconnections"),)),
    ("T1546", 0.65, "a program of somebody runs in the place of a part of Windows", (
        ("event viewer", "microsoftredirection"), ("mycomputer\\defragpath",), ("mycomputer\\backuppath",),
        ("mycomputer\\cleanuppath",), ("app paths\\", ".exe", "-d "), ("utilman.exe", "debugger"),
        ("provisioning\\commands", "altitude"), ("aedebug", "debugger"), ("command processor", "autorun"))),
    ("T1562.001", 0.45, "warnings of Windows are switched off", (
        ("pushnotifications", "toastenabled"), ("notifications\\settings", "enabled"), ("policies\\system",
                "scforceoption"),
        ("security center", "notify"), ("windows error reporting", "dontshowui"), ("microsoft\\fido",),
        ("smartscreen", "-d 0"), ("attachments", "savezoneinformation"))),
    ("T1112", 0.4, "sites are put by command among those that are trusted", (
        ("zonemap\\domains",), ("zonemap\\protocoldefaults",), ("zonemap\\ranges",), ("zones\\", "1201"), ("zones\\",
                "1806"))),
    ("T1112", 0.3, "how files are shown is changed", (
        ("explorer\\advanced", "hidefileext"), ("explorer\\advanced", "-v hidden"), ("explorer\\advanced",
                "showinfotip"),
        ("explorer\\advanced", "showsuperhidden"))),
    ("T1090", 0.4, "a proxy is set by command", (("internet settings", "proxyenable"), ("internet settings",
            "proxyserver"),
                                                 ("internet settings", "autoconfigurl"))),
    ("T1222", 0.6, "links to other machines are followed from now on", (("symlinkremotetolocalevaluation",),
                                                                        ("symlinkremotetoremoteevaluation",))),
    ("T1113", 0.5, "the screen is remembered from now on", (("windowsai", "disableaidataanalysis", "-d 0"),)),
    ("T1176", 0.4, "an extension is put into a browser for everybody", (
        ("chrome\\extensions",), ("edge\\extensions",), ("extensioninstallforcelist",))),
    ("T1112", 0.6, "code is kept in the registry", (("appdatalow\\software\\microsoft", "reg_binary"), ("-d ",
            "invoke-"),
                                                    ("-d ", "frombase64"), ("-d ", "javascript:"))),
)  # fmt: skip

RULES: tuple[HostRule, ...] = tuple(
    rule
    for technique, weight, title, places in _KNOBS
    for rule in rules(technique, weight, title, *((EDITS, *(("command", word) for word in place)) for place in places))
) + rules(
    "T1070.007", 0.55, "traces of remote desktops are deleted",
    (("command", "reg delete", "remove-item"), ("command", "terminal server client\\")),
    (("command", "del ", "remove-item"), ("command", "default.rdp")),
)  # fmt: skip

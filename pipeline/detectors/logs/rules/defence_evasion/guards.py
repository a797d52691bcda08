"""What Windows guards itself by is switched off: by a setting, or by a command that changes it."""

from pipeline.detectors.logs.host_rule import SET, HostRule, When, commands, rules
from pipeline.detectors.logs.host_vocabulary import BY_HAND

_ZERO: When = ("data", "0x00000000", "details:0}", "newvalue:0")
_ONE: When = ("data", "0x00000001", "details:1}", "newvalue:1")
_EDITS: When = ("command", "reg ", "reg.exe", "itemproperty", "remove-item", "stdregprov", "setdwordvalue")
_TO_ZERO: When = ("command", " -d 0", " 0x0", "-value 0", "=0", " delete ", "remove-item", "deletevalue", "deletekey")
_GUARDS = (
    "hypervisorenforcedcodeintegrity", "vulnerabledriverblocklistenable", "lsacfgflags", "\\lsa\\runasppl",
    "enablevirtualizationbasedsecurity", "\\amsi\\providers", "amsienable", "\\deviceguard\\",
)  # fmt: skip
_PRODUCTS = (
    "defender", "symantec", "mcafee", "sophos", "kaspersky", "eset", "trend micro", "crowdstrike", "sentinel",
    "carbon black", "cylance", "malwarebytes", "bitdefender", "sysmon", "avast", "avg ", "f-secure", "webroot",
    "endpoint security", "antivirus", "carbonblack",
)  # fmt: skip

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1562.001", 0.8, "a guard of the system itself is switched off",
        (SET, ("target", "\\deviceguard\\", "\\lsa\\lsacfgflags", "\\lsa\\runasppl", "hypervisorenforcedcodeintegrity",
               "vulnerabledriverblocklistenable"), _ZERO),
        (("action=", "registry_changed"), ("target", "\\deviceguard\\", "\\lsa\\lsacfgflags", "\\lsa\\runasppl"),
         ("data", "delete")),
        (_EDITS, ("command", *_GUARDS, "\\lsa -v runasppl"), _TO_ZERO),
    ),
    *rules(
        "T1562.001", 0.7, "warnings of the protection are silenced",
        (SET, ("target", "security center\\", "\\windows defender\\ux configuration\\"),
         ("target$", "disablenotifications", "disableenhancednotifications", "notification_suppress",
          "antivirusdisablenotify", "firewalldisablenotify", "updatesdisablenotify"), _ONE),
        (_EDITS, ("command", "security center", "ux configuration"),
         ("command", "disablenotif", "disableenhancednotif", "notification_suppress", "disablenotify")),
    ),
    *rules(
        "T1562.009", 0.75, "a service is told to start in safe mode, where protection does not",
        (SET, ("target", "\\control\\safeboot\\minimal\\", "\\control\\safeboot\\network\\"), ("image$", *BY_HAND)),
        (("command", "reg ", "reg.exe", "new-item", "itemproperty"), ("command", "\\control\\safeboot\\"),
         ("command", " add ", " copy ", "new-item", "set-item")),
    ),
    *rules(
        "T1562.001", 0.8, "protection is removed",
        (("command", "wmic", "win32_product", "uninstall-package", "msiexec"), ("command", "uninstall", " -x "),
         ("command", *_PRODUCTS)),
        (("command", "dism"), ("command", "-disable-feature", "-remove-"), ("command", "defender")),
        (("code=", "1"), ("program=", "microsoft-windows-filtermanager"), ("command", "sysmondrv")),
    ),
    *rules(
        "T1562.001", 0.7, "what protects the machine is no longer started",
        (("command", "wmic", "set-service", "sc config"), ("command", "disabled"), ("command", *_PRODUCTS, "windefend",
                                                                                  "wscsvc", "mpssvc")),
        (("command", "schtasks"), ("command", "-delete", "-disable"),
         ("command", "windows defender", "exploitguard", "\\windowsupdate\\", "\\updateorchestrator\\")),
    ),
    *rules(
        "T1562.001", 0.7, "protection is stopped",
        (("command", "net stop", "net.exe stop", "net1 stop", "sc stop", "stop-service", "taskkill", "stop-process"),
         ("command", *_PRODUCTS, "windefend")),
    ),
    *commands(
        "T1562.002", 0.75, "a session that writes the log is stopped",
        ("logman", " stop ", "eventlog", "-ets"), ("logman", " stop ", "defender", "-ets"),
        ("logman", " delete ", "eventlog", "-ets"), ("remove-etwtraceprovider", "eventlog"),
    ),
    *commands(
        "T1222.001", 0.6, "everybody is given all rights on files",
        ("icacls", "-grant", "everyone:f"), ("icacls", "-grant", "everyone:(oi)(ci)f"), ("icacls", "-grant",
         "*s-1-1-0:"),
        ("cacls", "-g everyone:f"),
    ),
    *commands(
        "T1027", 0.65, "a command is put together so that it is not recognised",
        ("&&call %",), ("cmd", "&&set ", "call %"), ("cmd", "for -f", "delims=", "%comspec"),
    ),
    *commands(
        "T1562.001", 0.85, "a tool known for blinding protection is run",
        ("edrsilencer",), ("edr-freeze",), ("edrfreeze",), ("edrsandblast",), ("backstab.exe",), ("pplkiller",),
        ("killav",), ("auditpatch",), ("spyboy",), ("nimblackout",), ("edrprison",),
    ),
    *rules(
        "T1562.001", 0.55, "the watcher's own settings are changed",
        (("code=", "16"), ("program=", "microsoft-windows-sysmon")),
    ),
    *rules(
        "T1112", 0.55, "sites are put by hand among those that are trusted",
        (SET, ("target", "\\internet settings\\zonemap\\"), ("image$", *BY_HAND)),
    ),
    *rules(
        "T1207", 0.75, "a machine poses as a domain controller",
        (("code=", "5137"), ("command", ",cn=servers,"), ("command", ",cn=sites,cn=configuration,"),
         ("!user$", "$")),
    ),
)  # fmt: skip

"""Foreign code inside other programs, as loads, accesses and unlikely children show it."""

from pipeline.detectors.logs.host_rule import START, HostRule, rules
from pipeline.detectors.logs.host_vocabulary import EXPLOITED, INSTALLED, OFFICE, PROXIES, SCRIPT_HOSTS, WRITABLE
from pipeline.detectors.logs.rules.defence_evasion.images import CALLERS

ACCESS = ("action=", "access")
LOADED = ("action=", "load")
WRITES = (
    "data", "grantedaccess:0x1fffff", "grantedaccess:0x1f3fff", "grantedaccess:0x1f0fff", "grantedaccess:0x143a",
    "grantedaccess:0x147a", "grantedaccess:0x1478", "grantedaccess:0x143b", "grantedaccess:0x1038",
    "grantedaccess:0x38,", "grantedaccess:0x28,", "grantedaccess:0x3a,",
)  # fmt: skip
"""Rights that hold PROCESS_VM_WRITE and PROCESS_VM_OPERATION."""
DRIVERS = (
    "\\rwdrv.sys", "\\winring0x64.sys", "\\winring0.sys", "\\gdrv.sys", "\\rtcore64.sys", "\\dbutil_2_3.sys",
    "\\mhyprot2.sys", "\\mhyprot3.sys", "\\capcom.sys", "\\zam64.sys", "\\zamguard64.sys", "\\kprocesshacker.sys",
    "\\truesight.sys", "\\aswarpot.sys", "\\iqvw64e.sys", "\\msio64.sys", "\\physmem.sys", "\\elrawdsk.sys",
    "\\eneio64.sys", "\\glckio2.sys", "\\inpoutx64.sys", "\\viragt64.sys", "\\atillk64.sys", "\\procexp152.sys",
    "\\asrdrv101.sys", "\\hw64.sys", "\\vboxdrv.sys.bak", "\\mimidrv.sys", "\\terminator.sys", "\\nseckrnl.sys",
)  # fmt: skip
"""Signed drivers by which programs write into the core of the system (the public lists of vulnerable drivers)."""

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1055", 0.8, "a program in a user's folder reaches into another program",
        (ACCESS, ("image", *WRITABLE), ("target", "\\windows\\system32\\", "\\windows\\syswow64\\",
         "\\windows\\explorer.exe"), WRITES, ("data", "unknown(")),
    ),
    *rules(
        "T1055", 0.6, "code that belongs to no file reaches into another program",
        (ACCESS, ("image", "\\windows\\system32\\", "\\windows\\syswow64\\", "\\windows\\explorer.exe"),
         ("target", "\\windows\\"), WRITES, ("data", "unknown("), ("!data", "\\assembly\\", "\\clr.dll",
         "\\mscorwks.dll", "\\coreclr.dll"), ("!image$", *CALLERS, "\\msiexec.exe")),
    ),
    *rules(
        "T1055.012", 0.75, "a program is started that this one has no reason to start",
        (START, ("parent$", "\\rundll32.exe", "\\regsvr32.exe", "\\mshta.exe"), ("image$", "\\wermgr.exe",
         "\\svchost.exe", "\\notepad.exe", "\\dllhost.exe", "\\explorer.exe", "\\msiexec.exe", "\\mobsync.exe",
         "\\searchindexer.exe", "\\iexplore.exe", "\\werfault.exe", "\\gpupdate.exe", "\\backgroundtaskhost.exe")),
        (START, ("parent$", *OFFICE), ("image$", "\\svchost.exe", "\\explorer.exe", "\\notepad.exe", "\\calc.exe",
                                       "\\wermgr.exe", "\\dllhost.exe")),
        (START, ("parent", *WRITABLE), ("image$", "\\svchost.exe", "\\wermgr.exe", "\\dllhost.exe", "\\werfault.exe",
         "\\spoolsv.exe", "\\lsass.exe", "\\searchindexer.exe")),
        (START, ("image$", "\\svchost.exe"), ("parent$", "\\cmd.exe", "\\powershell.exe", "\\explorer.exe",
                                              "\\winword.exe", "\\excel.exe", *SCRIPT_HOSTS, *PROXIES)),
    ),
    *rules(
        "T1055", 0.7, "a part of the system starts what only people start",
        (START, ("parent$", *EXPLOITED), ("image$", "\\notepad.exe", "\\calc.exe", "\\mspaint.exe",
                                          "\\whoami.exe", "\\net.exe")),
    ),
    *rules(
        "T1574.002", 0.7, "a program of the system loads a library from a folder that anybody may write to",
        (LOADED, ("image", "\\windows\\system32\\", "\\windows\\syswow64\\"), ("target$", ".dll", ".cpl", ".ocx"),
         ("target", *WRITABLE, "\\programdata\\", "\\appdata\\roaming\\"), ("data", "signed:false"),
         ("!target", "\\programdata\\microsoft\\")),
    ),
    *rules(
        "T1574.002", 0.6, "a program in an odd place loads a library beside it that nobody signed",
        (LOADED, ("image", "\\programdata\\", "\\users\\public\\", "\\appdata\\roaming\\", "\\perflogs\\",
                  "\\windows\\temp\\"), ("target", "\\programdata\\", "\\users\\public\\", "\\appdata\\roaming\\",
                                         "\\perflogs\\", "\\windows\\temp\\"), ("target$", ".dll"),
         ("data", "signed:false"), ("!image", "\\programdata\\microsoft\\", "\\programdata\\package cache\\")),
    ),
    *rules(
        "T1574.001", 0.45, "a service of the system loads a library that nobody signed",
        (LOADED, ("image$", "\\svchost.exe", "\\spoolsv.exe", "\\fxssvc.exe", "\\searchindexer.exe", "\\services.exe",
                  "\\taskhostw.exe", "\\wmiprvse.exe", "\\dns.exe"), ("target", "\\windows\\"), ("target$", ".dll"),
         ("data", "signed:false"), ("!target", "\\assembly\\", "\\winsxs\\", "\\driverstore\\", "\\spool\\")),
    ),
    *rules("T1068", 0.7, "a driver that opens the system's core is loaded", (("action=", "driver_load"),
                                                                            ("target$", *DRIVERS))),
    *rules(
        "T1055.013", 0.6, "a program changes files in a way that can be taken back (transaction)",
        (("code=", "4985"), ("data", *WRITABLE, "\\programdata\\")),
    ),
    *rules(
        "T1106", 0.6, "another program is held still by one in a user's folder",
        (ACCESS, ("image", *WRITABLE), ("data", "grantedaccess:0x800,"), ("!image", *INSTALLED)),
    ),
)  # fmt: skip

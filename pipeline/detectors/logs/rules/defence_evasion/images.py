"""Foreign code in other programs and in the core of the system."""

from pipeline.detectors.logs.host_rule import HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import INSTALLED, RUNNERS, WRITABLE

CALLERS = (
    "\\csrss.exe", "\\wininit.exe", "\\winlogon.exe", "\\services.exe", "\\svchost.exe", "\\lsass.exe", "\\dwm.exe",
    "\\msmpeng.exe", "\\vboxtray.exe", "\\vboxservice.exe", "\\vmtoolsd.exe", "\\wmiprvse.exe", "\\werfault.exe",
    "\\conhost.exe",
    "\\smss.exe", "\\sihost.exe", "\\fontdrvhost.exe", "\\taskhostw.exe",
)  # fmt: skip

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1055", 0.85, "code is put into another program",
        (("action=", "inject"), ("image", *WRITABLE)),
        (("action=", "inject"), ("image$", *RUNNERS, "\\wuauclt.exe", "\\notepad.exe", "\\explorer.exe"),
         ("!target$", "\\conhost.exe", "\\csrss.exe")),
        (("action=", "tamper"), ("!image", *INSTALLED)),
    ),
    *rules(
        "T1055", 0.55, "code is put into another program",
        (("action=", "inject"), ("!image$", *CALLERS), ("!image", *INSTALLED), ("!image=", "system")),
    ),
    *commands(
        "T1055", 0.8, "code is put into another program",
        ("createremotethread", "writeprocessmemory"), ("ntunmapviewofsection",), ("queueuserapc", "openthread"),
    ),
    *rules(
        "T1014", 0.65, "a driver from a user's folder enters the system's core",
        (("action=", "driver_load"), ("target", *WRITABLE)), (("command", "insmod -tmp/"),), (("command",
         "insmod -dev/shm/"),),
        (("action=", "driver_load"), ("data", "signed:false")),
    ),
    *rules(
        "T1620", 0.5, "a program reads its instructions from a listener of its own",
        (("command", "httplistener"), ("command", "prefixes.add"), ("command", "getcontext")),
        (("command", "simplehttpserver", "-m http.server"), ("command", "python")),
    ),
)  # fmt: skip

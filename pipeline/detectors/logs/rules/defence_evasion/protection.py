"""Protection, logs and firewalls are switched off."""

from pipeline.detectors.logs.host_rule import SET, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import SHELLS

OFF = ("data", "0x00000001", "details:1}", "newvalue:1")

RULES: tuple[HostRule, ...] = (
    *commands(
        "T1562.001", 0.8, "protection is switched off",
        ("set-mppreference", "disable"), ("sc", " stop ", "windefend"), ("set-mppreference", "exclusionpath"),
        ("add-mppreference", "exclusion"), ("sc", " config ", "windefend", "disabled"), ("sc", " delete ",
         "windefend"),
        ("mpcmdrun", "-removedefinitions"), ("uninstall-windowsfeature", "defender"), ("fltmc", "unload"),
        ("net", " stop ", "windefend"), ("sysmon", " -u "), ("amsiinitfailed",), ("amsiscanbuffer",), ("amsiutils",),
        ("taskkill", "msmpeng"), ("sc", " stop ", "sysmon"), ("sc", " stop ", "sense"),
        ("cachedgrouppolicysettings",),
        ("setenforce 0",), ("systemctl", "stop", "auditd"), ("systemctl", "stop", "rsyslog"), ("auditctl -e 0",),
        ("systemctl", "disable", "auditd"), ("systemctl", "stop", "falcon"), ("systemctl", "stop", "apparmor"),
        ("service", "auditd", "stop"), ("logging.dll", "etweventwrite"), ("scriptblocklogging",
         "enablescriptblocklogging", "0"),
        ("killall", "auditd"), ("systemctl", "stop", "clamav"), ("auditctl", " -d"), ("clear-item", "amsi"),
    ),
    *rules(
        "T1562.001", 0.8, "protection is switched off",
        (SET, ("target", "\\windows defender\\"), ("target$", "\\disableantispyware", "\\disableantivirus",
         "\\disablerealtimemonitoring", "\\disablebehaviormonitoring", "\\disableonaccessprotection",
         "\\disablescanonrealtimeenable", "\\disableioavprotection", "\\tamperprotection"), OFF),
        (SET, ("target", "\\windows defender\\exclusions\\"), ("image$", *SHELLS, "\\reg.exe", "\\wmiprvse.exe")),
        (("code=", "5001", "5010", "5012"), ("program", "defender")),
        (SET, ("target$", "\\featureset\\amsienable", "\\amsi\\providers"), ("data", "0x00000000")),
        (("action=", "registry_changed"), ("target", "\\microsoft\\amsi\\providers\\"), ("data", "delete")),
    ),
    *rules(
        "T1562.002", 0.8, "the writing of logs is switched off",
        (SET, ("target", "\\services\\eventlog\\"), ("target$", "\\start", "\\file", "\\maxsize", "\\retention"),
         ("!image$", "\\svchost.exe", "\\msiexec.exe")),
        (SET, ("target$", "\\services\\eventlog\\start", "\\services\\sysmon\\start"),
         ("data", "0x00000004", "0x00000003")),
        (SET, ("target", "\\winevt\\channels\\"), ("target$", "\\enabled"), ("data", "0x00000000"),
         ("!image$", "\\svchost.exe", "\\tiworker.exe", "\\trustedinstaller.exe")),
        (SET, ("target", "\\powershell\\scriptblocklogging\\", "\\powershell\\transcription\\",
         "\\powershell\\modulelogging\\"),
         ("data", "0x00000000")),
        (("command", "auditpol"), ("command", "success:disable", "failure:disable", "-clear", "-remove")),
        (("command", "wevtutil"), ("command", " sl ", "set-log"), ("command", "-e:false", "enabled:false", "-ms:",
         "-lfn:")),
        (("command", "eventlog"), ("command", "sc ", "sc.exe ", "set-service", "stop-service", "net stop", "reg "),
         ("command", "disabled", " stop ", "stop-service", "\\services\\eventlog"), ("!command", "eventlog entries")),
        (("command", "autologger"), ("command", "start", "enabled"), ("command", "reg", "set-")),
        (("code=", "4719"), ("!user$", "$"), ("command", "removed")),
    ),
    *commands(
        "T1562.004", 0.75, "the firewall is switched off or opened",
        ("advfirewall", "state off"), ("firewall", "set opmode", "disable"), ("set-netfirewallprofile", "-enabled",
         "false"),
        ("advfirewall", "add rule", "action=allow", "dir=in"), ("firewall", "add allowedprogram"), ("iptables -f",),
        ("iptables --flush",), ("ufw disable",), ("systemctl", "stop", "firewalld"), ("new-netfirewallrule",
         "inbound", "allow"),
        ("netsh", "portproxy", "add"), ("netsh", "add urlacl"), ("a0=iptables", "=-f"), ("nft flush",),
    ),
    *rules(
        "T1562.004", 0.75, "the firewall is switched off",
        (SET, ("target", "\\firewallpolicy\\"), ("target$", "\\enablefirewall"), ("data", "0x00000000")),
    ),
)  # fmt: skip

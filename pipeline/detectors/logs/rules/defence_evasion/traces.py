"""Logs, settings and protection as audit records, services and the registry show them being bent."""

from pipeline.detectors.logs.host_rule import REGISTRY, SET, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import BY_HAND, WRITABLE

ZERO, ONE = ("data", "0x00000000"), ("data", "0x00000001")

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1562.002", 0.7, "the service that writes logs was stopped or crashed",
        (("code=", "7036"), ("command", "windows event log", "eventlog"), ("command", "stopped")),
        (("code=", "7031", "7034"), ("command", "windows event log", "eventlog")),
    ),
    *rules(
        "T1562.002", 0.65, "fewer things are written down from now on",
        (("code=", "4719"), ("data", "%%8448", "%%8450"), ("!user$", "$")),
        (("code=", "4906", "4902"), ("program", "security-auditing"), ("data", "%%1842")),
        (REGISTRY, ("target", "\\control\\minint")),
        (("code=", "33205"), ("program", "mssql"), ("command", "drop server audit", "drop database audit",
                                                   "state = off", "state=off")),
        (SET, ("target$", "\\complus_etwenabled", "\\.netframework\\etwenabled"), ZERO),
        (SET, ("target", "\\control\\wmi\\autologger\\"), ("target$", "\\start", "\\enabled"), ZERO),
        (SET, ("target$", "\\audit\\processcreationincludecmdline_enabled", "\\lsa\\crashonauditfail"), ZERO),
    ),
    *rules(
        "T1562.001", 0.8, "the guard of passwords in memory is switched off",
        (SET, ("target$", "\\lsa\\runasppl", "\\lsa\\lsacfgflags", "\\deviceguard\\enablevirtualizationbasedsecurity",
               "\\deviceguard\\lsacfgflags"), ZERO),
    ),
    *rules(
        "T1562.001", 0.75, "protection is told to look away",
        (("code=", "5007"), ("program", "defender"),
         ("command", "\\exclusions\\", "disablerealtime", "tamperprotection",
                                                     "disableantispyware", "spynetreporting")),
        (("code=", "5101"), ("program", "defender")),
        (("code=", "7036", "7040"), ("command", "defender", "sysmon", "firewall", "security center"),
         ("command", "stopped", "disabled")),
        (SET, ("target", "\\services\\"), ("target$", "\\windefend\\start", "\\wdnissvc\\start", "\\sense\\start",
         "\\wdfilter\\start", "\\wscsvc\\start", "\\mpssvc\\start", "\\securityhealthservice\\start",
         "\\sysmondrv\\start"), ("data", "0x00000004")),
        (SET, ("target", "\\windows defender security center\\", "\\windows defender\\reporting\\",
               "\\windows defender\\spynet\\", "\\windows defender\\mpengine\\", "\\windows defender\\ux"),
         ("target$", "\\disablenotifications", "\\disableenhancednotifications", "\\spynetreporting",
          "\\submitsamplesconsent", "\\mpenablepus", "\\notification_suppress"), ("image$", *BY_HAND)),
    ),
    *rules(
        "T1562.004", 0.7, "the firewall is opened or switched off",
        (("code=", "2003", "2002", "2033"), ("program", "firewall with advanced security"),
         ("data", *WRITABLE, "\\netsh.exe", "\\powershell.exe")),
        (("code=", "2004", "2005", "2097"), ("program", "firewall with advanced security"), ("data", *WRITABLE)),
        (("code=", "2003"), ("program", "firewall with advanced security"), ("data", "settingvaluestring:no")),
        (("code=", "4950"), ("program", "security-auditing"), ("command", "settingvalue:no", "value: no")),
        (("code=", "5025"), ("program", "security-auditing")),
    ),
    *rules(
        "T1562.004", 0.45, "a way through the firewall is opened by a command",
        (("code=", "2004", "2097"), ("program", "firewall with advanced security"),
         ("data", "\\netsh.exe", "\\powershell.exe", "\\wmiprvse.exe", "\\rundll32.exe")),
    ),
    *rules(
        "T1553.006", 0.75, "the system is told to take drivers that nobody signed",
        (("code=", "4826"), ("data", "testsigning:%%1843", "kerneldebug:%%1843")),
        (("command", "bcdedit"), ("command", "testsigning", "nointegritychecks", "-debug", "disable_integrity_checks",
                                  "safeboot")),
    ),
    *rules(
        "T1553.004", 0.6, "a certificate is put among those that are trusted",
        (SET, ("target", "\\systemcertificates\\root\\certificates\\"), ("target$", "\\blob"), ("image$", *BY_HAND)),
        (("command", "certutil"), ("command", "-addstore"), ("command", "root")),
        (("command", "import-certificate"), ("command", "\\root")),
    ),
    *rules(
        "T1112", 0.75, "the machine is opened to others",
        (SET, ("target$", "\\lanmanserver\\parameters\\nullsessionpipes",
               "\\lanmanserver\\parameters\\nullsessionshares"), ("image$", *BY_HAND)),
        (SET, ("target$", "\\lanmanserver\\parameters\\restrictnullsessaccess", "\\lsa\\restrictanonymous",
               "\\lsa\\restrictanonymoussam", "\\lsa\\disablerestrictedadmin", "\\lsa\\limitblankpassworduse",
               "\\rdp-tcp\\securitylayer"), ZERO),
        (SET, ("target$", "\\lsa\\disablerestrictedadmin"), ONE, ("image$", *BY_HAND)),
        (SET, ("target$", "\\terminal server\\fsinglesessionperuser", "\\terminal services\\shadow",
               "\\terminal server\\allowtsconnections", "\\rdp-tcp\\portnumber", "\\lsa\\lmcompatibilitylevel",
               "\\rdp-tcp\\initialprogram"), ("image$", *BY_HAND)),
        (SET, ("target", "\\securepipeservers\\winreg\\"), ("image$", *BY_HAND)),
    ),
    *rules(
        "T1112", 0.6, "what scripts may do is widened",
        (SET, ("target$", "\\microsoft.powershell\\executionpolicy"), ("data", "unrestricted", "bypass")),
        (REGISTRY, ("target$", "\\__pslockdownpolicy")),
        (SET, ("target$", "\\windows script host\\settings\\enabled", "\\hta\\enabled"), ONE),
    ),
    *rules(
        "T1090.001", 0.75, "a port is passed on to another machine",
        (SET, ("target", "\\portproxy\\v4tov4\\", "\\portproxy\\v4tov6\\", "\\portproxy\\v6tov4\\")),
    ),
    *commands(
        "T1562.010", 0.6, "an old PowerShell without a log is asked for",
        ("powershell", " -version 2"), ("powershell", " -v 2 "), ("powershell", " -ver 2"),
    ),
    *rules(
        "T1562.010", 0.6, "an old PowerShell without a log is at work",
        (("code=", "400"), ("program", "powershell"), ("command", "engineversion=2.", "hostversion=2.")),
    ),
    *rules(
        "T1562.002", 0.55, "the groups whose log-ons are told of are changed",
        (("code=", "4908"), ("program", "security-auditing")),
    ),
    *rules(
        "T1562.002", 0.65, "the name server stops writing what it is asked",
        (("code=", "541"), ("program", "dnsserver", "dns-server"), ("data", "eventlog", "loglevel"),
         ("data", "newvalue:0,", "newvalue:0x0,", "newvalue:0}")),
    ),
)  # fmt: skip

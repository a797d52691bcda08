"""Somebody looks around: who am I, who else is here, which machines, which rights. Each by itself is everyday."""

from pipeline.detectors.logs.host_rule import HostRule, When, commands, rules
from pipeline.detectors.logs.host_vocabulary import POWERSHELL, SCRIPT_HOSTS, WRITABLE

HIDDEN = (" -enc ", " -encodedc", " -e ", "hidden", " -w 1 ", "downloadstring", "frombase64")


def _step(technique: str, title: str, *alternatives: tuple[When, ...]) -> tuple[HostRule, ...]:
    """One step of looking around, counted with others; by a hidden PowerShell or from a user's folder it is told."""
    plain = rules(technique, 0.3, title, *alternatives)
    hidden = [(*when, ("parent_command", *HIDDEN)) for when in alternatives]
    strange = [(*when, ("parent", *WRITABLE)) for when in alternatives]
    scripted = [(*when, ("parent$", *SCRIPT_HOSTS, "\\rundll32.exe", "\\regsvr32.exe")) for when in alternatives]
    shell = [(*when, ("parent$", *POWERSHELL)) for when in alternatives]
    return (
        *plain, *rules(technique, 0.35, title, *shell), *rules(technique, 0.7, title, *hidden),
        *rules(technique, 0.65, title, *strange), *rules(technique, 0.65, title, *scripted),
    )  # fmt: skip


def _run(name: str, *words: str) -> tuple[When, ...]:
    start: tuple[When, ...] = (("action=", "start"), ("image$", f"\\{name}"))
    return (*start, ("command", *words)) if words else start


RULES: tuple[HostRule, ...] = (
    *_step("T1033", "somebody asks who is logged on", _run("whoami.exe"), _run("quser.exe"), _run("query.exe"),
           _run("qwinsta.exe")),
    *_step("T1087", "accounts are listed", _run("net.exe", " user", " accounts"), _run("dsquery.exe"),
           _run("wmic.exe", "useraccount"), _run("cmdkey.exe", "-list")),
    *_step("T1069", "groups and administrators are listed", _run("net.exe", " group", " localgroup"),
           _run("gpresult.exe"), _run("wmic.exe", " group")),
    *_step("T1082", "the system is described", _run("systeminfo.exe"), _run("hostname.exe"), _run("driverquery.exe"),
           _run("wmic.exe", "computersystem", "qfe", "logicaldisk", " os ")),
    *_step("T1016", "the network is described", _run("ipconfig.exe", "-all", "-displaydns"), _run("arp.exe"),
           _run("route.exe", "print"), _run("nbtstat.exe"), _run("netsh.exe", "show")),
    *_step("T1049", "connections are listed", _run("netstat.exe"), _run("net.exe", " session", " file"),
           (*_run("net.exe", " use"), ("!command", ": \\\\", "* \\\\", " use \\\\"))),
    *_step("T1018", "machines are listed", _run("net.exe", " view"), _run("nltest.exe", "dclist", "dsgetdc"),
           _run("ping.exe", "-n 1 ")),
    *_step("T1482", "domain trusts are listed", _run("nltest.exe", "trust")),
    *_step("T1057", "processes and services are listed", _run("tasklist.exe"), _run("sc.exe", " query"),
           _run("wmic.exe", "process", "service", "antivirus", "startup"), _run("net.exe", " start")),
    *_step("T1012", "the registry is searched", _run("reg.exe", " query ")),
    *_step("T1135", "shares are listed", _run("net.exe", " share")),
    *rules(
        "T1069", 0.3, "groups and administrators are listed",
        (("action=", "groups_enumerated"), ("!user$", "$"), ("!user=", "system", "local service", "network service"),
         ("data", "\\net1.exe", "\\net.exe", "\\powershell.exe", "\\desktop\\", "\\downloads\\", "\\temp\\")),
    ),
    *rules(
        "T1069", 0.65, "groups and administrators are listed by a program in a user's folder",
        (("action=", "groups_enumerated"), ("!user$", "$"), ("data", *WRITABLE)),
    ),
    *rules(
        "T1087.002", 0.65, "a program in a user's folder asks the directory",
        (("action=", "connect"), ("target$", ":389", ":636", ":3268", ":9389"), ("image", *WRITABLE)),
        (("action=", "connect"), ("target$", ":389", ":636", ":3268", ":9389"), ("image$", *SCRIPT_HOSTS,
         "\\rundll32.exe",
                                                                                 "\\regsvr32.exe", "\\msbuild.exe")),
    ),
    *rules(
        "T1087.002", 0.45, "PowerShell asks the directory",
        (("action=", "connect"), ("target$", ":389", ":636", ":3268"), ("image$", *POWERSHELL)),
        (("command", "directorysearcher"), ("command", "findall"), ("command", "samaccounttype", "objectcategory",
         "ldap://")),
    ),
    *rules(
        "T1087", 0.3, "accounts of this machine are asked for from another",
        (("action=", "share_access"), ("target$", "\\samr", "\\lsarpc"), ("!user$", "$")),
    ),
    *rules(
        "T1049", 0.3, "sessions of this machine are asked for from another",
        (("action=", "share_access"), ("target$", "\\srvsvc", "\\wkssvc"), ("!user$", "$")),
    ),
    *commands(
        "T1087.002", 0.8, "the directory is mapped",
        ("sharphound",), ("invoke-bloodhound",), ("bloodhound.exe",), ("bloodhound.ps1",), ("adfind", "-f "),
        ("adfind", "objectc"),
        ("sharpview",),
        ("adfind", "trustdmp"), ("get-netuser",), ("get-domainuser",), ("get-netgroup",), ("get-domaingroup",),
        ("pingcastle",),
        ("get-netcomputer",), ("get-domaincomputer",), ("get-domaincontroller",), ("get-netdomain",), ("adrecon",),
        ("get-objectacl",), ("get-domainobjectacl",), ("windapsearch",), ("ldapdomaindump",), ("get-netsite",),
        ("get-netou",),
        ("get-domaintrust",), ("get-netforest",),
    ),
    *commands(
        "T1018", 0.6, "a network is called machine by machine",
        ("for -l", "ping"), ("nbtscan",), ("1..255", "ping"), ("1..254", "test-connection"), ("1..255",
         "test-connection"),
    ),
    *commands(
        "T1518.001", 0.6, "the protection of this machine is asked for",
        ("securitycenter2",), ("securitycenter", "antivirusproduct"), ("findstr", "defender", "tasklist"),
        ("findstr", "virus"), ("findstr", "carbonblack"), ("findstr", "sentinel"), ("findstr", "csfalcon"),
    ),
    *commands(
        "T1654", 0.6, "the log is searched for log-ons of others",
        ("wevtutil", " qe ", "security"), ("get-winevent", "security", "4624"), ("get-eventlog", "security", "4624"),
        ("wmic", "ntevent", "security"), ("get-winevent", "terminalservices"), ("wevtutil", " qe ", "terminalservices"),
    ),
    *commands(
        "T1087.002", 0.6, "a tool that lists directories is run", ("adfind.exe",), ("adfind ",), ("ldapsearch",
         "samaccountname"),
    ),
    *commands(
        "T1018", 0.8, "machines are searched for a way in",
        ("find-localadminaccess",), ("invoke-userhunter",), ("find-domainuserlocation",), ("get-netsession",),
        ("invoke-sharefinder",), ("find-domainshare",), ("get-netloggedon",), ("invoke-portscan",),
        ("invoke-arpscan",),
        ("get-netlocalgroup",), ("invoke-checklocaladminaccess",), ("test-adminaccess",),
        ("invoke-enumeratelocaladmin",),
        ("invoke-filefinder",), ("get-netrdpsession",), ("invoke-processhunter",), ("get-netshare",),
        ("get-netprocess",),
        ("get-loggedonlocal",), ("invoke-stealthuserhunter",), ("get-sqlinstance",), ("invoke-reversednslookup",),
    ),
    *commands(
        "T1082", 0.75, "a tool looks for weaknesses of this machine",
        ("seatbelt.exe",), ("seatbelt", "-group="), ("seatbelt.program",), ("winpeas",), ("invoke-allchecks",),
        ("invoke-privesc",), ("sharpup",), ("linpeas",),
        ("linenum.sh",),
        ("\\watson.exe",), ("invoke-winenum",), ("jaws-enum",), ("host-recon",),
        ("powerup.ps1",),
        ("linux-exploit-suggester",), ("pspy64",), ("unix-privesc-check",), ("invoke-hostrecon",),
    ),
    *rules(
        "T1082", 0.5, "a program in a user's folder asks for much at once",
        (("action=", "start"), ("image", *WRITABLE), ("command", "-group=", "-full", "user", "all"),
         ("command", "-group=", "-outputfile", "--collectionmethod", " -c all")),
    ),
    *commands(
        "T1046", 0.55, "the network is scanned from this machine",
        ("nmap ", "-s"), ("masscan ",), ("a0=nmap",), ("angry ip",), ("netscan.exe",), ("advanced_port_scanner",),
        ("advanced_ip_scanner",), ("1..254", "ping"), ("1..1024", "tcpclient"), ("zmap ", "-p"),
    ),
    *commands(
        "T1083", 0.4, "files of interest are searched",
        ("find ", "-perm", "-4000"), ("find ", "-perm", "-u=s"), ("find ", "-name", "id_rsa"), ("getcap -r",),
        ("dir ", "-s", "password"), ("findstr", "-si", "password"), ("find ", "-writable", "-type"), ("sudo -l",),
    ),
    *rules("T1016", 0.3, "the network is described", (("command", "a0=arp"),), (("command", "a0=ip", "a0=ifconfig"),
           ("command", "=neigh", "=addr", "=route", "=-a")), (("program=", "arp"),)),
    *rules("T1033", 0.3, "somebody asks who is logged on", (("command", "a0=whoami", "a0=id ", "a0=who ", "a0=w "),)),
    *rules("T1082", 0.3, "the system is described", (("command", "a0=uname"),), (("command", "a0=hostname"),)),
    *rules("T1087", 0.3, "accounts are listed", (("command", "a0=cat"), ("command", "=/etc/passwd", "=/etc/group"))),
)  # fmt: skip

"""Accounts and policies that are left behind, as audit records and the registry show them."""

from pipeline.detectors.logs.host_rule import DIRECTORY, NOT_A_MACHINE, REGISTRY, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import WRITTEN

ACCOUNTS = "\\sam\\domains\\account\\users\\"
WRITES = ("data", *WRITTEN, "0x120116")

RULES: tuple[HostRule, ...] = (
    *commands(
        "T1098", 0.65, "an account is let in from afar",
        ("net", "localgroup", "remote desktop users", "-add"), ("net", "localgroup", "remote management users", "-add"),
        ("add-localgroupmember", "remote desktop users"), ("net", "user", "guest", "-active:yes"),
        ("net", "user", "guest", "-active yes"), ("enable-localuser", "guest"),
    ),
    *rules(
        "T1098", 0.6, "an account of a database is given a role",
        (("code=", "33205"), ("command", "add member", "addsrvrolemember", "addrolemember")),
    ),
    *rules(
        "T1098", 0.6, "an account is renamed to look like an administrator's",
        (("code=", "4781"), ("data", "newtargetusername:admin", "newtargetusername:root", "newtargetusername:svc_"),
         ("!data", "oldtargetusername:admin", "oldtargetusername:root", "oldtargetusername:svc_")),
    ),
    *rules(
        "T1136", 0.8, "an account of a person is given the name of a machine",
        (("code=", "4720"), ("data", "$,targetdomainname:")),
        (REGISTRY, ("target", f"{ACCOUNTS}names\\"), ("target$", "$\\(default)", "$")),
    ),
    *rules(
        "T1136.001", 0.55, "an account is made on this machine",
        (("action=", "registry_set"), ("target", f"{ACCOUNTS}names\\"), ("target$", "\\(default)")),
    ),
    *rules(
        "T1136.002", 0.45, "a machine is joined to the domain by a person",
        (("code=", "4741"), NOT_A_MACHINE),
    ),
    *rules(
        "T1098", 0.85, "the database of accounts is written past the system",
        (REGISTRY, ("target", ACCOUNTS), ("target$", "\\f", "\\v"), ("!image$", "\\lsass.exe", "\\services.exe")),
    ),
    *rules(
        "T1098", 0.55, "an account of the machine's own is put to use",
        (("code=", "4722"), ("data", "-500,", "-501,", "-503,"), NOT_A_MACHINE),
        (("code=", "4722"), ("data", "targetusername:guest,", "targetusername:administrator,",
                             "targetusername:defaultaccount,"), NOT_A_MACHINE),
    ),
    *rules(
        "T1098.007", 0.6, "the administrators of this machine have become others",
        (("action=", "registry_set"), ("target$", "\\builtin\\aliases\\00000220\\c")),
    ),
    *rules(
        "T1098", 0.45, "the password of the machine's administrator is changed",
        (("action=", "registry_set"), ("target", f"{ACCOUNTS}000001f4\\"), ("target$", "\\forcepasswordreset", "\\v")),
    ),
    *rules(
        "T1564.002", 0.8, "an account is hidden from the logon screen",
        (("action=", "registry_set"), ("target", "\\specialaccounts\\userlist\\"), ("data", "0x00000000")),
        (("command", "specialaccounts\\userlist"), ("command", " add ", "itemproperty")),
    ),
    *rules(
        "T1098", 0.85, "the template of administrators' rights is changed",
        (DIRECTORY, ("data", "cn=adminsdholder"), NOT_A_MACHINE),
    ),
    *rules(
        "T1134.005", 0.85, "an account is given the history of another",
        (("code=", "4765", "4766"), ("program", "security-auditing")),
        (DIRECTORY, ("data", "attributeldapdisplayname:sidhistory"), NOT_A_MACHINE),
    ),
    *rules(
        "T1484.001", 0.75, "a policy for many machines is made to run something",
        (DIRECTORY, ("data", "gpcmachineextensionnames", "gpcuserextensionnames"),
         ("data", "aadced64-746c-4633-a97c-d61349046527", "42b5faae-6536-11d2-ae5a-0000f87571e3",
          "827d319e-6eac-11d2-a4ea-00c04f79f83a")),
        (("action=", "share_access"), ("target", "\\sysvol\\"), ("target$", "\\scheduledtasks.xml", "\\scripts.ini",
         "\\psscripts.ini", "\\services.xml", "\\groups.xml", "\\gpttmpl.inf"), WRITES),
        (("action=", "file_created"), ("target", "\\sysvol\\"), ("target$", "\\scheduledtasks.xml", "\\scripts.ini",
         "\\psscripts.ini", ".ps1", ".bat", ".vbs", ".exe"), ("!image$", "\\dfsrs.exe")),
    ),
    *rules(
        "T1484", 0.5, "the rules of the domain are changed",
        (("code=", "4739"), NOT_A_MACHINE),
        (DIRECTORY, ("data", "attributeldapdisplayname:ms-ds-machineaccountquota"), NOT_A_MACHINE),
        (("code=", "5137"), ("data", "objectclass:trusteddomain")),
    ),
    *rules(
        "T1098", 0.6, "an account is told to log on with a script or from another folder",
        (DIRECTORY, ("data", "attributeldapdisplayname:scriptpath",
                   "attributeldapdisplayname:msts-initialprogram"), NOT_A_MACHINE),
    ),
    *rules(
        "T1098", 0.6, "rights to log on or to act for others are given",
        (("code=", "4704", "4717"), ("data", "sedebugprivilege", "seenabledelegationprivilege", "setcbprivilege",
         "seloaddriverprivilege", "setakeownershipprivilege", "sebackupprivilege", "seremoteinteractivelogonright",
         "secreatetokenprivilege", "serestoreprivilege")),
    ),
    *rules(
        "T1505.001", 0.75, "a database server is opened to commands",
        (("code=", "15457"), ("command", "xp_cmdshell", "ole automation", "clr enabled"), ("command", " 1.", ":1",
                                                                                          "2:1", "to 1")),
        (("command", "sp_configure"), ("command", "xp_cmdshell", "ole automation"), ("command", ",1", ", 1")),
    ),
    *rules(
        "T1505.001", 0.6, "a command through the database server was refused",
        (("code=", "15281"), ("command", "xp_cmdshell", "ole automation")),
    ),
    *rules(
        "T1505.002", 0.7, "the mail server is given an agent of somebody's",
        (("action=", "file_created"), ("target$", "\\transportroles\\shared\\agents.config"), ("!image$", "\\w3wp.exe",
         "\\exsetup.exe", "\\wsmprovhost.exe")),
    ),
    *rules(
        "T1197", 0.7, "the transfer service is told to fetch or to run something by a command",
        (("code=", "3", "59", "60"), ("program", "bits-client"), ("command", "url:c:\\", "url:file:", "\\bitsadmin.exe",
         "\\powershell.exe", "\\desktopimgdownldr.exe", "\\rundll32.exe", "\\regsvr32.exe", "\\mshta.exe",
         "\\wscript.exe", "\\cmd.exe", "\\temp\\", "\\downloads\\")),
        (("code=", "59"), ("program", "bits-client"), ("command", "url:http"), ("command", ".ps1", ".exe,", ".hta",
         ".bat", ".vbs", ".dll,", ":8000", ":8080", ":4444", ".ngrok", "pastebin", "raw.github", "discordapp")),
    ),
    *rules(
        "T1505.002", 0.75, "the mail server is told to load an agent",
        (("program", "msexchange"), ("command", "install-transportagent")),
        (("command", "install-transportagent"), ("command", "-assemblypath")),
    ),
    *rules(
        "T1574", 0.7, "the server of addresses loads somebody's library",
        (("code=", "1031", "1032", "1033", "1034"), ("program", "dhcp-server", "dhcpserver", "dhcp server")),
        (REGISTRY, ("target$", "\\dhcpserver\\parameters\\calloutdlls", "\\dhcpserver\\parameters\\calloutenabled")),
    ),
    *commands(
        "T1543.003", 0.75, "rights on a service are changed",
        ("reg", " add ", "currentcontrolset\\services\\", "\\security"),
    ),
    *rules(
        "T1484", 0.6, "the rules of tickets are changed for the domain",
        (("code=", "4713"), ("program", "security-auditing"), NOT_A_MACHINE),
    ),
)  # fmt: skip

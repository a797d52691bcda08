"""Passwords and keys of a domain: what domain controllers and other servers write when they are taken."""

from pipeline.detectors.logs.host_rule import DIRECTORY, NOT_A_MACHINE, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import INSTALLED, RUNNERS, WRITABLE
from pipeline.detectors.logs.rules.credential_dumping.secrets import SYSTEM

ACCOUNT = ("code=", "4738", "4742")
VAULTS = (
    "\\keepass.exe", "\\keepassxc.exe", "\\teamviewer.exe", "\\anydesk.exe", "\\lastpass.exe", "\\1password.exe",
    "\\bitwarden.exe", "\\mstsc.exe", "\\winscp.exe", "\\putty.exe", "\\filezilla.exe", "\\lsaiso.exe",
)  # fmt: skip
"""Programs that hold passwords of people in their memory."""

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1003.001", 0.8, "the memory of the logon service is asked for",
        (("action=", "object_open", "object_access"), ("target$", "\\lsass.exe"), ("image$", *RUNNERS)),
        (("action=", "object_open", "object_access"), ("target$", "\\lsass.exe"), ("image", *WRITABLE)),
    ),
    *rules(
        "T1003.001", 0.6, "the memory of the logon service is asked for",
        (("action=", "object_access"), ("target$", "\\lsass.exe"), ("!image", *INSTALLED), ("!image$", *SYSTEM),
         ("data", "%%4484", "accessmask:0x10,", "accessmask:0x1410", "accessmask:0x1fffff")),
    ),
    *rules(
        "T1003.001", 0.9, "the logon service is made to write down passwords or its memory",
        (("action=", "file_created"), ("target$", "\\mimilsa.log", "\\kiwissp.log", "\\memssp.log")),
        (("code=", "3001", "3000"), ("program", "processexitmonitor"), ("command", "lsass.exe")),
        (("action=", "registry_set"), ("target", "\\silentprocessexit\\lsass.exe",
         "\\image file execution options\\lsass.exe")),
    ),
    *rules(
        "T1003.003", 0.8, "the directory's password database is opened outside its place",
        (("code=", "216", "325", "326", "327"), ("program=", "esent"), ("command", "ntds.dit"),
         ("command", "$snap_", "volumec$", "\\temp\\", "\\users\\", "\\active directory\\ntds.dit",
          "harddiskvolumeshadowcopy", "\\perflogs\\", "\\programdata\\")),
        (("action=", "file_created"), ("target$", "\\active directory\\ntds.dit", "\\registry\\system")),
    ),
    *rules(
        "T1210", 0.9, "nobody in particular changed the password of a machine (Zerologon)",
        (("code=", "4742"), ("user=", "anonymous logon")),
    ),
    *rules(
        "T1210", 0.45, "a machine's secure channel is refused",
        (("code=", "5805", "5723", "5722", "5829", "5827"), ("program=", "netlogon")),
    ),
    *rules(
        "T1098", 0.7, "the password of a machine is set by a person",
        (("code=", "4724"), ("data", "$,targetdomainname:"), NOT_A_MACHINE),
    ),
    *rules("T1098", 0.8, "the repair password of a domain controller is changed", (("code=", "4794"),)),
    *rules(
        "T1556", 0.85, "a key that opens an account is added to the directory (shadow credentials)",
        (DIRECTORY, ("data", "msds-keycredentiallink"), NOT_A_MACHINE, ("!user^", "msol_", "aad_")),
    ),
    *rules(
        "T1558", 0.75, "an account is allowed to act for others (delegation)",
        (DIRECTORY, ("data", "msds-allowedtoactonbehalfofotheridentity", "msds-allowedtodelegateto"), NOT_A_MACHINE),
        (ACCOUNT, ("data", "allowedtodelegateto:"), ("!data", "allowedtodelegateto:-"), NOT_A_MACHINE),
        (ACCOUNT, ("data", "%%2093", "%%2098"), NOT_A_MACHINE),
    ),
    *rules(
        "T1558.004", 0.8, "an account's tickets are given without proof of the password from now on",
        (ACCOUNT, ("data", "%%2096"), NOT_A_MACHINE),
    ),
    *rules(
        "T1558.003", 0.6, "an account of a person is made to look like a service",
        (DIRECTORY, ("data", "attributeldapdisplayname:serviceprincipalname"), ("data", "objectclass:user"),
         NOT_A_MACHINE),
    ),
    *rules(
        "T1556", 0.6, "an account's password is kept in a form that can be read, or not asked for",
        (ACCOUNT, ("data", "%%2091", "%%2082", "%%2083"), NOT_A_MACHINE),
        (("code=", "4720"), ("data", "%%2091"), NOT_A_MACHINE),
    ),
    *rules(
        "T1556", 0.9, "a password filter or a library is given to the directory service",
        (("action=", "registry_set", "registry_changed"),
         ("target$", "\\ntds\\directoryserviceextpt", "\\ntds\\lsadbextpt")),
        (("code=", "4614", "4610", "4622"), ("data", *WRITABLE, "\\programdata\\", "mimi")),
    ),
    *rules(
        "T1649", 0.75, "the keys of the certificate authority are saved, or its log is changed",
        (("code=", "4876", "4885"), ("program", "security-auditing")),
    ),
    *rules(
        "T1558.001", 0.6, "the administrator's number logs on under another name",
        (("code=", "4624"), ("data", "-500,targetusername:"), ("!data", "-500,targetusername:adm",
         "-500,targetusername:amm", "-500,targetusername:järj", "-500,targetusername:rend")),
    ),
    *rules(
        "T1555", 0.75, "stored passwords of a person are fetched from another machine",
        (("action=", "share_access"), ("target", "\\login data", "\\logins.json", "\\key4.db",
         "\\microsoft\\credentials",
         "\\microsoft\\protect", "\\.ssh\\id_", ".kdbx", "\\ntuser.dat", "\\consolehost_history.txt", "unattend.xml"),
         NOT_A_MACHINE),
    ),
    *commands(
        "T1040", 0.6, "traffic of this machine is recorded",
        ("pktmon", " start"), ("pktmon", "filter add"), ("netsh", "trace", "start"), ("tshark ", "-i"),
        ("dumpcap ", "-i"), ("windump",), ("tcpdump ", "-w "), ("new-neteventsession",), ("rawcap",),
    ),
    *rules(
        "T1649", 0.75, "a certificate is asked for in the name of somebody else",
        (("code=", "4886", "4887"), ("data", "san:upn", "san:dns")),
    ),
    *rules(
        "T1555", 0.8, "the memory of a program that holds passwords is read",
        (("action=", "access"), ("target$", *VAULTS), ("image", *WRITABLE), ("data", "grantedaccess:0x1")),
        (("action=", "access", "inject"), ("target$", *VAULTS), ("image$", *RUNNERS)),
        (("action=", "inject"), ("target$", *VAULTS), ("image", *WRITABLE)),
    ),
    *rules(
        "T1558", 0.85, "a tool that makes tickets speaks to itself",
        (("action=", "pipe_created", "pipe_connected"), ("target", "kekeo", "\\cachedump", "\\lsadump", "\\gsecdump",
                                                         "\\wceservicepipe", "\\fgdump")),
    ),
    *rules(
        "T1056.001", 0.45, "a program listens to the keyboard",
        (("action=", "registry_set"), ("target", "\\directinput\\mostrecentapplication\\"), ("target$", "\\name"),
         ("data", ".exe")),
    ),
    *commands(
        "T1552", 0.8, "passwords in settings of servers are listed",
        ("appcmd", "list", "password"), ("appcmd", "list", "-text:*"), ("appcmd", "list", "-config"),
        ("aspnet_regiis", "-pdf"), ("aspnet_regiis", "-pd "), ("netsh", "wlan", "key=clear"),
        ("reg", " query ", "winlogon", "defaultpassword"), ("reg", " query ", "-f password"),
        ("findstr", "password", "unattend"), ("select-string", "password", "unattend"), ("findstr", "-s", "cpassword"),
        ("get-gppautologon",), ("get-cachedgpppassword",), ("get-unattendedinstallfile",),
    ),
    *commands(
        "T1555.004", 0.7, "saved passwords of Windows are opened or taken along",
        ("rundll32", "keymgr.dll,krshowkeymgr"), ("windows.security.credentials.passwordvault",),
        ("webbrowserpassview",), ("credwiz.exe",), ("mailpassview",), ("netpass.exe",),
    ),
    *commands(
        "T1110.003", 0.8, "passwords are tried against many accounts by a tool",
        ("invoke-domainpasswordspray",), ("kerbrute",), ("crackmapexec",), ("sharpspray",), ("invoke-sprayempty",),
        ("-passwordlist", "-userlist"), ("hydra ", "-p "), ("invoke-bruteforce",),
    ),
)  # fmt: skip

"""Passwords, hashes, keys and tickets are taken from where the system keeps them."""

from pipeline.detectors.logs.host_rule import HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import INSTALLED, RUNNERS, WRITABLE

LSASS = ("target$", "\\lsass.exe")
ACCESS = ("action=", "access")
READS = tuple(
    f"grantedaccess:0x{mask}"
    for mask in ("1010", "1410", "1418", "1438", "143a", "1478", "1f1fff", "1f3fff", "1f0fff", "1f2fff", "1fffff",
                 "101010", "101410", "121411", "810", "40,", "10,")
)  # fmt: skip
"""Rights that hold PROCESS_VM_READ or PROCESS_DUP_HANDLE alone; the system's own services ask for less."""
DOTNET = ("!data", "\\system.ni.dll+", "\\system.dll+")
""".NET's class Process asks for these rights whenever processes are listed."""
SYSTEM = (
    "\\csrss.exe", "\\wininit.exe", "\\lsass.exe", "\\svchost.exe", "\\msmpeng.exe", "\\werfault.exe",
    "\\wmiprvse.exe", "\\services.exe", "\\lsm.exe", "\\mrt.exe", "\\vboxservice.exe", "\\vmtoolsd.exe",
    "\\smss.exe", "\\winlogon.exe", "\\sppsvc.exe", "\\tiworker.exe", "\\system",
)  # fmt: skip
REPLICATION = (
    "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2", "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2",
    "89e95b76-444d-4c62-991a-0facbeda640c",
)  # fmt: skip
"""DS-Replication-Get-Changes, -All, -In-Filtered-Set (MS-ADTS 5.1.3.2.1)."""

RULES: tuple[HostRule, ...] = (
    *commands(
        "T1003.001", 0.7, "the process that holds passwords is looked for",
        ("findstr", "lsass"), ("tasklist", "lsass"), ("find ", "lsass.exe"), ("get-process", "lsass"),
    ),
    *commands(
        "T1003.001", 0.85, "the guarded memory of passwords is written to a file",
        ("werfaultsecure", "-encfile"), ("werfaultsecure", "-type", "-file"), ("memprocfs", "-forensic"),
        ("memprocfs", "-device"), ("wsass",), ("pplblade",), ("handlekatz",),
    ),
    *commands(
        "T1187", 0.8, "a machine is made to log on to another", ("certutil", "-syncwithwu", "\\\\"),
    ),
    *commands(
        "T1552.004", 0.6, "private keys are exported",
        ("certutil", "-exportpfx"), ("export-pfxcertificate",), ("certutil", "-backupkey"),
    ),
    *rules(
        "T1003.001", 0.9, "the memory of the logon service is read",
        (ACCESS, LSASS, ("image$", *RUNNERS, "\\taskmgr.exe", "\\procexp.exe", "\\procexp64.exe", "\\procdump.exe",
                         "\\procdump64.exe", "\\wsmprovhost.exe", "\\notepad.exe"), ("data", *READS), DOTNET),
        (ACCESS, LSASS, ("image", *WRITABLE, "\\programdata\\"), ("data", *READS)),
        (ACCESS, LSASS, ("data", "dbgcore.dll", "dbghelp.dll"), ("!image$", *SYSTEM)),
        (("action=", "inject"), LSASS, ("!image$", *SYSTEM)),
    ),
    *rules(
        "T1003.001", 0.6, "code of unknown origin reads the memory of the logon service",
        (ACCESS, LSASS, ("data", *READS), ("data", "|unknown("), DOTNET, ("!image", *INSTALLED), ("!image$",
         *SYSTEM)),
    ),
    *rules(
        "T1003.001", 0.9, "a copy of the logon service's memory is written",
        (("action=", "file_created"), ("target", "lsass", "\\debug.bin"), ("target$", ".dmp", ".bin", ".mdmp")),
    ),
    *commands(
        "T1003.001", 0.9, "the memory of the logon service is read",
        ("procdump", "lsass"), ("comsvcs", "minidump"), ("comsvcs", "#24"), ("comsvcs", "#+24"), ("sekurlsa::",),
        ("invoke-mimikatz",), ("mimikatz",), ("lsass.dmp",), ("get-process lsass", "minidump"), ("out-minidump",),
        ("minidumpwritedump", "lsass"), ("rdrleakdiag", "-fullmemdmp"), ("sqldumper", "0x01100"),
        ("tttracer", "-dumpfull"), ("nanodump",), ("pypykatz",), ("createdump", "-f ", "lsass"),
    ),
    *commands(
        "T1003.002", 0.9, "password hashes are saved from the registry",
        ("reg", " save ", "hklm\\sam"), ("reg", " save ", "hklm\\security"), ("reg", " save ", "hklm\\system"),
        ("reg", "export", "hklm\\sam"), ("lsadump::",), ("invoke-powerdump",), ("system32\\config\\sam", "copy "),
        ("esentutl", "config\\sam"), ("esentutl", "config/sam"), ("esentutl", "-vss", "config"), ("esentutl", "-vss",
         "ntds"),
        ("keymgr,krshowkeymgr",), ("filestream", "config\\sam"), ("config\\sam", "harddiskvolumeshadowcopy", "copy "),
         ("secretsdump",),
        ("get-passhash",),
        ("reg", " save ", "hkey_local_machine\\sam"), ("invoke-ninjacopy",),
        ("reg", " save ", "hkey_local_machine\\security"), ("get-lsasecret",),
    ),
    *rules(
        "T1003.002", 0.8, "a program reads the stored accounts",
        (("action=", "object_access", "object_open"), ("target", "\\sam\\domains\\account\\users"), ("!image$",
         *SYSTEM)),
        (("action=", "file_created"), ("target$", "\\sam.save", "\\sam.hive", "\\sam.hiv", "\\security.save",
                                       "\\system.save", "\\ntds.dit"), ("!image$", *SYSTEM, "\\dcpromo.exe")),
        (("action=", "raw_read"), ("image$", *RUNNERS)),
        (("action=", "raw_read"), ("image", *WRITABLE)),
    ),
    *commands(
        "T1003.003", 0.9, "the directory's password database is copied",
        ("ntdsutil", "ifm"), ("ntdsutil", "ac i ntds"), ("ntds.dit", "copy "),
          ("diskshadow", "ntds"), ("esentutl", "ntds"),
        ("mklink", "harddiskvolumeshadowcopy"), ("copy ", "globalroot\\device\\harddiskvolumeshadowcopy"),
    ),
        *commands(
        "T1003.003", 0.7, "a snapshot of a disk is made by hand",
        ("vssadmin", "create shadow"), ("shadowcopy", "call create"), ("win32_shadowcopy", ".create("),
    ),
    *rules(
        "T1003.006", 0.9, "an account that is no domain controller asks for all passwords of the domain",
        (("code=", "4662"), ("command", *REPLICATION), ("!user$", "$"), ("!user^", "msol_", "aad_")),
        (("code=", "4662"), ("command", *REPLICATION), ("!command", "account name: dwm-"),
         ("command", "control access"), ("!user$", "$"), ("!user^", "msol_", "aad_")),
    ),
    *rules(
        "T1003.004", 0.8, "the domain's backup key for secrets is fetched",
        (("code=", "4662"), ("command", "bckupkey"), ("!user$", "$")),
        (("code=", "4692"), ("!user$", "$")),
        (("action=", "share_access"), ("target$", "\\protected_storage")),
    ),
    *rules(
        "T1003.004", 0.5, "stored secrets of services are read",
        (("action=", "object_access", "object_open"), ("target", "\\policy\\secrets\\"), ("!image$", *SYSTEM)),
    ),
    *commands(
        "T1558.003", 0.9, "Kerberos tickets are forged or harvested",
        ("rubeus",), ("invoke-kerberoast",), ("kerberos::golden",), ("kerberos::list",),
        ("asktgt", "-user:"), ("asreproast",), ("getuserspns",),
        ("kerberosrequestorsecuritytoken", "add-type"), ("setspn", " -q ", "*/*"), ("-ticket:doi",),
        ("createnetonly",),
    ),
    *rules(
        "T1558.004", 0.7, "a ticket is given without proof of the password, with a weak cipher",
        (("code=", "4768"), ("data", "preauthtype:0,", "preauthtype:0}"), ("data", "encryptiontype:0x17"),
         ("!user$", "$")),
    ),
    *rules(
        "T1558.003", 0.45, "a service ticket with a weak cipher is asked for",
        (("code=", "4769"), ("data", "encryptiontype:0x17", "encryptiontype:0x18"), ("!data", "$,", "$}", "krbtgt"),
         ("!user$", "$")),
    ),
    *rules(
        "T1550.003", 0.7, "a program in a user's folder speaks to the ticket service itself",
        (("action=", "connect"), ("target$", ":88"), ("image", *WRITABLE)),
        (("action=", "connect"), ("target$", ":88"), ("image$", *RUNNERS)),
    ),
    *rules(
        "T1555", 0.6, "a program reads the passwords that browsers keep",
        (("action=", "object_access", "object_open", "file_created"),
         ("target", "\\login data", "\\logins.json", "\\key4.db", "\\cookies.sqlite"),
         ("!image$", "\\chrome.exe", "\\msedge.exe", "\\firefox.exe", "\\brave.exe", "\\opera.exe", *SYSTEM),
         ("!image", *INSTALLED)),
    ),
    *commands(
        "T1555", 0.8, "stored passwords are collected",
        ("lazagne",), ("vaultcmd", "-listcreds"), ("sharpchrome",), ("sharpdpapi",), ("get-vaultcredential",),
        ("cmdkey", "-list"), ("dpapi::masterkey",), ("dpapi::cred",), ("dpapi::chrome",), ("vault::cred",),
        ("vault::list",), ("invoke-credentialinjection",), ("mimikittenz",),
        ("get-gpppassword",), ("findstr", "cpassword"), ("gpp", "cpassword", "groups.xml"),
    ),
    *commands(
        "T1056.002", 0.75, "the user is asked for a password by a script",
        ("promptforcredential(",), ("creduipromptfor",), ("invoke-credentialphisher",), ("invoke-prompt",),
    ),
    *rules(
        "T1187", 0.55, "a machine is made to log on elsewhere",
        (("action=", "share_access"), ("target$", "\\efsrpc", "\\netdfs", "\\fssagentrpc"), ("!user$", "$")),
        (("action=", "share_access"), ("target$", "\\lsarpc", "\\spoolss"), ("user=", "anonymous logon")),
    ),
    *rules(
        "T1556.002", 0.8, "a module is added to the logon service",
        (("action=", "registry_set"), ("target$", "\\lsa\\security packages", "\\lsa\\notification packages",
                                       "\\lsa\\osconfig\\security packages")),
        (("code=", "4611"), ("command", "mimikatz", "mimilib")),
        (("command", "misc::memssp"),), (("command", "mimilib"),),
    ),
    *commands(
        "T1003.008", 0.8, "the password file is read",
        ("cat ", "etc/shadow"), ("cp ", "etc/shadow"), ("unshadow ",), ("=etc/shadow", "a0=cat"), ("tail ",
         "etc/shadow"),
        ("a0=cat", "=/etc/shadow"), ("a0=cp", "=/etc/shadow"), ("strings -", "etc/shadow"), ("mimipenguin",),
        ("gcore ", "sshd"), ("cat ", "etc/krb5.keytab"), ("cat ", ".ssh/id_"),
        ("tdbdump", "secrets"),
    ),
    *rules(
        "T1606.002", 0.75, "the sign-in server's keys are read",
        (("action=", "pipe_connected"), ("target", "\\microsoft##wid\\tsql\\query"),
         ("!image$", "\\microsoft.identityserver.servicehost.exe", "\\sqlservr.exe", "\\mmc.exe", "\\wsmprovhost.exe",
          "\\svchost.exe")),
        (("command", "exportadfstokensigning", "adfsdump", "thumbnailphoto=*", "export-aadintadfs"),),
    ),
    *rules(
        "T1558.003", 0.6, "a service ticket with a weak cipher is asked for as tools ask",
        (("code=", "4769"), ("data", "encryptiontype:0x17"), ("data", "ticketoptions:0x40810010",
         "ticketoptions:0x40800010"), ("!data", "$,", "$}", "krbtgt"), ("!user$", "$")),
    ),
    *rules(
        "T1558", 0.7, "a ticket was shown a second time",
        (("code=", "4649"), ("program", "security-auditing")),
    ),
    *commands(
        "T1003.003", 0.6, "a script of copies of disks is run",
        ("diskshadow", "-s:"),
    ),
    *rules(
        "T1649", 0.6, "a form of certificates is changed",
        (("code=", "4899", "4900"), ("program", "security-auditing")),
    ),
)  # fmt: skip

"""The consent dialogue is passed by with programs that Windows trusts: planted libraries, moved folders."""

from pipeline.detectors.logs.host_rule import START, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import RUNNERS, SHELLS, WRITABLE

CREATED = ("action=", "file_created")
LOADED = ("action=", "load")
TRUSTED = (
    "\\sysprep.exe", "\\cliconfg.exe", "\\mcx2prov.exe", "\\migwiz.exe", "\\winsat.exe", "\\pkgmgr.exe",
    "\\inetmgr.exe", "\\fxsunatd.exe", "\\msconfig.exe", "\\eventvwr.exe", "\\computerdefaults.exe", "\\fodhelper.exe",
    "\\slui.exe", "\\sdclt.exe", "\\wsreset.exe", "\\changepk.exe", "\\credwiz.exe", "\\setupsqm.exe",
    "\\systemsettingsadminflows.exe", "\\optionalfeatures.exe", "\\systempropertiesadvanced.exe", "\\perfmon.exe",
    "\\tpminit.exe", "\\bthudtask.exe", "\\dccw.exe", "\\iscsicpl.exe", "\\recdisc.exe", "\\mdsched.exe",
    "\\taskschd.exe", "\\oobe.exe", "\\ieinstal.exe", "\\printui.exe", "\\wusa.exe", "\\hdwwiz.exe",
)  # fmt: skip
"""Programs that Windows raises to an administrator's rights without asking."""

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1548.002", 0.95, "a folder that looks like Windows' own is used",
        (START, ("image^", "c:\\windows \\")),
        (CREATED, ("target^", "c:\\windows \\")),
        (("command", "c:\\windows \\system32"),),
    ),
    *rules(
        "T1548.002", 0.85, "Windows is told to look for itself in another folder",
        (("action=", "registry_set"), ("target^", "hku\\"), ("target$", "environment\\windir",
                                                             "environment\\systemroot", "environment\\path")
         , ("data", "\\users\\", "\\temp", "cmd", "powershell", "\\programdata\\"), ("!data", "%path%", ";")),
        (START, ("image", "\\system32\\", "\\syswow64\\"), ("image", "\\users\\", "\\temp\\", "\\programdata\\"),
         ("!image", "\\systemapps\\")),
    ),
    *rules(
        "T1548.002", 0.8, "a program with raised rights loads a library that nobody signed",
        (LOADED, ("image$", *TRUSTED), ("target$", ".dll"), ("data", "signed:false"), ("!target", "\\assembly\\")),
        (LOADED, ("image$", *TRUSTED), ("target", *WRITABLE, "\\programdata\\")),
    ),
    *rules(
        "T1548.002", 0.8, "a program with raised rights starts a shell",
        (START, ("parent$", *TRUSTED), ("image$", *SHELLS)),
        (START, ("parent$", *TRUSTED), ("image", *WRITABLE)),
        (START, ("parent$", "\\dllhost.exe"), ("image$", *RUNNERS), ("parent_command", "-processid:{")),
    ),
    *rules(
        "T1548.002", 0.8, "an update package is unpacked into a folder of the system",
        (("command", "wusa"), ("command", "-extract:")),
        (CREATED, ("image$", "\\wusa.exe", "\\expand.exe"), ("target^", "c:\\windows\\system32\\"),
         ("target$", ".dll", ".exe")),
    ),
    *rules(
        "T1574.001", 0.65, "a library is put into a folder of the system by a program that installs nothing",
        (CREATED, ("target^", "c:\\windows\\system32\\", "c:\\windows\\syswow64\\"), ("target$", ".dll", ".exe"),
         ("image", *WRITABLE)),
        (CREATED, ("target^", "c:\\windows\\system32\\", "c:\\windows\\syswow64\\"), ("target$", ".dll", ".exe"),
         ("image$", *RUNNERS, "\\dllhost.exe", "\\python.exe", "\\explorer.exe")),
    ),
    *rules(
        "T1548.002", 0.75, "the consent dialogue is switched off",
        (("action=", "registry_set"), ("target$", "\\policies\\system\\enablelua",
         "\\policies\\system\\consentpromptbehavioradmin", "\\policies\\system\\promptonsecuredesktop"),
         ("data", "0x00000000")),
        (("action=", "registry_set"), ("target$", "\\policies\\system\\localaccounttokenfilterpolicy"),
         ("data", "0x00000001")),
    ),
    *commands(
        "T1548.002", 0.85, "a tool for passing by the consent dialogue is used",
        ("uacme",), ("akagi64",), ("akagi32",), ("winpwnage",), ("uacbypass",), ("bypassuac",), ("byeintegrity",),
        ("cmlua",), ("icmluautil",), ("silentcleanup", "schtasks", "-run"), ("isolatedcommand", "sdclt"),
        ("invoke-sluibypass",), ("invoke-computerdefaultsbypass",),
    ),
    *rules(
        "T1134.001", 0.85, "a pipe is laid so that a service logs on to it",
        (("action=", "pipe_created", "pipe_connected"), ("target", "\\pipe\\")),
    ),
    *rules(
        "T1134", 0.6, "a logon is used that came from this machine itself",
        (("code=", "4624"), ("data", "logontype:3,"), ("data", "ipaddress:127.0.0.1", "ipaddress:::1,"),
         ("data", "logonprocessname:ntlmssp", "logonprocessname:kerberos"), ("!user$", "$"),
         ("!user=", "anonymous logon")),
        (("code=", "4703"), ("data", "sedebugprivilege", "setcbprivilege", "seimpersonateprivilege"),
         ("data", "\\powershell.exe", "\\cscript.exe", "\\wscript.exe", *WRITABLE),
         ("data", "enabledprivilegelist:se")),
    ),
    *rules(
        "T1068", 0.8, "a program in a user's folder starts a shell with the system's rights",
        (START, ("user", "\\system"), ("parent", "\\users\\"), ("image$", *SHELLS)),
        (START, ("user", "\\network service", "\\local service", "iis apppool"), ("image", "\\users\\"),
         ("image$", ".exe")),
    ),
    *rules(
        "T1134", 0.45, "a logon with another's password is made by a program (runas)",
        (("code=", "4624"), ("data", "logontype:9,")),
    ),
    *commands(
        "T1134", 0.85, "a tool takes the system's own identity",
        ("juicypotato",), ("roguepotato",), ("sweetpotato",), ("badpotato",), ("godpotato",), ("efspotato",),
        ("printspoofer",), ("rottenpotato",), ("sharpefspotato",), ("roguewinrm",), ("krbrelayup",),
        ("incognito", "execute"), ("psexec", " -s ", "cmd"), ("psexec", " -s ", "-i", "-accepteula"),
        ("localpotato",), ("token::elevate",), ("sudo ", "-u#-1"), ("getsystem",),
    ),
    *rules(
        "T1068", 0.85, "a machine's account takes the name of another (CVE-2021-42278)",
        (("code=", "4781"), ("data", "$,newtargetusername:"), ("!data", "$,targetdomainname:")),
    ),
    *rules(
        "T1068", 0.85, "the print service writes or loads a program",
        (CREATED, ("image$", "\\spoolsv.exe"), ("target$", ".dll", ".exe", ".bin"), ("target", "\\windows\\system32\\"),
         ("!target", "\\spool\\", "\\driverstore\\")),
        (LOADED, ("image$", "\\spoolsv.exe"), ("target", "\\spool\\drivers\\"), ("data", "signed:false")),
        (("code=", "808"), ("program", "printservice"), ("command", "\\users\\", "\\temp\\", "\\\\", "\\drivers\\")),
    ),
)  # fmt: skip

"""Signed programs lent to others: what each fetches or runs, by the form of its arguments.

Names and arguments are the public knowledge of the LOLBAS project, told here by what is done and not one by one. Left
out is what Windows, installers and administrators do with them every day (help files on shares, `forfiles`, Squirrel).
"""

from pipeline.detectors.logs.host_rule import START, HostRule, When, rules
from pipeline.detectors.logs.host_vocabulary import WRITABLE, private_urls

ADDRESS: When = ("command", "http:", "https:", "ftp:")
FETCHERS = (
    "certoc", "cmdl32", "configsecuritypolicy", "desktopimgdownldr", "gfxdownloadwrapper", "ieexec", "imewdbld",
    "installutil", "mpcmdrun", "msohtmed", "presentationhost", "protocolhandler", "xwizard", "regasm", "regsvcs",
    "ilasm", "jsc", "tracker", "msxsl", "infdefaultinstall", "aspnet_compiler", "datasvcutil", "appinstaller",
    "control", "colorcpl", "eudcedit", "ldifde", "pnputil", "rpcping", "wsreset", "odbcconf", "devinit", "fsi", "csi",
    "rcsi", "ecmangen", "atbroker", "diskshadow", "hh", "verclsid", "dnscmd", "notepad", "calc", "write", "wordpad",
    "mspaint", "charmap", "rdrleakdiag", "cipher", "certreq", "extrac32", "makecab", "replace", "findstr",
)  # fmt: skip
"""Programs whose users never give them an address of the net."""
COPIERS = (
    "esentutl", "extrac32", "expand", "makecab", "diantz", "replace", "printbrm", "ldifde", "register-cimprovider",
    "regini", "infdefaultinstall", "odbcconf", "mavinject", "colorcpl", "presentationhost", "syncappvpublishingserver",
)  # fmt: skip
"""Programs of the machine's own that also take files of another one."""
# Program → what in its arguments makes it run, load or open something of another's.
RUNS: dict[str, tuple[str, ...]] = {
    "addinutil": ("-addinroot", "-pipelineroot"), "appcert": ("-apptype",), "at": ("-interactive", "-every:"),
    "atbroker": ("-start",), "bginfo": ("-nolicprompt",), "cdb": ("-cf ", "-c ", "-pd "), "certoc": ("-loaddll",),
    "certutil": (" -url ", " -urlcache"), "cmdl32": ("-vpn", "-lan"),
    "coregen": ("-l ",), "createdump": ("-n ", "-f ", "--full"), "csi": (".csx",), "defaultpack": ("-c:",),
    "devinit": ("run -t",), "devtoolslauncher": ("launchfor",), "diskshadow": ("-s", "exec "),
    "dsdbutil": ("ifm", "snapshot"), "dumpminitool": ("--file", "--processid"), "dxcap": ("-c ",),
    "fltmc": ("unload",), "fsi": (".fsscript", ".fsx", "--exec"), "fsianycpu": (".fsscript", ".fsx"),
    "fsutil": ("setzerodata", "deletejournal", "trace decode"), "ftp": ("-s:",), "ie4uinit": ("-basesettings",),
    "iediagcmd": ("-out",), "ilasm": (".il",), "intellitrace": ("launch",),
    "jsc": (".js",), "ldifde": (" -i", " -k"), "msconfig": ("-5",),
    "mmc": ("\\temp\\", "\\users\\public\\", "\\appdata\\"), "msdeploy": ("runcommand",), "msra": (".msrcincident",),
    "msdt": ("-af ", "-path ", "it_"), "netsh": ("add helper",), "nmcap": ("-terminatewhen",), "ntsd": (" -g ", "-c "),
    "odbcconf": ("-f ", ".rsp", "regsvr"), "presentationhost": (".xbap", "-debug"),
    "procdump": ("-md ",), "rasautou": ("-d ",),
    "remote": ("-s ",), "runonce": ("-alternateshellstartup",), "runscripthelper": ("surfacecheck",),
    "scriptrunner": ("-appvscript",), "settingsynchost": ("-loadandrundiagscript",), "sqlps": ("-noprofile", "-c "),
    "sqltoolsps": ("-noprofile", "-c "), "sftp": ("proxycommand",),
    "ssh": ("proxycommand", "localcommand", "knownhostscommand"), "syncappvpublishingserver": (";",),
    "te": (".wsc", ".dll"), "teams": ("--disable-gpu-sandbox", "--gpu-launcher"),
    "testwindowremoteagent": ("start -h",),
    "tracker": ("-d ", "-c "), "ttdinject": ("-launch", "-clientparams"), "unregmp2": ("-hidewmp",),
    "vsdiagnostics": ("start ",), "vshadow": ("-exec",), "vsiisexelauncher": ("-p ",),
    "vsls-agent": ("--agentextensionpath",), "winget": ("--manifest", " -m "), "wlrmdr": ("-u ",),
    "wsl": (" -e ", " -u ", "--exec", "--system", " -- "), "xbootmgrsleep": ("-cmd",), "xbootmgr": ("-callback",),
    "wuauclt": ("-updatedeploymentprovider", "-runhandlercomserver"), "xsd": ("http",),
    "cipher": (" -w:", " -e "), "pnputil": ("-i -a", "\\temp\\", "\\users\\"), "msiexec": (" -y ", " -z ", "=http"),
    "dtutil": ("-copy",), "sc": (".exe:", ".dll:"), "printbrm": ("-b ", "-r "), "winrs": ("-r:127.", "-r:localhost"),
    "conhost": ("-headless", " cmd", " powershell", " c:\\", " calc"), "explorer": (".lnk", ".scr"),
    "hh": ("-decompile", ".bat"), "ngen": ("\\users\\",), "waitfor": ("powershell",),
    "wbadmin": ("ntds", "config\\sam", "config\\system"),
    "curl": ("file:", "-t ", "--upload-file"), "tar": (" \\\\",), "robocopy": (" -b ", " -zb "),
}  # fmt: skip
BARE = (
    "devicecredentialdeployment", "dump64", "eudcedit", "extexport", "mftrace", "microsoft.workflow.compiler",
    "microsoft.nodejstools.pressanykey", "offlinescannershell", "pcwrun", "runexehelper", "stordiag", "tttracer",
    "visualuiaverifynative", "vsgraphicsremoteengine", "workfolders", "dnx", "winfile", "rdrleakdiag",
)  # fmt: skip
"""Programs without an honest use on a machine of an office or ward."""
STREAMS = (
    ".dat:", ".txt:", ".log:", ".exe:", ".dll:", ".doc:", ".docx:", ".ps1:", ".bat:", ".vbs:", ".js:", ".jpg:", ".png:",
    ".zip:", ".inf:", ".ini:", ".cab:", ".hta:", ".wsf:", ".bin:",
)  # fmt: skip
PARENTS = (
    "addinutil", "atbroker", "bginfo", "cdb", "cmstp", "conhost", "csi", "diskshadow", "dxcap", "eudcedit", "fltmc",
    "fsi", "ftp", "infdefaultinstall", "mftrace", "microsoft.workflow.compiler", "msxsl", "odbcconf", "pcalua",
    "pcwrun", "presentationhost", "provlaunch", "rcsi", "runexehelper", "runscripthelper", "scriptrunner",
    "settingsynchost", "sqlps", "stordiag", "te", "ttdinject", "tttracer", "vshadow", "vsjitdebugger", "wab", "winfile",
    "wlrmdr", "workfolders", "xbootmgrsleep", "offlinescannershell", "rasautou", "wsreset", "ssh", "customshellhost",
)  # fmt: skip
"""Under these nothing is started but what somebody gave them."""


def _images(names: tuple[str, ...]) -> When:
    return ("image$", *(f"\\{name}.exe" for name in names))


RULES: tuple[HostRule, ...] = (
    *rules("T1105", 0.75, "a system program fetches a file of the net", (START, _images(FETCHERS), ADDRESS)),
    *rules(
        "T1105", 0.65, "a system program takes a file from another machine",
        (START, _images(COPIERS), ("command", " \\\\", "=\\\\", ":\\\\"),
         ("!command", " \\\\.\\", " \\\\?\\", "\\sysvol\\", "\\netlogon\\")),
    ),
    *(
        rule for name, words in RUNS.items()
        for rule in rules("T1218", 0.65, "a program of the system runs, loads or hands out what it is given",
                          (START, ("image$", f"\\{name}.exe"), ("command", *words)))
    ),
    *rules("T1218", 0.6, "a program of the system is started that nobody needs", (START, _images(BARE))),
    *rules(
        "T1202", 0.6, "Linux inside Windows runs a command", (START, ("image$", "\\system32\\bash.exe"), ("command",
        " -c ")),
    ),
    *rules(
        "T1218.012", 0.7, "a class is tried by somebody else than Windows",
        (START, ("image$", "\\verclsid.exe"), ("command", "-c {"), ("!parent$", "\\explorer.exe", "\\svchost.exe")),
    ),
    *rules(
        "T1564.004", 0.6, "a command reads or writes what is hidden behind a file's name",
        (START, ("command", *STREAMS), ("!command", ".exe: ", ".txt: ", ".log: ", ".js: ", "http", "xlog", "docker",
                                        "zone.identifier")),
    ),
    *rules(
        "T1218", 0.75, "a program of the system starts a shell or script for somebody",
        (START, ("parent$", *(f"\\{name}.exe" for name in PARENTS)),
         ("image$", "\\cmd.exe", "\\powershell.exe", "\\pwsh.exe", "\\wscript.exe", "\\cscript.exe", "\\mshta.exe",
          "\\rundll32.exe", "\\regsvr32.exe", "\\certutil.exe", "\\bitsadmin.exe")),
    ),
    *rules(
        "T1218", 0.7, "a program of the system starts a program of a user's folder",
        (START, ("parent$", *(f"\\{name}.exe" for name in PARENTS)), ("image", *WRITABLE)),
    ),
    *rules(
        "T1216", 0.7, "a script of the system runs what it is given",
        (("command", "pubprn.vbs", "syncappvpublishingserver.vbs", "manage-bde.wsf", "cl_invocation.ps1",
          "cl_loadassembly.ps1", "cl_mutexverifiers.ps1", "utilityfunctions.ps1", "launch-vsdevshell.ps1",
          "pester.bat"),),
        (("command", "winrm.vbs"), ("command", "invoke create", "-format:")),
    ),
    *rules(
        "T1218.011", 0.75, "a system program (rundll32) runs a script or a file by a function of Windows",
        (("command", "rundll32"), ("command", "imageview_fullscreen http", "generatetypelib http",
          "photoviewer.dll,imageview", "shdocvw.dll,openurl", "mshtml.dll,printhtml", "advpack.dll,registerocx",
          "url.dll,telnetprotocolhandler", "shell32.dll,#44", "dsquery.dll,openquerywindow", "-localserver")),
        (("command", "davsetcookie"), *((("command", *(f"http://{n}" for n in "123456789")),)),
         ("!command", *private_urls("http"))),
    ),
    *rules(
        "T1218.011", 0.65, "a system program (rundll32) loads a library by number or under a false name",
        (START, ("image$", "\\rundll32.exe"), ("command", ".dll,#", ".dll, #", ".dll #", ".dat,", ".tmp,", ".jpg,",
          ".txt,", ".log,", ".png,"), ("!command", "\\system32\\", "shell32.dll,#", "uxtheme.dll,#", "edgehtml",
          "\\installer\\msi", "zzzzinvoke")),
        (START, ("image$", "\\rundll32.exe"), ("command$", "rundll32.exe", "rundll32"), ("!parent$", "\\svchost.exe",
                                                                                         "\\explorer.exe")),
    ),
)  # fmt: skip

"""Programs under parents, in places, or with files that do not go together."""

from pipeline.detectors.logs.host_rule import START, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import (
    EXPLOITED,
    OFFICE,
    POWERSHELL,
    RUNNERS,
    SCRIPT_HOSTS,
    SHELLS,
    WRITABLE,
)

CREATED = ("action=", "file_created")
CODE = (".exe", ".dll", ".scr", ".ps1", ".hta", ".vbs", ".js", ".bat", ".cmd", ".jse", ".wsf", ".cpl", ".lnk")
BROWSERS = ("\\iexplore.exe", "\\chrome.exe", "\\firefox.exe", "\\msedge.exe", "\\opera.exe", "\\brave.exe")
NET_TOOLS = ("\\nc.exe", "\\nc64.exe", "\\ncat.exe", "\\netcat.exe", "\\socat.exe", "\\powercat.exe")

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1059", 0.85, "a part of the system starts a shell",
        (START, ("parent$", *EXPLOITED), ("image$", *SHELLS, *SCRIPT_HOSTS, "\\rundll32.exe", "\\mshta.exe"),
         ("!command", "\\system32\\openssh", "sdiagnhost")),
    ),
    *rules(
        "T1059.003", 0.65, "a service starts a shell that waits for somebody",
        (START, ("parent$", "\\svchost.exe", "\\services.exe", "\\wmiprvse.exe"), ("image$", *SHELLS),
         ("command$", "\\cmd.exe", "\\powershell.exe", "=cmd", "\\cmd.exe "),
         ("!command", " -c ", " -k ", " -file ")),
    ),
    *rules(
        "T1203", 0.75, "a program that reads what others send starts a shell or script",
        (START, ("parent$", *BROWSERS, "\\eqnedt32.exe", "\\flashplayerplugin.exe", "\\java.exe", "\\javaw.exe",
                 "\\msdt.exe", "\\7zfm.exe", "\\winrar.exe", "\\hh.exe", "\\acrord32.exe"),
         ("image$", *POWERSHELL, *SCRIPT_HOSTS, "\\regsvr32.exe", "\\certutil.exe", "\\bitsadmin.exe"),
         ("!command", "native-messaging", "chrome-extension:")),
        (START, ("parent$", "\\iexplore.exe", "\\eqnedt32.exe"), ("image$", *SHELLS)),
        (START, ("image$", "\\eqnedt32.exe"), ("parent$", "\\svchost.exe"), ("command", "-embedding")),
        (START, ("parent$", "\\eqnedt32.exe"), ("image$", ".exe")),
    ),
    *rules(
        "T1204.002", 0.7, "a document or a script writes a program",
        (CREATED, ("image$", *OFFICE), ("target$", *CODE), ("!target", "\\recent\\", "\\templates\\", "\\addins\\")),
        (CREATED, ("image$", *SCRIPT_HOSTS, "\\eqnedt32.exe", "\\hh.exe", "\\regsvr32.exe", "\\cmstp.exe"),
         ("target$", ".exe", ".dll", ".scr", ".ps1", ".hta", ".bat")),
    ),
    *rules(
        "T1204.004", 0.8, "somebody was made to paste a command into the start dialogue",
        (("action=", "registry_set"), ("target", "\\explorer\\runmru\\"), ("data", "powershell -", "powershell.exe -",
         "mshta http", "mshta.exe http", "details:mshta", "curl ", "http:", "https:", "-windowstyle", "cmd -c",
         "cmd.exe -c", "msiexec -", "rundll32 ", "\\\\tsclient\\", "frombase64")),
    ),
    *rules(
        "T1204.002", 0.5, "a program inside an archive is run",
        (START, ("image", "\\temp1_", "\\temp2_", "\\temp3_", "\\temp4_", "\\7zo", "\\rar$", ".zip\\")),
    ),
    *rules(
        "T1105", 0.6, "a system tool or a script writes a program it got from elsewhere",
        (CREATED, ("image$", *POWERSHELL, "\\certutil.exe", "\\bitsadmin.exe", "\\curl.exe", "\\ftp.exe",
                   "\\desktopimgdownldr.exe", "\\certreq.exe", "\\wget.exe", "\\finger.exe", "\\tftp.exe"),
         ("target$", ".exe", ".dll", ".scr", ".hta"), ("target", *WRITABLE, "\\programdata\\", "\\appdata\\")),
    ),
    *rules(
        "T1059", 0.45, "a program in a folder that anybody may write to is started from a shell",
        (START, ("image", "\\users\\public\\", "\\perflogs\\", "\\windows\\temp\\", "c:\\temp\\", "\\windows\\tasks\\",
                 "\\appdata\\local\\temp\\", "\\programdata\\"), ("parent$", *RUNNERS),
         ("!image", "\\programdata\\microsoft\\", "\\programdata\\package cache\\", "\\programdata\\chocolatey\\")),
    ),
    *rules(
        "T1204.002", 0.55, "a script starts a program in a folder of temporary files",
        (START, ("image", "\\appdata\\local\\temp\\", "\\users\\public\\", "\\windows\\temp\\"),
         ("image$", ".exe", ".tmp", ".scr"), ("parent$", *POWERSHELL, *SCRIPT_HOSTS, *OFFICE),
         ("!image", "\\csc", "\\cvtres", "setup", "install")),
    ),
    *rules(
        "T1095", 0.8, "a tool that hands a shell to another machine is run",
        (START, ("image$", *NET_TOOLS)), (("action=", "connect"), ("image$", *NET_TOOLS)),
        (("command", "powercat"), ("command", " -e ", "-ep", " -c ")),
    ),
    *rules(
        "T1218.007", 0.7, "a package is installed from another machine",
        (("code=", "1040", "1042"), ("program", "msiinstaller"), ("command", "http:", "https:")),
        (("action=", "start"), ("image$", "\\msiexec.exe"), ("command", "http:", "https:")),
        (("action=", "start"), ("parent$", "\\msiexec.exe"), ("image", "\\windows\\installer\\msi"),
         ("image$", ".tmp")),
    ),
    *rules(
        "T1218.007", 0.45, "the installer speaks to the network or starts a shell",
        (("action=", "connect"), ("image$", "\\msiexec.exe")),
        (START, ("parent$", "\\msiexec.exe"), ("image$", *POWERSHELL, *SCRIPT_HOSTS)),
    ),
    *rules(
        "T1059.007", 0.55, "a script is run as something its name does not tell",
        (START, ("image$", "\\wscript.exe", "\\cscript.exe"), ("command", "-e:", "-/e:")),
        (("action=", "load"), ("target$", "\\jscript9.dll", "\\scrobj.dll"), ("image$", "\\cscript.exe",
                                                                             "\\wscript.exe", "\\regsvr32.exe")),
    ),
    *commands(
        "T1027.010", 0.75, "a script hides what it does behind pieces of words",
        ("net.webclient", ")+("), ("[char]", ")+("), ("-join", "[char[]]"), ("-bxor", "[char]"), ("[char]92",),
        ("$env:comspec[", "-join"), ("$pshome[", "]+"), ("$shellid[", "]+"), ("verbosepreference.tostring()", "-join"),
        ("[regex]::matches", "righttoleft"), ("[array]::reverse", "iex"), ("[string]::join", "[char]", "invoke-"),
        ("{1}{0}", "-f", "iex"), ("{2}{0}{1}", "-f", "new-object"), ("tochararray", "[convert]::toint16"),
    ),
    *commands(
        "T1202", 0.8, "a tool of the system runs a command for another",
        ("vshadow", "-exec="), ("ftp", " -s:"), ("ssh", "proxycommand="), ("scriptrunner", "-appvscript"),
        ("conhost", "-headless", "cmd"), ("conhost", "-headless", "powershell"), ("cdb", " -cf "),
        ("certoc", "-loaddll"), ("diskshadow", " -s "), ("winrm.vbs", "-format:"), ("ttdinject", "-launch"),
        ("explorer.exe", "-root,"), ("runscripthelper", "surfacecheck"), ("appvlp", "cmd"), ("appvlp", "powershell"),
        ("devtoolslauncher", "launchfordeploy"), ("wsl ", " -e "), ("bginfo", "-nolicprompt"),
        ("rundll32", "registerocx"), ("rundll32", ",#12"), ("rundll32", "printhtml"), ("rundll32", "\\\\", "@"),
        ("-i:http", "scrobj"), ("-i:", "scrobj.dll"), ("regsvr32", "-i:", "-u"), (" -u ", " -i:http"),
        ("squirrel", "--processstart"),
        ("update.exe", "--processstart", "cmd"), ("settingsynchost", "-loadandrundiagscript"), ("stordiag",),
        ("pester.bat",), ("atbroker", "-start"), ("dotnet", "msbuild", ".csproj", "\\temp"), ("gpscript", "-logon"),
        ("ieadvpack.dll",), ("hh.exe", ".chm", "\\temp"), ("rasautou", " -d "), ("workfolders",), ("dxcap", " -c "),
    ),
)  # fmt: skip

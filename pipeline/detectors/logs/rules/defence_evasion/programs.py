"""Signed programs of the system run foreign code."""

from pipeline.detectors.logs.host_rule import SET, START, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import PROXIES, SCRIPT_HOSTS, SHELLS, WRITABLE

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1197", 0.8, "the transfer service downloads a file for a command",
        (("command", "bitsadmin"), ("command", " -transfer", " -addfile", " -setnotifycmdline")),
        (START, ("image$", "\\bitsadmin.exe"), ("command", "http:", "https:")),
        (("command", "start-bitstransfer"), ("command", "http:", "https:")),
    ),
    *commands(
        "T1218.005", 0.9, "a system program (mshta) runs a script",
        ("mshta", "http"), ("mshta", "javascript:"), ("mshta", "vbscript:"), ("mshta", "getobject("),
        ("mshta", "about:"),
    ),
    *rules(
        "T1218.005", 0.65, "a system program (mshta) runs a script",
        (START, ("image$", "\\mshta.exe"), ("command", *WRITABLE, "\\temp\\", "\\appdata\\", "\\programdata\\")),
        (START, ("image$", "\\mshta.exe"), ("parent$", *SHELLS)),
    ),
    *commands(
        "T1218.010", 0.9, "a system program (regsvr32) runs code from elsewhere",
        ("regsvr32", "scrobj"), ("regsvr32", "http"),
    ),
    *commands(
        "T1218.011", 0.9, "a system program (rundll32) runs a script",
        ("rundll32", "javascript:"), ("rundll32", "vbscript:"), ("rundll32", "mshtml,runhtmlapplication"),
        ("rundll32", "url.dll,fileprotocolhandler"), ("rundll32", "url.dll,openurl"), ("rundll32",
         "advpack.dll,launchinf"),
        ("rundll32", "ieadvpack.dll,launchinf"), ("rundll32", "zipfldr.dll,routethecall"),
        ("rundll32", "setupapi.dll,installhinfsection"), ("rundll32", "pcwutl.dll,launchapplication"),
        ("rundll32", "shell32.dll,control_rundll", "\\users\\"), ("rundll32", "shell32.dll,shellexec_rundll"),
        ("rundll32", "dfshim.dll,shopenverbapplication"), ("rundll32", "syssetup.dll,setupinf"),
        ("rundll32", "desk.cpl,installscreensaver"), ("rundll32", "ieframe.dll,openurl"), ("rundll32", "-sta {"),
    ),
    *rules(
        "T1218.011", 0.7, "a system program (rundll32) runs code from a folder of users",
        (START, ("image$", "\\rundll32.exe"), ("command", *WRITABLE, "\\perflogs\\", "\\programdata\\"),
         ("!command", "\\microsoft\\", "printui.dll", "\\spool\\")),
        (START, ("image$", "\\rundll32.exe", "\\regsvr32.exe"), ("parent$", *SCRIPT_HOSTS)),
    ),
    *rules(
        "T1218.003", 0.8, "cmstp installs a profile",
        (("command", "cmstp"), ("command", ".inf")),
        (START, ("parent$", "\\cmstp.exe")),
        (SET, ("target", "\\app paths\\cmmgr32.exe\\")),
    ),
    *rules(
        "T1218", 0.75, "a system program runs somebody's code",
        (("command", "installutil"), ("command", "-logfile=", " -u "), ("command", ".dll", ".exe")),
        (("command", "infdefaultinstall"),), (("command", "mavinject"), ("command", "-injectrunning")),
        (("command", "syncappvpublishingserver"), ("command", ";", "break", "iex")),
        (("command", "wuauclt"), ("command", "-updatedeploymentprovider"), ("command", "-runhandlercomserver")),
        (("command", "odbcconf"), ("command", "regsvr", "-f ")),
        (("command", "xwizard"), ("command", "runwizard")), (("command", "msxsl"), ("command", ".xsl")),
        (("command", "wmic"), ("command", "format:"), ("command", "http", ".xsl")), (("command",
         "register-cimprovider"),),
        (("command", "control.exe", "control "), ("command", ".cpl"), ("command", "\\users\\", "\\temp\\")),
        (("command", "pubprn.vbs"), ("command", "script:")), (("command", "manage-bde.wsf"),),
         (("command", "forfiles"), ("command", " -c "), ("command", "-m "), ("command", "system32")),
        (("command", "pcalua"), ("command", " -a ")), (("command", "hh.exe"), ("command", "http", "\\users\\")),
        (("command", "ieexec"), ("command", "http")), (("command", "msiexec"), ("command", "http"), ("command",
         "-q")),
        (("command", "presentationhost"), ("command", ".xbap")), (("command", "te.exe"), ("command", ".wsc")),
        (("command", "msdt"), ("command", "ms-msdt:", "it_browseforfile")),
        (("command", "regasm", "regsvcs"), ("command", *WRITABLE, "\\temp\\", " -u ")),
         (("command", "rcsi", "csi.exe"), ("command", ".csx")),
        (("command", "tracker.exe"), ("command", "-d ", "-c ")), (("command", "mftrace"), ("command", ".exe")),
    ),
    *rules(
        "T1127.001", 0.75, "a build tool runs code from a project file",
        (START, ("image$", "\\msbuild.exe"), ("parent$", *SHELLS, *SCRIPT_HOSTS, "\\wmiprvse.exe", "\\explorer.exe",
                                              "\\wsmprovhost.exe"), ("command", ".xml", ".csproj",
                                              "\\users\\", "\\temp\\"),
         ("!command", ".sln")),
        (START, ("image$", "\\msbuild.exe"), ("parent$", "\\wmiprvse.exe", "\\wsmprovhost.exe", "\\winword.exe")),
        (START, ("parent$", "\\msbuild.exe"), ("image$", *SHELLS), ("command", "-enc", "hidden", "iex", "http")),
    ),
    *rules(
        "T1218", 0.75, "a system program that has no business there speaks to the network",
        (("action=", "connect"), ("image$", "\\msbuild.exe", "\\installutil.exe", "\\regsvr32.exe", "\\mshta.exe",
                                  "\\regasm.exe", "\\cmstp.exe", "\\wuauclt.exe", "\\notepad.exe", "\\calc.exe")),
    ),
    *rules(
        "T1218", 0.8, "a system program that runs foreign code starts a shell",
        (START, ("parent$", *PROXIES, "\\wuauclt.exe", "\\control.exe", "\\hh.exe", "\\msdt.exe",
         "\\infdefaultinstall.exe"),
         ("image$", *SHELLS, *SCRIPT_HOSTS), ("!parent$", "\\msbuild.exe", "\\wmic.exe")),
    ),
)  # fmt: skip

"""Settings of Windows that start code or give it another's rights."""

from pipeline.detectors.logs.host_rule import REGISTRY, SET, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import BY_HAND, WRITABLE

ANYWHERE = ("data", "\\users\\", "\\programdata\\", "\\temp\\", "\\perflogs\\", "details:\\\\", "http:", "https:")
"""Where what is started should not lie."""

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1547.001", 0.75, "the folder of programs that start at logon is moved",
        (SET, ("target$", "shell folders\\startup", "shell folders\\common startup"), ("!image$", "\\explorer.exe",
                                                                                     "\\svchost.exe")),
    ),
    *rules(
        "T1547.001", 0.8, "a program is set to start before anybody logs on",
        (SET, ("target$", "\\session manager\\bootexecute", "\\session manager\\setupexecute",
               "\\session manager\\execute", "\\session manager\\s0initialcommand"), ("!image=", "system"),
         ("!data", "autocheck autochk *}")),
        (SET, ("target", "\\active setup\\installed components\\"), ("target$", "\\stubpath"), ("image$", *BY_HAND)),
        (SET, ("target", "\\active setup\\installed components\\"), ("target$", "\\stubpath"), ANYWHERE),
    ),
    *rules(
        "T1547", 0.75, "a library is given to a service of the system",
        (SET, ("target", "\\timeproviders\\", "\\print\\monitors\\", "\\print\\environments\\",
               "\\lsa\\extensions\\", "\\dns\\parameters\\serverlevelplugindll"),
         ("target$", "\\dllname", "\\driver", "\\serverlevelplugindll"), ("!image$", "\\spoolsv.exe",
                                                                         "\\msiexec.exe", "\\drvinst.exe")),
        (SET, ("target", "\\timeproviders\\", "\\print\\monitors\\"), ("target$", "\\dllname", "\\driver"), ANYWHERE),
        (("code=", "150", "770", "771"), ("program", "dns-server", "dns server"), ("command", ".dll")),
    ),
    *rules(
        "T1546.015", 0.75, "a user's own setting takes the place of a system component",
        (SET, ("target", "_classes\\clsid\\", "\\software\\classes\\clsid\\"),
         ("target$", "\\inprocserver32\\(default)", "\\inprocserver32\\{default}", "\\localserver32\\(default)",
          "\\treatas\\(default)", "\\scriptleturl\\(default)"), ("target^", "hku\\"),
         ("data", "\\users\\public\\", "\\temp\\", "\\documents\\", "\\downloads\\", "\\desktop\\", "\\programdata\\",
          ".sct", "http:", "https:", "scrobj.dll")),
        (SET, ("target", "clsid\\"), ("target$", "\\inprocserver32\\{default}"), ("target^", "hku\\")),
    ),
    *rules(
        "T1546", 0.75, "a policy of this user is made to run something at the next update",
        (SET, ("target", "\\ieak\\grouppolicy\\pendinggpos\\")),
    ),
    *rules(
        "T1546.011", 0.6, "a compatibility database is installed that changes programs",
        (REGISTRY, ("target", "\\appcompatflags\\installedsdb\\", "\\appcompatflags\\custom\\"),
         ("!image$", "\\svchost.exe", "\\tiworker.exe", "\\trustedinstaller.exe", "\\compattelrunner.exe")),
        (("action=", "file_created"), ("target", "\\apppatch\\custom\\"), ("target$", ".sdb")),
    ),
    *rules(
        "T1546.011", 0.45, "a program is run with a change of compatibility",
        (("code=", "500", "505"), ("program", "application-experience"),
         ("command", "\\system32\\osk.exe", "\\system32\\utilman.exe", "\\system32\\sethc.exe", "\\explorer.exe",
          "\\cmd.exe", "\\putty.exe", "\\users\\")),
    ),
    *rules(
        "T1546.008", 0.9, "an aid at the logon screen is replaced by a shell or starts one",
        (("action=", "start"), ("parent$", "\\utilman.exe", "\\sethc.exe", "\\osk.exe", "\\magnify.exe",
         "\\narrator.exe", "\\displayswitch.exe", "\\atbroker.exe"),
         ("image$", "\\cmd.exe", "\\powershell.exe", "\\whoami.exe", "\\net.exe", "\\taskmgr.exe", "\\explorer.exe",
          "\\regedit.exe", "\\mmc.exe", "\\rundll32.exe", "\\reg.exe")),
        (("action=", "start"), ("parent$", "\\winlogon.exe"), ("image$", "\\cmd.exe", "\\powershell.exe",
                                                               "\\taskmgr.exe", "\\regedit.exe")),
        (("action=", "file_created"), ("target$", "\\system32\\utilman.exe", "\\system32\\sethc.exe",
         "\\system32\\osk.exe", "\\system32\\magnify.exe", "\\system32\\narrator.exe", "\\system32\\displayswitch.exe"),
         ("!image$", "\\tiworker.exe", "\\trustedinstaller.exe", "\\poqexec.exe", "\\svchost.exe")),
        (("action=", "start"), ("image$", "\\utilman.exe", "\\sethc.exe", "\\osk.exe", "\\magnify.exe"),
         ("data", "originalfilename:cmd.exe", "originalfilename:powershell.exe")),
    ),
    *commands(
        "T1546.008", 0.85, "an aid at the logon screen is replaced by a shell",
        ("copy ", "cmd.exe", "sethc.exe"), ("copy ", "cmd.exe", "utilman.exe"), ("copy ", "cmd.exe", "osk.exe"),
        ("takeown", "sethc.exe"), ("takeown", "utilman.exe"), ("move ", "system32\\utilman.exe"),
        ("copy-item", "cmd.exe", "sethc.exe"), ("ren ", "sethc.exe"), ("copy ", "cmd.exe", "magnify.exe"),
    ),
    *rules(
        "T1546", 0.6, "what files and links of a kind are opened with is changed from a shell",
        (SET, ("target$", "\\shell\\open\\command\\(default)", "\\shell\\runas\\command\\(default)"),
         ("image$", *BY_HAND)),
        (SET, ("target", "\\currentversion\\app paths\\"), ("target$", ".exe\\(default)"), ("image$", *BY_HAND)),
    ),
    *rules(
        "T1546.002", 0.7, "the screen saver is replaced",
        (SET, ("target$", "\\control panel\\desktop\\scrnsave.exe"), ("image$", *BY_HAND)),
        (SET, ("target$", "\\control panel\\desktop\\scrnsave.exe"), ANYWHERE),
        (("action=", "start"), ("image$", ".scr"), ("image", *WRITABLE)),
    ),
    *rules(
        "T1546", 0.55, "a link in the chain of network providers is changed",
        (("code=", "1"), ("program", "winsock-ws2help")),
        (SET, ("target", "\\networkprovider\\order\\", "\\winsock2\\parameters\\protocol_catalog9\\catalog_entries\\"),
         ("image$", *BY_HAND)),
    ),
    *rules(
        "T1137", 0.75, "an office program is made to trust or load macros",
        (SET, ("target$", "\\security\\accessvbom", "\\security\\vbawarnings"), ("data", "0x00000001")),
        (SET, ("target", "\\office\\"), ("target$", "\\disableinternetfilesinpv", "\\disableattachmentsinpv",
         "\\disableunsafelocationsinpv", "\\enableunsafeclientmailrules"), ("data", "0x00000001")),
        (SET, ("target", "\\outlook\\security\\level", "\\outlook\\loadmacroprovideronboot",
               "\\outlook\\today\\userdefinedurl")),
        (("action=", "file_created"), ("target$", "\\outlook\\vbaproject.otm"), ("!image$", "\\outlook.exe")),
    ),
    *rules(
        "T1574.011", 0.85, "a service is told to run another program or library",
        (SET, ("target", "\\services\\"), ("target$", "\\imagepath", "\\servicedll", "\\failurecommand"),
         ("data", "\\users\\", "\\temp\\", "powershell", "details:cmd", "rundll32", "mshta", "\\perflogs\\",
          "\\programdata\\", "comspec", "\\tasks\\"), ("!data", "\\programdata\\microsoft\\")),
        (SET, ("target", "\\usoclient\\", "\\windowsupdate\\orchestrator\\uscheduler\\"),
         ("target$", "\\cmdline", "\\starta", "\\startarg")),
    ),
    *rules(
        "T1574.012", 0.75, "programs are made to load a profiler",
        (SET, ("target$", "\\environment\\cor_profiler_path", "\\environment\\coreclr_profiler_path",
               "\\environment\\cor_enable_profiling"), ("image$", *BY_HAND)),
        (("command", "cor_profiler_path"), ("command", "set ", "set-", "reg ", "new-")),
    ),
    *rules(
        "T1574.009", 0.9, "a gap in a path with blanks is used",
        (("action=", "start"), ("image=", "c:\\program.exe", "c:\\program files\\common.exe", "c:\\documents.exe")),
        (("action=", "file_created"), ("target=", "c:\\program.exe", "c:\\program files\\common.exe")),
    ),
)  # fmt: skip

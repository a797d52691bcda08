"""Something is left behind that starts by itself: run keys, tasks, services, subscriptions, accounts' files."""

from pipeline.detectors.logs.host_rule import SET, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import BY_HAND, INSTALLED, SHELLS, WRITABLE

RUN_KEYS = (
    "\\currentversion\\run\\", "\\currentversion\\runonce\\", "\\currentversion\\runservices\\",
    "\\policies\\explorer\\run\\", "\\windows nt\\currentversion\\windows\\load",
    "\\windows nt\\currentversion\\windows\\run", "\\environment\\userinitmprlogonscript", "\\runonceex\\",
)  # fmt: skip
LAUNCHES = (
    "powershell", "cmd.exe -c", "cmd -c", "mshta", "wscript", "cscript", "rundll32", "regsvr32", "http:", "https:",
    "frombase64", "%comspec%", "bitsadmin", "certutil", " -enc ", "-windowstyle hidden", "\\appdata\\", "\\temp\\",
    "\\users\\public\\", "\\programdata\\", "\\desktop\\", "\\downloads\\",
)  # fmt: skip
"""What is started in this way by intruders, and seldom by products."""

RULES: tuple[HostRule, ...] = (
    *commands("T1543.003", 0.7, "a service is made on another machine", ("sc", " \\\\", " create ", "binpath")),
    *rules(
        "T1543.003", 0.9, "a driver known from attacks is set up as a service",
        (("target", "\\services\\mimidrv"),), (("action=", "service_installed"), ("target=", "mimidrv")),
        (("action=", "service_installed"), ("image$", "\\mimidrv.sys", "\\winring0x64.sys", "\\dbutil_2_3.sys",
         "\\gdrv.sys", "\\rtcore64.sys", "\\procexp152.sys")),
    ),
    *commands(
        "T1546.003", 0.85, "WMI is told to start something at an event",
        ("wmic", "subscription", "create"), ("new-ciminstance", "__eventfilter"), ("set-wmiinstance", "__eventfilter"),
        ("new-ciminstance", "eventconsumer"), ("set-wmiinstance", "eventconsumer"), ("__filtertoconsumerbinding",
         "create"),
    ),
    *rules(
        "T1546.003", 0.6, "a description of WMI objects is loaded from a user's folder",
        (("action=", "start"), ("image$", "\\mofcomp.exe"), ("command", *WRITABLE)),
    ),
    *commands(
        "T1574.002", 0.8, "the name server is told to load a library", ("dnscmd", "serverlevelplugindll"),
        ("set-dnsserversetting", "serverlevelplugindll"),
    ),
    *rules(
        "T1176", 0.7, "a browser is started with an extension from a folder anyone may write to",
        (("action=", "start"), ("command", "--load-extension="), ("command", *WRITABLE, "\\appdata\\",
         "\\programdata\\")),
    ),
    *rules(
        "T1547.001", 0.75, "a program is set to start at every logon",
        (SET, ("target", *RUN_KEYS), ("image$", *BY_HAND)),
        (SET, ("target", *RUN_KEYS), ("image", *WRITABLE)),
    ),
    *rules(
        "T1547.001", 0.75, "a script is set to start at every logon",
        (SET, ("target", *RUN_KEYS), ("data", "details:powershell", "details:mshta", "details:wscript", " -enc ",
                                      "details:cmd", "frombase64", "javascript:", "\\users\\public\\",
                                      "\\windows\\system32\\windowspowershell", "\\temp\\", "details:rundll32")),
    ),
    *commands(
        "T1547.001", 0.7, "a program is set to start at every logon",
        ("reg", " add ", "\\currentversion\\run"), ("set-itemproperty", "\\currentversion\\run"),
        ("new-itemproperty", "\\currentversion\\run"), ("reg", " add ", "userinitmprlogonscript"),
        ("set-itemproperty", "windows nt\\currentversion\\winlogon"), ("reg", " add ", "currentversion\\winlogon",
         "shell"),
    ),
    *rules(
        "T1547.001", 0.7, "a script is put into the folder of programs that start at logon",
        (("action=", "file_created"), ("target", "\\start menu\\programs\\startup\\"), ("image$", *BY_HAND)),
        (("action=", "file_created"), ("target", "\\start menu\\programs\\startup\\"),
         ("target$", ".vbs", ".js", ".bat", ".cmd", ".ps1", ".hta", ".exe", ".wsf"), ("!image$", "\\msiexec.exe"),
         ("!image", *INSTALLED)),
    ),
    *rules(
        "T1547.004", 0.8, "what Windows starts at logon is replaced",
        (SET, ("target$", "\\winlogon\\shell", "\\winlogon\\userinit", "\\winlogon\\notify"),
         ("!data", "details:explorer.exe}", "details:explorer.exe,proc",
          "details:c:\\windows\\system32\\userinit.exe,}")),
    ),
    *rules(
        "T1546", 0.8, "a system program is made to start another",
        (SET, ("target", "\\image file execution options\\"), ("target$", "\\debugger", "\\monitorprocess")),
        (SET, ("target", "\\silentprocessexit\\"), ("target$", "\\monitorprocess")),
        (SET, ("target$", "\\appinit_dlls", "\\appcertdlls", "\\command processor\\autorun", "\\scrnsave.exe"),
         ("!data", "details:(empty)")),
        (("command", "image file execution options"), ("command", "debugger"), ("command", "reg", "itemproperty")),
        (SET, ("target$", "\\netsh\\", "\\ports\\", "\\print\\monitors\\"), ("image$", *BY_HAND)),
    ),
    *rules(
        "T1546.015", 0.55, "a user's own setting takes the place of a system component",
        (SET, ("target^", "hku\\"), ("target", "_classes\\clsid\\", "\\software\\classes\\clsid\\"),
         ("target$", "\\inprocserver32\\(default)", "\\localserver32\\(default)", "\\treatas\\(default)"),
         ("image$", *BY_HAND)),
    ),
    *rules(
        "T1546.003", 0.8, "a command is tied to an event of the system (WMI)",
        (("action=", "wmi_consumer", "wmi_binding"), ("!target", "scm event log consumer", "scm event log filter"),
         ("!data", "scm event log")),
        (("code=", "5861"), ("program", "wmi-activity"), ("!command", "scm event log")),
        (("command", "__filtertoconsumerbinding"), ("command", "set-wmiinstance", "new-ciminstance", "createinstance",
                                                    "commandlineeventconsumer", "activescripteventconsumer")),
        (("command", "commandlineeventconsumer", "activescripteventconsumer"), ("command", "__eventfilter")),
    ),
    *rules(
        "T1546.003", 0.45, "an event of the system is watched for (WMI)",
        (("action=", "wmi_filter"), ("!target", "scm event log filter"), ("!data", "scm event log")),
        (("action=", "load"), ("target$", "\\scrcons.exe", "\\wbemcons.dll"), ("!image$", "\\wmiprvse.exe")),
    ),
    *rules(
        "T1546.003", 0.55, "a subscription to events (WMI) runs a script",
        (("action=", "start"), ("image$", "\\scrcons.exe")),
    ),
    *rules(
        "T1053.005", 0.75, "a task is scheduled to run a script or a program in a user's folder",
        (("action=", "task_created", "task_changed"), ("data", "taskcontent"), ("data", *LAUNCHES),
         ("!target^", "\\microsoft\\windows\\", "\\microsoft\\office\\", "\\mozilla\\", "\\googleupdate",
          "\\microsoftedgeupdate", "\\onedrive "),),
    ),
    *commands(
        "T1053.005", 0.75, "a task is scheduled to run a script",
        ("schtasks", "-create", "powershell"), ("schtasks", "-create", "mshta"), ("schtasks", "-create", "http"),
        ("schtasks", "-create", "wscript"), ("schtasks", "-create", "cmd"), ("schtasks", "-create", "rundll32"),
        ("schtasks", "-create", "\\appdata\\"), ("schtasks", "-create", "\\temp\\"), ("schtasks", "-create", "iex"),
        ("schtasks", "-create", "\\users\\"), ("register-scheduledtask", "powershell"),
        ("new-scheduledtaskaction", "powershell"), ("schtasks", "-change", "-tr"), ("schtasks", "-create", "-xml"),
        ("schedule.service", "registertaskdefinition"), ("schtasks", "-create", "%"), ("new-scheduledtaskaction",
         "cmd"),
    ),
    *rules(
        "T1053.005", 0.45, "a task is scheduled from a shell",
        (("action=", "start"), ("image$", "\\schtasks.exe"), ("command", "-create"), ("parent$", *SHELLS)),
        (("action=", "task_created"), ("!target^", "\\microsoft\\"), ("!user$", "$"), ("!user=", "system")),
    ),
    *rules(
        "T1543.003", 0.85, "a service is made that runs a command",
        (("action=", "service_installed"), ("image", "powershell", "%comspec%", "cmd.exe -c", "cmd -c", "cmd.exe -q",
                                            "mshta", "rundll32", "\\\\127.0.0.1\\", "\\admin$\\", "regsvr32",
                                            "http:")),
        (("action=", "service_installed"), ("image", "\\temp\\", "\\users\\", "\\perflogs\\", "\\downloads\\")),
        (SET, ("target", "\\services\\"), ("target$", "\\imagepath"),
         ("data", "powershell", "comspec", "details:cmd", "\\admin$\\", "\\temp\\", "\\users\\")),
        (SET, ("target", "\\services\\"), ("target$", "\\parameters\\servicedll", "\\failurecommand"),
         ("image$", *BY_HAND)),
    ),
    *commands(
        "T1543.003", 0.75, "a service is made or changed to run another program",
        ("sc", " create ", "binpath", "cmd"), ("sc", " create ", "binpath", "powershell"), ("sc", " config ",
         "binpath"),
        ("sc", " create ", "binpath", "\\temp"), ("sc", " create ", "binpath",
         "\\users\\"), ("sc", "failure", "command="),
        ("new-service", "-binarypathname"), ("set-service", "-binarypathname"), ("invoke-serviceabuse",),
        ("install-servicebinary",), ("sc", " sdset ", "d:"), ("write-servicebinary",), ("write-hijackdll",),
        ("set-itemproperty", "\\services\\", "imagepath"), ("reg", " add ", "\\services\\", "imagepath"),
    ),
    *rules(
        "T1543.003", 0.45, "a service is made",
        (("action=", "service_installed"), ("!image", *INSTALLED, "\\windows\\system32\\drivers\\", "\\systemroot\\",
                                            "system32\\svchost.exe", "\\driverstore\\", "\\programdata\\microsoft\\",
                                            "c:\\windows\\microsoft.net")),
        (("action=", "start"), ("image$", "\\sc.exe"), ("command", " create ")),
    ),
    *rules(
        "T1547.005", 0.8, "a module is loaded by the logon service from a folder of its own",
        (("action=", "load"), ("image$", "\\lsass.exe"), ("!target^", "c:\\windows\\", "c:\\program files"),
         ("target$", ".dll")),
    ),
    *rules(
        "T1137", 0.7, "an office program is made to load code at its start",
        (SET, ("target", "\\office test\\special\\perf", "\\outlook\\webview\\", "\\word\\options\\")),
        (("action=", "file_created"), ("target", "\\xlstart\\", "\\word\\startup\\"), ("!image$", "\\winword.exe",
                                                                                      "\\excel.exe")),
    ),
    *rules(
        "T1505.003", 0.8, "a page with code is put onto a web server",
        (("action=", "file_created"), ("target", "\\inetpub\\wwwroot\\", "\\frontend\\httpproxy\\", "\\htdocs\\"),
         ("target$", ".aspx", ".asp", ".php", ".jsp", ".ashx"), ("image$", "\\w3wp.exe", "\\umworkerprocess.exe",
          *SHELLS)),
    ),
    *commands(
        "T1053.003", 0.7, "a script is scheduled",
        ("crontab", "curl"), ("crontab", "wget"), ("echo", ">>", "etc/cron"), ("crontab", "base64"), ("| crontab -",),
        ("crontab", "dev/tcp"), ("echo", "> -etc/cron"), ("crontab", "-tmp/"), ("systemd-run", "--on-active"),
    ),
    *commands(
        "T1098.004", 0.7, "a key that opens an account is added",
        ("echo", ">>", "authorized_keys"), ("tee -a", "authorized_keys"), ("ssh-rsa", ">", "authorized_keys"),
    ),
    *commands(
        "T1546.004", 0.65, "a shell is made to start something",
         ("echo", ">>", "etc/profile"), ("echo", ">>", ".bash_profile"),
        ("ld.so.preload", ">"), ("tee ", "ld.so.preload"), ("echo", "> -etc/systemd/system/"), ("pam_exec.so",),
        ("cp ", "pam_unix.so"),
        ("echo", "rc.local", ">>"),
    ),
    *commands(
        "T1136.001", 0.55, "an account is made",
        ("net", " user ", " -add"), ("net1", " user ", " -add"), ("new-localuser",), ("useradd", "-o", "-u 0"),
        ("net", " user ", "-domain", " -add"), ("useradd", "-g root"), ("dscl", "create", "-users/"),
    ),
    *commands(
        "T1098", 0.6, "an account is made administrator",
        ("net", "localgroup administrators", " -add"), ("net", "domain admins", " -add"), ("usermod", "-ag", "sudo"),
        ("usermod", "-ag", "wheel"), ("add-localgroupmember", "administrators"), ("add-adgroupmember", "admins"),
        ("add-domaingroupmember", "admins"), ("nopasswd: all", "sudoers"), ("nopasswd:all", "sudoers"),
    ),
)  # fmt: skip

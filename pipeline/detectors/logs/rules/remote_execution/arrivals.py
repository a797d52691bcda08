"""Commands come from another machine: services, WMI, WinRM, DCOM, tasks, copied programs."""

from pipeline.detectors.logs.host_rule import START, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import (
    INSTALLED,
    POWERSHELL,
    RUNNERS,
    SCRIPT_HOSTS,
    SHELLS,
    WRITABLE,
    WRITTEN,
)

ADMIN_PORTS = (":5985", ":5986", ":135", ":445", ":139", ":3389")
BY_HAND = (
    "whoami", "net user", "net group", "net localgroup", "net1 ", "net view", " -enc", " -e ", "-w 1", "hidden",
    "iex", "http",
    "\\127.0.0.1", "2>&1", "\\temp\\", "\\users\\",
    "\\appdata\\", "ipconfig", "systeminfo", "nltest", "tasklist", "quser",
    "reg save", "vssadmin", "downloadstring", "echo ", "rundll32", "regsvr32", "mshta", "procdump", "hostname",
    "schtasks",
    "-q -c", "netstat", "ping ", "copy ", "type ", "certutil", "bitsadmin", "query user", "wevtutil", "msbuild",
)  # fmt: skip
"""What people send, where agents and inventories run a script of their own."""
RULES: tuple[HostRule, ...] = (
    *rules(
        "T1021.006", 0.75, "a command came in by remote management (WinRM)",
        (START, ("parent$", "\\wsmprovhost.exe"), ("!image$", "\\conhost.exe", "\\wsmprovhost.exe", "\\csc.exe")),
        (START, ("parent$", "\\winrshost.exe"), ("image$", *RUNNERS, "\\whoami.exe", "\\net.exe")),
    ),
    *rules(
        "T1021.006", 0.55, "a remote management session (WinRM) begins",
        (START, ("image$", "\\wsmprovhost.exe", "\\winrshost.exe")),
        (("code=", "400"), ("program", "powershell"), ("command", "serverremotehost")),
        (("code=", "91"), ("program", "winrm")),
    ),
    *rules(
        "T1021.006", 0.8, "a program in a user's folder speaks to other machines as administrators do",
        (("action=", "connect"), ("target$", *ADMIN_PORTS), ("image", *WRITABLE)),
        (("action=", "connect"), ("target$", *ADMIN_PORTS), ("image$", *SCRIPT_HOSTS, "\\rundll32.exe",
         "\\regsvr32.exe",
                                                             "\\msbuild.exe", "\\notepad.exe")),
    ),
    *rules(
        "T1021.006", 0.55, "PowerShell speaks to other machines as administrators do",
        (("action=", "connect"), ("target$", *ADMIN_PORTS), ("image$", *POWERSHELL), ("!target", "127.0.0.1:",
         "[::1]:")),
    ),
    *rules(
        "T1047", 0.8, "a command came in by WMI",
        (START, ("parent$", "\\wmiprvse.exe"), ("image$", "\\whoami.exe", "\\net.exe", "\\schtasks.exe",
         *SCRIPT_HOSTS)),
        (START, ("parent$", "\\wmiprvse.exe"), ("image$", *RUNNERS), ("command", *BY_HAND)),
        (START, ("parent$", "\\wmiprvse.exe"), ("image", *WRITABLE)),
        (START, ("parent$", "\\scrcons.exe"), ("image$", *RUNNERS)),
        (("command", "cmd.exe -q -c"), ("command", "\\\\127.0.0.1\\", "2>&1")),
        (("action=", "file_created"), ("target", "\\wbem\\"), ("target$", ".dll"), ("image=", "system")),
    ),
    *rules(
        "T1047", 0.55, "WMI starts a program that is no part of it",
        (START, ("parent$", "\\wmiprvse.exe"), ("image$", ".exe"), ("!image", *INSTALLED, "\\windowsapps\\", "\\ccm\\",
         "\\ccmsetup\\", "\\driverstore\\", "\\microsoft.net\\", "\\wbem\\"),
         ("!image$", *RUNNERS, "\\msiexec.exe", "\\werfault.exe", "\\dism.exe", "\\dismhost.exe", "\\conhost.exe",
          "\\tiworker.exe", "\\dllhost.exe", "\\svchost.exe", "\\wevtutil.exe", "\\gpupdate.exe", "\\shutdown.exe",
          "\\drvinst.exe", "\\pnputil.exe", "\\cleanmgr.exe", "\\defrag.exe")),
    ),
    *rules("T1047", 0.4, "WMI starts a shell", (START, ("parent$", "\\wmiprvse.exe"), ("image$", *RUNNERS))),
    *commands(
        "T1047", 0.75, "WMI starts a process",
        ("wmic", "process", "call", "create"), ("invoke-wmimethod", "win32_process", "create"),
        ("invoke-cimmethod", "win32_process", "create"), ("wmiclass", "win32_process", "create("),
        ("get-wmiobject", "win32_process", ".create("), ("invoke-wmi ",),
    ),
    *rules(
        "T1569.002", 0.85, "a service started a shell, as remote execution tools do",
        (START, ("parent$", "\\services.exe"), ("image$", *SHELLS, *SCRIPT_HOSTS, "\\rundll32.exe", "\\mshta.exe")),
        (("action=", "service_installed"), ("image", "powershell", "%comspec%", "cmd.exe", "cmd -c",
         "\\\\127.0.0.1\\",
                                            "\\admin$\\", "\\\\localhost\\")),
        (("code=", "7045"), ("command", "%comspec%", "powershell", "\\admin$", "\\127.0.0.1\\")),
    ),
    *rules(
        "T1569.002", 0.7, "a tool for remote execution (PsExec and its kind) is at work",
        (START, ("image$", "\\psexesvc.exe", "\\paexec.exe", "\\csexecsvc.exe", "\\remcomsvc.exe")),
        (("action=", "pipe_created", "pipe_connected"), ("target", "\\psexesvc", "\\paexec", "\\remcom", "\\csexec")),
        (("action=", "service_installed"), ("target", "psexesvc", "paexec", "remcom", "csexec")),
        (("command", "psexec"), ("command", " \\\\", "-accepteula"), ("!command", "psexec service")),
        (("command", "invoke-psexec"),), (("command", "invoke-smbexec"),), (("command", "wmiexec"),), (("command",
         "smbexec"),),
    ),
    *rules(
        "T1021.002", 0.8, "a program is put onto an administrative share of this machine",
        (("action=", "share_access"), ("target", "\\admin$\\", "\\c$\\"), ("target$", ".exe", ".dll", ".ps1",
         ".bat", ".vbs",
         ".sys"), ("data", *WRITTEN)),
        (("action=", "file_created"), ("image=", "system"), ("target$", ".exe", ".dll", ".bat", ".ps1"),
         ("target", "\\windows\\", "\\programdata\\", "\\users\\"), ("!target", "\\softwaredistribution\\",
          "\\winsxs\\",
         "\\ccmcache\\", "\\system volume information\\", "\\servicing\\")),
    ),
    *rules(
        "T1053.002", 0.65, "the output of a task is fetched by another machine",
        (("action=", "share_access"), ("target", "\\admin$\\temp\\"), ("target$", ".tmp"), ("!user$", "$")),
        (("command", "-interactive"), ("command", "at ", "at.exe")),
    ),
    *rules(
        "T1569.002", 0.85, "a command came in by a service that writes a file of commands",
        (("command", "-q -c", "comspec"), ("command", "\\temp\\execute.bat", "\\127.0.0.1\\c$\\__output", "__output")),
    ),
    *rules(
        "T1021.002", 0.4, "another machine asks for the service, task or registry interface",
        (("action=", "share_access"), ("target$", "\\svcctl"), ("!user$", "$")),
        (("action=", "share_access"), ("target$", "\\atsvc"), ("!user$", "$")),
        (("action=", "share_access"), ("target$", "\\winreg"), ("!user$", "$")),
        (("action=", "share_access"), ("target", "\\admin$\\"), ("!user$", "$")),
    ),
    *rules(
        "T1569.002", 0.4, "a service is made",
        (("action=", "service_installed"), ("!image", *INSTALLED, "\\drivers\\", "\\systemroot\\", "\\svchost.exe",
                                            "\\driverstore\\", "\\programdata\\microsoft\\", "\\microsoft.net")),
        (("action=", "registry_set"), ("image$", "\\services.exe"), ("target",
         "\\services\\"), ("target$", "\\imagepath"),
         ("data", "comspec", "powershell", "cmd", "\\windows\\temp")),
    ),
    *rules(
        "T1021.003", 0.85, "another machine's program was made to start a shell (DCOM)",
        (START, ("parent$", "\\mmc.exe"), ("parent_command", "-embedding"), ("image$", *RUNNERS)),
        (START, ("parent$", "\\excel.exe", "\\winword.exe", "\\outlook.exe"), ("parent_command", "-automation",
         "-embedding"),
         ("image$", *RUNNERS)),
        (START, ("parent$", "\\explorer.exe"), ("parent_command", "-factory,", "-embedding"), ("image$", *POWERSHELL),
         ("command", "hidden", "-enc", "-w 1", "iex")),
    ),
    *rules(
        "T1021.003", 0.6, "an office program is started for another machine (DCOM)",
        (START, ("image$", "\\excel.exe", "\\winword.exe", "\\outlook.exe"), ("parent$", "\\svchost.exe"),
         ("command", "-automation -embedding")),
        (START, ("image$", "\\mmc.exe"), ("parent$", "\\svchost.exe"), ("command", "-embedding")),
    ),
    *commands(
        "T1021.003", 0.85, "another machine's program is called from afar (DCOM)",
        ("gettypefromprogid", "mmc20.application"), ("gettypefromclsid", "activator"), ("invoke-dcom",),
        ("mmc20.application", "executeshellcommand"), ("gettypefromprogid", "excel.application", "createinstance("),
        ("document.activeview.executeshellcommand",), ("shellwindows", "shellexecute", "gettypefromclsid"),
    ),
    *commands(
        "T1021", 0.7, "a command is sent to another machine",
        ("sc", " \\\\", " create "), ("sc", " \\\\", " start "), ("sc", " \\\\", " config "), ("winrs", "-r:"),
        ("schtasks", "-create", " -s "), ("schtasks", "-run", " -s "), ("wmic", "-node:", "call"), ("at \\\\", ":"),
        ("invoke-psremoting",), ("copy", "\\admin$"), ("copy", "\\c$\\", ".exe"), ("net", " use ", "\\admin$"),
        ("net", " use ", "\\c$"), ("net", " use ", "\\ipc$"), ("invoke-executemsbuild",), ("invoke-inveighrelay",),
        ("reg", " \\\\", " add "), ("xcopy", "\\admin$"), ("invoke-sshcommand",),
    ),
    *commands(
        "T1021.006", 0.55, "PowerShell is sent to another machine",
        ("invoke-command", "-computername"), ("enter-pssession", "-computername"), ("new-pssession", "-computername"),
        ("invoke-command", "-session"), ("new-cimsession", "-computername"),
    ),
    *commands(
        "T1550.002", 0.9, "a logon is made with a stolen hash or ticket",
        ("sekurlsa::pth",), ("invoke-thehash",), ("kerberos::ptt",), ("-ntlm:", "-user:", "mimi"), ("pth-winexe",),
        ("rubeus", " ptt"), ("invoke-wmiexec",),
    ),
    *rules(
        "T1563.002", 0.75, "somebody's remote session is taken over",
        (("command", "tscon"), ("command", "-dest:")),
        (("action=", "service_installed"), ("image", "tscon")),
    ),
)  # fmt: skip

"""What scripts of Windows do that only intruders' scripts do: by script block, by command, or by both."""

from pipeline.detectors.logs.host_rule import START, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import WRITABLE

COPIES = ("command", "copy ", "copy-item", "xcopy ", "move ", "move-item", "cpi ", "robocopy ")
DROPS = (
    "pastebin.com/api", "webhook.site", "requestbin", "transfer.sh", "//file.io", " file.io", "termbin.com", "0x0.st",
    "gofile.io", "anonfiles", "paste.ee", "bashupload", "//temp.sh", " temp.sh", "//ix.io", " ix.io", "hastebin",
    "oshi.at", "pipedream.net", "interact.sh", ".oast.", "//oast.", "burpcollaborator",
)  # fmt: skip
CHATS = (
    "discord.com/api/webhooks", "discordapp.com/api/webhooks", "hooks.slack.com/services", "api.telegram.org/bot",
    "webhook.office.com",
)  # fmt: skip
"""Programs of honest people say there that they are done; files have no business there."""
SENDS = ("command", "invoke-webrequest", "invoke-restmethod", "irm ", "iwr ", "curl", "wget ", "uploadstring",
         "uploadfile", "postasync", "http.client", "requests.post")  # fmt: skip
FILES = ("--upload-file", "-f ", "uploadfile", "-infile", "-form", "readallbytes", "multipart")
AIDS = ("sethc.exe", "utilman.exe", "osk.exe", "narrator.exe", "magnify.exe", "displayswitch.exe", "atbroker.exe")

RULES: tuple[HostRule, ...] = (
    *commands(
        "T1059.001", 0.75, "PowerShell runs what it downloads",
        ("iex", "(iwr "), ("iex", "(irm "), ("iex", "(invoke-webrequest"), ("iex", "(invoke-restmethod"), ("iwr ",
         "|iex"),
        ("iwr ", "| iex"), ("irm ", "| iex"), ("irm ", "|iex"), ("invoke-webrequest", "| iex"), (".downloadstring(",
         "iex"),
        (".downloadstring(", "invoke-expression"), ("curl ", "| iex"), ("iex", "new-object system.net.webclient"),
        ("scriptblock]::create", ".downloadstring("), ("scriptblock]::create", "irm "), (".downloaddata(", "assembly"),
        ("msxml2.", "xmlhttp", "iex"), ("winhttp.winhttprequest", "iex"), ("start-bitstransfer", "iex"),
        ("resolve-dnsname", "iex"), ("nslookup", "iex"), ("certutil", "iex"),
    ),
    *commands(
        "T1059.001", 0.6, "PowerShell hides its window for a command that it starts",
        ("start-process", "powershell", "hidden", "-argumentlist", "-enc"), ("start-process", "hidden", "frombase64"),
        ("start-process", "-windowstyle hidden", "temp"), ("start-process powershell", "-windowstyle hidden"),
    ),
    *rules(
        "T1567", 0.65, "something is sent to a place where anybody may leave things",
        (("command", *DROPS), SENDS, ("command", *FILES, "post", "-t ", "-d ", "--data", "-body")),
        (("command", *CHATS), SENDS, ("command", *FILES)),
    ),
    *rules("T1567.004", 0.35, "something is said in a chat by a script", (("command", *CHATS), SENDS)),
    *commands("T1562.002", 0.35, "logs of Windows are given another size", ("limit-eventlog",)),
    *commands("T1564.006", 0.35, "a machine inside the machine is made", ("new-vm ", "-switchname"),
    ),
    *commands(
        "T1048.003", 0.6, "files are sent out by a script",
        ("ftpwebrequest", "uploadfile"), ("webrequestmethods+ftp", "upload"), ("ftpwebrequest", "getrequeststream"),
        ("networkinformation.ping", "get-content", "byte"), ("networkinformation.ping", "readallbytes"),
        ("resolve-dnsname", "tobase64string"), ("nslookup", "tobase64string"), ("send-mailmessage", "-attachments",
         "temp"),
        ("curl", " -t ", "http"), ("curl.exe", "--upload-file"), ("curl", " -t ", "ftp"), ("curl", " -f ", "@c:\\"),
        ("invoke-webrequest", "-infile", "post"), ("invoke-restmethod", "-infile"), ("uploadfile(", "http"),
        ("net.sockets.tcpclient", "readallbytes"), ("smtpclient",
         "attachments.add"),
    ),
    *rules(
        "T1036.003", 0.6, "a program of the system is copied to where it does not belong",
        (COPIES, ("command", "\\windows\\system32\\", "$env:comspec", "$env:windir", "%comspec%", "\\syswow64\\"),
         ("command", ".exe ", ".exe\\", "comspec", ".dll "), ("command", *WRITABLE, "\\programdata\\", "$env:temp",
          "$env:appdata", "\\appdata\\", "$env:public", "$env:tmp"), ("!command", "\\spool\\", "\\winevt\\",
          "\\logfiles\\")),
    ),
    *rules(
        "T1546.008", 0.8, "an aid of the logon screen is replaced",
        (COPIES, ("command", *AIDS), ("command", "\\system32\\", "cmd.exe", "powershell.exe")),
        (("command", "takeown", "icacls", "ren ", "rename-item", "del ", "set-acl"), ("command", *AIDS)),
    ),
    *commands(
        "T1562.001", 0.8, "protection is switched off",
        ("set-mppreference", "-drtm"), ("set-mppreference", "-dbm"), ("set-mppreference", "-dscrptsc"),
        ("set-mppreference", "-dioavp"), ("msft_mppreference", "exclusion"), ("msft_mppreference", "disable"),
        ("disable-windowsoptionalfeature", "defender"), ("remove-windowsfeature", "defender"), ("set-mppreference",
        "submitsamplesconsent"), ("set-mppreference", "mapsreporting"), ("set-mppreference",
        "attacksurfacereductionrules"),
        ("add-dnsclientnrptrule", "microsoft.com"), ("microsoft defender for endpoint", "uninstall"),
        ("windowssensor.exe", "-uninstall"), ("set-processmitigation", "disable"), ("set-mppreference", "default",
        "noaction"), ("remove-mpthreat",), ("set-mppreference", "-scanscheduleday 8"), ("mpcmdrun", "-restore"),
        ("new-netfirewallrule", "block", "msmpeng"), ("new-netfirewallrule", "block", "mssense"),
    ),
    *commands(
        "T1562.002", 0.7, "the writing of logs is switched off",
        ("set-webconfigurationproperty", "dontlog"), ("appcmd", "dontlog:true"), ("disable-adminaudit",),
         ("set-logproperties",
        "enabled $false"), ("wevtutil", " sl ", "-ca:"), ("etweventwrite",), ("nttraceevent",), ("eventprovider",
        "m_enabled"), ("etwprovider", "m_enabled"), ("unregister-etw",), ("remove-ciminstance", "etwtrace"),
        ("auditpol", "-restore"), ("set-etwtraceprovider",), ("remove-etwtraceprovider",),
    ),
    *commands(
        "T1070.006", 0.55, "the age of a file is changed by a script",
        (".creationtime =",), (".lastwritetime =",), (".lastaccesstime =",), (".creationtime=",), (".lastwritetime=",),
        ("setcreationtime(",), ("setlastwritetime(",), ("invoke-timestomp",), ("touch.exe", "-t "),
    ),
    *commands(
        "T1564.004", 0.6, "something is hidden behind a file's name by a script",
        ("set-content", " -stream "), ("add-content", " -stream "), ("get-content", " -stream ", "iex"), ("wmic",
        "process call create", ":"), ("-stream", "invoke-expression"),
    ),
    *commands(
        "T1564.006", 0.55, "a machine inside the machine is made by command",
        ("vboxmanage", "createvm"), ("vboxmanage", "startvm"), ("vboxheadless", "-startvm"), ("qemu-system",
         "-nographic"),
        ("qemu-system", "hostfwd"), ("vmconnect", "hidden"), (".wsb", "logoncommand"),
    ),
    *commands(
        "T1053.005", 0.7, "a task is made by a way that tells little",
        ("ps_scheduledtask", "registerbyxml"), ("win32_scheduledjob",
        "create"), ("invoke-cimmethod", "ps_scheduledtask"), ("register-scheduledtask", "-xml", "hidden"),
        ("new-scheduledtaskaction", "powershell", "hidden"), ("new-scheduledtaskaction", "-enc"),
         ("register-scheduledjob",
        "webclient"), ("new-scheduledtaskaction", "mshta"), ("new-scheduledtaskaction", "http"),
    ),
    *commands(
        "T1546.013", 0.65, "what PowerShell does at every start is changed",
        ("add-content $profile",), ("set-content $profile",), ("out-file $profile",), (">> $profile",), ("copy-item",
        "microsoft.powershell_profile.ps1"), ("add-content", "microsoft.powershell_profile.ps1"), ("add-content",
        "\\profile.ps1"),
    ),
    *commands(
        "T1547.009", 0.6, "something is put into the folder of what starts by itself",
        ("createshortcut", "\\startup"), ("copy ", "\\start menu\\programs\\startup"), ("copy-item", "\\startup\\"),
        ("echo ", "\\start menu\\programs\\startup"), ("out-file", "\\start menu\\programs\\startup"), ("set-content",
        "\\start menu\\programs\\startup"), ("move ", "\\start menu\\programs\\startup"), ("getfolderpath(startup",),
    ),
    *commands(
        "T1574", 0.75, "code is slipped under a program by an unusual file",
        ("\\setup\\scripts\\errorhandler.cmd",), ("\\windowsapps\\get-variable.exe",), ("spool\\prtprocs\\", "copy"),
        ("dotnet_startup_hooks=",), ("cor_profiler=",), ("complus_etwenabled=0",), ("site-packages", ".pth"),
        ("system32\\wbem\\", "copy", ".dll"), ("windowsterminal",
         "settings.json",
        "startonuserlogin"), ("set-item", "env:cor_profiler"), ("windows\\system32\\tasks\\", "copy "),
    ),
    *rules(
        "T1546.011", 0.65, "a patch for programs is installed from a file",
        (START, ("image$", "\\sdbinst.exe"), ("command", ".sdb"), ("!command", "-mm", "\\apppatch\\"), ("!parent$",
         "\\msiexec.exe", "\\svchost.exe")),
    ),
    *rules(
        "T1546.003", 0.55, "a description of WMI objects is loaded by hand",
        (START, ("image$", "\\mofcomp.exe"), ("command", ".mof"), ("parent$", "\\cmd.exe", "\\powershell.exe",
         "\\pwsh.exe",
         "\\wscript.exe", "\\mshta.exe"), ("!command", "\\program files", "\\microsoft sql server", "\\windows\\ccm")),
    ),
    *commands(
        "T1539", 0.65, "a browser is steered from outside, with its sessions",
        ("--remote-debugging-port=", "--user-data-dir", "user data"), ("stop-process", "chrome",
         "remote-debugging-port"),
        ("taskkill", "chrome", "remote-debugging"), ("sqlite3", "[cookies]"), ("sqlite3", "login data"), ("sqlite3",
        "cookies.sqlite"), ("sqlite3", "select", "encrypted_value"),
    ),
    *commands(
        "T1006", 0.75, "a disk is read past the file system",
        ("filestream", "\\\\.\\c:"), ("filestream", "\\\\.\\physicaldrive"), ("createfile", "\\\\.\\physicaldrive"),
        ("rawcopy", "-filenamepath"), ("rawcopy.exe",), ("rawcopy64.exe",), ("ntfsinfo", "$mft"),
    ),
    *commands(
        "T1114", 0.6, "mails kept on this machine are copied or deleted",
        ("comms\\unistore\\data", "copy-item"), ("comms\\unistore\\data", "remove-item"), (".ost", "copy ",
         "\\outlook\\"),
        (".pst", "copy ", "\\temp\\"),
    ),
    *commands(
        "T1485", 0.6, "a recycle bin or many files are wiped by command",
        ("rd ", "-s -q", "$recycle.bin"), ("remove-item", "-recurse", "$recycle.bin"), ("del ", "-s -q",
         "c:\\users\\*"),
        ("del ", "-f -s -q", "*.doc"), ("get-childitem", "-recurse", "remove-item", "-force", "c:\\users\\*"),
    ),
)  # fmt: skip

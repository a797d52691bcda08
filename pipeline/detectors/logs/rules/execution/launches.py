"""Code is run by ways that documents, downloads and intruders use."""

from pipeline.detectors.logs.host_rule import HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import (
    INTO_A_SHELL,
    OFFICE,
    POWERSHELL,
    RUNNERS,
    SCRIPT_HOSTS,
    SERVERS,
    SHELLS,
    WRITABLE,
    private_urls,
)


def _bare_address(how: str) -> tuple[tuple[str, ...], ...]:
    """What is fetched by `how` is named by an address outside."""
    return ("command", *(f"{how}://{digit}" for digit in "123456789")), ("!command", *private_urls(how))


RULES: tuple[HostRule, ...] = (
    *commands(
        "T1059.001", 0.6, "PowerShell runs an encoded command",
        ("powershell", " -enc "), ("powershell", " -encodedc"), ("powershell", " -ec "), ("powershell", " -e "),
        ("powershell", " -en "), ("pwsh", " -encodedc"), ("pwsh", " -enc "),
    ),
    *commands(
        "T1059.001", 0.8, "PowerShell hides and runs an encoded command",
        ("powershell", " -enc ", " -w 1 "), ("powershell", " -enc ", "hidden"), ("powershell", " -e ", "hidden"),
        ("powershell", " -ec ", "hidden"), ("powershell", "-encodedc", "hidden"), ("powershell", "hidden", "iex"),
        ("powershell", "hidden", "-nop", "bypass"), ("powershell", "hidden", "frombase64string"),
    ),
    *commands(
        "T1059.001", 0.8, "PowerShell runs what it downloads",
        ("powershell", "downloadstring("), ("powershell", "downloadfile("), ("powershell", "downloaddata("),
        ("iex", "new-object", "webclient"), ("powershell", "iex", "invoke-webrequest"),
        ("invoke-expression", "webclient"), ("powershell", "iex", "iwr "), ("powershell", "iex", "invoke-restmethod"),
        ("powershell", "frombase64string", "iex"), ("frombase64string", "gzipstream", "iex"),
        ("frombase64string", "deflatestream", "invoke-expression"), ("start-bitstransfer", "http", "start-process"),
    ),
    *commands(
        "T1059.001", 0.85, "PowerShell looks for code hidden in the registry or an image",
        ("powershell", "iex", "get-itemproperty", "hk"), ("powershell", "hidden", "get-itemproperty", "frombase64"),
        ("powershell", "frombase64string", "getpixel"),
    ),
    *commands(
        "T1059.001", 0.85, "PowerShell loads code into memory",
        ("virtualalloc", "createthread", "getdelegateforfunctionpointer"), ("reflection.assembly", "::load(",
         "base64"),
        ("invoke-reflectivepeinjection",), ("invoke-shellcode",), ("invoke-dllinjection",), ("invoke-psinject",),
        ("[reflection.assembly]::load($",), ("dllimport", "kernel32", "virtualalloc", "createthread"),
    ),
    *commands(
        "T1059.001", 0.85, "a script known from attacks is run",
        ("invoke-powershelltcp",), ("invoke-powershelludp",), ("invoke-powershellicmp",), ("add-remoteregbackdoor",),
        ("get-remotemachineaccounthash",), ("get-remotelocalaccounthash",), ("get-remotecachedcredential",),
        ("invoke-pipeshell",), ("invoke-poshrat",), ("add-persistence",), ("invoke-adsbackdoor",),
        ("invoke-powershellwmi",), ("invoke-interactivesystempowershell",), ("out-dnstxt",),
        ("invoke-inveigh",), ("invoke-dcshadow",), ("set-dcshadowpermissions",), ("invoke-petitpotam",),
        ("invoke-zerologon",), ("invoke-nightmare",), ("get-sqlserverlinkcrawl",), ("invoke-sqloscmd",),
        ("new-inmemorymodule",), ("add-exfiltration",), ("do-exfiltration",), ("invoke-dnscat2",),
        ("new-machineaccount",),
        ("get-securitypackages",), ("set-macattribute",), ("invoke-ssidexfil",), ("invoke-backdoorlnk",),
    ),
    *rules(
        "T1059.001", 0.75, "another program runs PowerShell inside itself",
        (("action=", "pipe_created"), ("target^", "\\pshost."), ("image", *WRITABLE)),
        (("action=", "load"), ("target$", "\\system.management.automation.dll",
         "\\system.management.automation.ni.dll"),
         ("image", *WRITABLE)),
    ),
    *rules(
        "T1059", 0.85, "a script host starts a shell",
        (("action=", "start"), ("parent$", *SCRIPT_HOSTS), ("image$", *SHELLS)),
    ),
    *rules(
        "T1059.005", 0.55, "a script is run from a folder of downloads",
        (("image$", *SCRIPT_HOSTS), ("action=", "start"), ("command", *WRITABLE, "\\temp\\", "\\appdata\\"),
         ("command", ".vbs", ".js", ".vbe", ".jse", ".wsf", ".hta")),
    ),
    *rules(
        "T1204.002", 0.9, "a document starts a shell or script",
        (("action=", "start"), ("parent$", *OFFICE), ("image$", *RUNNERS)),
    ),
    *rules(
        "T1204.002", 0.55, "a program started by hand from a user's folder loads what .NET malware needs",
        (("action=", "load"), ("target$", "\\clr.dll", "\\clrjit.dll"), ("image", "\\users\\"),
         ("image", *WRITABLE)),
    ),
    *rules(
        "T1059", 0.55, "a program in a user's folder starts a shell",
        (("action=", "start"), ("parent", *WRITABLE), ("image$", *SHELLS), ("!parent", "setup", "install", "update")),
    ),
    *rules(
        "T1505.003", 0.85, "a web or database server starts a shell",
        (("action=", "start"), ("parent$", *SERVERS), ("image$", *SHELLS, "\\whoami.exe", "\\net.exe",
         "\\certutil.exe"),
         ("!command", "\\vctip.exe", "--version", " ver")),
    ),
    *commands(
        "T1505.003", 0.85, "a database server is told to run commands",
        ("xp_cmdshell", "exec"), ("sp_oacreate", "wscript.shell"),
    ),
    *commands(
        "T1105", 0.8, "a system tool downloads a file",
        ("certutil", "urlcache"), ("certutil", "-verifyctl", "http"), ("desktopimgdownldr", "http"),
        ("certreq", "-post", "http"), ("esentutl", " -y", "\\\\", "http"), ("finger ", "@", "| cmd"),
        ("curl", "http", "-o ",
         "\\temp\\"), ("mpcmdrun", "-downloadfile"), ("powershell", "start-bitstransfer", "http"),
    ),
    *rules(
        "T1105", 0.6, "a program or script is fetched from a bare address",
        *(
            (("command", "curl", "wget", "invoke-webrequest", "iwr "), *_bare_address(how),
             ("command", ".exe", ".dll", ".hta", ".ps1", ".bat", ".vbs", ".js", ".msi", ".cmd", ".scr", ".cpl", ".sh"))
            for how in ("http", "https")
        ),
    ),
    *rules(
        "T1105", 0.8, "a program is fetched from a bare address and made one that runs",
        *(
            (("command", "curl ", "wget ", "tftp "), *_bare_address(how),
             ("command", "chmod +x ", "chmod 777 ", "chmod 755 ", "chmod a+x ", "chmod 0777 "),
             ("command", "./", "sh "))
            for how in ("http", "https")
        ),
    ),
    *rules(
        "T1105", 0.7, "a browser without a window fetches something",
        (("action=", "start"), ("command", "--headless"), ("command", "--dump-dom", "--print-to-pdf", "--screenshot"),
         ("command", "http:", "https:"), ("parent$", *SHELLS, *SCRIPT_HOSTS, "\\rundll32.exe", "\\wmiprvse.exe")),
    ),
    *rules(
        "T1204.002", 0.6, "a browser is told to fetch a program or archive by its address",
        (("action=", "start"), ("image$", "\\msedge.exe", "\\chrome.exe", "\\firefox.exe", "\\iexplore.exe"),
         ("parent$", *SHELLS, *SCRIPT_HOSTS), ("command", "http:", "https:"),
         ("command$", ".exe", ".zip", ".7z", ".iso", ".hta", ".ps1", ".exe ", ".zip ", ".7z ", ".iso ", ".hta ")),
    ),
    *rules(
        "T1047", 0.7, "PowerShell is started through WMI",
        (("action=", "start"), ("parent$", "\\wmiprvse.exe"), ("image$", *POWERSHELL),
         ("command", "$env:", "iex", "-enc", "-e ", "hidden", "download", "frombase64", "get-c`")),
    ),
    *commands(
        "T1105", 0.7, "a system tool fetches a file from another machine",
        ("tftp", " get "), *((tool, f" \\\\{n}") for tool in ("extrac32", "expand ", "expand.exe", "replace ",
         "replace.exe",
                                                           "print -d:") for n in "123456789"),
    ),
    *commands(
        "T1219", 0.65, "a program for remote control is installed without being seen",
        ("anydesk", "--install", "--silent"), ("teamviewer", "-s", "assignment"), ("screenconnect", "-qn"),
        ("meshagent", "-fullinstall"), ("atera", "-qn"), ("splashtop", "-qn"), ("rustdesk", "--silent-install"),
    ),
    *commands(
        "T1047", 0.6, "the registry or a program is changed through WMI",
        ("wmic", "stdregprov"), ("wmic", "product", "call uninstall"), ("wmic", "process", "call terminate"),
        ("wmic", "process", "delete"), ("wmic", "service", "call stopservice"), ("wmic", "service", "changestartmode"),
    ),
    *commands("T1140", 0.7, "a system tool decodes a file", ("certutil", " -decode"), ("certutil", " -decodehex")),
    *commands(
        "T1059.004", 0.9, "a shell is handed to another machine",
        ("bash -i", "dev/tcp/"), ("dev/tcp/", "0>&1"), ("nc ", " -e ", "bin/"), ("ncat ", " -e ", "bin/"),
        ("socat", "exec:", "bash"), ("mkfifo", "nc ", "bin/sh"), ("socket.socket", "subprocess", "dup2"),
        ("pty.spawn", "bin/"), ("perl -e", "socket", "exec"), ("ruby -rsocket", "exec"), ("php -r", "fsockopen"),
        ("telnet ", "| -bin/sh"), ("a0=nc", "=-e ", "bin/"), ("tcpclient(", "getstream", "iex"),
    ),
    *commands(
        "T1105", 0.7, "a shell runs what it downloads",
        ("wget ", "chmod +x", "tmp/"), ("curl ", "chmod +x", "tmp/"),
         ("wget ", "dev/shm/"), ("curl ", "dev/shm/"),
    ),
    *rules(
        "T1105", 0.7, "a shell runs what it downloads",
        *((("command", "curl ", "wget "), shell) for shell in INTO_A_SHELL),
    ),
    *commands("T1059.006", 0.6, "Python runs code that it decodes", ("python", " -c ", "exec(", "b64decode")),
    *rules(
        "T1059.001", 0.55, "PowerShell without its window talks to a machine outside by itself",
        (("image$", *POWERSHELL), ("parent$", *SCRIPT_HOSTS, *OFFICE), ("action=", "connect")),
    ),
)  # fmt: skip

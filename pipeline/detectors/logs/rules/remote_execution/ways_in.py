"""Ways into a machine from afar: tunnels, forwarded desktops, calls through services, tools of control."""

from pipeline.detectors.logs.host_rule import START, HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import RUNNERS, SERVERS, WRITABLE

CONNECT = ("action=", "connect")
LOCAL_DESKTOP = ("127.0.0.1:3389", "[::1]:3389", "[0:0:0:0:0:0:0:1]:3389")
TUNNELS = (
    "\\plink.exe", "\\chisel.exe", "\\ngrok.exe", "\\frpc.exe", "\\cloudflared.exe", "\\ligolo.exe", "\\gost.exe",
    "\\httptunnelclient.exe", "\\dnscat2.exe", "\\iodine.exe", "\\3proxy.exe", "\\revsocks.exe", "\\bore.exe",
)  # fmt: skip

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1572", 0.75, "a remote desktop is reached through a tunnel",
        (CONNECT, ("target=", *LOCAL_DESKTOP), ("!image$", "\\mstsc.exe")),
        (("code=", "4624", "4778"), ("data", "logontype:10"), ("data", "ipaddress:127.0.0.1", "ipaddress:::1,",
                                                              "ipaddress:::%")),
        (("code=", "1149"), ("program", "terminalservices"), ("data", "param3:127.0.0.1", "param3:::%", "param3:::1")),
        (("code=", "21", "25"), ("program", "localsessionmanager"), ("data", "address:127.0.0.1", "address:::%")),
    ),
    *rules(
        "T1572", 0.75, "a tool for tunnels is run",
        (START, ("image$", *TUNNELS)), (CONNECT, ("image$", *TUNNELS)),
        (("command", "plink", "ssh"), ("command", " -r "), ("command", ":127.0.0.1:", ":localhost:", ":3389")),
        (("command", "chisel", "ligolo", "gost"), ("command", "client", "-connect", "socks", "r:")),
        (("command", "ngrok"), ("command", "tcp", "http")),
    ),
    *rules(
        "T1090", 0.8, "a web server's program speaks to services of its own machine",
        (CONNECT, ("image$", *SERVERS), ("target$", ":3389", ":445", ":22", ":5985", ":135", ":139")),
    ),
    *rules(
        "T1021.001", 0.8, "a program from the disk of somebody's remote desktop is run",
        (START, ("image^", "\\\\tsclient\\")), (START, ("parent^", "\\\\tsclient\\")),
        (("action=", "file_created"), ("image$", "\\mstsc.exe"), ("target", "\\startup\\")),
        (("action=", "load"), ("target$", "\\mstscax.dll"), ("!image$", "\\mstsc.exe", "\\vmconnect.exe",
         "\\rdcman.exe", "\\svchost.exe", "\\explorer.exe"), ("image", *WRITABLE)),
    ),
    *rules(
        "T1021.002", 0.5, "a folder of this machine is shared anew",
        (("code=", "5142"), ("!user$", "$")),
        (("action=", "registry_set"), ("target", "\\lanmanserver\\shares\\"), ("!target", "\\shares\\security\\")),
        (("command", "net", "new-smbshare"), ("command", " share ", "new-smbshare"), ("command", "=c:", "-path",
                                                                                     "grant:", "-unlimited")),
    ),
    *rules(
        "T1021.003", 0.5, "a component is started for another machine (DCOM)",
        (("code=", "10016", "10028"), ("program", "distributedcom"), ("data", "param2:remote", ":remote,")),
        (CONNECT, ("image$", "\\mmc.exe", "\\excel.exe", "\\winword.exe", "\\explorer.exe"), ("target$", ":135")),
    ),
    *rules(
        "T1047", 0.5, "another machine is called with a password that was typed in (WMI)",
        (("code=", "4648"), ("data", "targetinfo:rpcss", "targetinfo:wsman", "targetinfo:host\\"), ("!user$", "$")),
        (START, ("image$", "\\wmic.exe"), ("command", "-node:")),
    ),
    *rules(
        "T1021.006", 0.55, "somebody opens a remote management session here (WinRM)",
        (("code=", "169", "91"), ("program", "windows-winrm", "windows remote management", "windows-remote")),
        (("code=", "53504"), ("program", "powershell"), ("command", "servermode", "wsmprovhost")),
    ),
    *rules(
        "T1570", 0.7, "a program is carried over to or run from another machine",
        (START, ("image^", "\\\\"), ("image$", ".exe", ".com", ".scr"), ("!image", "\\sysvol\\", "\\netlogon\\",
                                                                       "\\\\wsl")),
        (START, ("image$", *RUNNERS), ("command", "\\\\1", "davwwwroot", "@ssl\\", "@80\\"),
         ("command", ".dll", ".exe", ".ps1", ".hta", ".sct"), ("!command", "\\\\127.0.0.1\\", "printui.dll")),
        (("action=", "load"), ("target^", "\\\\"), ("target$", ".dll")),
    ),
    *rules(
        "T1219", 0.55, "a program for remote control lies where programs do not belong",
        (START, ("image$", "\\anydesk.exe", "\\teamviewer.exe", "\\screenconnect.clientservice.exe", "\\rustdesk.exe",
                 "\\atera_agent.exe", "\\ultraviewer_desktop.exe", "\\ammyy.exe", "\\supremo.exe"),
         ("image", *WRITABLE, "\\programdata\\")),
    ),
    *rules(
        "T1559", 0.85, "a pipe of a tool for remote control is open",
        (("action=", "pipe_created", "pipe_connected"), ("target^", "\\msagent_", "\\postex_", "\\msse-", "\\status_",
         "\\mojo.5688.8052.", "\\gruntsvc", "\\demoagent", "\\interprocess_",
         "\\spoolss_", "\\srvsvc_", "\\lsarpc_", "\\samr_", "\\wkssvc_", "\\ntsvcs_", "\\dsernamepipe",
         "\\pgmessagepipe", "\\meterpreter", "\\sliver", "\\mythic", "\\havoc")),
    ),
    *commands(
        "T1570", 0.75, "a program is sent to another machine",
        ("copy-item", "-tosession"), ("copy-item", "\\admin$"), ("robocopy", "\\admin$"), ("robocopy", "\\c$\\"),
        ("move ", "\\admin$"), ("psexec", " -c ", "\\\\"), ("copy-item", "\\c$\\"),
    ),
    *commands(
        "T1563.002", 0.7, "somebody's remote session is watched or taken over",
        ("mstsc", "-shadow:"), ("mstsc", "-noconsentprompt"), ("sharprdp",), ("tsdiscon",), ("shadow ", "-control"),
    ),
)  # fmt: skip

"""Traces of what was done are removed."""

from pipeline.detectors.logs.host_rule import HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import RUNNERS, WRITABLE

RULES: tuple[HostRule, ...] = (
    *rules("T1070.001", 0.9, "an event log is cleared", (("action=", "log_cleared"),)),
    *commands(
        "T1070.001", 0.9, "an event log is cleared",
        ("wevtutil", " cl "), ("wevtutil", "clear-log"), ("clear-eventlog",), ("fsutil", "deletejournal"),
        ("eventlogsession", "clearlog("), ("remove-eventlog",), ("nteventlogfile", "cleareventlog"),
        ("limit-eventlog", "-maximumsize", "64kb"), ("invoke-phant0m",), ("wmic", "nteventlog", " cl"),
        ("wmic", "nteventlog", "cleareventlog"),
    ),
    *rules(
        "T1070.001", 0.85, "the file of an event log is deleted",
        (("action=", "file_deleted"), ("target", "\\winevt\\logs\\"), ("target$", ".evtx"),
         ("!target", "\\archive-"), ("!image$", "\\svchost.exe")),
    ),
    *commands(
        "T1070.002", 0.85, "system logs are deleted",
         ("a0=rm", "=/var/log/auth"), ("a0=rm", "=/var/log/audit"), ("a0=rm", "=/var/log/secure"), ("a0=rm",
          "=/var/log/syslog"), ("shred ", "-var/log"), ("truncate ", "-var/log/"),
        ("cat -dev/null >", "-var/log/"), ("echo", "> -var/log/"), ("journalctl", "--vacuum-time=1s"),
        ("rm -rf -var/log/*",), ("rm -rf -var/log;",), ("rm ", "-var/log/secure"), ("rm ", "-var/log/messages"),
        ("rm ", "-var/log/wtmp"),
        ("rm ", "-var/log/btmp"), ("rm ", "-var/log/lastlog"), ("unlink", "-var/log/"), ("logtamper",), ("a0=shred",
         "=/var/log"),
        ("a0=truncate", "=/var/log"), ("rm ", "-var/log/auth"), ("rm ", "-var/log/syslog"), ("rm ", "-var/log/audit"),
    ),
    *commands(
        "T1070.003", 0.75, "the history of commands is removed",
        ("history -c;",), ("history -c &",), ("history -cw",), ("unset histfile",),
        ("histfile=-dev/null",), ("histfile=/dev/null",), ("histsize=0",),
        ("rm ", ".bash_history"), ("-dev/null", ".bash_history"), ("shred ", ".bash_history"), ("clear-history",),
        ("remove-item", "consolehost_history"), ("del ", "consolehost_history"), ("a0=rm", ".bash_history"),
        ("historysavestyle savenothing",), ("set +o history",),
    ),
    *rules("T1070.003", 0.75, "the history of commands is removed", (("command$", "history -c"),)),
    *commands(
        "T1070.004", 0.7, "files are destroyed so that they cannot be restored",
        ("sdelete", " -s "), ("cipher", " -w:"), ("sdelete", "-accepteula"),
    ),
    *commands("T1070.005", 0.3, "a network share is removed", ("net", " use ", "-delete"), ("net", "share",
     "-delete")),
    *rules(
        "T1070", 0.55, "what somebody ran or opened is forgotten",
        (("action=", "registry_set", "registry_changed"),
         ("target", "\\explorer\\runmru", "\\explorer\\typedpaths", "\\terminal server client\\default",
                   "\\explorer\\recentdocs"), ("data", "deletekey", "deletevalue"), ("!image$", "\\explorer.exe",
                                                                                    "\\mstsc.exe")),
        (("action=", "file_deleted"), ("target", "\\windows\\prefetch\\", "\\winevt\\logs\\"),
         ("!image$", "\\svchost.exe")),
    ),
    *rules(
        "T1070.006", 0.7, "the age of a program is changed",
        (("action=", "file_time_changed"), ("target$", ".exe", ".dll", ".sys", ".ps1", ".bat", ".vbs"),
         ("image", *WRITABLE)),
        (("action=", "file_time_changed"), ("target$", ".exe", ".dll", ".sys", ".ps1", ".bat", ".vbs", ".aspx", ".txt"),
         ("image$", *RUNNERS)),
        (("code=", "4616"), ("data", *WRITABLE, "\\powershell.exe", "\\cmd.exe", "\\net.exe")),
    ),
    *rules(
        "T1070.006", 0.55, "the age of a program is changed",
        (("command", ".creationtime", ".lastwritetime"), ("command", "=", "get-date"), ("command", "powershell")),
        (("command", "touch -"), ("command", " -r -bin", " -r -usr", " -acmr "),
         ("!command", "make", "dpkg", "rpm")),
    ),
)  # fmt: skip

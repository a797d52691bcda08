"""Single looks around on Linux and macOS: nothing by itself, something when many come together."""

from pipeline.detectors.logs.host_rule import START, HostRule, When, rules


def _look(technique: str, title: str, *ways: tuple[When, ...]) -> tuple[HostRule, ...]:
    return rules(technique, 0.25, title, *ways)


def _by(*programs: str) -> tuple[When, ...]:
    """One of these programs is started."""
    return (START, ("image$", *(f"/{name}" for name in programs)))


RULES: tuple[HostRule, ...] = (
    *_look("T1033", "who is logged on is asked", _by("who", "w", "users", "last", "finger", "lastlog")),
    *_look("T1087.001", "accounts are listed", (START, ("image$", "/cat", "/getent", "/dscl", "/less", "/cut", "/awk"),
           ("command", "etc/passwd", "etc/group", " passwd", " group", "list -users"))),
    *_look("T1082", "the system is described", _by("uname", "hostname", "hostnamectl", "lsb_release",
            "system_profiler",
           "sw_vers", "dmidecode", "lscpu", "ioreg", "kenv"), (START, ("image$", "/cat"), ("command", "etc/issue",
           "release",
           "proc/version", "proc/cpuinfo")), (START, ("image$", "/sysctl"), ("command", "hw.", "kern.")),),
    *_look("T1016", "the net of the machine is described", _by("ifconfig", "arp", "route", "networksetup", "scutil"),
           (START, ("image$", "/ip"), ("command", " addr", " a", " route", " neigh", " link", "tcp_metrics")),
           (START, ("image$", "/cat"), ("command", "resolv.conf", "etc/hosts"))),
    *_look("T1049", "connections are listed", _by("netstat", "ss", "sockstat"), (START, ("image$", "/lsof"),
            ("command",
           " -i"))),
    *_look("T1057", "programs that run are listed", (START, ("image$", "/ps"), ("command", "aux", "-ef", "-e", "-a")),
           _by("pstree", "top")),
    *_look("T1069.001", "one's own rights are asked", _by("id", "groups"), (START, ("command^", "sudo -l"))),
    *_look("T1083", "the disk is looked through", (START, ("image$", "/find"), ("command", "find -", "find ~"),
            ("command",
           "-name", "-type", "-perm")), (START, ("image$", "/ls"), ("command", "-r", "-la -root", "-la -home")),
           _by("locate", "tree", "findmnt", "df", "lsblk", "mount")),
    *_look("T1135", "shares are listed", _by("showmount", "smbstatus", "smbutil", "smbtree")),
    *_look("T1201", "the rules of passwords are read", (START, ("command", "pwquality.conf", "pam.d/", "login.defs",
           "common-password")), _by("pwpolicy", "chage")),
    *_look("T1614", "where the machine stands is asked", (START, ("command", "ipinfo.io", "ifconfig.me",
            "api.ipify.org",
           "icanhazip", "ip-api.com", "checkip.")), _by("locale", "locale-check")),
    *_look("T1652", "parts of the system's core are listed", _by("lsmod", "kldstat", "kextstat", "modinfo"),
           (START, ("command", "-lib/modules"), ("command", "-name"))),
    *_look("T1518", "what is installed is listed", _by("rpm", "dpkg-query"), (START, ("command", "dpkg -l", "rpm -qa",
           "pip list", "apt list", "brew list", "pkg info"))),
    *_look("T1053", "what runs at its times is listed", (START, ("command", "crontab -l", "etc/crontab",
            "systemctl list-timers",
           "atq"))),
    *_look("T1552.003", "what was typed is read", (START, ("image$", "/cat", "/less", "/grep", "/head", "/tail"),
            ("command",
           "_history"))),
)  # fmt: skip

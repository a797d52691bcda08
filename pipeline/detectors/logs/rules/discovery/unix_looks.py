"""Single looks around on Linux and macOS that neither log-ons nor agents take: many together are told."""

from pipeline.detectors.logs.host_rule import START, HostRule, When, rules


def _look(technique: str, title: str, *ways: tuple[When, ...]) -> tuple[HostRule, ...]:
    return rules(technique, 0.25, title, *ways)


def _by(*programs: str) -> tuple[When, ...]:
    """One of these programs is started."""
    return (START, ("image$", *(f"/{name}" for name in programs)))


_READERS: When = ("image$", "/cat", "/less", "/more", "/head", "/tail", "/grep", "/cut", "/awk", "/strings")

RULES: tuple[HostRule, ...] = (
    *_look("T1033", "who is logged on is asked", _by("w", "finger", "lastlog", "users")),
    *_look("T1087.001", "accounts are listed", (START, _READERS, ("command", "etc/passwd", "etc/group"))),
    *_look("T1082", "the system is described", (START, _READERS, ("command", "etc/issue", "-release", "proc/version")),
           _by("system_profiler", "ioreg", "dmidecode")),
    *_look("T1016", "neighbours on the net are listed", _by("arp"), (START, ("image$", "/ip"), ("command", " neigh",
           "tcp_metrics"))),
    *_look("T1069.001", "one's own rights are asked", (START, ("command^", "sudo -l"))),
    *_look("T1083", "the whole disk is looked through", (START, ("image$", "/find"), ("command^", "find - ")),
           _by("findmnt", "tree")),
    *_look("T1135", "shares are listed", _by("showmount", "smbstatus", "smbutil", "smbtree")),
    *_look("T1201", "the rules of passwords are read", (START, _READERS, ("command", "pwquality.conf", "pam.d/",
           "login.defs", "common-password")), _by("pwpolicy")),
    *_look("T1614", "where the machine stands is asked",
           (START, ("command", "ipinfo.io", "ifconfig.me", "api.ipify.org", "icanhazip", "ip-api.com"))),
    *_look("T1652", "parts of the system's core are listed", _by("lsmod", "kldstat", "kextstat")),
    *_look("T1552.003", "what was typed is read", (START, _READERS, ("command", "_history"))),
)  # fmt: skip

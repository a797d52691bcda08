"""What attackers type with the tools that are there already: words that must all occur, and what they mean.

After the public knowledge of ATT&CK and LOLBAS, in our own words; compared by `features.multi_pattern`.
"""

from typing import NamedTuple


class CommandPattern(NamedTuple):
    """All `terms` occur in the command line (or in what was acted upon)."""

    technique: str
    weight: float
    """Score: 0.9 hardly ever benign, 0.7 sometimes, 0.55 often seen in scripts of administrators."""
    title: str
    terms: tuple[str, ...]


def _each(technique: str, weight: float, title: str, *alternatives: tuple[str, ...]) -> tuple[CommandPattern, ...]:
    return tuple(CommandPattern(technique, weight, title, terms) for terms in alternatives)


PATTERNS: tuple[CommandPattern, ...] = (
    *_each(
        "T1059.001", 0.6, "PowerShell runs an encoded command",
        ("powershell", " -enc "), ("powershell", " -encodedc"), ("powershell", " -ec "), ("powershell", " -e "),
        ("powershell", " -en "), ("pwsh", " -encodedc"), ("pwsh", " -enc "),
    ),
    *_each(
        "T1059.001", 0.8, "PowerShell runs what it downloads",
        ("powershell", "downloadstring("), ("powershell", "downloadfile("), ("powershell", "iex", "webclient"),
        ("powershell", "iex", "invoke-webrequest"), ("powershell", "frombase64string", "iex"),
        ("powershell", "hidden", "-nop", "bypass"),
    ),
    *_each(
        "T1105", 0.8, "a system tool downloads a file",
        ("certutil", "urlcache"), ("certutil", "-verifyctl", "http"), ("bitsadmin", " -transfer"),
        ("bitsadmin", " -addfile"), ("desktopimgdownldr", "http"), ("esentutl", " -y", "-vss"),
    ),
    *_each("T1140", 0.7, "a system tool decodes a file", ("certutil", " -decode"), ("certutil", " -decodehex")),
    *_each(
        "T1218.005", 0.9, "mshta runs a script",
        ("mshta", "http"), ("mshta", "javascript:"), ("mshta", "vbscript:"),
    ),
    *_each("T1218.010", 0.9, "regsvr32 runs a scriptlet", ("regsvr32", "scrobj"), ("regsvr32", "http")),
    *_each(
        "T1218.011", 0.9, "rundll32 runs a script",
        ("rundll32", "javascript:"), ("rundll32", "vbscript:"), ("rundll32", "mshtml,runhtmlapplication"),
    ),
    *_each("T1218.003", 0.7, "cmstp installs a profile", ("cmstp", ".inf")),
    *_each("T1218.004", 0.7, "installutil runs an assembly", ("installutil", "-logfile=", " -u ")),
    *_each(
        "T1490", 0.9, "backups and recovery are destroyed",
        ("vssadmin", "delete shadows"), ("vssadmin", "resize shadowstorage"), ("shadowcopy delete",),
        ("win32_shadowcopy", "delete"), ("wbadmin", "delete"), ("bcdedit", "recoveryenabled", " no"),
        ("bcdedit", "ignoreallfailures"),
    ),
    *_each(
        "T1070.001", 0.9, "an event log is cleared",
        ("wevtutil", " cl "), ("wevtutil", "clear-log"), ("clear-eventlog",), ("fsutil", "deletejournal"),
    ),
    *_each(
        "T1003.003", 0.9, "the directory's password database is copied",
        ("ntdsutil", "ifm"), ("ntdsutil", "ac i ntds"), ("ntds.dit", "copy "), ("vssadmin", "create shadow"),
    ),
    *_each(
        "T1003.001", 0.9, "the memory of the logon service is read",
        ("procdump", "lsass"), ("comsvcs", "minidump"), ("comsvcs", "#24"), ("sekurlsa::",), ("invoke-mimikatz",),
        ("mimikatz",), ("lsass.dmp",),
    ),
    *_each(
        "T1003.002", 0.9, "password hashes are saved from the registry",
        ("reg", " save ", "hklm\\sam"), ("reg", " save ", "hklm\\security"), ("reg", " save ", "hklm\\system"),
        ("lsadump::",),
    ),
    *_each(
        "T1558.003", 0.9, "Kerberos tickets are forged or harvested",
        ("rubeus", "kerberoast"), ("rubeus", "asktgt"), ("invoke-kerberoast",), ("kerberos::golden",),
    ),
    *_each("T1047", 0.7, "WMI starts a process", ("wmic", "process", "call", "create")),
    *_each(
        "T1053.005", 0.7, "a task is scheduled to run a script",
        ("schtasks", "-create", "powershell"), ("schtasks", "-create", "mshta"), ("schtasks", "-create", "http"),
    ),
    *_each("T1098", 0.6, "an account is made administrator", ("net", "localgroup administrators", "-add")),
    *_each(
        "T1562.001", 0.8, "protection is switched off",
        ("set-mppreference", "disablerealtimemonitoring"), ("sc", " stop ", "windefend"),
        ("set-mppreference", "exclusionpath"), ("advfirewall", "state off"),
    ),
    *_each(
        "T1548.002", 0.8, "the consent dialogue is bypassed",
        ("ms-settings\\shell\\open\\command",), ("mscfile\\shell\\open\\command",),
    ),
    *_each("T1482", 0.6, "domain trusts are listed", ("nltest", "domain_trusts"), ("adfind", "trustdmp")),
    *_each("T1087.002", 0.8, "the directory is mapped", ("sharphound",), ("invoke-bloodhound",)),
    *_each(
        "T1059.004", 0.9, "a shell is handed to another machine",
        ("bash -i", "dev/tcp/"), ("dev/tcp/", "0>&1"), ("nc ", " -e ", "bin/"), ("ncat ", " -e ", "bin/"),
        ("socat", "exec:", "bash"), ("mkfifo", "nc ", "bin/sh"),
    ),
    *_each(
        "T1105", 0.7, "a shell runs what it downloads",
        ("curl ", "| bash"), ("curl ", "| sh"), ("wget ", "| bash"), ("wget ", "| sh"), ("base64 -d", "| bash"),
        ("base64 -d", "| sh"), ("curl ", "|sh"), ("curl ", "|bash"), ("wget ", "|sh"), ("wget ", "|bash"),
    ),
    *_each("T1003.008", 0.8, "the password file is read", ("cat /etc/shadow",), ("cp /etc/shadow",)),
)  # fmt: skip

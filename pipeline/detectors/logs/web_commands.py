"""A command for the server's shell, told by where it stands: a shell begins to read anew at few places.

Lists of whole commands miss the next variant. Texts come from `plain_requests`.
"""

import numba as nb
import numpy as np

from pipeline.detectors.logs.web_requests import SHELL
from pipeline.features.hashed_words import LONGEST_WORD, among, blank, hashes, letter, word

COMMANDS = (
    "ls", "whoami", "uname", "ifconfig", "ipconfig", "netstat", "nslookup", "wget", "curl", "chmod", "chown", "bash",
    "zsh", "ksh", "sudo", "systeminfo", "tasklist", "ping", "traceroute", "tracert", "nmap", "ncat", "netcat",
    "telnet", "perl", "python", "python2", "python3", "ruby", "php", "gcc", "awk", "gawk", "sed", "grep", "egrep",
    "xargs", "printenv", "lsof", "mkdir", "rmdir", "useradd", "adduser", "crontab", "tftp", "scp", "powershell",
    "pwsh", "regsvr32", "rundll32", "mshta", "certutil", "bitsadmin", "wmic", "cscript", "wscript", "schtasks",
    "taskkill", "busybox", "nohup", "systemctl", "iptables", "getent", "lsmod", "dmesg", "mkfifo", "socat", "strings",
    "hexdump", "ipcs", "rpcinfo", "showmount", "killall", "pkill", "pgrep", "gunzip", "passthru", "xxd", "base64",
)  # fmt: skip
"""Programs whose names mean nothing else."""
WORDS = (
    "cat", "id", "ps", "rm", "mv", "cp", "nc", "ftp", "ssh", "dig", "cmd", "reg", "net", "sc", "dir", "type", "echo",
    "sleep", "timeout", "head", "tail", "more", "less", "sort", "find", "date", "who", "w", "env", "set", "top", "last",
    "mail", "host", "hostname", "test", "touch", "kill", "dd", "df", "du", "tar", "zip", "tee", "nice", "time", "eval",
    "exec", "source", "sh", "cut", "tr", "od", "nl", "tac", "rev", "fold", "diff", "at", "del", "copy", "move", "start",
    "locate", "file", "man", "arp", "route", "users", "groups", "history", "export", "alias", "read", "printf",
    "kubectl", "docker", "git", "node", "vi", "vim", "nano", "emacs", "open", "print", "view", "look", "ver", "call",
    "attrib",
)  # fmt: skip
"""Programs that are words or field names as well: they need an argument as only a shell has it."""

_COMMANDS, _WORDS = hashes(COMMANDS), hashes(WORDS)


@nb.njit(cache=True, nogil=True)
def _ends(text, j, end):  # type: ignore[no-untyped-def]
    """Whether a command's name may end here: not a field (`id=`), a file (`php.net`) or a longer name."""
    if j >= end or blank(text[j]):
        return True
    b = text[j]
    return b == 59 or b == 124 or b == 41 or b == 96 or b == 60 or b == 62 or b == 36 or b == 123 or b == 38


@nb.njit(cache=True, nogil=True)
def _argument(text, j, end, number):  # type: ignore[no-untyped-def]
    """Whether what follows the name is an argument as shells have it; `number`: a number counts as well."""
    if j < end and (text[j] == 36 or text[j] == 60 or text[j] == 62 or text[j] == 123):
        return True
    k = j
    while k < end and blank(text[k]):
        k += 1
    if k == j or k + 1 >= end:
        return False
    b, c = text[k], text[k + 1]
    if b == 45 or b == 47:  # an option or a path, not a dash or slash between words
        return not blank(c) or c == 47
    if b == 36 or b == 126 or b == 42 or b == 60 or b == 62 or (b == 46 and (c == 46 or c == 47)):
        return True
    if k + 2 < end and c == 58 and (text[k + 2] == 92 or text[k + 2] == 47):
        return True  # c:\
    return number and 48 <= b <= 57


@nb.njit(cache=True, nogil=True)
def injected_commands(text, start, length, marks):  # type: ignore[no-untyped-def]
    """bool[m]: a program's name stands where a shell would begin a new command, or is called with options outright."""
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        if not marks[i] & SHELL:
            continue
        end, j = start[i] + length[i], start[i]
        while j < end and text[j] != 63:
            j += 1
        while j < end:
            b = text[j]
            j += 1
            inside = b == 96 or (b == 40 and text[j - 2] == 36)  # `…` and $(…): nothing but a command
            apart = b == 59 or b == 124 or b == 10 or inside
            if not (apart or b == 38 or b == 61):
                continue
            k, braces = j, False
            while k < end and (blank(text[k]) or _opens(text[k]) or (braces and text[k] == 44)):
                braces |= text[k] == 123
                k += 1
            if b == 61 and not braces and not _calls(text, k, end):
                continue
            value, stop, size = word(text, k, end)
            if apart and k < end and text[k] == 47 and _wild(text, k, end):
                out[i] = True
                break
            if braces and stop < end and (text[stop] == 44 or text[stop] == 125):
                out[i] = among(value, _COMMANDS) or among(value, _WORDS)  # {cat,/etc/hosts}
                continue
            if size == 0 or size > LONGEST_WORD or not _ends(text, stop, end):
                continue
            if among(value, _COMMANDS):
                out[i] = apart or (b == 38 and k > j) or _argument(text, stop, end, False)
            elif among(value, _WORDS):
                if b == 61:
                    out[i] = _path(text, stop, end)
                else:
                    out[i] = _argument(text, stop, end, apart) or (inside and stop < end and text[stop] in (41, 96))
            if out[i]:
                break
    return out


@nb.njit(cache=True, nogil=True)
def _calls(text, j, end):  # type: ignore[no-untyped-def]
    """Whether something follows the word at text[j] as arguments do."""
    while j < end and text[j] != 38 and not blank(text[j]) and text[j] != 36 and text[j] != 60 and text[j] != 62:
        j += 1
    return j < end and text[j] != 38


@nb.njit(cache=True, nogil=True, inline="always")
def _opens(b: int) -> bool:
    """`&`, `|`, brackets: several may stand before a command."""
    return b == 38 or b == 124 or b == 40 or b == 123


@nb.njit(cache=True, nogil=True)
def _wild(text, j, end):  # type: ignore[no-untyped-def]
    """Whether a path at text[j] has wildcards: `/bin/c?t`."""
    while j < end and (letter(text[j]) or text[j] == 47 or text[j] == 45 or text[j] == 46):
        j += 1
    return j + 1 < end and (text[j] == 63 or text[j] == 42) and (letter(text[j + 1]) or blank(text[j + 1]))


@nb.njit(cache=True, nogil=True)
def _path(text, j, end):  # type: ignore[no-untyped-def]
    """Whether a path of two folders or more follows: `cat /et*/hosts`, not `open /close`."""
    while j < end and blank(text[j]):
        j += 1
    slashes = 0
    while j < end and not blank(text[j]) and text[j] != 38 and (slashes or text[j] == 47):
        slashes += text[j] == 47
        j += 1
    return slashes >= 2

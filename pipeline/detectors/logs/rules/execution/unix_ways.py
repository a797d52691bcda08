"""Shells and code on Linux, other Unix and macOS, by ways that nobody works in: programs that hand out a shell."""

from pipeline.detectors.logs.host_rule import START, HostRule, When, commands, rules
from pipeline.detectors.logs.host_vocabulary import INTO_A_SHELL

A_SHELL: When = ("command", "bin/sh", "bin/bash", "bin/dash", "bin/zsh")
ONLY_A_SHELL: When = (
    "command$", *(f"bin/{shell}{how}" for shell in ("sh", "bash", "dash", "zsh") for how in ("", " -i", " -p", " -s")),
)  # fmt: skip
WRAPPERS = (
    "taskset", "nice", "ionice", "chrt", "choom", "strace", "ltrace", "xargs", "time", "timeout", "stdbuf", "setarch",
    "flock", "rlwrap", "unbuffer", "awk", "gawk", "mawk", "find", "vim", "vi", "ed", "perl", "ruby", "lua", "gdb",
    "tar",
    "zip", "git", "expect", "cpulimit", "ip", "ksu", "pkexec", "pexec", "pidstat", "firejail", "distcc", "capsh",
    "dmsetup",
    "sshpass", "task", "uv", "bundle", "multitime", "ssh-agent", "agetty", "plymouth", "aoss", "logsave", "setlock",
    "softlimit", "start-stop-daemon", "run-parts", "valgrind", "setfacl", "yarn", "npm", "pip", "busctl", "torify",
    "tmux",
    "dos2unix", "hping3", "elvish", "genie", "nohup", "unshare",
)  # fmt: skip
"""Programs that start another: nobody lets them start a shell that waits for orders, unless to borrow their rights."""

RULES: tuple[HostRule, ...] = (
    *rules("T1059.004", 0.6, "a program that is no shell hands out a shell",
           (START, ("image$", *(f"/{name}" for name in WRAPPERS)), ONLY_A_SHELL)),
    *rules("T1059.004", 0.65, "a program that is no shell hands out a shell",
           (START, A_SHELL, ("command", "system(", "popen(", "passthru(", "pcntl_exec", "os.execute", "spawn -bin",
            "write18{", "execute_process", "callcommand", "checkpoint-action=exec", ":!", "pre-invoke", "--exec=!",
            "execute(/bin", "proxycommand=;", ".shell ", "os.exec", "exec:/bin", "exec(", "exec \\\\", "--eval",
            "-e !", "-c !", "--rsh-command", "--use-askpass", "--to-command", "-tt -bin", "shell -s -bin"),
            ("!command", "docker ", "kubectl ", "entrypoint"))),
    *commands("T1059.004", 0.85, "a shell is handed to another machine",
              ("socat", "exec:/bin/"), ("socat", "exec:sh"), ("socket ", "bin/sh -i"), ("new socket(", "bin/sh"),
              ("processbuilder", "bin/sh"), ("ncat ", "--exec", "bin/"), ("nc -l", " -e "), ("openssl s_client",
              "bin/sh"), ("rm -f -tmp/", "mkfifo", "bin/"), ("mknod", "| nc "), ("lua", "socket", "os.execute"),
              ("awk", "inet/tcp/"), ("zsh", "ztcp"), ("tclsh", "socket"), ("node", "net.connect", "spawn")),
    *rules("T1059.004", 0.6, "a shell is asked for with the rights of its owner",
           (START, ("image$", "/sh", "/bash", "/dash"), ("command$", "sh -p")), (("command", "sudo -u#-1"),)),
    *commands("T1053.002", 0.5, "a command is left for later", ("| at now",), ("systemd-run", "--on-")),
    *commands("T1611", 0.75, "a container reaches for its host",
              ("nsenter", "-t 1 "), ("nsenter", "--target 1"), ("nsenter", "--target=1"), ("release_agent", "cgroup"),
              ("docker.sock", "curl"), ("mount ", "cgroup", "-tmp/"), ("docker run", "-v /:"), ("docker run", "-v -:"),
              ("ctr ", "--privileged"), ("chroot -host",), ("chroot -mnt/host",), ("core_pattern", "|/")),
    *commands("T1059.002", 0.6, "a script of macOS runs commands with an administrator's rights",
              ("osascript", "administrator privileges"), ("osascript", "do shell script", "curl"),
              ("osascript", "do shell script", "base64"), ("osascript", "b64decode"), ("osascript", "eval(")),
    *commands("T1105", 0.65, "a shell runs what it downloads",
              ("curl ", "| python"), ("wget ", "| python"), ("curl ", "| perl"), ("wget ", "| perl"), ("curl ",
               "| sudo "),
              ("bash <(curl",), ("bash -c", "$(curl"), ("bash -c", "$(wget"), ("sh -c", "$(curl"), ("eval", "$(curl"),
              ("python", "urlopen", "exec("), ("lwp-download", "tmp/"), ("curl", "| zsh"), ("base64 -d", "| python"),
              ("base64 -d", "| perl"), ("base64 --decode", "| python")),
    *rules("T1105", 0.65, "a shell runs what it downloads",
           *((("command", "openssl enc"), ("command", "-d"), shell) for shell in INTO_A_SHELL)),
)  # fmt: skip

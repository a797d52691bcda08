"""Protection, logs and marks of origin on Linux and macOS are taken away; files and libraries are slipped in."""

from pipeline.detectors.logs.host_rule import HostRule, commands, rules

LOGGERS = ("systemd-journald", "rsyslog", "auditd", "syslog-ng", "syslogd", "osquery", "falco", "wazuh", "filebeat",
           "auditbeat", "clamav", "falcon-sensor", "mdatp", "cbagentd", "sentinel", "crowdstrike", "carbonblack",
           "littlesnitch", "lulu", "jamf", "xagt", "sysmon")  # fmt: skip

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1562.001", 0.75, "protection or the writing of logs is stopped",
        (("command", "systemctl stop", "systemctl disable", "systemctl mask", "launchctl unload", "launchctl bootout",
          "launchctl remove", "killall ", "pkill ", "chkconfig ", "update-rc.d"), ("command", *LOGGERS),
         ("!command", "restart", " on")),
        (("command", "service "), ("command", *LOGGERS), ("command$", " stop")),
        (("command", "mdatp config", "mdatp exclusion"), ("command", "disabled", " add")),
        (("command", "setenforce permissive", "selinux=disabled", "selinux=permissive", "aa-teardown", "aa-disable",
          "spctl --master-disable", "spctl --global-disable", "csrutil disable", "csrutil authenticated-root disable",
          "sysctl -w kernel.randomize_va_space=0", "kernel.randomize_va_space = 0", "auditctl -d", "auditctl -e 0"),),
        (("command", "sed -i", "tee -etc", "> -etc/audi", ">> -etc/audi", "> -etc/rsyslog", ">> -etc/rsyslog"),
         ("command", "-etc/audi", "-etc/rsyslog", "-etc/syslog", "selinux/config"),
         ("command", "sed -i", "tee ", ">")),
    ),
    *rules(
        "T1562.004", 0.6, "the firewall is switched off",
        (("command", "systemctl stop ufw", "systemctl disable ufw", "systemctl stop nftables",
         "systemctl disable firewalld",
          "pfctl -d", "service pf stop", "service ipfw stop", "ufw logging off", "ufw --force disable",
          "ufw --force reset",
          "ufw reset", "iptables -p input accept", "socketfilterfw --setglobalstate off",
          "esxcli network firewall set --enabled false",
          "alf globalstate -int 0"),),
    ),
    *commands(
        "T1070.002", 0.8, "system logs are deleted",
        ("rm ", "-var/log/journal"), ("rm ", "-var/log/system.log"), ("srm ", "-var/log/"), ("rm ",
         "-var/log/install.log"),
        ("log erase", "--all"), ("shred", "-var/log/"), ("journalctl", "--rotate", "--vacuum"), ("rm ",
         "-var/run/utmp"),
        ("utmpdump", "> -var/"), ("rm ", "-var/audit/"), ("dd ", "of=/var/log/"), ("ln -sf -dev/null -var/log/",),
    ),
    *commands(
        "T1574.006", 0.8, "a library is slipped under a program",
        ("ld_preload=/tmp/",), ("ld_preload=/dev/shm/",), ("ld_preload=/var/tmp/",), ("ld_preload=/home/",),
        ("ld_preload=./",), ("dyld_insert_libraries=",), ("ld.so.preload", "echo"), ("ld.so.preload", "tee"),
        ("ld_library_path=/tmp",), ("ld_audit=",),
    ),
    *commands(
        "T1553.001", 0.55, "the mark of a file from the net is taken off",
        ("xattr", "com.apple.quarantine", "-d "), ("xattr -c ", "tmp/"), ("xattr -cr ",),
         ("xattr -rd com.apple.quarantine",),
    ),
    *commands(
        "T1553.004", 0.6, "a certificate is put among those that are trusted",
        ("security add-trusted-cert",), ("update-ca-certificates", "tmp/"), ("update-ca-trust", "tmp/"),
    ),
    *commands(
        "T1564.001", 0.65, "files are hidden", ("mkdir", "/..."), ("cp ", "/.../"), ("-tmp/.", "chmod +x"),
        ("-dev/shm/.", "chmod"), ("chflags hidden",), ("setfile -a v",), ("mount -o bind", "-proc/"), ("mv ", "/... "),
    ),
    *commands(
        "T1014", 0.7, "a part is slipped into the system's core",
        ("insmod ", "tmp/"), ("insmod ", "shm/"), ("insmod ", "home/"), ("insmod ./",), ("kextload ", "tmp/"),
        ("kextload ", "users/"), ("bpftool prog load", "tmp/"), ("diamorphine",), ("reptile_",), ("kldload ", "tmp/"),
    ),
    *commands(
        "T1055.009", 0.65, "a program's memory is written by way of a file", ("dd ", "of=/proc/", "/mem"), ("gdb ",
        "-p ",
        "call "), ("-proc/", "/mem", "conv=notrunc"),
    ),
    *rules("T1529", 0.65, "the machine is stopped past its own system",
           (("command", "sysrq-trigger"), ("command", "echo b", "echo c", "echo o", "echo e ", "echo e >"))),
    *commands("T1490", 0.75, "backups and recovery are destroyed",
              ("tmutil disable",), ("tmutil deletelocalsnapshots",), ("tmutil delete ",), ("btrfs subvolume delete",
               "snap"),
              ("zfs destroy", "@"), ("lvremove", "snap"), ("vim-cmd", "vmsvc/snapshot.remove")),
    *commands("T1048.003", 0.6, "data is carried out in names or in pings",
              ("dig ", "$(", "base64"), ("nslookup", "$(", "base64"), ("host ", "$(", "base64"), ("ping ", "-p ",
               "xxd"),
              ("dig ", "xxd -p")),
)  # fmt: skip

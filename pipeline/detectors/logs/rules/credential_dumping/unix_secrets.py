"""Passwords, keys and traffic on Linux and macOS."""

from pipeline.detectors.logs.host_rule import HostRule, commands, rules

RULES: tuple[HostRule, ...] = (
    *commands(
        "T1555.001", 0.8, "the keychain of macOS is opened",
        ("security dump-keychain",), ("security find-generic-password", "-w"), ("security find-internet-password",
         "-w"),
        ("cp ", "keychains/login.keychain"), ("cat ", "keychains/login.keychain"), ("chainbreaker",),
         ("security export",
        "-t identities"), ("zip ", "login.keychain"), ("keychaindump",), ("security unlock-keychain", "-p ", "login"),
    ),
    *rules(
        "T1555.003", 0.7, "passwords and sessions of browsers are taken",
        (("command", "cp ", "cat ", "sqlite3 ", "tar ", "zip ", "copy-item", "scp "),
         ("command", "chrome/default/login data", "chrome/default/cookies", "firefox/profiles", ".mozilla/firefox",
          "library/cookies", "cookies.binarycookies", "chromium/default/login data", "google-chrome/default",
          "microsoft edge/default/login"), ("!command", "backup", "rsync")),
        (("command", "tcc.db"), ("command", "sqlite3", "insert", "cp ")),
    ),
    *commands(
        "T1056.002", 0.8, "the user is asked for a password by a script",
        ("osascript", "display dialog", "hidden answer"), ("osascript", "display dialog", "password"),
        ("osascript", "default answer", "with hidden"), ("zenity --password",), ("kdialog --password",),
    ),
    *rules(
        "T1552.001", 0.5, "files that hold keys and passwords are looked for",
        (("command", "find "), ("command", ".aws", ".netrc", "id_rsa", "id_dsa", "id_ed25519", ".gnupg", "secring",
         ".pem",
          ".kdbx", ".pgpass", ".my.cnf", "shadow", ".git-credentials", ".docker/config.json", "wp-config.php", ".azure",
          ".pfx", ".p12", "gcloud/credentials", ".rsa", "authorized_keys", "known_hosts"), ("command", "-name", "-path",
          "-iname"), ("command", " 2>/dev/null", "-exec", "find -home", "find - ", "find -users", "| xargs",
          "find //")),
        (("command", "grep "), ("command", " -r", " -ri", "-rn"), ("command", "password", "passwd", "secret",
         "api_key"),
         ("command", " -home", " - ", " -etc", " -var", " -opt", " -users")),
        (("command", "history"), ("command", "cat ", "grep ", "strings "), ("command", "pass", "-p ", "secret", "ssh"),
         ("command", ".bash_history", ".zsh_history", ".history", ".sh_history", ".mysql_history")),
    ),
    *commands(
        "T1552.004", 0.7, "private keys are copied away",
        ("cp ", ".ssh/id_"), ("cp ", "-etc/ssh/ssh_host_"), ("tar ", ".ssh/id_"), ("scp ", ".ssh/id_"), ("rsync ",
         ".ssh/id_"),
        ("cp ", ".gnupg"), ("-name id_rsa", "cp "), ("-name id_", "-exec cp"), (".ssh", "cp --parents"), (".gnupg",
         "rsync "),
        ("-name .gnupg",), (".aws/credentials", "cat "), (".aws/credentials", "cp "), ("169.254.169.254",
         "iam/security-credentials"),
        ("169.254.169.254", "identity/oauth2/token"), ("metadata.google.internal", "service-accounts", "token"),
        ("secrets/kubernetes.io/serviceaccount/token", "cat "), ("azureprofile.json", "cat "), ("accesstokens.json",
         "cat "),
    ),
    *commands(
        "T1003.007", 0.75, "passwords are read out of a program's memory",
        ("-proc/", "/maps", "dd "), ("-proc/", "/maps", "gdb"), ("-proc/", "/mem", "dd ", "strings"), ("gcore ",
         "gnome-keyring"),
        ("gdb ", "dump memory"), ("procdump -p ", "sshd"), ("swap_digger",), ("strings",
         "-proc/kcore"),
        ("strace ", "-p ", "sshd"), ("strace ", "sshd", "read,write"), ("3snake",), ("sssd", "ldb", "tdbdump"),
    ),
    *commands(
        "T1040", 0.55, "traffic of this machine is recorded",
        ("tcpdump", "-i ", "port 80"), ("tcpdump", " -w -tmp"), ("tshark", " -w -tmp"), ("ettercap ",), ("bettercap",),
        ("dsniff",), ("arpspoof ",),
    ),
)  # fmt: skip

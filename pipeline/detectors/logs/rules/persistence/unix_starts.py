"""What starts by itself on Linux and macOS, who may log on, and who asks for the password."""

from pipeline.detectors.logs.host_rule import HostRule, commands, rules

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1556.003", 0.75, "what asks for the password is changed",
        (("command", "sed -i", "tee ", ">> ", "echo ", "cp ", "mv "), ("command", "/pam.d/", "pam_unix.so",
         "/security/pam_"),
         ("command", "pam_succeed_if", "pam_permit", "pam_exec", "tmp/", "uid >= 0", "nullok", "sufficient",
          "expose_authtok"),
         ("!command", "dpkg", "pam-auth-update")),
    ),
    *commands(
        "T1053.003", 0.65, "a job that runs by itself is made of a file anyone may write to",
        ("crontab -tmp/",), ("crontab -dev/shm/",), ("crontab -var/tmp/",), ("cron.d/", "tmp/", "echo "),
        ("-etc/cron", "dev/tcp"), ("crontab -", "curl"), ("crontab -", "wget"), ("crontab -", "dev/tcp"),
        ("crontab -", "base64"), ("-var/spool/cron", "echo "), ("-etc/cron.", "cp ", "tmp/"),
    ),
    *commands(
        "T1546.004", 0.6, "what every shell does at its start is changed",
        (".bashrc", "echo ", "dev/tcp"), (".bashrc", "echo ", "curl "), (".bashrc", "echo ", "nohup"),
        (".profile", "echo ", "curl "), (".bash_profile", "echo ", "curl "), (".zshrc", "echo ", "curl "),
        (">> -etc/profile",), ("tee -a -etc/profile",), (">> -etc/bash.bashrc",), (".bashrc", "alias sudo="),
        ("-etc/profile.d/", "tmp/"), ("-etc/update-motd.d/", "echo "), ("prompt_command=", "nc "),
    ),
    *commands(
        "T1546.018", 0.65, "Python is made to run something at every start",
        ("site-packages", "usercustomize.py"), ("site-packages", "sitecustomize.py"), ("dist-packages",
         "sitecustomize.py"),
        ("site-packages", ".pth", "import "),
    ),
    *commands(
        "T1543.001", 0.6, "a job of macOS is made that starts by itself",
        ("launchctl load", "tmp/"), ("launchctl bootstrap", "tmp/"), ("launchagents/", "cp ", "tmp/"),
        ("launchdaemons/", "cp ", "tmp/"), ("launchctl submit",), ("emond.d/rules",), ("loginhook",), ("logouthook",),
        ("com.apple.loginwindow", ".plist", "cp "), ("com.apple.loginitems",), ("make login item",),
         ("periodic/daily", "cp "),
        ("plistbuddy", "launchagents", "programarguments"), ("startupparameters.plist",),
    ),
    *commands(
        "T1543.002", 0.65, "a service of Linux is made of a file anyone may write to",
        ("execstart=/tmp/",), ("execstart=/dev/shm/",), ("execstart=/var/tmp/",), ("systemctl link -tmp/",),
        ("systemctl enable -tmp/",), ("execstart=/bin/bash -c", "dev/tcp"), ("execstart=/bin/sh -c", "curl"),
        ("cp ", "tmp/", "-etc/systemd/system/"), ("cp ", "tmp/", "-lib/systemd/system/"), ("cp ", "tmp/",
         "-etc/init.d/"),
    ),
    *commands(
        "T1136.001", 0.65, "an account with all rights is made or opened",
        ("useradd", "-o ", "-u 0"), ("dscl . ", "uniqueid 0"), ("dscl ", "-append", "groups/admin"), ("dsenableroot",),
        ("sysadminctl", "-guestaccount on"), ("sysadminctl", "-adduser", "-admin"), ("dseditgroup", "-a ", "admin"),
        ("passwd -d root",), ("passwd -u root",), ("usermod", "-u 0 -o"), ("pw useradd", "-u 0"), ("echo ", ":0:0:",
         ">> -etc/passwd"),
        ("useradd", "-g wheel", "-p"), ("useradd", "-p $(openssl"), ("useradd", "--password $(openssl"),
        ("pw useradd", "-g wheel"), ("nopasswd", ">> -etc/sudoers"), ("nopasswd", "tee ", "sudoers"),
        ("-etc/sudoers", "echo ", "all=(all)"), ("sed -i", "-etc/sudoers"), ("chsh -s -bin/bash", "nobody"),
        ("usermod", "-s -bin/bash", "nobody"), ("usermod", "--shell -bin/bash", "nobody"), ("timestamp_timeout=-1",),
        ("!tty_tickets",),
    ),
    *commands(
        "T1505.003", 0.7, "a page that runs commands is put on a web server",
        ("-var/www/", "system($_"), ("-var/www/", "eval($_"), ("-var/www/", "base64_decode", "echo "), ("-var/www/",
        "shell_exec", "echo "), ("-var/www/", ".php", "curl -o"), ("-var/www/", ".php", "wget -o"),
    ),
)  # fmt: skip

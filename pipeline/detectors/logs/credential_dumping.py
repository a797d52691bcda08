"""Passwords, hashes and tickets are taken from where the system keeps them."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector, process_example


class CredentialDumping(HostRuleDetector):
    """Rules of the family `credential_dumping`: reads of the logon service (Sysmon 10), copies of SAM and NTDS,
    replication asked for by accounts (4662), forged tickets, stored passwords.
    """

    id = "logs.credential_dumping"
    family = "credential_dumping"
    title = "Passwords taken from the system"
    severity = 5
    attacks = (
        "T1003.001",
        "T1003.002",
        "T1003.003",
        "T1003.004",
        "T1003.006",
        "T1003.008",
        "T1558.003",
        "T1550.003",
        "T1555",
        "T1056.002",
        "T1556.002",
        "T1606.002",
        "T1187",
    )
    misses = (
        "Reads without Sysmon 10 or an audited object (SACL); a driver or a hypervisor that reads memory from"
        " below; tools that hide behind a security product in Program Files."
    )
    usual = "The system's own services and security products read the logon service, others do not."

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            process_example(
                "PowerShell reads the logon service",
                True,
                {
                    "action": "access",
                    "image": "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
                    "target": "C:\\Windows\\system32\\lsass.exe",
                    "data": '{"GrantedAccess":"0x1010","CallTrace":"ntdll.dll+9d4c4"}',
                },
            ),
            process_example(
                "a copy by a system library",
                True,
                {"command_line": "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 624 out.dmp full"},
            ),
            process_example(
                "the directory is copied",
                True,
                {"command_line": 'ntdsutil "ac i ntds" "ifm" "create full C:\\temp\\x" q q'},
            ),
            process_example(
                "a user replicates the domain",
                True,
                {
                    "kind": "line",
                    "event_code": "4662",
                    "message": "Properties: Control Access {1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}",
                },
            ),
            process_example(
                "services look without reading",
                False,
                {
                    "action": "access",
                    "image": "C:\\Windows\\System32\\svchost.exe",
                    "target": "C:\\Windows\\system32\\lsass.exe",
                    "data": '{"GrantedAccess":"0x1000","CallTrace":"ntdll.dll+9d4c4"}',
                },
                {
                    "action": "access",
                    "image": "C:\\Program Files\\Agent\\agent.exe",
                    "target": "C:\\Windows\\system32\\lsass.exe",
                    "data": '{"GrantedAccess":"0x1410","CallTrace":"ntdll.dll+9d4c4"}',
                },
            ),
            process_example(
                "domain controllers replicate",
                False,
                {
                    "kind": "line",
                    "event_code": "4662",
                    "user": "DC01$",
                    "message": "Properties: Control Access {1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}",
                },
            ),
        )

"""What would bring a hospital back is taken away first: snapshots, backups, recovery."""

from collections.abc import Sequence

from pipeline.detectors.detector import Example
from pipeline.detectors.logs.host_rule_detector import HostRuleDetector, process_example


class BackupTampering(HostRuleDetector):
    """Rules of the family `backup_tampering`: snapshots and backups deleted, recovery and guarding services switched
    off, ransom notes, overwritten disks.
    """

    id = "logs.backup_tampering"
    family = "backup_tampering"
    title = "Backups or recovery attacked"
    severity = 5
    attacks = ("T1490", "T1489", "T1486", "T1485")
    misses = (
        "Backups deleted in the console of the backup product, of the storage or of the cloud; encryption "
        "itself, where no note or command tells it (the network detector of ransomware sees the files)."
    )
    usual = "Snapshots are made and listed; the backup product alone removes them."

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            process_example(
                "snapshots",
                True,
                {"command_line": "vssadmin.exe Delete Shadows /All /Quiet"},
            ),
            process_example(
                "recovery",
                True,
                {"command_line": "bcdedit /set {default} recoveryenabled No"},
            ),
            process_example(
                "services of two kinds",
                True,
                {"command_line": 'net stop "Veeam Backup Service" /y'},
                {"command_line": "net stop MSSQLSERVER /y"},
            ),
            process_example(
                "looking only",
                False,
                {"command_line": "vssadmin list shadows"},
                {"command_line": "bcdedit /enum"},
                {"command_line": "net stop spooler"},
                {"command_line": "wbadmin get versions"},
            ),
        )

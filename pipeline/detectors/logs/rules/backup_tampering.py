"""What would bring a hospital back is taken away first: snapshots, backups, recovery, the services that hold files."""

from pipeline.detectors.logs.host_rule import HostRule, commands, rules

RULES: tuple[HostRule, ...] = (
    *commands(
        "T1490", 0.9, "backups and recovery are destroyed",
        ("vssadmin", "delete shadows"), ("vssadmin", "resize shadowstorage"), ("shadowcopy delete",),
        ("shadowcopy", "-nointeractive", "delete"), ("win32_shadowcopy", "delete"), ("win32_shadowcopy",
         "remove-wmiobject"),
        ("win32_shadowcopy", "remove-ciminstance"), ("wbadmin", "delete"), ("bcdedit", "recoveryenabled", " no"),
        ("bcdedit", "ignoreallfailures"), ("diskshadow", "delete shadows"), ("reagentc", "-disable"),
        ("disable-computerrestore",), ("wmic", "shadowcopy", "delete"), ("del ", "-s -f -q", ".bak"),
        ("del ", "-s -f -q", "*.vhd"), ("schtasks", "-change", "systemrestore", "-disable"), ("zfs destroy", "-r"),
        ("vim-cmd", "snapshot.removeall"), ("rm -rf", "-backup"), ("rm ", "-var/backups"), ("lvremove -f", "snap"),
        ("btrfs subvolume delete",), ("remove-vmsnapshot",),
    ),
    *rules(
        "T1490", 0.8, "recovery is switched off",
        (("action=", "registry_set"), ("target$", "\\systemrestore\\disablesr", "\\systemrestore\\disableconfig"),
         ("data", "0x00000001")),
        (("code=", "524"), ("program", "backup"), ("command", "delete")),
    ),
    *commands(
        "T1489", 0.6, "a service that guards or holds data is stopped by force",
        ("net", " stop ", "veeam"), ("net", " stop ", "sql"), ("net", " stop ", "backup"), ("net", " stop ", "vss"),
        ("net", " stop ", "acronis"), ("net", " stop ", "sophos"), ("net", " stop ", "mcafee"), ("net", " stop ",
         "exchange"),
        ("net", " stop ", "oracle"), ("sc", " stop ", "veeam"), ("sc", " config ", "vss", "disabled"),
        ("sc", " config ", "backup", "disabled"), ("taskkill", "-f", "sql"), ("taskkill", "-f", "veeam"),
        ("taskkill", "-f", "backup"), ("taskkill", "-f", "oracle"), ("stop-service", "veeam"), ("stop-service",
         "vss"),
        ("wmic", "service", "stopservice"), ("systemctl", "stop", "postgresql"), ("systemctl", "stop", "mysql"),
        ("systemctl", "stop", "veeam"), ("systemctl", "stop", "docker"), ("esxcli vm process kill",),
    ),
    *rules(
        "T1486", 0.85, "a note that demands ransom is written",
        (("action=", "file_created"), ("target", "decrypt", "recover", "restore", "readme", "ransom", "how_to",
         "howto"),
         ("target", "your_files", "your-files", "_files", "_decrypt", "restore-my", "decrypt_", "recover_", "ransom",
          "how_to_", "howto_", "how-to-"),
         ("target$", ".txt", ".hta", ".html"), ("!target", "\\program files", "\\appdata\\", "license")),
    ),
    *commands(
        "T1486", 0.8, "a volume is encrypted by command",
        ("manage-bde", "-on", "-rp"), ("enable-bitlocker", "-encryptionmethod", "password"),
        ("manage-bde", "-protectors", "-delete"), ("openssl enc", "-aes", "find ", "-exec"), ("gpg", "--batch",
         "find "),
    ),
    *commands(
        "T1485", 0.8, "disks are overwritten",
        ("dd if=-dev/zero", "of=-dev/sd"), ("dd if=-dev/urandom", "of=-dev/sd"), ("format ", " -fs:", " -y"),
        ("rm -rf -", "--no-preserve-root"), ("cipher -w:c:",), ("shred", "-dev/sd"), ("format-volume", "-force"),
        ("clear-disk", "-removedata"),
    ),
)  # fmt: skip

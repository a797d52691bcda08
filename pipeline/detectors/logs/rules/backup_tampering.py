"""What would bring a hospital back is taken away first: snapshots, backups, recovery, the services that hold files."""

from pipeline.detectors.logs.host_rule import HostRule, commands, rules

STOP = (
    "command", "net stop ", "net.exe stop ", "net1 stop ", "net1.exe stop ", "sc stop ", "sc.exe stop ",
    "stop-service ",
    "taskkill -f ", "taskkill.exe -f ", "systemctl stop ",
)  # fmt: skip
"""One is a night of patches; two kinds within a quarter of an hour are told."""
RULES: tuple[HostRule, ...] = (
    *commands(
        "T1490", 0.9, "backups and recovery are destroyed",
        ("vssadmin", "delete shadows"), ("vssadmin", "resize shadowstorage"), ("shadowcopy delete",),
        ("shadowcopy", "-nointeractive", "delete"), ("win32_shadowcopy", "delete"), ("win32_shadowcopy",
         "remove-wmiobject"),
        ("win32_shadowcopy", "remove-ciminstance"), ("wbadmin", "delete"), ("bcdedit", "recoveryenabled", " no"),
        ("bcdedit", "ignoreallfailures"), ("diskshadow", "delete shadows"), ("reagentc", "-disable"),
        ("disable-computerrestore",), ("wmic", "shadowcopy", "delete"), ("del ", "-s -f -q", ".bak"),
        ("del ", "-s -f -q", "*.vhd"), ("schtasks", "-change", "systemrestore", "-disable"),
        ("vim-cmd", "snapshot.removeall"),
    ),
    *rules(
        "T1490", 0.8, "recovery is switched off",
        (("action=", "registry_set"), ("target$", "\\systemrestore\\disablesr", "\\systemrestore\\disableconfig"),
         ("data", "0x00000001")),
        (("code=", "524"), ("program", "backup"), ("command", "delete")),
        (("command", "\\systemrestore"), ("command", "disablesr", "disableconfig"), ("command", " -d 1", " 0x1",
         "-value 1")),
        (("command", "schtasks"), ("command", "-delete", "-disable"),
         ("command", "\\systemrestore\\", "\\windowsbackup\\")),
    ),
    *rules(
        "T1489", 0.45, "services of databases are stopped",
        (STOP, ("command", "sql", "oracle", "postgres", "mongo", "exchange")),
    ),
    *rules(
        "T1489", 0.45, "services of backups are stopped",
        (STOP, ("command", "veeam", "backup", "vss", "acronis", "commvault", "veritas", "rubrik")),
    ),
    *rules(
        "T1489", 0.45, "services of protection are stopped",
        (STOP, ("command", "sophos", "mcafee", "symantec", "defend", "crowdstrike", "sentinel", "cylance", "trend")),
    ),
    *commands("T1489", 0.7, "virtual machines are stopped by force", ("esxcli vm process kill",)),
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

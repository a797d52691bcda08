"""Programs that are made for intruders, by the names under which they are handed round (ATT&CK's software list)."""

from pipeline.detectors.logs.host_rule import HostRule, commands


def _named(*names: str) -> tuple[tuple[str, ...], ...]:
    return tuple((name,) for name in names)


RULES: tuple[HostRule, ...] = (
    *commands(
        "T1003", 0.85, "a tool that takes passwords is run",
        *_named("gsecdump", "pwdump", "fgdump", "quarkspwdump", "safetykatz", "sharpkatz", "dumpert.exe",
            "physmem2profit",
                "lsassy", "donpapi", "certipy", "certify.exe", "pywhisker", "whisker.exe", "krbrelay", "getst.py",
                "gettgt.py", "getnpusers", "ticketer.py", "sharpweb", "hackbrowserdata", "browserghost",
                "wirelesskeyview",
                "vaultpasswordview", "passwordfox", "credmancreds", "sharplaps", "lapstoolkit", "adconnectdump",
                "dcsync",
                "kekeo", "internalmonologue", "sharpsecdump", "wce.exe -", "cachedump.exe", "ntlmrelayx",
                "responder.py", "inveigh", "petitpotam", "dfscoerce", "printerbug", "spoolsample", "coercer ",
                "mitm6 "),
    ),
    *commands(
        "T1087.002", 0.8, "a tool that maps directories or shares is run",
        *_named("soaphound", "azurehound", "rusthound", "bloodhound-python", "powerview", "snaffler", "sharpshares",
                "smbmap ", "enum4linux", "grouper2", "ldapnomnom", "roadrecon", "aadinternals", "microburst",
                "powerzure",
                "stormspotter", "tokentactics", "csvde.exe -f", "netview.exe", "pywerview", "adalanche",
                "invoke-aadintrecon", "get-aadint", "msolspray", "o365spray"),
        ("adexplorer", "-snapshot"),
    ),
    *commands(
        "T1021", 0.85, "a tool that runs commands on other machines is used",
        *_named("netexec ", "nxc smb", "nxc ldap", "nxc winrm", "evil-winrm", "smbexec.py", "wmiexec.py", "psexec.py",
                "atexec.py", "dcomexec.py", "impacket-", "sharpmove",
                "scshell", "powerlessshell"),
    ),
    *commands(
        "T1059", 0.8, "a tool of attackers is run",
        *_named("meterpreter", "cobaltstrike", "koadic", "merlinagent", "poshc2", "invoke-empire", "sharpsploit",
                "powersploit", "nishang", "winpwn", "sharpgpoabuse", "standin.exe", "msfvenom", "msfconsole",
                "donut.exe",
                "invoke-obfuscation", "psattack", " unicorn.py", "/unicorn.py",
                "\\unicorn.py", "veil-evasion", "beroot", "privesccheck",
                "invoke-edrchecker", "phant0m", "mangle.exe", "scarecrow", "sharpedrchecker", "timestomp.exe",
                "import-module atomic", "invoke-phantom", "invoke-killetw", "processhacker.exe -c", "pchunter"),
    ),
    *commands(
        "T1572", 0.75, "a tool for tunnels is run",
        *_named("ligolo", "frpc.exe", "frpc -c", "rpivot", "revsocks", "pingtunnel", "dnscat", "iodine -f", "ptunnel",
                "regeorg", "stowaway_", "localtonet", "bore local", "pinggy.io", "serveo.net", "localhost.run",
                "gost -l",
                "code tunnel", "code.exe tunnel", "devtunnel host", "devtunnel.exe host"),
    ),
    *commands(
        "T1090.003", 0.7, "a network that hides who one is, is used",
        *_named("\\tor.exe", "-tor.exe", "psiphon", "torsocks ", "proxychains", "start tor", "\\torrc"),
    ),
    *commands(
        "T1496", 0.85, "coins are mined for somebody",
        *_named("xmrig", "stratum+tcp", "stratum+ssl", "nbminer", "lolminer", "ethminer", "--donate-level",
                "cryptonight", "randomx", "minerd -", "cpuminer", "phoenixminer", "t-rex.exe"),
    ),
    *commands(
        "T1567.002", 0.75, "files are sent out by a tool",
        *_named("rclone.exe", "rclone copy", "rclone sync", "megasync", "mega-put", "stealbit", "exmatter",
            "sharpexfil",
                "megatools", "restic backup -r s3"),
    ),
)  # fmt: skip

"""Settings that open a machine or a directory."""

from pipeline.detectors.logs.host_rule import REGISTRY, SET, HostRule, rules

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1222.001", 0.6, "rights on the directory are changed",
        (("code=", "5136"), ("command", "ntsecuritydescriptor"), ("!user$", "$"),
         ("command", "class: domaindns", "objectclass:domaindns", "object class: domaindns", "class: user",
          "class: group",
          "class: computer", "\tdomaindns", "\tuser", "\tgroup")),
        (("command", "add-domainobjectacl"),), (("command", "add-objectacl"),), (("command", "dcsync"), ("command",
         "-rights")),
        (("command", "set-domainobject"), ("command", "-identity")),
    ),
    *rules(
        "T1112", 0.8, "passwords are told to be kept in the clear",
        (SET, ("target$", "\\wdigest\\uselogoncredential"), ("data", "0x00000001")),
        (("command", "uselogoncredential"), ("command", "wdigest"), ("command", " 1", "dword")),
    ),
    *rules(
        "T1112", 0.7, "the machine is opened to remote control",
        (SET, ("target$", "\\terminal server\\fdenytsconnections"), ("data", "0x00000000")),
        (("command", "fdenytsconnections"), ("command", " 0", "=0")),
        (SET, ("target$", "\\winstations\\rdp-tcp\\userauthentication"), ("data", "0x00000000")),
    ),
    *rules(
        "T1553.003", 0.65, "who says whether a signature is good is replaced",
        (REGISTRY, ("target", "\\cryptography\\oid\\encodingtype 0\\cryptsipdll",
         "\\cryptography\\providers\\trust\\finalpolicy\\"),
         ("!image$", "\\msiexec.exe", "\\tiworker.exe", "\\svchost.exe", "\\poqexec.exe", "\\trustedinstaller.exe")),
    ),
    *rules(
        "T1565.001", 0.6, "names of machines are given other addresses on this one",
        (("action=", "file_created"), ("target$", "\\system32\\drivers\\etc\\hosts"), ("!image", "docker", "vpn",
         "\\tiworker.exe", "\\svchost.exe", "\\trustedinstaller.exe")),
    ),
)  # fmt: skip

"""What protection programs found: their findings are events for everybody's view, and failures to clean need a hand."""

from pipeline.detectors.logs.host_rule import HostRule, rules

DEFENDER = ("program", "defender")
PROTECTION = (
    "defender", "symantec", "sophos", "mcafee", "trellix", "kaspersky", "eset", "trend micro", "bitdefender", "clam",
    "crowdstrike", "sentinel", "cylance", "carbon black", "webroot", "f-secure", "avast", "malwarebytes",
)  # fmt: skip

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1204.002", 0.75, "the protection program found malware",
        (("code=", "1006", "1015", "1116"), DEFENDER),
        (("program", *PROTECTION),
         ("command", "virus found", "malware found", "threat found", "threat detected", "malware detected",
          "virus detected", "security risk found", " infected with ", "trojan", "ransom", "found infected"),
         ("!command", "no threat", "0 infected", "no virus", "no malware", "not found")),
        (("code=", "threat_grave"), ("command", "threat found: ")),
        (("command", " found"), ("command", "win.trojan.", "unix.trojan.", "win.ransomware.",
                                   "eicar-", "php.webshell")),
    ),
    *rules(
        "T1204.002", 0.6, "another protection program names a threat",
        (("code=", "threat"), ("command", "threat found: ")),
    ),
    *rules(
        "T1204.002", 0.9, "the protection program could not remove what it found",
        (("code=", "1008", "1118", "1119", "1120"), DEFENDER),
        (("program", *PROTECTION), ("command", "could not be cleaned", "cleaning failed", "left alone", "action failed",
                                    "unable to quarantine", "quarantine failed", "remediation failed",
                                    "failed to remove")),
    ),
    *rules(
        "T1562.001", 0.85, "the protection program's records of what it found were deleted",
        (("code=", "1013"), DEFENDER, ("!user=", "system")),
    ),
    *rules(
        "T1059", 0.55, "the protection program held back a program that behaves like an attack",
        (("code=", "1121", "1123", "1126"), DEFENDER),
        (("code=", "8004", "8007", "8022", "8025"), ("program", "applocker")),
        (("code=", "3077", "3033"), ("program", "codeintegrity")),
    ),
)  # fmt: skip

"""An account is given rights over other machines or over this one."""

from pipeline.detectors.logs.host_rule import HostRule, rules

POWERFUL = (
    "domain admins", "enterprise admins", "schema admins", "administrators", "account operators", "backup operators",
    "server operators", "print operators", "dnsadmins", "group policy creator owners", "key admins", "domänen-admins",
    "administratoren", "s-1-5-32-544", "s-1-5-32-551", "s-1-5-32-548", "s-1-5-32-549", "exchange windows permissions",
    "organization management", "esx admins",
)  # fmt: skip
REMOTE = ("remote desktop users", "remote management users", "s-1-5-32-555", "s-1-5-32-580", "hyper-v administrators")
ADDED = ("code=", "4728", "4732", "4756")

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1098.007", 0.8, "an account is added to a group of administrators",
        (ADDED, ("action=", "group_changed"), ("data", *POWERFUL)),
        (("action=", "group_changed"), ("command", "add ", "added "), ("command", "group sudo", "group wheel",
         "group root", "group adm", "group docker", "group lxd", "group admin", "group shadow", "group disk")),
    ),
    *rules(
        "T1098.007", 0.6, "an account is allowed to work from afar",
        (ADDED, ("action=", "group_changed"), ("data", *REMOTE)),
    ),
    *rules(
        "T1098", 0.7, "rights of a domain or an account are changed",
        (("code=", "4738"), ("data", "sidhistory:s-1-5-21", "sidhistory:%{s-1-5-21")),
    ),
    *rules("T1484", 0.7, "trust between domains is changed", (("code=", "4706", "4716"), ("program",
     "security-auditing"))),
    *rules("T1207", 0.85, "a machine poses as a domain controller",
           (("code=", "4742"), ("command", "e3514235-4b06-11d1-ab04-00c04fc2dcd2"), ("command", "/"), ("command",
            "gc/"))),
    *rules("T1098", 0.7, "a password is set by force for an account of administrators",
           (("code=", "4724"), ("data", "targetusername:administrator,", "targetusername:krbtgt,"), ("!user$", "$"))),
)  # fmt: skip

"""The consent dialogue is passed by, rights or an identity are borrowed."""

from pipeline.detectors.logs.host_rule import SET, START, HostRule, rules
from pipeline.detectors.logs.host_vocabulary import RUNNERS, SHELLS, WRITABLE

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1548.002", 0.9, "the consent dialogue is bypassed",
        (("target", "\\ms-settings\\shell\\open\\command", "\\mscfile\\shell\\open\\command",
          "\\exefile\\shell\\runas\\command\\isolatedcommand", "\\classes\\folder\\shell\\open\\command",
          "_classes\\folder\\shell\\open\\command", "\\appx82a6gwre4fdg3bt635tn5ctqjf8msdd2\\shell\\open\\command"),
         ("action=", "registry_set", "registry_changed")),
        (("command", "ms-settings\\shell\\open\\command", "mscfile\\shell\\open\\command",
          "exefile\\shell\\runas\\command", "classes\\folder\\shell\\open\\command"),),
        (START, ("parent$", "\\fodhelper.exe", "\\computerdefaults.exe", "\\eventvwr.exe", "\\sdclt.exe",
         "\\slui.exe",
                 "\\wsreset.exe", "\\changepk.exe"), ("image$", *RUNNERS)),
        (START, ("parent$", "\\fodhelper.exe", "\\computerdefaults.exe", "\\wsreset.exe", "\\eventvwr.exe"),
         ("image", *WRITABLE)),
        (START, ("parent_command", "{3e5fc7f9-9a51-4367-9063-a120244fbec7}", "{d2e7041b-2927-42fb-8e9f-7ce93b6dc937}",
                 "{bdb57ff2-79b9-4205-9447-f5fe85f37312}")),
        (SET, ("target$", "\\environment\\windir", "\\environment\\cor_profiler",
         "\\environment\\cor_profiler_path")),
        (("command", "invoke-bypassuac"),), (("command", "invoke-fodhelper"),), (("command",
         "invoke-eventvwrbypass"),),
        (("command", "invoke-sdcltbypass"),), (("command", "invoke-wscriptbypassuac"),), (("command",
         "invoke-envbypass"),),
    ),
    *rules(
        "T1548.002", 0.75, "the consent dialogue is switched off",
        (SET, ("target$", "\\policies\\system\\enablelua", "\\policies\\system\\consentpromptbehavioradmin",
               "\\policies\\system\\localaccounttokenfilterpolicy"), ("image$", *SHELLS, "\\reg.exe")),
    ),
    *rules(
        "T1548.001", 0.65, "a program is made to run as root for everybody",
        (("command", "chmod u+s", "chmod 4755", "chmod +s", "chmod 4777", "chmod 6755", "setcap cap_setuid"),
         ("command", "-tmp/", "-bin/bash", "-bin/sh", "-usr/bin/", "python", "-home/", "-dev/shm/"),
         ("!command", "dpkg", "-build/")),
    ),
    *rules(
        "T1134", 0.7, "a program takes another's identity",
        (("command", "invoke-tokenmanipulation"),), (("command", "invoke-runas"),), (("command",
         "impersonateloggedonuser"),),
        (("command", "createprocesswithtoken", "duplicatetokenex"),), (("command", "get-system"), ("command",
         "technique")),
        (("command", "echo "), ("command", "\\\\.\\pipe\\"), ("command", "cmd")),
        (START, ("user", "\\system"), ("parent", *WRITABLE), ("image$", *SHELLS)),
    ),
)  # fmt: skip

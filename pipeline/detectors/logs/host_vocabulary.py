"""Words that rules of several families share: which programs are shells, which folders anyone may write to."""

from pipeline.detectors.logs.host_rule import When

POWERSHELL = ("\\powershell.exe", "\\pwsh.exe", "\\powershell_ise.exe")
SHELLS = (*POWERSHELL, "\\cmd.exe")
SCRIPT_HOSTS = ("\\wscript.exe", "\\cscript.exe", "\\mshta.exe")
PROXIES = (
    "\\rundll32.exe", "\\regsvr32.exe", "\\msbuild.exe", "\\installutil.exe", "\\regasm.exe", "\\regsvcs.exe",
    "\\cmstp.exe", "\\wmic.exe", "\\odbcconf.exe", "\\msxsl.exe", "\\xwizard.exe", "\\mavinject.exe",
)  # fmt: skip
"""Signed programs that run other people's code."""
RUNNERS = (*SHELLS, *SCRIPT_HOSTS, *PROXIES)
BY_HAND = (
    *RUNNERS, "\\reg.exe", "\\regedit.exe", "\\wsmprovhost.exe", "\\wmiprvse.exe", "\\python.exe",
)  # fmt: skip
"""Programs by which people, scripts and other machines change settings; installers and policies use others."""
OFFICE = (
    "\\winword.exe", "\\excel.exe", "\\powerpnt.exe", "\\outlook.exe", "\\msaccess.exe", "\\onenote.exe",
    "\\mspub.exe", "\\visio.exe", "\\acrord32.exe", "\\acrobat.exe", "\\foxitreader.exe", "\\wordpad.exe",
)  # fmt: skip
SERVERS = (
    "\\w3wp.exe", "\\httpd.exe", "\\nginx.exe", "\\tomcat.exe", "\\tomcat8.exe", "\\tomcat9.exe", "\\php-cgi.exe",
    "\\sqlservr.exe", "\\umworkerprocess.exe", "\\ws_tomcatservice.exe",
)  # fmt: skip
"""Programs that serve the network; a shell under them was asked for from there."""
EXPLOITED = (
    "\\spoolsv.exe", "\\lsass.exe", "\\smss.exe", "\\csrss.exe", "\\wininit.exe", "\\conhost.exe", "\\fxssvc.exe",
    "\\dwm.exe", "\\searchindexer.exe", "\\searchprotocolhost.exe", "\\taskhostw.exe", "\\taskhost.exe",
    "\\sihost.exe", "\\fontdrvhost.exe", "\\consent.exe", "\\wermgr.exe", "\\usoclient.exe", "\\wuauclt.exe",
    "\\dns.exe", "\\audiodg.exe", "\\ctfmon.exe", "\\lsm.exe", "\\msdtc.exe", "\\vds.exe", "\\werfault.exe",
)  # fmt: skip
"""Parts of the system that never start a shell unless somebody else's code runs in them."""
WRITABLE = (
    "\\desktop\\", "\\downloads\\", "\\appdata\\local\\temp\\", "\\users\\public\\", "\\windows\\temp\\",
    "\\perflogs\\", "\\$recycle.bin\\", "c:\\temp\\", "\\windows\\tasks\\", "\\windows\\debug\\", "\\music\\",
    "\\pictures\\", "\\videos\\", "\\documents\\",
)  # fmt: skip
"""Folders where programs are put by hand or by malware; installers of applications use others."""
INSTALLED = ("\\program files\\", "\\program files (x86)\\", "\\windows defender\\")
WRITTEN = ("0x2,", "0x2}", "%%4417", "0x6,", "0x12019f", "0x13019f", "0x17019f", "writedata")
"""How records of shares (5145) tell that something was written."""

INTO_A_SHELL: tuple[When, When] = (
    ("command", *(f"{pipe}sh{end}" for pipe in ("| ", "|") for end in " ;)&\\"), "| bash", "|bash", "| zsh",
     "| dash", "| -bin/bash", "| -bin/sh", "|/bin/bash", "|/bin/sh"),
    ("command$", "| sh", "|sh"),
)  # fmt: skip
"""Either holds where a command's output is run; its sum (`| sha256sum`) is not."""

_PRIVATE = ("10", "127", "192.168", *(f"172.{second}" for second in range(16, 32)))  # RFC 1918, and the machine itself


def private_urls(how: str) -> tuple[str, ...]:
    """How what `how` fetches from a private IPv4 address begins."""
    return tuple(f"{how}://{network}." for network in _PRIVATE)

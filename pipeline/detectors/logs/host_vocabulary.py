"""Words that rules of several families share: which programs are shells, which folders anyone may write to."""

POWERSHELL = ("\\powershell.exe", "\\pwsh.exe", "\\powershell_ise.exe")
SHELLS = (*POWERSHELL, "\\cmd.exe")
SCRIPT_HOSTS = ("\\wscript.exe", "\\cscript.exe", "\\mshta.exe")
PROXIES = (
    "\\rundll32.exe", "\\regsvr32.exe", "\\msbuild.exe", "\\installutil.exe", "\\regasm.exe", "\\regsvcs.exe",
    "\\cmstp.exe", "\\wmic.exe", "\\odbcconf.exe", "\\msxsl.exe", "\\xwizard.exe", "\\mavinject.exe",
)  # fmt: skip
"""Signed programs that run other people's code."""
RUNNERS = (*SHELLS, *SCRIPT_HOSTS, *PROXIES)
OFFICE = (
    "\\winword.exe", "\\excel.exe", "\\powerpnt.exe", "\\outlook.exe", "\\msaccess.exe", "\\onenote.exe",
    "\\mspub.exe", "\\visio.exe", "\\acrord32.exe", "\\acrobat.exe", "\\foxitreader.exe", "\\wordpad.exe",
)  # fmt: skip
SERVERS = (
    "\\w3wp.exe", "\\httpd.exe", "\\nginx.exe", "\\tomcat.exe", "\\tomcat8.exe", "\\tomcat9.exe", "\\php-cgi.exe",
    "\\sqlservr.exe", "\\umworkerprocess.exe", "\\ws_tomcatservice.exe",
)  # fmt: skip
"""Programs that serve the network; a shell under them was asked for from there."""
WRITABLE = (
    "\\desktop\\", "\\downloads\\", "\\appdata\\local\\temp\\", "\\users\\public\\", "\\windows\\temp\\",
    "\\perflogs\\", "\\$recycle.bin\\", "c:\\temp\\", "\\windows\\tasks\\", "\\windows\\debug\\", "\\music\\",
    "\\pictures\\", "\\videos\\", "\\documents\\",
)  # fmt: skip
"""Folders where programs are put by hand or by malware; installers of applications use others."""
INSTALLED = ("\\program files\\", "\\program files (x86)\\", "\\windows defender\\")

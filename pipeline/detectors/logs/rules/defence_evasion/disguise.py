"""Programs and files under false names."""

from pipeline.detectors.logs.host_rule import START, HostRule, commands, rules

RENAMED = (
    ("powershell.exe", "powershell.exe"), ("cmd.exe", "cmd.exe"), ("rundll32.exe", "rundll32.exe"),
    ("regsvr32.exe", "regsvr32.exe"), ("mshta.exe", "mshta.exe"), ("certutil.exe", "certutil.exe"),
    ("wscript.exe", "wscript.exe"), ("cscript.exe", "cscript.exe"), ("msbuild.exe", "msbuild.exe"),
    ("psexec.c", "psexec.exe", "psexec64.exe"), ("procdump", "procdump.exe", "procdump64.exe"),
    ("wmic.exe", "wmic.exe"), ("installutil.exe", "installutil.exe"), ("7z.exe", "7z.exe"),
    ("rclone.exe", "rclone.exe"), ("curl.exe", "curl.exe"), ("msdt.exe", "msdt.exe"), ("cmstp.exe", "cmstp.exe"),
    ("bitsadmin.exe", "bitsadmin.exe"), ("vssadmin.exe", "vssadmin.exe"), ("adfind.exe", "adfind.exe"),
    ("ntdsutil.exe", "ntdsutil.exe"), ("plink", "plink.exe"),
)  # fmt: skip
"""The name that its maker wrote into a program, and the names under which it is found."""

RULES: tuple[HostRule, ...] = (
    *rules(
        "T1036.005", 0.75, "a program bears the name of a system program but lies elsewhere",
        (START, ("image$", "\\svchost.exe", "\\lsass.exe", "\\csrss.exe", "\\services.exe", "\\winlogon.exe",
         "\\smss.exe",
                 "\\wininit.exe", "\\spoolsv.exe", "\\taskhostw.exe", "\\dllhost.exe", "\\lsm.exe",
                 "\\taskhost.exe", "\\userinit.exe", "\\sihost.exe", "\\runtimebroker.exe", "\\dwm.exe",
                 "\\fontdrvhost.exe", "\\logonui.exe", "\\lsaiso.exe", "\\audiodg.exe", "\\wermgr.exe",
                 "\\backgroundtaskhost.exe", "\\regsvr32.exe", "\\mshta.exe", "\\wscript.exe", "\\cscript.exe"),
         ("!image^", "c:\\windows\\", "\\systemroot\\", "\\device\\", "\\??\\c:\\windows\\", "d:\\windows\\")),
        (START, ("image$", ".pdf.exe", ".doc.exe", ".docx.exe", ".xls.exe", ".xlsx.exe", ".jpg.exe", ".txt.exe",
                 ".pdf.scr", ".doc.scr")),
    ),
    *rules(
        "T1036.007", 0.75, "a shortcut bears the name of a document",
        (("action=", "file_created"), ("target$", ".pdf.lnk", ".doc.lnk", ".docx.lnk", ".xls.lnk", ".xlsx.lnk",
         ".ppt.lnk", ".pptx.lnk", ".jpg.lnk", ".png.lnk", ".txt.lnk", ".rtf.lnk"),
         ("!target", "\\recent\\", "\\office\\")),
    ),
    *commands("T1027", 0.6, "a system tool wraps a file in text", ("certutil", " -encode")),
    *commands(
        "T1027", 0.55, "a program's bytes are changed so that it is not recognised",
        ("dd ", "if=-dev/zero", ">>"), ("dd if=-dev/zero", "bs=1 ", "oflag=append"), ("a0=dd", "if=/dev/zero",
         "bs=1 "),
        ("a0=dd", "if=/dev/urandom", "bs=1 "), ("truncate -s +", "bin/"), ("upx -",), ("dd if=-dev/zero", "bs=1 "),
        ("dd if=-dev/urandom", "bs=1 "),
    ),
    *commands(
        "T1564.001", 0.5, "files are hidden",
         ("mkdir", "-dev/shm/."), ("mkdir", "-tmp/..."), ("attrib", "+h", "\\users\\"),
    ),
    *rules(
        "T1564.004", 0.6, "a program is hidden behind another file's name",
        (("action=", "stream_created"), ("target", ".exe:", ".dll:", ".txt:", ".ps1:"), ("!target$",
         ":zone.identifier")),
        (("command", "type "), ("command", ".exe >"), ("command", ".txt:", ".log:")),
    ),
    *rules(
        "T1036.003", 0.8, "a program of the system runs under another name",
        *((START, ("data", f"originalfilename:{told},"), ("!image$", *(f"\\{name}" for name in names)))
          for told, *names in RENAMED),
    ),
    *rules(
        "T1036.005", 0.75, "a program bears the name of a system program but lies elsewhere",
        (("image$", "\\svchost.exe", "\\lsass.exe", "\\csrss.exe", "\\services.exe", "\\winlogon.exe", "\\smss.exe",
          "\\wininit.exe", "\\spoolsv.exe", "\\taskhostw.exe", "\\conhost.exe", "\\dllhost.exe", "\\rundll32.exe"),
         ("!image", "\\system32\\", "\\syswow64\\", "\\winsxs\\", "\\servicing\\", "\\softwaredistribution\\")),
    ),
    *rules(
        "T1036.005", 0.75, "a program lies in a folder that looks like the system's",
        (START, ("image", "\\system32\\", "\\syswow64\\"), ("image", "\\users\\", "\\programdata\\", "\\temp\\",
                                                               "\\recycle"), ("!image", "\\$windows.~bt\\")),
        (START, ("image", "\\recycle", "\\system volume information\\", "\\windows\\fonts\\", "\\windows\\help\\",
                 "\\windows\\media\\", "\\windows\\ime\\", "\\windows\\addins\\", "\\windows\\cursors\\")),
    ),
    *commands(
        "T1564.001", 0.5, "files are hidden",
        ("attrib", " +h ", ".exe"), ("attrib", " +h ", ".dll"), ("attrib", " +s", " +h"),
        ("attrib", "+h", "\\programdata\\"),
    ),
    *rules(
        "T1036.002", 0.8, "a file's name is written backwards to look harmless",
        (START, ("image", "\u202e")), (("action=", "file_created"), ("target", "\u202e")),
    ),
)  # fmt: skip

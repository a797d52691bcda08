"""What people type, see and say is recorded, and data is packed to be taken away."""

from pipeline.detectors.logs.host_rule import HostRule, commands, rules
from pipeline.detectors.logs.host_vocabulary import SHELLS, WRITABLE

RULES: tuple[HostRule, ...] = (
    *commands(
        "T1115", 0.55, "what was copied is read by a script",
        ("get-clipboard",), ("clipboard]::gettext",), ("xclip -o",), ("pbpaste",),
    ),
    *rules(
        "T1123", 0.7, "the microphone is opened by a program that no one installed",
        (("action=", "registry_set", "registry_changed"), ("target", "\\consentstore\\microphone\\nonpackaged\\"),
         ("target", "#desktop#", "#downloads#", "#temp#", "#public#", "#rundll32.exe", "#powershell.exe", "#cmd.exe",
          "#svchost.exe", "#documents#")),
        (("command", "get-microphoneaudio"),), (("command", "soundrecorder"), ("command", "-file")),
    ),
    *rules(
        "T1125", 0.7, "the camera is opened by a program that no one installed",
        (("action=", "registry_set", "registry_changed"), ("target", "\\consentstore\\webcam\\nonpackaged\\"),
         ("target", "#desktop#", "#downloads#", "#temp#", "#public#", "#rundll32.exe", "#powershell.exe")),
        (("command", "start-webcamrecorder"),),
    ),
    *commands(
        "T1056.001", 0.8, "what is typed is recorded",
        ("get-keystrokes",), ("getasynckeystate", "dllimport"), ("setwindowshookex", "dllimport"),
        ("start-keylogger",),
        ("pam_tty_audit", "enable="), ("logkeys",),
    ),
    *commands(
        "T1113", 0.7, "the screen is photographed",
        ("get-timedscreenshot",), ("get-screenshot",), ("copyfromscreen(",), ("psr.exe", "-start", "-output"),
        ("psr ", "-start", "-gui 0"), ("xwd -root",), ("import -window root",), ("scrot ", "-tmp"),
    ),
    *commands(
        "T1115", 0.6, "the clipboard is read", ("get-clipboardcontents",), ("powershell", "get-clipboard", "while"),
    ),
    *commands(
        "T1560.001", 0.6, "files are packed with a password",
        ("rar", " a ", " -hp"), ("rar.exe", " a ", "-p"), ("7z", " a ", " -p"), ("7za", " a ", " -p"), ("zip ",
         "--password"),
        ("zip ", "-p ", "-r "), ("tar ", "| openssl enc"), ("makecab", "-f ", "\\temp\\"),
    ),
    *commands(
        "T1114", 0.8, "mailboxes are copied",
        ("new-mailboxexportrequest",), ("invoke-selfsearch",), ("invoke-globalmailsearch",), ("get-outlookinbox",),
        ("new-object", "outlook.application", "getdefaultfolder"), ("mailsniper",),
    ),
    *commands(
        "T1048", 0.7, "files are sent out by a tool",
        ("rclone", " copy "), ("rclone", " sync "), ("rclone.exe", "--config"), ("invoke-exfiltration",),
        ("curl", " -f ", "file=@"), ("curl", "-t ", "ftp://"), ("megacmd",), ("invoke-dnsexfiltrator",),
        ("uploadfile(", "webclient"), ("uploadstring(", "http"), ("winscp", "-command", "put "),
    ),
    *rules(
        "T1039", 0.55, "files of a share are copied by a shell in bulk",
        (("action=", "start"), ("image$", "\\robocopy.exe", "\\xcopy.exe"), ("command",
         "\\\\"), ("command", *WRITABLE),
         ("parent$", *SHELLS)),
    ),
)  # fmt: skip

"""Commands that are written backwards, in pieces or in codes, and undone by the shell that runs them."""

from pipeline.detectors.logs.host_rule import HostRule, When, commands, rules
from pipeline.detectors.logs.host_vocabulary import INTO_A_SHELL

_DECODERS: When = (
    "command", "base64 -d", "base64 --decode", "base32 -d", "openssl enc -d", "openssl base64 -d",
    "xxd -r", "| rev", "tr a-z", "tr n-z", "printf \\\\x", "printf %b", "echo -e \\\\x", "echo -ne \\\\x",
    "zcat <<<", "gunzip <<<", "unhex", "uudecode",
)  # fmt: skip
_BACKWARDS = (
    "ssecorp-trats", "llehsrewop", "noisserpxe-ekovni", "gnirtsdaolnwod", "elifdaolnwod", "tcejbo-wen", "tneilcbew",
    "//:ptth", "//:sptth", "gnirts46esabmorf", "exe.dmc", "exe.23lldnur", "tnetnoc-teg", "noitucexe",
)  # fmt: skip

RULES: tuple[HostRule, ...] = (
    *rules("T1027", 0.75, "a shell runs what it undoes from codes or letters",
           *((_DECODERS, shell) for shell in INTO_A_SHELL), (_DECODERS, ("command", "eval ", "bash <<<", "source <(")),
           (_DECODERS, ("command", "bash -c"), ("command", "$("))),
    *commands("T1027", 0.75, "a shell runs what it undoes from codes or letters",
              ("python", " -c", "exec(", "fromhex"), ("python", " -c", "exec(", "zlib"),
              ("python", " -c", "exec(", "decode("), ("python", " -c", "__import__", "decode("),
              ("perl", " -e", "eval", "pack("), ("perl", " -e", "unpack("), ("php", " -r", "eval(", "decode("),
              ("ruby", " -e", "eval", "unpack"), ("node", " -e", "eval(", "base64"), ("tr ", "n-za-m", "sh")),
    *commands("T1027.010", 0.65, "a command has no blanks so that it is not recognised",
              ("${ifs}",), ("$ifs$",), ("$ifs\\\\",), ("{cat,",), ("{bash,",), ("{curl,",), ("{wget,",),
              ("{echo,", "base64")),
    *commands("T1027.010", 0.8, "a command is written backwards", *((word,) for word in _BACKWARDS),
              ("[array]::reverse", "invoke-expression"), ("[-1..-", "iex"),
              ("[-1..-", "-join", "invoke"), ("righttoleft", "iex"), ("strreverse", "execute")),
    *commands("T1027.010", 0.75, "a command is put together from letters of other names",
              ("env:comspec[",), ("pshome[",), ("shellid[",), ("verbosepreference", "[1,3]"),
              ("maximumdrivecount", "[char]"), ("-bxor", "[char]", "-join"), ("-bxor", "iex"),
              ("-as [char]", "-join", "iex"), ("securestringtobstr", "iex"),
              ("securestringtoglobal", "invoke-expression"), ("deflatestream", "frombase64", "iex"),
              ("deflatestream", "frombase64", "invoke-expression"), ("cmd", "-v:on", "set ", "!", "call"),
              ("for %", "set ", "call ", "!", "-v"), ("gv ", "*mdr*"), ("get-variable", "*mdr*"),
              ("gci env:", "-join"), ("executioncontext", "invokecommand", "getcmdlet")),
)  # fmt: skip

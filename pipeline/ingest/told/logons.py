"""Logons that any program tells of in words of its own: mail, VPN, database, FTP, telephone, portals, web applications.

Nobody can know the form of every product that a hospital runs, but they all say the same few things: that a logon or
password failed or was accepted, of whom, and from where. A line is believed when it says so and names an address or
an account; that a hostile name may hold such words costs one wrong failure at most.
"""

import re
from ipaddress import ip_address

from pipeline.ingest.format import Fields

_LOOK_AT = 2048
_NOUN = (
    r"(?:auth(?:entication|enticate[ds]?|enticating|orization)?|log[- _]?(?:ins?|ons?)|sign[- _]?(?:ins?|ons?)|"
    r"passw(?:or)?ds?|pwd|pass(?:phrase|code)|credentials?|t?otp|[12m]fa)"
)
_END = "[a-z]{0,8}"
_BAD = (
    rf"(?:fail{_END}|invalid|incorrect|wrong|bad(?!ge)|denied|reject{_END}|refused|unsuccessful{_END}|mismatch{_END}|"
    r"unauthorized|illegal|(?:not|isn't|doesn't|could not|cannot|can't|unable to) (?:be )?"
    rf"(?:accept{_END}|correct|match{_END}|authenticat{_END}|verif{_END}|valid{_END}))"
)
_GAP = r"[^;|{}\n]{0,60}?"
_FAILURE = re.compile(
    rf"(?<![A-Za-z0-9]){_NOUN}(?![a-z]){_GAP}(?<![A-Za-z]){_BAD}(?![a-z])"
    rf"|(?<![A-Za-z]){_BAD}[\s:_\"'-]{{0,4}}(?:[^\W_]{{1,32}}[\s_-]){{0,3}}?{_NOUN}(?![a-z])"
    rf"|(?<![A-Za-z0-9]){_NOUN}[ _-]error(?!s)"
    r"|\b(?:invalid|illegal|unknown|non-?existent) (?:user|account|login)\b|\b(?:user (?:name )?unknown|no such user)\b"
    r"|\baccess denied for user\b|\buser (?:[\"']?[^\s\"']{1,64}[\"']? )?(?:was )?not found\b",
    re.IGNORECASE,
)
_SUCCESS = re.compile(
    rf"(?<![A-Za-z0-9]){_NOUN}(?![a-z]){_GAP}(?<![A-Za-z])(?<!not )(?<!not be )(?:success\w*|succeeded|accepted|granted"
    r"|allowed|permitted|authori[sz]ed|approved|passed|verified)(?![a-z])"
    rf"|\b(?:successful(?:ly)?|accepted)\s(?:\w+\s){{0,2}}?(?:{_NOUN}|logged[ -]in|signed[ -]in)\b"
    r"|(?<!not )\b(?:logged|signed)[ -](?:in|on)\b(?! as a)|^Login: user=|-login: Login: user=",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"(?<!not )(?<![\w=/?&.])(?:(?:logged|signed)[ -](?:out|off)|log(?:out|off)|sign[- ](?:out|off))(?![\w=/.])",
    re.IGNORECASE,
)
_LOGS = ("login", "logon", "logged", "logoff", "logout", "log in", "log on", "log off", "log out")
_NOT = re.compile(
    r"recipient|\brcpt\b|mailbox|connection (?:timed out|refused|closed by peer)|handshake|certificate|relay|"
    r"authorization header|no such user here|dkim|dmarc|\bspf\b|if .{0,40}password",
    re.IGNORECASE,
)
"""Mail that was refused, sessions that never came to a password."""
_CHANGED = re.compile(r"chang|reset|renew|updat|\bsent\b|expir|creat|delet|remov|generat|stor|saved", re.IGNORECASE)
"""What else goes well with a password or an account: a success without an address is no log-on then."""
_IP = re.compile(
    r"(?<![\w.:-])(?:::ffff:)?(?P<v4>\d{1,3}(?:\.\d{1,3}){3})(?![\w-])(?!\.\w)"
    r"|(?<![\w.:])(?P<v6>(?=[0-9a-f:]*(?:::|(?::[0-9a-f]{1,4}){7}))[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])",
    re.IGNORECASE,
)
_PEER = re.compile(
    r"(?:rhost|rip|raddr|remote(?:[ _-]?(?:ip|addr(?:ess)?|host))?|client(?:[ _-]?(?:ip|addr(?:ess)?|host))?|"
    r"src(?:[ _-]?ip)?|source(?:[ _-]?(?:ip|addr(?:ess)?|network address))?|peer|from|caller|"
    r"(?<![a-z])(?:ip|addr)(?:[ _-]?addr(?:ess)?)?|(?<![a-z])host|(?<![a-z])address|"
    r"failed for)[\"']?\s*[:=]?\s*[\"'<(\[/]{0,3}(?:IPV[46]/\w{2,4}/)?$",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"(?:(?<![a-z])lip|laddr|(?<![\w.])local(?:[ _-]?(?:ip|addr\w*))?|dst\w*|dest\w*|server|"
    r"listen\w*|(?<![a-z])to|via|proxy|version|v)[\"']?\s*[:=]?\s*[\"'<(\[/]{0,3}(?:IPV[46]/\w{2,4}/)?$",
    re.IGNORECASE,
)
_BEFORE = 28
_DISTINGUISHED = re.compile(r"\b(?:cn|uid)=(?P<user>(?:[^,\"\\]|\\.){1,128}),\s?(?:ou|dc|o|cn)=", re.IGNORECASE)
"""An account as directories name it: the first of its parts."""
_NAME = r"(?P<user>[^\s\"'`<>\[\](){},;=|]{1,128})"
_ACCOUNT = re.compile(
    r"\b(?:(?:[sd]?user(?:[ _-]?(?:name|id|email))?|uname|login(?:[ _]?name)?|account(?:[ _]?(?:name|id))?|acct|set_id|"
    rf"principal|e-?mail)[\"']?\s*[=:]\s*|(?:user(?:name)?|account|principal)\s)[\"'`<\[(]{{0,2}}{_NAME}",
    re.IGNORECASE,
)
_FOR = re.compile(
    rf"\b(?:for|of|by|as)\s(?:(?:invalid|unknown|illegal|bad|local|the)\s)?(?:(?:user|account)\s)?[\"'`<\[]{_NAME}[\"'`>\]]"
    rf"|\b(?:for|login as)\s(?:(?:invalid|unknown|illegal|bad)\s)?(?:(?:user|account)\s)?"
    rf"(?P<plain>[\w.@\\$+-]{{1,128}})(?![\w.@\\$+-]| ?\(?\[)"
    r"|\[(?P<bracket>[^\]\s]{1,64})\] (?:FAIL|OK) LOGIN|[\"'](?P<sql>[^\"'\s]{1,64})[\"']@[\"']",
    re.IGNORECASE,
)
_NO_NAME = frozenset(
    re.findall(
        r"\w+",
        "attempt attempts failed failure failures from for with is was were by not and or error authentication auth "
        "password name id to in at on of the a an invalid unknown does has had request successful successfully login "
        "logon user users account credentials incorrect wrong bad denied rejected session null none undefined address "
        "ip host via using here there username unauthorized client server agent accepted succeeded could cannot but "
        "sign signed log logged no n na",
    )
)


def told_logon(message: str) -> Fields | None:
    """`action`, `outcome`, `user`, `src_ip` where the words tell of a logon; None for all other lines."""
    message = message[:_LOOK_AT]
    low = message.lower()
    if not _may_tell(low):
        return None
    failed = _FAILURE.search(message)
    told = failed or _SUCCESS.search(message)
    ended = _ENDED.search(message) if not failed and ("out" in low or "off" in low) else None
    if not (told or ended) or _NOT.search(message):
        return None
    address, user = peer_in(message), _account(message)
    if ended and (not told or ended.start() < told.start()):
        return {"action": "logoff", "outcome": "success", "user": user, "src_ip": address} if user else None
    if not address and not (failed and user) and (_CHANGED.search(message) or not _ACCOUNT.search(message)):
        return None
    return {"action": "logon", "outcome": "failure" if failed else "success", "user": user, "src_ip": address}


def _may_tell(low: str) -> bool:
    """Quicker than the patterns, as most lines speak of something else."""
    return (
        "auth" in low or "user" in low or "pass" in low or "sign" in low or "pwd" in low or "credential" in low
        or "otp" in low or ("log" in low and any(word in low for word in _LOGS))
    )  # fmt: skip


def peer_in(message: str) -> str | None:
    """The other side's address: the last that a word like `from`, `rhost=` or `client` introduces, else the first."""
    said = first = last = None
    for match in _IP.finditer(message):
        before = message[max(0, match.start() - _BEFORE) : match.start()]
        address = match["v4"] or match["v6"]
        if _OWN.search(before) or not _is_address(address):
            continue
        if before.endswith("(["):  # as a mail client called itself
            said = said or address
            continue
        first = first or address
        if _PEER.search(before):
            last = address
    return last or first or said


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _account(message: str) -> str | None:
    for pattern in (_DISTINGUISHED, _ACCOUNT, _FOR):
        for match in pattern.finditer(message):
            name = next((value for value in match.groups() if value), "").rstrip(".:!?")
            if name and name.lower() not in _NO_NAME and not _IP.fullmatch(name):
                return name
    return None

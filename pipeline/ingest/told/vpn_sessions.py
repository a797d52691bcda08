"""Sessions of VPN gateways, whose lines say that one began or ended and not that somebody logged on.

Forms as in Cisco's ASA syslog messages (113019, 113039, 716001, 716002, 750006), the sources of OpenVPN and strongSwan,
Citrix's and Meraki's syslog references. Each names the account and the address outside from which it came.
"""

import re

from pipeline.ingest.format import Fields

_USER = r"(?P<user>[^\s<>\[\]'\",]{1,128})"
_IP = r"(?P<src_ip>[0-9A-Fa-f.:]{3,45})"
_ASA = rf"Group <[^>]{{0,128}}> User <{_USER}> IP <{_IP}> .{{0,40}}session "
_PORTED = r"(?P<src_ip>[0-9.]{7,15}|[0-9a-f:]{3,39}(?=:\d{1,5}$))"
_FORMS: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (word, re.compile(pattern), action)
    for word, pattern, action in (
        ("session started", rf"{_ASA}started", "logon"),
        ("session terminated", rf"{_ASA}terminated", "logoff"),
        ("Session disc", rf"Group = [^,]{{0,128}}, Username = {_USER}, IP = {_IP}, Session disconnected", "logoff"),
        ("IKEv2 SA UP", rf"Remote: ?{_IP}:\d{{1,5}} Username: ?{_USER} IKEv2 SA UP", "logon"),
        ("Peer Connection", rf"\[{_USER}\] Peer Connection Initiated with \[AF_INET6?\]{_PORTED}", "logon"),
        ("] established", rf"IKE_SA .{{1,80}}\] established between .{{1,160}}\]\.\.\.{_IP}\[{_USER}\]", "logon"),
        ("SSLVPN LOGIN", rf"SSLVPN LOGIN .{{0,200}}User {_USER} - Client_ip {_IP} ", "logon"),
        ("client_vpn_connect", rf"client_vpn_connect user id '{_USER}' .{{0,60}}connected from {_IP}", "logon"),
    )
)
"""(what stands in the line, its form, what happened)."""
_ADDRESS = re.compile(r"[0-9.]{7,15}$|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*$")


def vpn_session(message: str) -> Fields | None:
    """`action`, `outcome`, `user`, `src_ip` of a session that began or ended; None for all other lines.

    A gateway at another site, which names its address in place of an account, is nobody.
    """
    for word, form, action in _FORMS:
        match = form.search(message) if word in message else None
        if match and not _ADDRESS.match(match["user"]):
            return {"action": action, "outcome": "success", "method": "vpn", **match.groupdict()}
    return None

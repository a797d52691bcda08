"""Sessions of VPN gateways are logons of their users from outside."""

import pytest

from pipeline.ingest.told.auth_lines import auth_events

BEGUN = (
    "Group <GP_STAFF> User <jdoe> IP <73.158.64.9> AnyConnect parent session started.",
    "Group <GP_STAFF> User <jdoe> IP <73.158.64.9> WebVPN session started.",
    "73.158.64.9:52011 [jdoe] Peer Connection Initiated with [AF_INET]73.158.64.9:52011",
    "05[IKE] IKE_SA ra-eap[44] established between 203.0.113.1[vpn.example]...73.158.64.9[jdoe]",
    "Local:203.0.113.1:4500 Remote:73.158.64.9:52101 Username:jdoe IKEv2 SA UP. Reason: New Connection Established",
    "0-PPE-0 : default SSLVPN LOGIN 1342 0 : Context jdoe@73.158.64.9 - SessionId: 5- User jdoe - Client_ip "
    '73.158.64.9 - Nat_ip "Mapped Ip" - Vserver 203.0.113.1:443',
    "client_vpn_connect user id 'jdoe' local ip 192.168.5.2 connected from 73.158.64.9",
)
ENDED = (
    "Group = GP_STAFF, Username = jdoe, IP = 73.158.64.9, Session disconnected. Session Type: SSL, Duration: 1h:30m",
    "Group <GP_STAFF> User <jdoe> IP <73.158.64.9> WebVPN session terminated: User Requested.",
)
NOBODY = (
    "05[IKE] IKE_SA site2[44] established between 203.0.113.1[hq]...73.158.64.9[73.158.64.9]",
    "Group <GP_STAFF> User <jdoe> IP <73.158.64.9> IPv4 Address <10.64.90.5> IPv6 address <::> assigned to session",
    "backup session started",
)


@pytest.mark.parametrize(("line", "action"), [(x, "logon") for x in BEGUN] + [(x, "logoff") for x in ENDED])
def test_a_session_is_a_logon_from_outside(line: str, action: str) -> None:
    (event,) = auth_events("", line)
    assert (event["action"], event["outcome"], event["user"], event["src_ip"]) == (
        action,
        "success",
        "jdoe",
        "73.158.64.9",
    )


@pytest.mark.parametrize("line", NOBODY)
def test_what_names_no_user_from_outside_is_none(line: str) -> None:
    assert auth_events("", line) == []

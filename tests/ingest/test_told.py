"""What lines of programs that nobody named tell: logons, requests, flows, audit records."""

from pathlib import Path
from typing import Any

import pytest
from ingested import events, fields, letters, read

from pipeline.ingest.told.flows import told_flow
from pipeline.ingest.told.logons import told_logon
from pipeline.ingest.told.names import told_name
from pipeline.ingest.told.requests import told_request

OUTSIDE = "203.0.113.7"


@pytest.mark.parametrize(
    ("message", "user", "address"),
    [
        (f'Login failed for user "anna" (wrong password) from {OUTSIDE}', "anna", OUTSIDE),
        (f"warning: unknown[{OUTSIDE}]: SASL PLAIN authentication failed: again", None, OUTSIDE),
        (f"imap-login: auth failed, 3 attempts: user=<anna>, rip={OUTSIDE}, lip=10.0.0.1", "anna", OUTSIDE),
        (f"[error] 7#7: *3 user \"anna\": password mismatch, client: {OUTSIDE}, server: portal", "anna", OUTSIDE),
        (f"Access denied for user 'anna'@'{OUTSIDE}' (using password: YES)", "anna", OUTSIDE),
        (f"login_x authenticator failed for desk ([10.9.9.9]) [{OUTSIDE}]:4711: 535 Incorrect", None, OUTSIDE),
        ('SecurityEvent="InvalidPassword",LocalAddress="IPV4/UDP/10.0.0.1/5060",'
         f'RemoteAddress="IPV4/UDP/{OUTSIDE}/5070"', None, OUTSIDE),
        ("Unsuccessful login attempt from ::ffff:203.0.113.7", None, OUTSIDE),
        ("authentication failure; rhost=2001:db8::7 user=anna@pam", "anna@pam", "2001:db8::7"),
        ("operation bind failed: Invalid credentials for user 'anna'", "anna", None),
        ('Incorrect password supplied for LDAP DN "CN=Anna Example,OU=ward,DC=example,DC=org"', "Anna Example", None),
    ],
)  # fmt: skip
def test_a_logon_that_failed(message: str, user: str | None, address: str | None) -> None:
    assert told_logon(message) == {"action": "logon", "outcome": "failure", "user": user, "src_ip": address}


@pytest.mark.parametrize(
    "message",
    [
        f'Successful login of user "anna" from {OUTSIDE}',
        f"imap-login: Login: user=<anna>, method=PLAIN, rip={OUTSIDE}, lip=10.0.0.1",
        f"[7] [anna] OK LOGIN: Client {OUTSIDE}, anna logged in",
        f"LOGIN ATTEMPT: config[50357]: Login anna from {OUTSIDE} : Allowed.",
        f'Login permitted from {OUTSIDE}/40000 to inside:10.0.0.1/ssh for user "anna"',
        f"LOGIN_SUCCESS for user 'anna' from {OUTSIDE}",
        f"Badge login of user anna from {OUTSIDE} succeeded",
    ],
)
def test_a_logon_that_succeeded(message: str) -> None:
    told = told_logon(message)
    assert told is not None
    assert (told["outcome"], told["src_ip"]) == ("success", OUTSIDE)


@pytest.mark.parametrize(
    "message",
    [
        "Failed to start Login Service.",
        f"reject: RCPT from mail[{OUTSIDE}]: 550 Recipient address rejected: User unknown",
        "ciod: LOGIN chdir(/p/gb2) failed: No such file or directory",
        f"{OUTSIDE} asked for the password page",
        "TLS handshake failed: no login from 10.0.0.1",
        "device not logged in yet",
        "02:04:59 authentication service ready",
        "Could not retrieve user anna, referer: https://portal.example/?view=logout",
        "the login was not accepted by anybody yet",
        "Password changed successfully for user=anna",
        "Password reset mail accepted user=bob",
    ],
)
def test_what_is_no_logon(message: str) -> None:
    assert told_logon(message) is None


def test_a_success_that_names_its_account_needs_no_address() -> None:
    told = told_logon("AAA user authentication Successful : local database : user = admin")
    assert told == {"action": "logon", "outcome": "success", "user": "admin", "src_ip": None}


def test_the_end_of_a_session() -> None:
    told = told_logon("User logged out: Uname: anna")
    assert told == {"action": "logoff", "outcome": "success", "user": "anna", "src_ip": None}
    assert told_logon("somebody logged off") is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f'http app/lb {OUTSIDE}:4711 10.0.0.1:80 0.000 0.001 0.000 404 - 34 366 '
         '"GET http://a.example:80/x?y=1 HTTP/1.1" "probe/1.0" - -',
         ("GET", "/x?y=1", 404, OUTSIDE, "a.example", "probe/1.0")),
        (f'| 401 |  505us | {OUTSIDE} | POST "/client"', ("POST", "/client", 401, OUTSIDE, None, None)),
        (f'open() failed, client: {OUTSIDE}, server: , request: "GET /x HTTP/2.0", host: "h"',
         ("GET", "/x", None, OUTSIDE, None, None)),
        (f"portal.example {OUTSIDE} anna GET /z 200 ok 1", ("GET", "/z", 200, OUTSIDE, None, None)),
        (f"7 {OUTSIDE} TCP_MISS/302 779 GET http://a.example/x - DIRECT/a.example text/html",
         ("GET", "/x", 302, OUTSIDE, "a.example", None)),
        (f"7 {OUTSIDE} TCP_HIT_ABORTED/000 0 GET http://a.example/x - HIER_DIRECT/a.example -",
         ("GET", "/x", None, OUTSIDE, "a.example", None)),
        (f"0 {OUTSIDE} TCP_DENIED/403 3868 CONNECT a.example:443 - HIER_NONE/- text/html",
         ("CONNECT", "/", 403, OUTSIDE, "a.example", None)),
    ],
)  # fmt: skip
def test_a_request(message: str, expected: tuple[Any, ...]) -> None:
    told = told_request(message)
    assert told is not None
    assert tuple(told.get(name) for name in ("method", "uri", "status", "src_ip", "host", "user_agent")) == expected


def test_words_that_are_no_request() -> None:
    assert told_request(f"we GET /tmp/x from {OUTSIDE}") is None
    assert told_request('"GET /x HTTP/1.1" 200') is None
    assert told_request(f"{OUTSIDE} could not CONNECT a.example:443") is None


@pytest.mark.parametrize(
    ("program", "message", "expected"),
    [
        ("kernel", f"[UFW BLOCK] IN=e0 OUT= SRC={OUTSIDE} DST=10.0.0.1 LEN=40 PROTO=TCP SPT=4711 DPT=23 "
         "WINDOW=1 RES=0 SYN ",
         (OUTSIDE, 4711, "10.0.0.1", 23, "tcp", "S0")),
        ("filterlog", f"5,,,1,em0,match,block,in,4,0x0,,64,1,0,none,17,udp,40,{OUTSIDE},10.0.0.1,4711,53,20",
         (OUTSIDE, 4711, "10.0.0.1", 53, "udp", "S0")),
        ("", f"%ASA-4-106023: Deny tcp src outside:{OUTSIDE}/4711 dst inside:10.0.0.1/22 by access-group",
         (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("%ASA-4-106023", f"Deny tcp src outside:{OUTSIDE}/4711 dst inside:10.0.0.1/22 by access-group",
         (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("%ASA-4-106100", f"access-list in denied tcp out/{OUTSIDE}(4711) -> dmz/10.0.0.1(22) hit-cnt 1",
         (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("%ASA-2-106001", f"Inbound TCP connection denied from {OUTSIDE}/4711 to 10.0.0.1/22 flags SYN  on interface x",
         (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("%ASA-session-3-710003", f"TCP access denied by ACL from {OUTSIDE}/4711 to outside:10.0.0.1/22",
         (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("%ASA-6-302014", f"Teardown TCP connection 7 for outside:{OUTSIDE}/443 to inside:10.0.0.1/4711 duration "
         "0:01:05 bytes 5120 TCP FINs", ("10.0.0.1", 4711, OUTSIDE, 443, "tcp", "SF")),
        ("%ASA-6-302014", f"Teardown TCP connection 7 for outside:{OUTSIDE}/4711 to dmz:10.0.0.1/22 duration "
         "0:00:30 bytes 0 SYN Timeout", (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("", f"LEEF:1.0|v|p|1|Drop|devTime=Nov 27 2026 03:10:00\tsrc={OUTSIDE}\tsrcPort=4711\tdst=10.0.0.1\t"
         "dstPort=22\tproto=TCP", (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("", f'type="traffic" srcip=10.0.0.1 srcport=4711 dstip={OUTSIDE} dstport=443 proto=6 '
         'action="accept" sentbyte=9',
         ("10.0.0.1", 4711, OUTSIDE, 443, "tcp", None)),
        ("", f"CEF:0|v|p|1|x|deny|5|src=10.0.0.1 dst={OUTSIDE} spt=4711 dpt=53 proto=UDP act=blocked",
         ("10.0.0.1", 4711, OUTSIDE, 53, "udp", "S0")),
        ("RT_FLOW", f"RT_FLOW_SESSION_DENY: session denied {OUTSIDE}/4711->10.0.0.1/22 0x0 None 6(0) deny-all x",
         (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("", f"%SEC-6-IPACCESSLOGP: list 101 denied tcp {OUTSIDE}(4711) -> 10.0.0.1(22), 1 packet",
         (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("", f"firewall,info drop input: in:e1 out:(none), proto TCP (SYN), {OUTSIDE}:4711->10.0.0.1:22, len 44",
         (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("", f'id=firewall pri=5 msg="TCP connection dropped" src={OUTSIDE}:4711:X1 dst=10.0.0.1:22:X0 proto=tcp/22',
         (OUTSIDE, 4711, "10.0.0.1", 22, "tcp", "S0")),
        ("", f"1,2024/01/18 06:41:25,007,TRAFFIC,end,2305,x,10.0.0.1,{OUTSIDE},0.0.0.0,0.0.0.0,rule,,,ssl,vsys1,in,"
         "out,e1,e2,fwd,x,7,1,4711,443,0,0,0x0,tcp,allow,1500,500,1000,9,x,4,any",
         ("10.0.0.1", 4711, OUTSIDE, 443, "tcp", None)),
    ],
)  # fmt: skip
def test_a_flow_of_a_firewall(program: str, message: str, expected: tuple[Any, ...]) -> None:
    told = told_flow(program, message)
    assert told is not None
    assert tuple(told[n] for n in ("src_ip", "src_port", "dst_ip", "dst_port", "proto", "conn_state")) == expected


def test_stray_packets_and_other_pairs_are_no_flows() -> None:
    over = f"Deny TCP (no connection) from {OUTSIDE}/443 to 10.0.0.1/4711 flags RST  on interface outside"
    assert told_flow("%ASA-6-106015", over) is None
    begun_asa = f"Built outbound TCP connection 7 for outside:{OUTSIDE}/443 ({OUTSIDE}/443) to inside:10.0.0.1/4711"
    assert told_flow("%ASA-6-302013", begun_asa) is None
    late = f"[UFW BLOCK] IN=e0 OUT= SRC={OUTSIDE} DST=10.0.0.1 PROTO=TCP SPT=443 DPT=4711 WINDOW=1 RES=0 ACK FIN "
    assert told_flow("kernel", late) is None
    assert told_flow("app", f"job src={OUTSIDE} dst=10.0.0.1 dport=99 done") is None
    assert told_flow("app", f"route {OUTSIDE} -> 10.0.0.1 over tcp is up") is None
    broken = "1,x,007,TRAFFIC,end,a\rb" + ",x" * 40
    assert told_flow("", broken) is None, "no cells, and no failure"
    begun = "1,x,007,TRAFFIC,start,2305,x,10.0.0.1,10.0.0.2,0.0.0.0,0.0.0.0" + ",x" * 30
    assert told_flow("", begun) is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("client @0x7f01 10.0.0.9#4711 (a.example): view in: query: a.example IN TXT +E(0)K (10.0.0.1)",
         ("dns", "10.0.0.9", "a.example", "TXT")),
        ("query[AAAA] a.example from 10.0.0.9", ("dns", "10.0.0.9", "a.example", "AAAA")),
        ("0F4C PACKET  00F3 UDP Rcv 10.0.0.9        0a1b   Q [0001   D   NOERROR] TXT    (1)a(7)example(0)",
         ("dns", "10.0.0.9", "a.example", "TXT")),
        ("[77:0] info: 10.0.0.9 a.example. A IN", ("dns", "10.0.0.9", "a.example", "A")),
        ("DHCPACK on 10.0.0.9 to 00:00:5E:00:53:07 (pump-7) via e0", ("dhcp", "10.0.0.9", None, None)),
        ("DHCPACK(e0) 10.0.0.9 00:00:5e:00:53:07 pump-7", ("dhcp", "10.0.0.9", None, None)),
    ],
)  # fmt: skip
def test_names_and_leases(message: str, expected: tuple[Any, ...]) -> None:
    told = told_name(message)
    assert told is not None
    assert tuple(told.get(name) for name in ("kind", "src_ip", "query", "qtype")) == expected
    if told["kind"] == "dhcp":
        assert (told["src_mac"], told["hostname"]) == ("00:00:5e:00:53:07", "pump-7")


def test_a_name_that_was_answered_or_denied_is_no_query() -> None:
    assert told_name("client 10.0.0.9#4711 (a.example): query (cache) 'a.example/ANY/IN' denied") is None
    assert told_name("the query was slow") is None


def test_audit_records(tmp_path: Path) -> None:
    text = (
        f"type=USER_LOGIN msg=audit(1700000000.5:41): pid=1 uid=0 "
        f"msg='op=login acct=\"root\" addr={OUTSIDE} res=failed'\n"
        'type=SYSCALL msg=audit(1700000001.5:42): syscall=59 pid=7 auid=1000 exe="/usr/bin/cat"\n'
        'type=EXECVE msg=audit(1700000001.5:42): argc=2 a0="cat" a1=2F6574632F736861646F77\n'
        "node=ward-1 type=ADD_USER msg=audit(1700000002.5:43): pid=8 msg='op=add-user acct=\"eve\" res=success'\n"
    )
    login, call, start, account = events(tmp_path, "audit.log", text)
    assert (login["kind"], login["action"], login["outcome"], login["user"]) == ("auth", "logon", "failure", "root")
    assert (login["ts"], login["src_ip"], call["kind"]) == (1700000000.5, OUTSIDE, "line")
    assert (start["kind"], start["image"], start["pid"]) == ("process", "/usr/bin/cat", 7)
    assert start["command_line"] == "cat /etc/shadow"
    assert (account["host"], account["action"], account["target_user"]) == ("ward-1", "account_created", "eve")


def test_files_of_lines_become_what_they_tell(tmp_path: Path) -> None:
    text = (
        f"2024-05-01 10:00:00,5 WARN app: Login failed for user anna from {OUTSIDE}\n"
        f"2024-05-01 10:00:01,5 INFO app: {OUTSIDE} GET /x 404\n"
        f"2024-05-01 10:00:02,5 fw DROP SRC={OUTSIDE} DST=10.0.0.1 PROTO=UDP SPT=1 DPT=2\n"
        "2024-05-01 10:00:03,5 INFO app: ready\n"
    )
    assert [e["kind"] for e in events(tmp_path, "app.log", text)] == ["auth", "web", "flow", "line"]


def test_json_of_servers_and_clouds(tmp_path: Path) -> None:
    text = (
        f'{{"ts": 1700000000.5, "msg": "handled", "request": {{"remote_ip": "{OUTSIDE}", '
        '"method": "GET", "uri": "/x"}, "status": 404, "level": "info"}\n'
        f'{{"ts": 1700000001.5, "level": "warn", "message": "invalid password", "ip": "{OUTSIDE}", "user": "anna"}}\n'
        f'{{"Records": [{{"eventTime": "2024-05-01T10:00:00Z", "eventName": "ConsoleLogin", '
        f'"sourceIPAddress": "{OUTSIDE}", '
        '"userIdentity": {"userName": "anna"}, "responseElements": {"ConsoleLogin": "Failure"}}, '
        '{"eventTime": "2024-05-01T10:00:01Z", "eventName": "ListBuckets"}]}\n'
        '{"@timestamp": "2024-05-01T10:00:02Z", "event": {"category": ["authentication"], "outcome": "failure"}, '
        f'"user": {{"name": "anna"}}, "source": {{"ip": "{OUTSIDE}"}}, "message": "x"}}\n'
    )
    request, refused, cloud, other, ecs = events(tmp_path, "app.json", text)
    assert (request["kind"], request["uri"], request["status"], request["src_ip"]) == ("web", "/x", 404, OUTSIDE)
    for one in (refused, cloud, ecs):
        assert (one["kind"], one["outcome"], one["user"], one["src_ip"]) == ("auth", "failure", "anna", OUTSIDE)
    assert (other["kind"], other["event_code"]) == ("line", "ListBuckets")


@pytest.mark.parametrize(
    "line",
    [
        "[18/Jan/2024 06:41:25] x", "18-Jan-2024 06:41:25.000 x", "Thu, 18 Jan 2024 07:41:25 +0100 x",
        "date=2024-01-18 time=06:41:25 x", "18.01.2024 06:41:25 x", "1/18/2024 6:41:25 AM x",
        "<W>2024-01-18 06:41:25 x", "type=X msg=audit(1705560085.0:1): x",
        "01/18/2024-06:41:25.000000  [**] x",
    ],
)  # fmt: skip
def test_times_of_many_programs(tmp_path: Path, line: str) -> None:
    (one,) = events(tmp_path, "some.log", line + "\n")
    assert one["ts"] == 1705560085.0


def test_w3c_logs(tmp_path: Path) -> None:
    columns = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status"
    text = (
        f"#Software: x\n#Fields: {columns}\n"
        f"2024-05-01 10:00:00 10.0.0.5 GET /a id=1 443 X\\anna {OUTSIDE} Probe/1+(x) 200\n"
        "2024-05-01 10:00:01 10.0.0.5 GET /a\n"
        f"#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2024-05-01 10:00:02 {OUTSIDE} POST /b 401\n"
    )
    first, bad, second = read(tmp_path, "u_ex.log", text)
    one, two = fields(first), fields(second)
    assert letters([bad])[0].position == "line 4"
    assert (one["kind"], one["uri"], one["status"], one["src_ip"]) == ("web", "/a?id=1", 200, OUTSIDE)
    assert (one["user_agent"], one["host"], two["method"], two["status"]) == ("Probe/1 (x)", "10.0.0.5", "POST", 401)


def test_squid(tmp_path: Path) -> None:
    text = (
        f"1700000000.123     4 10.0.0.9 TCP_MISS/200 4099 GET http://a.example:8080/x?y=1 anna "
        f"HIER_DIRECT/{OUTSIDE} text/html\n"
        "1700000001.000   210 10.0.0.9 TCP_TUNNEL/200 5120 CONNECT b.example:443 - HIER_NONE/- -\n"
    )
    got, tunnel = events(tmp_path, "access.log", text)
    assert (got["kind"], got["host"], got["uri"], got["dst_port"], got["user"]) == (
        "http", "a.example", "/x?y=1", 8080, "anna",
    )  # fmt: skip
    assert (tunnel["method"], tunnel["host"], tunnel["dst_port"], tunnel["bytes_in"]) == (
        "CONNECT", "b.example", 443, 5120,
    )  # fmt: skip

"""SMB, Kerberos, NTLM, RPC and TLS: habits are learned, roll-outs and popular places stay quiet."""

import numpy as np

from detectors.played import START, played
from pipeline.detectors.network.arp_spoofing import ArpSpoofing
from pipeline.detectors.network.pass_the_hash import PassTheHash
from pipeline.detectors.network.ransomware import Ransomware
from pipeline.detectors.network.remote_service_exec import RemoteServiceExec
from pipeline.detectors.network.rogue_dhcp import RogueDhcp
from pipeline.detectors.network.tls_oddity import TlsOddity
from pipeline.features.lists import Lists

DAY_S = 86_400.0
CALL = {"kind": "other", "name": "dce_rpc", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.20"}
SERVICE = CALL | {"detail": '{"endpoint":"svcctl","operation":"CreateServiceW"}'}


def test_what_a_management_server_does_for_a_day_is_known() -> None:
    before = SERVICE | {"ts": START - DAY_S - 9.0, "dst_ip": "10.0.0.7"}
    same_group = [before | {"src_ip": f"10.0.0.{k}"} for k in range(30, 90)]
    scores = played(RemoteServiceExec, same_group + [SERVICE | {"ts": START + 7200.0 * k} for k in range(20)])[60:]
    assert scores[0] >= 0.5 and (scores[14:] < 0.5).all()


BEFORE = SERVICE | {"ts": START - 4 * 3600.0, "src_ip": "10.0.0.8", "dst_ip": "10.0.0.7"}


def _many(ts: float) -> list[dict[str, object]]:
    """So many hosts that a service made is everyday work."""
    return [{"kind": "flow", "ts": ts, "src_ip": f"10.0.5.{k}", "dst_ip": "10.0.0.7"} for k in range(120)]


def _same_group(event: dict[str, object]) -> list[dict[str, object]]:
    """The event of so many machines that some are of any key group, among as many others."""
    return [*_many(float(str(event["ts"]))), *(event | {"src_ip": f"10.0.3.{k}"} for k in range(60))]


def _spread(ts: float, n: int, step_s: float = 60.0) -> list[dict[str, object]]:
    return [SERVICE | {"ts": ts + step_s * k, "dst_ip": f"10.0.{k // 200}.{30 + k % 200}"} for k in range(n)]


def test_an_administrator_at_work_on_the_first_day() -> None:
    day = [SERVICE | {"ts": START + 600.0 * k} for k in range(9)]
    assert np.nanmax(played(RemoteServiceExec, _many(START) + day)) < 0.5 <= np.nanmin(played(RemoteServiceExec, day))
    assert np.nanmax(played(RemoteServiceExec, [*_same_group(BEFORE), *_spread(START, 30)])) >= 0.5


def test_in_the_first_hours_a_roll_out_is_no_news() -> None:
    assert np.nanmax(played(RemoteServiceExec, _many(START) + _spread(START, 30))) < 0.5


def test_who_calls_new_machines_hour_by_hour_may_go_on() -> None:
    """Twelve an hour for eight hours; who begins with as many is found."""
    steady = [*_same_group(BEFORE), *_spread(START - 3 * 3600.0, 96, 300.0)]
    sudden = [*_same_group(BEFORE), *_spread(START, 96, 300.0)]
    assert np.nanmax(played(RemoteServiceExec, steady)) < 0.5 <= np.nanmax(played(RemoteServiceExec, sudden))


def test_an_account_that_uses_new_machines_hour_by_hour_may_go_on() -> None:
    logon = {"kind": "auth", "service": "ntlm", "outcome": "success", "src_ip": "10.0.0.9", "user": "svc"}
    first = _same_group(logon | {"ts": START - 4 * 3600.0, "dst_ip": "10.0.0.7"})
    steps = [logon | {"ts": 300.0 * k, "dst_ip": f"10.0.1.{k}"} for k in range(96)]
    steady = [e | {"ts": e["ts"] + START - 3 * 3600.0} for e in steps]
    sudden = [e | {"ts": e["ts"] + START} for e in steps]
    assert np.nanmax(played(PassTheHash, first + steady)) < 0.5 <= np.nanmax(played(PassTheHash, first + sudden))


FLOW: dict[str, object] = {
    "kind": "flow",
    "proto": "tcp",
    "src_ip": "10.0.0.9",
    "dst_port": 3389,
    "bytes_out": 4000,
    "bytes_in": 9000,
}
ROUND = [FLOW | {"ts": START - 6 * 3600.0 + 1200.0 * k, "dst_ip": f"10.0.7.{k}"} for k in range(12)]
"""An administrator's desk: a machine every twenty minutes by remote desktop, for hours."""
LONG_AGO = [
    *_many(START - 2 * DAY_S),
    *[FLOW | {"ts": START - 2 * DAY_S, "src_ip": f"10.0.8.{k}", "dst_ip": "10.0.0.7"} for k in range(60)],
]


def test_an_administrators_desk_makes_a_service_after_the_first_day() -> None:
    few = [*_spread(START, 3), SERVICE | {"ts": START + 9000.0}]
    assert np.nanmax(played(RemoteServiceExec, LONG_AGO + ROUND + few)) < 0.5
    assert np.nanmax(played(RemoteServiceExec, LONG_AGO + few)) >= 0.5
    put = {"kind": "file", "action": "SMB::FILE_WRITE", "share": "\\\\PC\\ADMIN$", "filename": "x.exe", "name": None}
    with_program = [e | extra for e in _spread(START, 30) for extra in (put | {"detail": None}, {})]
    assert np.nanmax(played(RemoteServiceExec, LONG_AGO + ROUND + with_program[:10])) < 0.5
    assert np.nanmax(played(RemoteServiceExec, LONG_AGO + ROUND + with_program)) >= 0.5


def test_a_hash_in_use_from_an_administrators_desk_takes_more() -> None:
    logon = {
        "kind": "auth",
        "service": "ntlm",
        "outcome": "success",
        "src_ip": "10.0.0.9",
        "user": "it",
        "dst_port": 445,
    }
    share = {"kind": "file", "action": "map", "src_ip": "10.0.0.9", "share": "\\\\PC\\ADMIN$", "service": "smb"}
    first = _same_group(logon | {"ts": START - 2 * DAY_S, "dst_ip": "10.0.0.7"})
    few, many = (
        [e | {"ts": START + 60.0 * k, "dst_ip": f"10.0.1.{k}"} for k in range(n) for e in (logon, share)]
        for n in (4, 16)
    )
    assert np.nanmax(played(PassTheHash, first + ROUND + few)) < 0.5 <= np.nanmax(played(PassTheHash, first + few))
    assert np.nanmax(played(PassTheHash, first + ROUND + many)) < np.nanmax(played(PassTheHash, first + many))


def test_servers_that_many_use_by_old_logons_do_not_count() -> None:
    logon = {"kind": "auth", "service": "ntlm", "outcome": "success", "user": "m.lane", "src_ip": "10.0.0.9"}
    servers = [f"10.0.1.{k}" for k in range(12)]
    others = [
        logon | {"ts": START - 4 * 3600.0 + k, "src_ip": f"10.0.3.{k}", "dst_ip": server, "user": f"u{k}"}
        for server in servers for k in range(60)
    ]  # fmt: skip
    visits = [logon | {"ts": START + 60.0 * k, "dst_ip": server} for k, server in enumerate(servers)]
    first = _same_group(logon | {"ts": START - 4 * 3600.0, "dst_ip": "10.0.0.7"})
    assert np.nanmax(played(PassTheHash, others + visits)) < 0.5 <= np.nanmax(played(PassTheHash, first + visits))


def test_management_servers_of_the_inventory_are_left_out() -> None:
    lists = Lists(devices={"10.0.0.9": {"class": "domain controller"}})
    assert np.isnan(played(RemoteServiceExec, [SERVICE | {"ts": START}], lists)[0])


def test_a_server_to_which_machines_report_may_install() -> None:
    report = {"kind": "flow", "dst_ip": "10.0.0.9", "dst_port": 8530, "bytes_in": 900}
    reports = [report | {"ts": START + k, "src_ip": f"10.0.1.{k}"} for k in range(200)]
    before, spread = _same_group(BEFORE), _spread(START + 300.0, 30, 1.0)
    quiet = np.nanmax(played(RemoteServiceExec, before + reports + spread))
    assert quiet < 0.5 < np.nanmax(played(RemoteServiceExec, before + spread))


def test_a_program_and_a_service_weigh_more_than_either() -> None:
    put = {"kind": "file", "action": "SMB::FILE_WRITE", "share": "\\\\PC\\ADMIN$", "filename": "x.exe"}
    ends = {"src_ip": "10.0.0.9", "dst_ip": "10.0.0.20"}
    both = played(RemoteServiceExec, [put | ends | {"ts": START}, SERVICE | {"ts": START + 9}])
    assert both[1] > played(RemoteServiceExec, [SERVICE | {"ts": START}])[0]


def test_an_ending_in_use_is_known_after_a_day() -> None:
    def spread(ts: float) -> list[dict[str, object]]:
        smb = {"kind": "file", "action": "SMB::FILE_RENAME", "src_ip": "10.0.0.9", "share": "s"}
        old = [f"a\\scan-{k}.jpg" for k in range(40)]
        return [smb | {"ts": ts + k, "filename": n + ".qvf", "previous_filename": n} for k, n in enumerate(old)]

    scores = played(Ransomware, spread(START) + spread(START + 2 * DAY_S))
    assert scores[:40].max() >= 0.5 > scores[40:].max()


def test_anonymous_and_failed_logons_are_no_stolen_hash() -> None:
    logon = {"kind": "auth", "service": "ntlm", "outcome": "failure", "src_ip": "10.0.0.9", "user": "m.lane"}
    failed = [logon | {"ts": START + k, "dst_ip": f"10.0.0.{k}"} for k in range(30)]
    nameless = [{**d, "outcome": "success", "user": ""} for d in failed]
    assert np.isnan(played(PassTheHash, failed + nameless)).all()


def test_gratuitous_replies_of_one_owner_are_quiet() -> None:
    arp = {"kind": "other", "name": "arp", "src_ip": "10.0.0.1", "src_mac": "00:1b:21:3a:4f:10"}
    other = arp | {"src_mac": "00:0c:29:77:01:02"}
    scores = played(ArpSpoofing, [*(arp | {"ts": START + k} for k in range(90)), other | {"ts": START + 91}])
    assert np.nanmax(scores) == 0.0


def test_a_second_server_at_the_start_is_a_twin() -> None:
    lease = {"kind": "dhcp", "src_ip": "10.0.0.9", "assigned_ip": "10.0.0.9"}
    leases = [lease | {"ts": START + 60.0 * k, "dst_ip": f"10.0.0.{2 + (k % 3 == 0)}"} for k in range(200)]
    assert np.nanmax(played(RogueDhcp, leases)) < 0.5


def test_what_others_visit_is_less_odd() -> None:
    odd = {"kind": "tls", "dst_ip": "203.0.113.9", "dst_port": 4443, "subject": "CN=x", "issuer": "CN=x"}
    alone = played(
        TlsOddity, [odd | {"ts": START, "src_ip": "10.0.0.9", "subject": "CN=xkqjzvwpth", "issuer": "CN=xkqjzvwpth"}]
    )
    many = played(TlsOddity, [odd | {"ts": START + k, "src_ip": f"10.0.{k}.9"} for k in range(200)])
    assert alone[0] >= 0.5 > many[60:].max()


def test_a_part_of_the_system_put_on_another_machine_is_told_on_the_first_day() -> None:
    ends = {
        "src_ip": "10.0.0.9",
        "dst_ip": "10.0.0.20",
        "kind": "file",
        "ts": START,
        "action": "SMB2_FILE_OVERWRITE_IF",
    }
    told = [
        float(np.nan_to_num(played(RemoteServiceExec, [ends | more])[0]))
        for more in (
            {"filename": "Windows\\System32\\wlx.dll"},
            {"filename": "System32\\wlx.dll", "share": "\\\\PC7\\ADMIN$"},
            {"filename": "Windows\\System32\\spool\\drivers\\x64\\3\\p.dll"},
            {"filename": "backup\\System32\\wlx.dll", "share": "\\\\file1\\images"},
            {"filename": "Windows\\System32\\wlx.dll", "action": "SMB2_COMMAND_CREATE"},
        )
    ]
    assert min(told[:2]) >= 0.5 > max(told[2:])


def test_the_share_of_pipes_is_none_for_administrators() -> None:
    opened = {"kind": "file", "action": "map", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.20", "ts": START}
    scores = {
        share: np.nanmax(np.nan_to_num(played(RemoteServiceExec, [opened | {"share": share}])))
        for share in ("\\\\srv\\IPC$", "\\\\srv\\C$", "ADMIN$", "\\\\srv\\abc$")
    }
    assert [name for name, score in scores.items() if score >= 0.5] == ["\\\\srv\\C$", "ADMIN$"]


def test_an_account_that_does_not_sit_where_it_logs_on_from() -> None:
    logon = {"kind": "auth", "service": "ntlm", "outcome": "success", "src_ip": "10.0.0.9", "user": "admin"}
    ticket = logon | {"service": "kerberos", "request_type": "AS", "dst_ip": "10.0.0.2", "user": "nurse7"}
    watched = _same_group(logon | {"ts": START - 4 * 3600.0, "dst_ip": "10.0.0.7", "user": "other"})
    few = [logon | {"ts": START + 900.0 * k, "dst_ip": f"10.0.1.{k}"} for k in range(4)]

    def highest(before: list[dict[str, object]], then: list[dict[str, object]]) -> float:
        return float(np.nanmax(played(PassTheHash, [*watched, *before, *then])[-len(then) :]))

    sits = [ticket | {"ts": START - 3600.0 + 600.0 * k} for k in range(5)]
    assert highest(sits, few) >= 0.5 > highest([], few)
    assert highest(sits, few[:2]) < 0.5
    assert highest([e | {"request_type": "TGS"} for e in sits], few) < 0.5
    at_home = [e | {"user": "admin", "ts": START - 7200.0} for e in sits[:1]]
    assert highest([*at_home, *sits], few) < 0.5

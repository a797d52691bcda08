"""Log-ons to databases are read from packets: who, with what outcome; never what is asked or stored."""

from pathlib import Path
from typing import Any

import pytest
from captured import SYN, Talk, pcap
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events
from log_on_words import (
    bson,
    ldap,
    mysql,
    mysql_login,
    op_msg,
    postgres,
    startup,
    tds,
    tds_error,
    tds_login,
)  # fmt: skip

GREETING = mysql(0, b"\x0a8.0.36-log\0\1\0\0\0saltsalt\0")
DENIED = mysql(2, b"\xff\x15\x04#28000Access denied for user 'root'@'10.0.0.5' (using password: YES)")
QUERY = mysql(0, b"\x03select name from patients where name = 'Jane Roe'")
SCRAM = b"n,,n=biomed=2Cx,r=abcd"
DONE = op_msg(b"\x08done\0\1\x01ok\0" + b"\0\0\0\0\0\0\xf0\x3f")
FAILED = op_msg(b"\x01ok\0" + b"\0" * 8 + b"\x02codeName\0\x15\0\0\0AuthenticationFailed\0")


def _said(port: int, *words: tuple[bool, bytes]) -> Talk:
    talk = Talk(server=("10.0.0.30", port)).begin()
    for mine, said in words:
        talk.send(said, mine=mine)
    return talk.finish()


def _log_ons(folder: Path, talk: Talk) -> list[dict[str, Any]]:
    found = events(folder, "x.pcap", pcap(talk.frames))
    assert "Jane Roe" not in str(found) and "pwd?" not in str(found), "neither patients nor passwords"
    return [e for e in found if e["kind"] == "auth"]


def test_mysql(tmp_path: Path) -> None:
    refused = _said(3_306, (False, GREETING), (True, mysql_login(b"root")), (False, DENIED))
    (row,) = _log_ons(tmp_path, refused)
    assert (row["user"], row["outcome"], row["service"], row["dst_ip"]) == ("root", "failure", "mysql", "10.0.0.30")
    assert row["error"].startswith("Access denied for user 'root'")
    asked = mysql(2, b"\xfemysql_native_password\0salt")
    entered = _said(
        3_306, (False, GREETING), (True, mysql_login(b"etl")), (False, asked), (True, mysql(3, b"s" * 20)),
        (False, mysql(4, b"\0\0\0")), (True, QUERY), (False, mysql(1, b"\0\0\0")),
    )  # fmt: skip
    (row,) = _log_ons(tmp_path, entered)
    assert (row["user"], row["outcome"], row["request_type"]) == ("etl", "success", "login")
    (row,) = _log_ons(tmp_path, _said(3_306, (False, GREETING), (True, mysql_login(b"old", can=0))))
    assert (row["user"], row["outcome"]) == ("old", "unknown"), "before 4.1, and nobody answered"


def test_a_server_says_its_version(tmp_path: Path) -> None:
    found = events(tmp_path, "x.pcap", pcap(_said(3_306, (False, GREETING)).frames))
    assert [(e["software"], e["version"]) for e in found if e["kind"] == "software"] == [("MySQL", "8.0.36-log")]


@pytest.mark.parametrize(("answer", "outcome"), [(postgres(b"R", b"\0\0\0\0"), "success"),
    (postgres(b"E", b"SFATAL\0C28P01\0Mpassword authentication failed\0\0"), "failure")])  # fmt: skip
def test_postgresql(tmp_path: Path, answer: bytes, outcome: str) -> None:
    words = startup(b"etl")
    talk = _said(
        5_432, (True, b"\0\0\0\x08\x04\xd2\x16\x2f"), (False, b"N"), (True, words[:9]), (True, words[9:]),
        (False, postgres(b"R", b"\0\0\0\5salt")), (True, postgres(b"p", b"md5pwd?\0")), (False, answer[:7]),
        (False, answer[7:]), (True, postgres(b"Q", b"select 'Jane Roe'\0")),
    )  # fmt: skip
    (row,) = _log_ons(tmp_path, talk)
    assert (row["user"], row["target"], row["client"], row["outcome"]) == ("etl", "ward", "psql", outcome)
    assert row.get("error") == (None if outcome == "success" else "28P01 password authentication failed")


def test_sql_server(tmp_path: Path) -> None:
    before = (True, tds(0x12, b"\0\0\x1a\0\6\1\0\x20\0\1\2\xff" + b"\0" * 8))
    refused = (False, tds_error(18456, "Login failed for user 'sa'."))
    (row,) = _log_ons(tmp_path, _said(1_433, before, (True, tds_login("WS-7", "sa")), refused))
    assert (row["user"], row["client"], row["outcome"]) == ("sa", "WS-7", "failure")
    assert row["error"] == "18456 Login failed for user 'sa'."
    entered = (False, tds(4, b"\xe3\1\0x\xad\1\0x\xfd" + b"\0" * 12))
    (row,) = _log_ons(tmp_path, _said(1_433, (True, tds_login("WS-7", "sa")), entered, (True, tds(1, b"Jane Roe"))))
    assert (row["user"], row["outcome"]) == ("sa", "success")
    sealed = _said(
        1_433, before, (True, tds(0x12, b"\x16\x03\x01\0\5\1")), (True, b"\x17\x03\x03" + b"x" * 40), refused
    )
    (row,) = _log_ons(tmp_path, sealed)
    assert (row["user"], row["outcome"]) == ("sa", "failure"), "who was refused, the answer says"
    assert not _log_ons(tmp_path, _said(1_433, before, (False, tds_error(208, "Invalid object name 'x'."))))


@pytest.mark.parametrize(("answer", "outcome"), [(DONE, "success"), (FAILED, "failure")])
def test_mongodb(tmp_path: Path, answer: bytes, outcome: str) -> None:
    begun = bson(b"", mechanism=b"SCRAM-SHA-256", said=SCRAM)
    going_on = op_msg(b"\x08done\0\0\x01ok\0" + b"\0\0\0\0\0\0\xf0\x3f")
    talk = _said(
        27_017, (True, begun), (False, going_on), (True, op_msg(b"\x10saslContinue\0\1\0\0\0")), (False, answer)
    )
    (row,) = _log_ons(tmp_path, talk)
    assert (row["user"], row["request_type"], row["outcome"]) == ("biomed,x", "SCRAM-SHA-256", outcome)
    assert row.get("error") == ("AuthenticationFailed" if outcome == "failure" else None)


def _resp(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


@pytest.mark.parametrize("size", [2, 7, 4_096])
def test_redis(tmp_path: Path, size: int) -> None:
    asked = [
        _resp(b"AUTH", b"pwd?"), _resp(b"SET", b"patient:7", b"Jane Roe" * 40), _resp(b"AUTH", b"app", b"pwd?"),
        _resp(b"CONFIG", b"SET", b"dir", b"/var/spool/cron/"), _resp(b"CONFIG", b"SET", b"requirepass", b"pwd?"),
        _resp(b"LRANGE", b"x", b"0", b"-1"), _resp(b"SLAVEOF", b"198.51.100.9", b"8888"),
        _resp(b"MODULE", b"LOAD", b"/tmp/exp.so"), _resp(b"HELLO", b"3", b"AUTH", b"nurse", b"pwd?"),
    ]  # fmt: skip
    answers = [
        b"-WRONGPASS invalid\r\n", b"+OK\r\n", b"+OK\r\n", b"+OK\r\n", b"+OK\r\n",
        b"*2\r\n$8\r\nJane Roe\r\n*2\r\n:1\r\n$-1\r\n", b"+OK\r\n", b"-ERR no\r\n", b"%1\r\n+server\r\n+redis\r\n",
    ]  # fmt: skip
    talk = Talk(server=("10.0.0.30", 6_379)).begin()
    for words, mine in ((b"".join(asked), True), (b"".join(answers), False)):
        for at in range(0, len(words), size):
            talk.send(words[at : at + size], mine=mine)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert "Jane" not in str(found) and "pwd" not in str(found)
    assert [(e["user"], e["outcome"]) for e in found if e["kind"] == "auth"] == [
        ("default", "failure"), ("app", "success"), ("nurse", "success"),
    ]  # fmt: skip
    told = [e["detail"] for e in found if e["kind"] == "other"]
    assert ['"dir"' in told[0], "/var/spool/cron/" in told[0], "requirepass" in told[1]] == [True] * 3
    assert "198.51.100.9 8888" in told[2] and '"success":false' in told[3] and len(told) == 4
    assert found[-1]["service"] == "redis"


def test_redis_is_asked_many_things_at_once(tmp_path: Path) -> None:
    asked = _resp(b"AUTH", b"app", b"pwd?") + _resp(b"GET", b"x") * 999 + _resp(b"AUTH", b"nurse", b"pwd?")
    talk = Talk(server=("10.0.0.30", 6_379)).begin()
    for at in range(0, len(asked), 1_400):
        talk.send(asked[at : at + 1_400])
    talk.send(b"-WRONGPASS\r\n" + b"$-1\r\n" * 999 + b"+OK\r\n", mine=False)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert [(e["user"], e["outcome"]) for e in found if e["kind"] == "auth"] == [
        ("app", "failure"), ("nurse", "success"),
    ]  # fmt: skip


WORDS = (
    GREETING, mysql_login(b"root"), DENIED, QUERY, startup(b"a"), postgres(b"R", b"\0\0\0\0"), postgres(b"E", b"Mx\0"),
    tds(0x12, b"\0"), tds_login("a", "b"), tds_error(18456, "x"), bson(b"", mechanism=b"PLAIN", said=b"\0a\0b"), DONE,
    _resp(b"AUTH", b"x"), b"*9\r\n", b"*99999999\r\n", b"-ERR\r\n", b">2\r\n", b"\r\n", ldap(1, 0x60), b"x" * 5_000,
)  # fmt: skip
FIRST = (GREETING, startup(b"a"), tds(0x12, b"\0\0"), bson(b"", mechanism=b"PLAIN", said=b"\0a\0b"), _resp(b"PING"))


@settings(max_examples=300, deadline=None)
@given(
    first=st.sampled_from(FIRST),
    said=st.lists(st.tuples(st.sampled_from(WORDS) | st.binary(max_size=9), st.booleans()), max_size=12),
    where=st.integers(0, 60), what=st.binary(max_size=4),
)  # fmt: skip
def test_no_words_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, first: bytes, said: list[tuple[bytes, bool]], where: int, what: bytes
) -> None:
    talk = Talk(server=("10.0.0.30", 3_306)).send(flags=SYN).send(first, mine=first is not GREETING)
    for words, mine in said:
        talk.send(words[:where] + what + words[where + len(what) :], mine=mine)
    found = events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(talk.frames))
    assert found[-1]["kind"] == "flow" and not [e for e in found if "_unread" in str(e.get("detail"))]

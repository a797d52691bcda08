"""What is asked of directories is read from packets: log-ons, changes and searches; no passwords, no values."""

import json
from pathlib import Path
from typing import Any

import pytest
from captured import SYN, Talk, pcap
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events
from log_on_words import ber, ldap, ldap_result, search
from windows_words import answer_token, challenge_token, negotiate_token

SERVER = ("10.0.0.2", 389)
BASE = b"DC=hospital,DC=example"


def _bind(number: int, name: bytes, secret: bytes = b"t0psecret") -> bytes:
    return ldap(number, 0x60, ber(2, b"\3"), ber(4, name), ber(0x80, secret))


def _equal(name: bytes, value: bytes) -> bytes:
    return ber(0xA3, ber(4, name), ber(4, value))


def _events(folder: Path, *words: tuple[bool, bytes], size: int = 4_096) -> list[dict[str, Any]]:
    talk = Talk(server=SERVER).begin()
    for mine, said in words:
        for at in range(0, len(said), size):
            talk.send(said[at : at + size], mine=mine)
    found = events(folder, "x.pcap", pcap(talk.finish().frames))
    assert "t0psecret" not in str(found)
    return found


def _details(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [json.loads(e["detail"]) for e in found if e["kind"] == "other" and e["name"] == name]


@pytest.mark.parametrize("size", [16, 4_096])
def test_simple_binds_are_log_ons(tmp_path: Path, size: int) -> None:
    found = _events(
        tmp_path, (True, _bind(1, b"cn=svc-scan,dc=hospital")),
        (False, ldap_result(1, 0x61, 49, b"AcceptSecurityContext error, data 52e")), (True, _bind(2,
        b"nurse7@hospital")),
        (False, ldap_result(2, 0x61, 0)), (True, _bind(3, b"")), (False, ldap_result(3, 0x61, 0)),
        (True, _bind(4, b"x") + _bind(5, b"y")), (False, ldap_result(5, 0x61, 53)), size=size,
    )  # fmt: skip
    assert [(e["user"], e["outcome"], e.get("error")) for e in found if e["kind"] == "auth"] == [
        ("cn=svc-scan,dc=hospital", "failure", "AcceptSecurityContext error, data 52e"),
        ("nurse7@hospital", "success", None), ("y", "unknown", "unwilling to perform"), ("x", "unknown", None),
    ]  # fmt: skip
    assert [row["opcode"] for row in _details(found, "ldap")] == ["bind simple"], "of nobody it is no log-on"
    assert found[-1]["service"] == "ldap_tcp"


def test_searches_are_told_once(tmp_path: Path) -> None:
    roast = ber(0xA0, ber(0x87, b"servicePrincipalName"), ber(0xA2, _equal(b"objectCategory", b"computer")))
    asleep = ber(0xA9, ber(0x81, b"1.2.840.113556.1.4.803"), ber(0x82, b"userAccountControl"), ber(0x83, b"4194304"))
    parts = ber(0xA4, ber(4, b"cn"), ber(0x30, ber(0x80, b"a"), ber(0x81, b"b"), ber(0x82, b"c")))
    entry = ber(4, b"cn=x"), ber(0x30)
    found = _events(
        tmp_path, (True, search(2, BASE, roast, b"sAMAccountName")), (False, ldap(2, 0x64, *entry) * 3),
        (False, ldap_result(2, 0x65, 0)), (True, search(3, BASE, asleep)), (True, search(4, BASE, parts)),
        (True, search(5, BASE, roast)), (False, ldap_result(5, 0x65, 0)),
    )  # fmt: skip
    first, *others = _details(found, "ldap_search")
    assert (first["filter"], first["scope"], first["base_object"], first["result_count"], first["attributes"]) == (
        "(&(servicePrincipalName=*)(!(objectCategory=computer)))", "tree", BASE.decode(), 3, ["sAMAccountName"],
    )  # fmt: skip
    assert [row["filter"] for row in others] == [
        "(userAccountControl:1.2.840.113556.1.4.803:=4194304)", "(cn=a*b*c)",
    ], "one that is repeated is told once"  # fmt: skip


def test_what_is_never_answered_makes_nobody_deaf(tmp_path: Path) -> None:
    asked = [(True, search(k, BASE, _equal(b"cn", b"%d" % k))) for k in range(1, 65)]
    found = _events(tmp_path, *asked, (True, _bind(70, b"nurse7")), (False, ldap_result(70, 0x61, 49)))
    assert [(e["user"], e["outcome"]) for e in found if e["kind"] == "auth"] == [("nurse7", "failure")]
    assert len(_details(found, "ldap_search")) == 64


def test_code_that_a_directory_hands_out(tmp_path: Path) -> None:
    entry = ber(4, b"a"), ber(0x30, ber(0x30, ber(4, b"javaCodeBase"), ber(0x31, ber(4, b"http://198.51.100.9/"))))
    words = search(2, b"a", ber(0x87, b"objectClass")), ldap(2, 0x64, *entry), ldap_result(2, 0x65, 0)
    (row,) = _details(_events(tmp_path, (True, words[0]), (False, words[1] + words[2])), "ldap_search")
    assert row["code"] == ["javacodebase"] and row["filter"] == "(objectClass=*)"


def test_changes_are_told_without_values(tmp_path: Path) -> None:
    change = ber(0x30, ber(10, b"\2"), ber(0x30, ber(4, b"unicodePwd"), ber(0x31, ber(4, b"t0psecret"))))
    modify = ldap(2, 0x66, ber(4, b"CN=dc1"), ber(0x30, change))
    new = ldap(3, 0x68, ber(4, b"CN=evil$"), ber(0x30))
    found = _events(
        tmp_path, (True, _bind(1, b"") + modify + new), (False, ldap_result(2, 0x67, 0) + ldap_result(3, 0x69, 50))
    )
    rows = [row for row in _details(found, "ldap") if row["message_id"] > 1]
    assert [(row["opcode"], row["object"], row["result"]) for row in rows] == [
        ("modify", "CN=dc1", "success"), ("add", "CN=evil$", "insufficient access rights"),
    ]  # fmt: skip
    assert rows[0]["argument"] == "replace(unicodePwd)"


@pytest.mark.parametrize(("code", "outcome"), [(0, "success"), (49, "failure")])
def test_logons_by_ntlm(tmp_path: Path, code: int, outcome: str) -> None:
    def sasl(number: int, token: bytes) -> bytes:
        return ldap(number, 0x60, ber(2, b"\3"), ber(4), ber(0xA3, ber(4, b"GSS-SPNEGO"), ber(4, token)))

    asked = ldap(1, 0x61, ber(10, b"\x0e"), ber(4), ber(4), ber(0x87, challenge_token()))
    found = _events(
        tmp_path, (True, sasl(1, negotiate_token())), (False, asked), (True, sasl(2, answer_token("m.lane"))),
        (False, ldap_result(2, 0x61, code)), (True, b"\0\0\0\x20" + b"sealed" * 9),
    )  # fmt: skip
    (logon,) = [e for e in found if e["kind"] == "auth"]
    assert (logon["service"], logon["user"], logon["outcome"]) == ("ntlm", "m.lane", outcome)
    assert [row["argument"] for row in _details(found, "ldap")] == ["GSS-SPNEGO"] * 2


WORDS = (
    _bind(1, b"a"), search(2, BASE, _equal(b"a", b"b")), ldap_result(1, 0x61, 49), ldap_result(2, 0x65, 0),
    ldap(2, 0x64, ber(4, b"x"), ber(0x30)), ldap(3, 0x66, ber(4, b"x"), ber(0x30, ber(0x30))),
    b"\x30\x84\xff\xff\xff\xff",
    ldap(4, 0x63, *[b"\x04\0"] * 8), search(5, b"", b"\xa2\x02" * 40), b"NTLMSSP\0\3\0\0\0", b"\0\0\0\x09x",
    b"x" * 5_000,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    said=st.lists(st.tuples(st.sampled_from(WORDS) | st.binary(max_size=9), st.booleans()), max_size=10),
    where=st.integers(0, 60), what=st.binary(max_size=4),
)  # fmt: skip
def test_no_words_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[bytes, bool]], where: int, what: bytes
) -> None:
    talk = Talk(server=SERVER).send(flags=SYN).send(_bind(1, b"a"))
    for words, mine in said:
        talk.send(words[:where] + what + words[where + len(what) :], mine=mine)
    found = events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(talk.frames))
    assert found[-1]["service"] == "ldap_tcp" and not [e for e in found if "_unread" in str(e)]

"""Who is let in is read from packets: RADIUS, shared screens, telephones, proxies."""

import json
from pathlib import Path
from typing import Any

import pytest
from captured import CLIENT, SYN, Frames, Talk, pcap, udp
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events
from log_on_words import radius

GATE, RADIUS = ("10.0.0.9", 40_000), ("10.0.0.3", 1_812)


def _datagrams(*said: tuple[bool, bytes], ends: Any = (GATE, RADIUS)) -> Frames:
    return [(1.7e9 + k, udp(ends[not mine], ends[mine], words)) for k, (mine, words) in enumerate(said)]


def _auths(folder: Path, frames: Frames) -> list[dict[str, Any]]:
    found = events(folder, "x.pcap", pcap(frames))
    assert "t0psecret" not in str(found)
    return [e for e in found if e["kind"] == "auth"]


def test_radius_is_of_who_calls(tmp_path: Path) -> None:
    vpn = radius(1, 7, (1, b"nurse7"), (2, b"t0psecret" + b"\0" * 7), (31, b"203.0.113.9"))
    wifi = radius(1, 8, (1, b"host/pump-5"), (31, b"84-7B-E9-00-00-09"), (4, bytes((10, 0, 0, 9))))
    found = _auths(
        tmp_path,
        _datagrams(
            (True, vpn), (False, radius(3, 7, (18, b"no"))), (True, wifi), (False, radius(11, 8)),
            (True, radius(1, 9, (1, b"host/pump-5"), (31, b"84-7B-E9-00-00-09"))),
            (False, radius(2, 9, (8, bytes((10, 0, 0, 77))))), (True, radius(1, 10, (1, b"lost"))), (True, b"\1"),
        ),
    )  # fmt: skip
    rows = [(e["user"], e.get("src_ip"), e.get("src_mac"), e["outcome"], e["server"]) for e in found]
    assert rows == [
        ("nurse7", "203.0.113.9", None, "failure", "10.0.0.9"),
        ("host/pump-5", None, "84:7b:e9:00:00:09", "success", "10.0.0.9"),
        ("lost", None, None, "unknown", "10.0.0.9"),
    ]  # fmt: skip
    assert (found[0]["error"], found[1]["target"]) == ("no", "10.0.0.77")


VERSION = b"RFB 003.008\n"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (((False, b"\2\2\1"), (True, b"\2"), (False, b"c" * 16), (True, b"r" * 16), (False, b"\0\0\0\1")),
        ("VNC", "failure")),
        (((False, b"\2\2\1"), (True, b"\2"), (False, b"c" * 16), (True, b"r" * 16), (False, b"\0\0\0\0")),
        ("VNC", "success")),
        (((False, b"\1\1"), (True, b"\1"), (False, b"\0\0\0\0")), ("None", "success")),
        (((False, b"\1\x13"), (True, b"\x13")), ("VeNCrypt", "unknown")),
        (((False, b"\1\x1e"), (True, b"\x1e"), (False, b"\0\2\0\4" + b"m" * 8), (True, b"a" * 132), (False,
        b"\0\0\0\1")),
         ("Apple Remote Desktop", "failure")),
    ],
)  # fmt: skip
def test_screens(tmp_path: Path, said: tuple[tuple[bool, bytes], ...], told: tuple[str, str]) -> None:
    talk = Talk(server=("10.0.0.40", 5_901)).begin().send(VERSION, mine=False).send(VERSION)
    for mine, words in said:
        talk.send(words, mine=mine)
    found = _auths(tmp_path, talk.finish().frames)
    assert [(e["request_type"], e["outcome"], e["service"]) for e in found] == [(*told, "vnc")]


def test_an_old_screen(tmp_path: Path) -> None:
    old = b"RFB 003.003\n"
    talk = Talk(server=("10.0.0.40", 5_900)).begin().send(old, mine=False).send(old).send(b"\0\0\0\2", mine=False)
    talk.send(b"c" * 16, mine=False).send(b"r" * 16).send(b"\0\0\0\2", mine=False)
    assert [e["outcome"] for e in _auths(tmp_path, talk.finish().frames)] == ["failure"]
    open_to_all = (
        Talk(server=("10.0.0.40", 5_900)).begin().send(old, mine=False).send(old).send(b"\0\0\0\1", mine=False)
    )
    (row,) = _auths(tmp_path, open_to_all.finish().frames)
    assert (row["request_type"], row["outcome"]) == ("None", "success")


SWITCH = ("10.0.0.60", 5_060)


def _sip(first: str, number: int, *fields: str) -> bytes:
    head = [first, "Call-ID: 7@x", f"CSeq: {number} {first.split()[0]}", "To: <sip:4711@hospital.example>", *fields]
    return "\r\n".join([*head, "Content-Length: 0", "", ""]).encode()


def _registration(nonce: str, answer: str, *, stale: bool = False) -> list[tuple[bool, bytes]]:
    challenge = f'WWW-Authenticate: Digest realm="h", nonce="{nonce}"' + (", stale=true" if stale else "")
    credentials = f'Authorization: Digest username="4711", nonce="{nonce}", response="00"'
    asked = [(True, _sip("REGISTER sip:h SIP/2.0", 1)), (False, _sip("SIP/2.0 401 Unauthorized", 1, challenge))]
    asked[1] = (False, asked[1][1].replace(b"CSeq: 1 SIP/2.0", b"CSeq: 1 REGISTER"))
    again = f"SIP/2.0 {answer}"
    second = _sip(again, 2, *([challenge] if stale else [])).replace(b"CSeq: 2 SIP/2.0", b"CSeq: 2 REGISTER")
    return [*asked, (True, _sip("REGISTER sip:h SIP/2.0", 2, credentials)), (False, second)]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("answer", "stale", "told"),
    [("200 OK", False, ["success"]), ("401 no", False, ["failure"]), ("403 no", False, ["failure"]),
    ("401 again", True, [])],
)  # fmt: skip
def test_telephones(tmp_path: Path, stream: bool, answer: str, stale: bool, told: list[str]) -> None:
    said = _registration("n1", answer, stale=stale)
    talk = Talk(server=SWITCH).begin()
    for mine, words in said:
        talk.send(words[:30], mine=mine).send(words[30:], mine=mine)
    frames = talk.finish().frames if stream else _datagrams(*said, ends=(("10.0.0.61", 5_060), SWITCH))
    found = _auths(tmp_path, frames)
    assert [(e["user"], e["outcome"]) for e in found] == [("4711", outcome) for outcome in told]


def test_who_calls_whom_is_not_told(tmp_path: Path) -> None:
    call = _sip("INVITE sip:+441632960000@h SIP/2.0", 3, "From: <sip:4711@h>", "User-Agent: WardPhone/2.1")
    busy = _sip("SIP/2.0 486 Busy", 3, "Server: Switch/7").replace(b"CSeq: 3 SIP/2.0", b"CSeq: 3 INVITE")
    frames = _datagrams(*[(True, call), (False, busy)] * 3, ends=(("10.0.0.61", 5_060), SWITCH))
    found = events(tmp_path, "x.pcap", pcap(frames))
    assert "1632960000" not in str(found) and "4711" not in str(found)
    (row,) = [json.loads(e["detail"]) for e in found if e["kind"] == "other"]
    assert (row["method"], row["status_code"]) == ("INVITE", 486)
    assert {(e["src_ip"], e["software"]) for e in found if e["kind"] == "software"} == {
        ("10.0.0.61", "WardPhone"), ("10.0.0.60", "Switch"),
    }  # fmt: skip


INSIDE = b"GET /x HTTP/1.1\r\nHost: in.example\r\n\r\n"


def test_proxies_with_names_and_passwords(tmp_path: Path) -> None:
    talk = Talk(server=("10.0.0.41", 1_080)).begin().send(b"\5\2\0\2").send(b"\5\2", mine=False)
    talk.send(b"\1\6nurse7\x09t0psecret").send(b"\1\1", mine=False)
    (row,) = _auths(tmp_path, talk.finish().frames)
    assert (row["user"], row["outcome"], row["error"]) == ("nurse7", "failure", "authentication failed")
    talk = Talk(server=("10.0.0.41", 1_080)).begin().send(b"\5\1\2").send(b"\5\2", mine=False)
    talk.send(b"\1\6nurse7\x09t0psecret").send(b"\1\0", mine=False)
    talk.send(b"\5\1\0\3\x0ain.example\0\x50").send(b"\5\0\0\1\0\0\0\0\0\0", mine=False).send(INSIDE)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert [(e["user"], e["target"]) for e in found if e["kind"] == "auth"] == [("nurse7", "in.example")]
    assert [e["host"] for e in found if e["kind"] == "http"] == ["in.example"] and "t0psecret" not in str(found)


@pytest.mark.parametrize("named", [True, False])
def test_old_proxies(tmp_path: Path, named: bool) -> None:
    asked = b"\4\1\0\x50\0\0\0\7me\0in.example\0" if named else b"\4\1\0\x50\xc6\x33\x64\7\0"
    talk = Talk(server=("10.0.0.41", 1_080)).begin().send(asked).send(b"\0\x5a" + b"\0" * 6, mine=False).send(INSIDE)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    rows = [e for e in found if e["kind"] in ("auth", "other")]
    told = [e.get("target") or json.loads(e["detail"])["request.host"] for e in rows]
    assert told == ["in.example" if named else "198.51.100.7"]
    assert [e["host"] for e in found if e["kind"] == "http"] == ["in.example"]


FIRST = (
    (True, b"\5\1\0"), (True, b"\4\1\0\x50\1\2\3\4\0"), (False, VERSION), (True, _sip("REGISTER sip:h SIP/2.0", 1)),
)  # fmt: skip
WORDS = (
    VERSION, b"\5\2", b"\5\1\0\3\x0ain.example\0\x50", b"\5\0\0\1", b"\1\1a\1b", b"\2\2\1", b"\2", b"\0\0\0\1",
    *(said for _, said in _registration("n", "200 OK")), b"\x1e", b"SIP/2.0 200\r\n\r\n", b"\r\n\r\n", b"x" * 9_000,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    first=st.sampled_from(FIRST),
    said=st.lists(st.tuples(st.booleans(), st.sampled_from(WORDS) | st.binary(max_size=9)), max_size=12),
)
def test_no_words_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, first: tuple[bool, bytes], said: list[tuple[bool, bytes]]
) -> None:
    talk = Talk(server=("10.0.0.41", 9_999)).send(flags=SYN)
    for mine, words in (first, *said):
        talk.send(words, mine=mine)
    found = events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(talk.frames))
    assert found[-1]["service"] in ("socks", "rfb", "sip") and not [e for e in found if "_unread" in str(e)]


@settings(max_examples=200, deadline=None)
@given(
    said=st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=6), port=st.sampled_from([1_812, 5_060])
)
def test_no_datagrams_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[bool, bytes]], port: int
) -> None:
    words = [(True, radius(1, 7, (1, b"a"))), *((mine, radius(2, 7) + w if w[:1] > b"\x7f" else w) for mine, w in said)]
    found = events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(_datagrams(*words, ends=(CLIENT, ("10.0.0.3", port)))))
    assert found[-1]["kind"] == "flow" and not [e for e in found if "_unread" in str(e)]

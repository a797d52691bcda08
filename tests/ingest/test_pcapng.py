"""Files of pcapng: several interfaces, each with its link and clock, and what damage does to them."""

from pathlib import Path
from typing import Any

import pytest
from captured import ACK, CLIENT, PUSH, Talk, interface, pcap, section, seen, udp
from ingested import events, letters, read


def _web() -> Talk:
    request, answer = b"GET / HTTP/1.1\r\nHost: www.example\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    return Talk().begin().send(request, PUSH | ACK).send(answer, mine=False).send().send().finish()


def _kept(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in e.items() if name not in ("origin", "event_id", "ts", "duration_s", "uid")}
        for e in found
    ]


def test_each_interface_of_a_file_has_its_own_link_and_clock(tmp_path: Path) -> None:
    frames = _web().frames
    first, bare = frames[:5], [(ts, data[14:]) for ts, data in frames[5:]]
    plain = [{**event, "src_mac": None, "dst_mac": None} for event in _kept(events(tmp_path, "x.pcap", pcap(frames)))]
    for name, content in {
        "two": section() + interface(1) + interface(101, 9) + seen(0, first) + seen(1, bare, 9),
        "turned": section() + interface(101, 9) + interface(1) + seen(1, first) + seen(0, bare, 9),
        "late": section() + interface(1) + seen(0, first) + interface(101) + seen(1, bare),
        "anew": section() + interface(1) + seen(0, first) + section() + interface(101) + seen(0, bare),
    }.items():
        found = events(tmp_path, name, content)
        assert [{**event, "src_mac": None, "dst_mac": None} for event in _kept(found)] == plain, name
        assert found[-1]["ts"] == pytest.approx(1_700_000_000.0), name


def test_a_clock_beyond_all_years_costs_what_it_stamped(tmp_path: Path) -> None:
    line = udp(CLIENT, ("10.0.0.51", 514), b"<13>Jan  1 00:00:00 gw1 app: started")
    late = seen(1, [(1e15, line)], 0)
    found = read(tmp_path, "x", section() + interface(1) + interface(1, 0) + late + seen(0, _web().frames))
    assert all("syslog" in one.reason or "field ts" in one.reason for one in letters(found))
    assert len(found) - len(letters(found)) == 2, "the request and its connection"


def test_an_interface_that_is_not_read_costs_itself(tmp_path: Path) -> None:
    frames = _web().frames
    content = section() + interface(230) + interface(1) + seen(0, frames[:2]) + seen(7, frames[:1]) + seen(1, frames)
    results = read(tmp_path, "x.pcapng", content)
    assert len(results) == 4
    assert [letter.reason.split(",")[0] for letter in letters(results)] == [
        "1 of 13 packets are broken", "captured on a link of type 230",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        section()[:8] + b"\0" * 20,
        section() + b"\x06\0\0\0" + b"\0" * 4,
        section() + b"\x06\0\0\0" + b"\xff" * 40,
        section() + interface(1)[:13],
    ],
)
def test_a_damaged_pcapng_is_told_once(tmp_path: Path, content: bytes) -> None:
    (letter,) = letters(read(tmp_path, "x.pcapng", content))
    assert "damaged here or was cut off" in letter.reason

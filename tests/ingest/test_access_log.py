"""Web access logs."""

from pathlib import Path

from ingested import events, letters, read

COMBINED = (
    '10.0.0.9 - clerk [17/May/2015:10:05:03 +0200] "GET /a?b=1 HTTP/1.1" 200 512 "http://r.example/" "Agent \\"x\\""\n'
)


def test_combined_common_and_virtual_host(tmp_path: Path) -> None:
    text = COMBINED + '10.0.0.9 - - [17/May/2015:10:05:03 +0000] "POST /b HTTP/2" 404 -\n'
    text += 'www.ward.example:443 10.0.0.9 - - [17/May/2015:10:05:03 +0000] "-" 408 0 "-" "-" 12\n'
    one, two, three = events(tmp_path, "access.log", text)
    assert one == {
        "ts": 1431849903.0,
        "format": "access",
        "kind": "web",
        "src_ip": "10.0.0.9",
        "user": "clerk",
        "method": "GET",
        "uri": "/a?b=1",
        "status": 200,
        "bytes_in": 512,
        "referrer": "http://r.example/",
        "user_agent": 'Agent \\"x\\"',
    }
    assert (two["method"], two["status"]) == ("POST", 404)
    assert "bytes_in" not in two
    assert (three["host"], three["status"]) == ("www.ward.example:443", 408)


def test_a_bad_line_is_alone(tmp_path: Path) -> None:
    results = read(tmp_path, "access.log", COMBINED + "rubbish\n" + COMBINED.replace("May", "Foo") + COMBINED)
    assert [letter.position for letter in letters(results)] == ["line 2", "line 3"]


def test_requests_of_attackers(tmp_path: Path) -> None:
    raw = COMBINED.encode() * 3
    raw += b'10.0.0.9 - - [17/May/2015:10:05:03 +0000] "\\x16\\x03\\x01 \xff\xfe" 400 0 "-" "-"\n'
    found = events(tmp_path, "access.log", raw)
    assert found[3]["uri"] == "\\x16\\x03\\x01 \\xff\\xfe"

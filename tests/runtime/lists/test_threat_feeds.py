"""Feeds in their forms: what becomes a row, what is told as unused, and where a broken one is broken."""

import json
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.runtime.lists.files import indexed, read_rows
from pipeline.runtime.lists.threat_feeds import normal_value, read_feed, stix_values


def _file(folder: Path, content: object) -> Path:
    path = folder / "feed"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def _values(name: str, path: Path) -> set[str]:
    return set(indexed(name, read_rows(name, path), None).rows)


def test_plain_lines(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "# bad ones\n203.0.113.7\n198.51.100.0/24 ; a network\n\n,\n ,x\n2001:DB8::0:5, seen often\nnonsense\n",
    )
    assert _values("bad_addresses", path) == {"203.0.113.7", "198.51.100.0/24", "2001:db8::5"}


def test_csv_with_dates(tmp_path: Path) -> None:
    text = '# made today\n"first_seen","ip","malware"\n"2024-05-01 10:00:00","203.0.113.7","Some, thing"\n'
    rows = read_rows("bad_addresses", _file(tmp_path, text))
    assert rows == [{"value": "203.0.113.7", "name": "Some, thing", "seen": "1714557600"}]


def test_stix(tmp_path: Path) -> None:
    def indicator(pattern: str, **more: object) -> dict[str, object]:
        return {"type": "indicator", "id": "indicator--1", "pattern": pattern, "pattern_type": "stix", **more}

    objects = [
        {"type": "malware", "name": "not an indicator"},
        indicator("[ipv4-addr:value = '203.0.113.7']", valid_until="2025-01-01T00:00:00Z", name="C2"),
        indicator("[domain-name:value = 'evil.example' OR url:value = 'http://evil.example/a?b=1']"),
        indicator(
            "[ipv4-addr:value ISSUBSET '198.51.100.0/24'] OR [ipv6-addr:value IN ('2001:db8::1', '2001:db8::2')]"
        ),
        indicator("[file:hashes.'SHA-256' = '" + "ab" * 32 + "' OR file:hashes.MD5 = '" + "cd" * 16 + "']"),
        indicator("[domain-name:value = 'a.example' AND ipv4-addr:value = '203.0.113.8']"),
        indicator("[domain-name:value LIKE '%.example']"),
        indicator("[email-addr:value = 'a@b.example']"),
        indicator("[domain-name:value = 'gone.example']", revoked=True),
        indicator("rule x {}", pattern_type="yara"),
    ]
    path = _file(tmp_path, {"type": "bundle", "id": "bundle--1", "objects": objects})
    addresses = read_feed("bad_addresses", path)
    assert addresses.rows[0] == {"value": "203.0.113.7", "name": "C2", "valid_until": "1735689600"}
    assert _values("bad_addresses", path) == {"203.0.113.7", "198.51.100.0/24", "2001:db8::1", "2001:db8::2"}
    assert _values("bad_domains", path) == {"evil.example"}
    assert _values("bad_urls", path) == {"evil.example/a?b=1"}
    assert _values("bad_hashes", path) == {"ab" * 32, "cd" * 16}
    assert sum(addresses.unused.values()) == 4 and any("yara" in note for note in addresses.notes())


@pytest.mark.parametrize(
    "pattern",
    [
        "", "[", "[]", "domain-name:value = 'a'", "[domain-name:value = 'a'] FOLLOWEDBY [url:value = 'b']",
        "[NOT domain-name:value = 'a']", "[domain-name:value = 'a'", "[domain-name:value = 'a' OR ]",
        "[domain-name:value = 'a'] WITHIN 5 SECONDS", "[domain-name:value ISSUBSET 'a']",
    ],
)  # fmt: skip
def test_patterns_that_say_more_are_told(pattern: str) -> None:
    assert isinstance(stix_values(pattern), str)


def test_misp(tmp_path: Path) -> None:
    def attribute(sort: str, value: str, **more: object) -> dict[str, object]:
        return {"type": sort, "value": value, "to_ids": True, **more}

    event = {
        "info": "A campaign",
        "Attribute": [
            attribute("ip-dst|port", "203.0.113.7|443", timestamp="1700000000"),
            attribute("domain|ip", "evil.example|203.0.113.8"),
            attribute("ip-src", "203.0.113.9", to_ids=False),
            attribute("ip-src", "203.0.113.10", deleted=True),
            attribute("yara", "rule x {}"),
        ],
        "Object": [{"Attribute": [attribute("filename|sha256", "a.exe|" + "ab" * 32)]}],
    }
    path = _file(tmp_path, {"response": [{"Event": event}]})
    assert read_rows("bad_addresses", path) == [{"value": "203.0.113.7", "name": "A campaign", "seen": "1700000000"}]
    assert _values("bad_domains", path) == {"evil.example"}
    assert _values("bad_hashes", path) == {"ab" * 32}
    assert dict(read_feed("bad_domains", path).unused) == {"attribute of type yara": 1}


@pytest.mark.parametrize(
    ("content", "says"),
    [('{"type": "bundle",\n "objects": [}', "line 2 column 14"), ('{"a": 1}', "neither a STIX"), ("[1]", "item 1")],
)
def test_a_broken_feed_says_where(tmp_path: Path, content: str, says: str) -> None:
    path = _file(tmp_path, content)
    with pytest.raises(UsageError, match=says) as caught:
        read_rows("bad_domains", path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("bad_domains", "*.Evil[.]example.", "evil.example"),
        ("bad_urls", "hxxp://Evil.example:80/A?b#c", "evil.example/A?b"),
        ("bad_urls", "evil.example", "evil.example/"),
        ("bad_addresses", "2001:0db8:0000::0001", "2001:db8::1"),
        ("bad_addresses", "203.0.113.7/32", "203.0.113.7"),
        ("bad_addresses", "203.0.113.300", None),
        ("bad_hashes", "zz", None),
    ],
)
def test_values_become_what_events_show(name: str, given: str, value: str | None) -> None:
    assert normal_value(name, given) == value


@pytest.mark.parametrize("odd", [5, None, "x", [5], {"type": "ip-dst"}])
def test_a_misp_event_of_odd_form_gives_nothing(tmp_path: Path, odd: object) -> None:
    path = _file(tmp_path, [{"Event": {"Attribute": odd, "Object": odd}}])
    assert read_rows("bad_addresses", path) == []
    path = _file(tmp_path, [{"Event": {"Object": [{"Attribute": odd}, 5]}}])
    assert read_rows("bad_addresses", path) == []


def test_a_number_beyond_all_bounds_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not valid JSON"):
        read_rows("bad_addresses", _file(tmp_path, '{"Event": ' + "9" * 5000 + "}"))

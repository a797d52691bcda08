"""Feeds of bad addresses, domains, URLs and file hashes: plain text, CSV with a header, STIX 2.1, MISP.

Every form becomes rows of the list they are read for: `value`, and where the feed says so `valid_until` and `seen`
(seconds since the epoch, as text) and `name`. What cannot be used is told, never guessed.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError

FEEDS = ("bad_addresses", "bad_domains", "bad_urls", "bad_hashes")
_MAX_BYTES = 1 << 30
_VALUE_COLUMNS = ("value", "indicator", "ioc", "domain", "hostname", "host", "ip", "address", "dst_ip", "url", "hash",
                  "md5", "sha1", "sha256", "sha256_hash", "cidr")  # fmt: skip
_UNTIL_COLUMNS = ("valid_until", "expires", "expiration", "until")
_SEEN_COLUMNS = ("last_seen", "last_seen_utc", "seen", "modified", "first_seen", "first_seen_utc", "date", "dateadded")
_NAME_COLUMNS = ("name", "threat", "malware", "malware_printable", "description", "source", "tag", "tags", "comment")
# MISP attribute types that say what a wire can show, and which part of a composite value.
_MISP = {
    "ip-dst": ("bad_addresses", 0), "ip-src": ("bad_addresses", 0), "ip-dst|port": ("bad_addresses", 0),
    "ip-src|port": ("bad_addresses", 0), "domain": ("bad_domains", 0), "hostname": ("bad_domains", 0),
    "domain|ip": ("bad_domains", 0), "hostname|port": ("bad_domains", 0), "url": ("bad_urls", 0),
    "md5": ("bad_hashes", 0), "sha1": ("bad_hashes", 0), "sha256": ("bad_hashes", 0),
    "filename|md5": ("bad_hashes", 1), "filename|sha1": ("bad_hashes", 1), "filename|sha256": ("bad_hashes", 1),
    "malware-sample": ("bad_hashes", 1),
}  # fmt: skip
_STIX = (
    (re.compile(r"ipv[46]-addr:value|network-traffic:(dst|src)_ref\.value"), "bad_addresses"),
    (re.compile(r"domain-name:value"), "bad_domains"),
    (re.compile(r"url:value"), "bad_urls"),
    (re.compile(r"file:hashes\.'?(MD5|SHA-?1|SHA-?256)'?", re.I), "bad_hashes"),
)
# One comparison of a STIX 2.1 pattern (section 9): path, operator, a string or a set of strings.
_COMPARISON = re.compile(r"\s*([a-z0-9-]+:[\w.'-]+)\s*(=|IN|ISSUBSET)\s*('(?:[^'\\]|\\.)*'|\([^()]*\))\s*", re.I)
_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'")
_JOIN = re.compile(r"\]\s*OR\s*\[|OR\b", re.I)


@dataclass
class Feed:
    """What was read for one list."""

    rows: list[dict[str, str]] = field(default_factory=list)
    unused: Counter[str] = field(default_factory=Counter)
    """Why parts of it are not used → how often."""

    def notes(self, most: int = 8) -> list[str]:
        """The reasons in words, the most frequent first."""
        return [f"{count} × {reason}" for reason, count in self.unused.most_common(most)]


def read_feed(name: str, path: Path) -> Feed:
    """The rows of a feed for the list `name`. UsageError: cannot be read, is broken (with its line), or too large."""
    what = f"list {name} {path}"
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UsageError(f"{what} is larger than {_MAX_BYTES >> 20} MiB")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{what} cannot be read ({error})") from error
    head = text.lstrip()[:1]
    feed = Feed()
    if head in ("{", "["):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:  # ValueError alone: a number of thousands of digits
            place = f", line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            raise UsageError(f"{what}{place}: not valid JSON; expected STIX 2.1 or MISP") from error
        _read_json(name, document, feed, what)
    else:
        _read_lines(text, feed, what)
    return feed


def _read_json(name: str, document: Any, feed: Feed, what: str) -> None:
    objects = document if isinstance(document, list) else [document]
    known = False
    for k, entry in enumerate(objects):
        if not isinstance(entry, dict):
            raise UsageError(f"{what}, item {k + 1}: not an object; expected STIX 2.1 or MISP")
        inner = entry.get("response", entry)
        for one in inner if isinstance(inner, list) else [inner]:
            if not isinstance(one, dict):
                continue
            if one.get("type") == "bundle" or "pattern" in one:
                known = True
                _read_stix(name, one.get("objects", [one]), feed)
            elif "Event" in one or "Attribute" in one or "Object" in one:
                known = True
                _read_misp(name, one.get("Event", one), feed)
    if objects and not known:
        raise UsageError(f"{what}: neither a STIX 2.1 bundle nor MISP events")


def _read_stix(name: str, objects: Any, feed: Feed) -> None:
    for entry in objects if isinstance(objects, list) else ():
        if not isinstance(entry, dict) or entry.get("type", "indicator") != "indicator" or entry.get("revoked") is True:
            continue
        pattern = entry.get("pattern")
        if entry.get("pattern_type", "stix") != "stix" or not isinstance(pattern, str):
            feed.unused[f"pattern of type {str(entry.get('pattern_type'))[:20]}"] += 1
            continue
        found = stix_values(pattern)
        if isinstance(found, str):
            feed.unused[found] += 1
            continue
        more = _dates(entry.get("valid_until"), entry.get("modified") or entry.get("valid_from"))
        label = str(entry.get("name") or entry.get("id") or "")[:120]
        feed.rows += [{"value": v, "name": label, **more} for kind, v in found if kind == name]


def stix_values(pattern: str) -> list[tuple[str, str]] | str:
    """(list, value) of a STIX pattern that is nothing but comparisons joined by OR; else why it cannot be used."""
    text = pattern.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return "pattern with qualifiers or without brackets"
    text = text[1:-1]
    found: list[tuple[str, str]] = []
    at = 0
    while True:
        match = _COMPARISON.match(text, at)
        if not match:
            return "pattern with AND, NOT, LIKE, MATCHES or FOLLOWEDBY, or of another form"
        path, operator, given = match.groups()
        kind = next((k for form, k in _STIX if form.fullmatch(path)), None)
        if kind is None:
            return f"pattern about {path[:40]}"
        if operator.upper() == "ISSUBSET" and kind != "bad_addresses":
            return "ISSUBSET of something that is no address"
        found += [(kind, re.sub(r"\\(.)", r"\1", value)) for value in _STRING.findall(given)]
        at = match.end()
        if at >= len(text):
            return found
        join = _JOIN.match(text, at)
        if not join:
            return "pattern with AND, NOT, LIKE, MATCHES or FOLLOWEDBY, or of another form"
        at = join.end()


def _read_misp(name: str, event: Any, feed: Feed) -> None:
    if not isinstance(event, dict):
        return
    info = str(event.get("info") or "")[:120]
    for attribute in _attributes(event):
        if not attribute.get("to_ids") or attribute.get("deleted") is True:
            continue
        sort = str(attribute.get("type"))
        if sort not in _MISP:
            feed.unused[f"attribute of type {sort[:40]}"] += 1
            continue
        kind, part = _MISP[sort]
        parts = str(attribute.get("value") or "").split("|")
        if kind != name or len(parts) <= part:
            continue
        seen = attribute.get("last_seen") or attribute.get("timestamp") or attribute.get("first_seen")
        feed.rows.append({"value": parts[part], "name": info, **_dates(None, seen)})


def _attributes(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for holder in (event, *_objects(event.get("Object"))):
        yield from _objects(holder.get("Attribute"))


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _read_lines(text: str, feed: Feed, what: str) -> None:
    lines = text.splitlines()
    first = next((k for k, line in enumerate(lines) if line.strip() and line.lstrip()[0] not in "#;"), len(lines))
    columns = [c.strip().strip('"').lower() for c in lines[first].split(",")] if first < len(lines) else []
    value = next((c for c in _VALUE_COLUMNS if c in columns), None)
    if value is None:
        for line in lines:
            words = line.split(",")[0].split()
            if words and words[0][0] not in "#;":
                feed.rows.append({"value": words[0].strip('"')})
        return
    reader = csv.DictReader(io.StringIO("\n".join(lines[first:])), fieldnames=None, skipinitialspace=True)
    reader.fieldnames = columns
    try:
        next(reader, None)
        for row in reader:
            given = (row.get(value) or "").strip()
            if given and given[0] not in "#;":
                more = _dates(_first(row, _UNTIL_COLUMNS), _first(row, _SEEN_COLUMNS))
                label = str(_first(row, _NAME_COLUMNS) or "")[:120]
                feed.rows.append({"value": given, **({"name": label} if label else {}), **more})
    except csv.Error as error:
        raise UsageError(f"{what}, line {first + reader.line_num}: {error}") from error


def _first(row: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((str(row[n]).strip() for n in names if row.get(n)), None)


def _dates(until: Any, seen: Any) -> dict[str, str]:
    """`valid_until` and `seen` in seconds since the epoch, where they are given and readable."""
    found = {"valid_until": _seconds(until), "seen": _seconds(seen)}
    return {name: f"{ts:.0f}" for name, ts in found.items() if ts is not None}


def _seconds(value: Any) -> float | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    if re.fullmatch(r"\d{9,10}(\.\d+)?", text):
        return float(text)
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC").replace("Z", "+00:00"))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def normal_value(name: str, value: str) -> str | None:
    """The value as events show it: lower case, addresses in short form, URLs without scheme; None for none."""
    text = value.strip().strip("'\"").replace("[.]", ".").replace("hxxp", "http")  # feeds defuse what one could click
    if name == "bad_addresses":
        try:
            net = ip_network(text, strict=False)
        except ValueError:
            return None
        return str(net.network_address) if net.prefixlen == net.max_prefixlen else str(net)
    if name == "bad_urls":
        bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text, flags=re.I).partition("#")[0]
        host, slash, rest = bare.partition("/")
        host = host.rpartition("@")[2].lower().removesuffix(":80").removesuffix(":443")
        return f"{host}/{rest}" if host and slash else (f"{host}/" if host else None)
    text = text.lower()
    if name == "bad_hashes":
        return text if re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", text) else None
    return text.removeprefix("*.").strip(".") or None

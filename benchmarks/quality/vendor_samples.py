"""Records of many makers' products, each with what somebody else's parser makes of it: four public collections.

What is expected is told by names of the Elastic Common Schema, nested or dotted. Nothing here is ours to interpret but
the few names and groups by which the two collections that do not speak that schema say the same.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Expected = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """`maker` decides the half, so that products which write alike stay together; `text` is a file of one record."""

    maker: str
    product: str
    text: str
    expected: Expected


def at(record: Any, dotted: str) -> Any:
    """The value of a dotted name; None without one."""
    if isinstance(record, dict) and dotted in record:
        return record[dotted]
    for name in dotted.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def intake_formats(root: Path) -> Iterator[Sample]:
    """SEKOIA.IO: a record a file, without the heads of lines, so that lines get one with the time expected of them."""
    for path in sorted(root.glob("*/*/tests/*.json")):
        product = "/".join(path.relative_to(root).parts[:2])
        sample = json.loads(path.read_text())
        expected = sample.get("expected", {})
        yield Sample(product, product, _headed(sample["input"]["message"], expected), expected)


def beats(root: Path) -> Iterator[Sample]:
    """Elastic's Filebeat: lines of whole files with their heads. Texts that a generator made of Latin words are none
    of a product; comments that open a file (columns) stand before each of its lines."""
    for path in sorted(root.glob("**/module/*/*/test/*-expected.json")):
        log = path.with_name(path.name.removesuffix("-expected.json"))
        if log.name == "generated.log" or not log.exists():
            continue
        maker, fileset = path.relative_to(root).parts[-4:-2]
        raw, told = log.read_bytes(), sorted(json.loads(path.read_text()), key=lambda one: one["log.offset"])
        opening = b"".join(line for line in raw.splitlines(keepends=True)[:12] if line.startswith(b"#"))
        ends = [one["log.offset"] for one in told[1:]] + [len(raw)]
        for one, end in zip(told, ends, strict=True):
            record = raw[one["log.offset"] : end]
            record = record if "multiline" in one.get("log.flags", ()) else record.partition(b"\n")[0]
            text = (b"" if record.startswith(b"#") else opening) + record.rstrip() + b"\n"
            yield Sample(maker, f"{maker}/{fileset}", text.decode("utf-8", "replace"), one)


_RULE = re.compile(r'<rule id="(\d+)"(.*?)</rule>', re.DOTALL)
_RULES = re.compile(r'<group name="([^"]*)"', re.DOTALL)
_GROUPS = re.compile(r"<group>([^<]*)</group>")
_TESTED = re.compile(r"^(?:log \d+ pass\s*=\s*(?P<log>.*)|rule\s*=\s*(?P<rule>\d+))$", re.MULTILINE)
_CLOCK = re.compile(r"\d\d:\d\d:\d\d|\d{10}|\d\d:\d\d")
_LOGONS = {"authentication_success": "success", "authentication_failed": "failure", "invalid_login": "failure",
           "win_authentication_failed": "failure"}  # fmt: skip


def wazuh(root: Path) -> Iterator[Sample]:
    """Wazuh's tests of its rules: lines, and the groups of the rule that fits (failed, succeeded log-ons)."""
    ruleset = root / "ruleset"
    groups = dict(_rule_groups(ruleset / "rules"))
    for path in sorted((ruleset / "testing" / "tests").glob("*.ini")):
        if path.stem.startswith("test_"):
            continue  # tests of the engine itself, of no product
        waiting: list[str] = []
        for match in _TESTED.finditer(path.read_text("utf-8", "replace")):
            if match["rule"] is None:
                waiting.append(match["log"])
                continue
            named = groups.get(match["rule"], frozenset())
            outcome = next((_LOGONS[name] for name in sorted(named & _LOGONS.keys())), None)
            expected: Expected = {"event.category": ["authentication"] if outcome else sorted(named)}
            if outcome:
                expected["event.outcome"] = outcome
            for log in waiting:
                yield Sample(path.stem, path.stem, _timed(log, expected), expected)
            waiting = []


def _rule_groups(folder: Path) -> Iterator[tuple[str, frozenset[str]]]:
    for path in sorted(folder.glob("*.xml")):
        text = path.read_text("utf-8", "replace")
        for around, inside in zip(_RULES.findall(text), re.split(r'<group name="[^"]*"', text)[1:], strict=True):
            for number, body in _RULE.findall(inside):
                yield number, frozenset(re.findall(r"[\w.]+", ",".join([around, *_GROUPS.findall(body)])))


_DATADOG = {
    "source.ip": ("network.client.ip",), "destination.ip": ("network.destination.ip",),
    "destination.port": ("network.destination.port",), "user.name": ("usr.name", "usr.id", "usr.email"),
    "http.request.method": ("http.method",), "url.path": ("http.url_details.path",),
    "dns.question.name": ("dns.question.name",), "event.outcome": ("evt.outcome",), "event.category": ("evt.category",),
}  # fmt: skip


def extras(root: Path) -> Iterator[Sample]:
    """Datadog's integrations that others wrote: records and the standard attributes that their pipelines tell."""
    for path in sorted(root.glob("*/assets/logs/*_tests.yaml")):
        product = path.relative_to(root).parts[0]
        for test in yaml.safe_load(path.read_text()).get("tests") or ():
            told = (test.get("result") or {}).get("custom") or {}
            values = {ours: next((v for n in names if (v := at(told, n))), None) for ours, names in _DATADOG.items()}
            expected = {name: value for name, value in values.items() if value}
            yield Sample(product, product, _timed(str(test["sample"]), expected), expected)


COLLECTIONS: dict[str, Callable[[Path], Iterator[Sample]]] = {
    "intake-formats": intake_formats, "beats": beats, "wazuh": wazuh, "extras": extras,
}  # fmt: skip
"""Folder below `vendors` → its reader."""


def _timed(message: str, expected: Expected) -> str:
    """A line with a clock as it is; else like those of the collection without heads."""
    return f"{message}\n" if _CLOCK.search(message[:200]) and message[:1] != "{" else _headed(message, expected)


def _headed(message: str, expected: Expected) -> str:
    """JSON as a line, XML as it is, all else as the message of an RFC 5424 line."""
    try:
        return json.dumps(json.loads(message)) + "\n"
    except ValueError:
        if message.lstrip().startswith("<Event"):
            return message + "\n"
    when = at(expected, "@timestamp") or "2026-01-01T00:00:00Z"
    program = at(expected, "process.name") or "-"
    flat = message.replace("\n", " ")
    return f"<13>1 {when} {at(expected, 'host.name') or 'gw'} {str(program).replace(' ', '')} - - - {flat}\n"

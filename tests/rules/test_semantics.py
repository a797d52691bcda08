"""Sigma's words, one by one, against events written by hand."""

from typing import Any

import pytest
import yaml

from pipeline.rules.program import Program
from pipeline.rules.reading import read_rules
from rules.short_events import batch_of, document

COMMAND = 'C:\\Windows\\cmd.exe /c "echo Hello" -Enc aGVsbG8gd29ybGQ='
EVENT = {
    "Image": "C:\\Windows\\System32\\cmd.exe", "CommandLine": COMMAND, "User": "CORP\\Änne", "Size": "1024",
    "Ip": "10.2.3.4", "Signed": "true", "Parent": "C:\\Windows\\System32\\CMD.EXE", "Note": "100% *sure*? no",
    "Lines": "first\nsecond",
}  # fmt: skip
CASES: list[tuple[str, Any, bool]] = [
    ("Image", "c:\\windows\\system32\\CMD.exe", True),
    ("Image", "cmd.exe", False),
    ("Image|endswith", "\\CMD.exe", True),
    ("Image|startswith", "C:\\Win", True),
    ("Image", "*\\cmd.?xe", True),
    ("Image", "*\\cmd?.exe", False),
    ("Image|contains", ["nothing", "system32"], True),
    ("Image|contains|all", ["nothing", "system32"], False),
    ("Image|contains|all", ["windows", "system32"], True),
    ("Image|cased|endswith", "\\CMD.exe", False),
    ("Image|cased|endswith", "\\cmd.exe", True),
    ("User", "corp\\äNNE", True),
    ("Note", "100% \\*sure\\*\\? no", True),
    ("Note", "100% \\*sure\\*x no", False),
    ("CommandLine|re", "echo\\s+Hello", True),
    ("CommandLine|re", "ECHO\\s+hello", False),
    ("CommandLine|re|i", "ECHO\\s+hello", True),
    ("Lines|re", "^second", False),
    ("Lines|re|m", "^second", True),
    ("Lines|re", "first.second", False),
    ("Lines|re|s", "first.second", True),
    ("Lines|contains", "T\nS", True),
    ("CommandLine|base64|contains", "hello world", True),
    ("CommandLine|base64offset|contains", "lo wor", True),
    ("CommandLine|windash|contains", " -c ", True),
    ("CommandLine|windash|contains", " /enc ", True),
    ("Ip|cidr", "10.0.0.0/8", True),
    ("Ip|cidr", ["192.168.0.0/16", "fe80::/10"], False),
    ("Image|cidr", "10.0.0.0/8", False),
    ("Size", 1024, True),
    ("Size|gt", 1023, True),
    ("Size|lt", 1024, False),
    ("Size|lte", 1024, True),
    ("Size|gte", 1025, False),
    ("Image|gte", 1, False),
    ("Signed", True, True),
    ("Signed", False, False),
    ("Image|exists", True, True),
    ("Missing|exists", True, False),
    ("Missing|exists", False, True),
    ("Missing", None, True),
    ("Image", None, False),
    ("Missing", "", True),
    ("Image", "*", True),
    ("Missing", "*", False),
    ("Image|fieldref", "Parent", True),
    ("Image|fieldref", "User", False),
    ("EventID", 1, True),
    ("EventID", [4, 2], False),
    ("image", "*cmd.exe", True),
]


def hits(detection: dict[str, Any], event: dict[str, Any] | None = None) -> bool:
    """Whether a rule with this detection hits a process event, with the pre-filter and without."""
    rule = {"title": "t", "logsource": {"category": "process_creation"}, "detection": detection}
    rules = read_rules([("t.yml", yaml.safe_dump(rule))])
    assert not rules.problems, rules.problems
    batch = batch_of([document({"p": event or EVENT})[1]], "logs")
    program = Program(rules.rules, "logs")
    found = bool(list(program.hits(batch)))
    assert found == bool(list(program.hits_plainly(batch)))
    return found


@pytest.mark.parametrize(("field", "value", "expected"), CASES)
def test_field(field: str, value: object, expected: bool) -> None:
    assert hits({"s": {field: value}, "condition": "s"}) is expected
    assert hits({"s": {field: value}, "condition": "not s"}) is not expected


def test_wide_base64() -> None:
    event = {"CommandLine": "powershell -e SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA"}
    assert hits({"s": {"CommandLine|wide|base64offset|contains": "IEX (New"}, "condition": "s"}, event)
    assert not hits({"s": {"CommandLine|wide|base64offset|contains": "Net.Web"}, "condition": "s"}, event)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a and b", False), ("a or b", True), ("a and not b", True), ("not (a or b)", False), ("1 of sel*", True),
        ("all of sel*", False), ("1 of them", True), ("all of them", False), ("any of sel*", True),
        ("b or a and not sel_no", True),
    ],
)  # fmt: skip
def test_condition(condition: str, expected: bool) -> None:
    yes, no = {"Image|endswith": "cmd.exe"}, {"Image|endswith": "x.exe"}
    assert hits({"a": yes, "b": no, "sel_yes": yes, "sel_no": no, "condition": condition}) is expected


def test_list_of_mappings_is_or_and_keywords_look_everywhere() -> None:
    assert hits({"s": [{"Image": "x"}, {"User|contains": "corp"}], "condition": "s"})
    assert hits({"k": ["nowhere", "ECHO hello"], "condition": "k"})
    assert not hits({"k": ["nowhere"], "condition": "k"})
    assert hits({"k": {"|all": ["echo", "corp"]}, "condition": "k"})


@pytest.mark.parametrize("logsource", [{"product": "windows", "service": "security"}, {"category": "file_event"}])
def test_other_log_sources_are_not_looked_at(logsource: dict[str, str]) -> None:
    rule = {"title": "t", "logsource": logsource, "detection": {"s": {"Image": "*"}, "condition": "s"}}
    rules = read_rules([("t.yml", yaml.safe_dump(rule))]).rules
    assert not list(Program(rules, "logs").hits(batch_of([document({"p": EVENT})[1]], "logs")))


def test_columns_stand_in_for_fields_that_the_record_does_not_have() -> None:
    event = {"kind": "process", "action": "start", "image": "/bin/sh", "command_line": "sh -c id", "user": "ann"}
    document = {"ts": 1.0, "event_id": "1", "format": "linux", "host": "h"} | event
    rule = {"title": "t", "logsource": {"category": "process_creation", "product": "linux"},
            "detection": {"s": {"Image|endswith": "/sh", "CommandLine|contains": "-c", "User": "ANN"},
                          "condition": "s"}}  # fmt: skip
    rules = read_rules([("t.yml", yaml.safe_dump(rule))]).rules
    assert len(list(Program(rules, "logs").hits(batch_of([document], "logs")))) == 1

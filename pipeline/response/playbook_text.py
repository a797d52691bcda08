"""Playbook files: YAML with the lines its parts stand on, so that a complaint says where and what to write instead."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from pipeline.response.playbook import (
    ActionStep,
    Agent,
    CommandData,
    End,
    IfCondition,
    Parallel,
    Playbook,
    Selection,
    Start,
    StepExtension,
    Target,
    TargetExtension,
)

MAX_BYTES = 500_000
"""Of a file: hundreds of steps have less."""
_DEEP = 30
_STEPS: dict[str, type[BaseModel]] = {
    "start": Start, "end": End, "action": ActionStep, "if-condition": IfCondition, "parallel": Parallel,
}  # fmt: skip
_NOT_DONE = {
    "while-condition": "use steps in a row",
    "switch-condition": "use if-condition steps",
    "playbook-action": "put its steps into this playbook",
}
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class PlaybookProblem:
    """What is wrong with a playbook file."""

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}"


class _Broken(ValueError):  # noqa: N818
    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def read_playbook(text: str, path: str) -> Playbook | list[PlaybookProblem]:
    """The playbook, or all that is wrong with it."""
    try:
        content, lines = _document(text)
    except _Broken as error:
        return [PlaybookProblem(path, error.line, str(error))]
    try:
        return Playbook.model_validate(content)
    except ValidationError as error:
        found = [_problem(fault, content, lines, path) for fault in error.errors(include_url=False)]
        return list(dict.fromkeys(found))


def _document(text: str) -> tuple[dict[str, Any], dict[Path, int]]:
    if len(text.encode()) > MAX_BYTES:
        raise _Broken(1, f"more than {MAX_BYTES:,} bytes")
    lines: dict[Path, int] = {}
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise _Broken(
                    (event.start_mark.line if event.start_mark else 0) + 1,
                    "no aliases (*name) in playbooks: write it out",
                )
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
        if len(nodes) != 1 or not isinstance(nodes[0], MappingNode):
            raise _Broken(1, "a file holds one playbook: a mapping with type: playbook")
        content = _value(nodes[0], (), lines, yaml.SafeLoader(""))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or type(error).__name__
        raise _Broken(mark.line + 1 if mark else 1, f"not YAML: {problem}"[:200]) from error
    return content, lines


def _value(node: Node, path: Path, lines: dict[Path, int], loader: yaml.SafeLoader) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > _DEEP:
        raise _Broken(node.start_mark.line + 1, f"nested deeper than {_DEEP}")
    if isinstance(node, MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                raise _Broken(line, "a key is a text")
            if key.value in found:
                raise _Broken(line, f"{key.value!r} stands here twice")
            lines[(*path, key.value)] = line
            found[key.value] = _value(value, (*path, key.value), lines, loader)
        return found
    if isinstance(node, SequenceNode):
        return [_value(child, (*path, i), lines, loader) for i, child in enumerate(node.value)]
    return loader.construct_object(node)


def _problem(fault: Any, content: Any, lines: dict[Path, int], path: str) -> PlaybookProblem:
    place = tuple(p for p in fault["loc"] if not _is_tag(p, fault["loc"]))
    message = fault["msg"].removeprefix("Value error, ")
    if not place and message.startswith("workflow.") and ": " in message:  # ours say where in the text
        where, _, message = message.partition(": ")
        place = ("workflow", where.removeprefix("workflow."))
    elif not place and message.startswith("workflow_start: "):
        place, message = ("workflow_start",), message.partition(": ")[2]
    return PlaybookProblem(path, _line(place, lines), _worded(fault, place, message, content))


def _is_tag(part: str | int, loc: tuple[str | int, ...]) -> bool:
    """Pydantic names the chosen member of a union within the place."""
    return part in _STEPS and len(loc) > 3 and loc[0] == "workflow" and loc[2] == part


def _line(place: Path, lines: dict[Path, int]) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _worded(fault: Any, place: Path, message: str, content: Any) -> str:
    name = ".".join(str(p) for p in place)
    last = str(place[-1]) if place else ""
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(last, _known_keys(place, content), 1, 0.6)
        advice = f"; did you mean {near[0]!r}?" if near else f"; known here: {', '.join(_known_keys(place, content))}"
        return f"{name}: wardwatch does not know {last!r}{advice}"
    if fault["type"] == "missing":
        return f"{name}: is missing"
    if fault["type"] in ("union_tag_invalid", "union_tag_not_found"):
        given = fault.get("ctx", {}).get("tag", "")
        if given in _NOT_DONE:
            return f"{name}: steps of type {given} are not carried out: {_NOT_DONE[given]}"
        return f"{name}: type is one of {', '.join(_STEPS)}" + (f", not {given!r}" if given else "")
    if fault["type"] == "string_pattern_mismatch":
        wanted = "playbook--a-word" if name == "id" else "action--a-word (type of the step, two dashes, a word or UUID)"
        return f"{name}: {fault['input']!r} is no id; write it as {wanted}"
    return f"{name}: {message[0].lower()}{message[1:]}" if name else message


def _known_keys(place: Path, content: Any) -> list[str]:
    if len(place) == 1:
        return list(Playbook.model_fields)
    if place[0] == "x_wardwatch":
        return list(Selection.model_fields)
    if place[0] == "target_definitions":
        return list((Target if len(place) == 3 else TargetExtension).model_fields)
    if place[0] == "agent_definitions":
        return list(Agent.model_fields)
    return list(_step_keys(place, content))


def _step_keys(place: Path, content: Any) -> Iterator[str]:
    if "x_wardwatch" in place:
        yield from StepExtension.model_fields
    elif "commands" in place:
        yield from CommandData.model_fields
    else:
        step = content.get("workflow", {}).get(place[1], {})
        yield from _STEPS.get(step.get("type", ""), ActionStep).model_fields

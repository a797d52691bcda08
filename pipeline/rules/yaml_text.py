"""Rule files as documents, each with the lines its keys stand on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from sigma.rule.base import SigmaYAMLLoader

MAX_BYTES = 1_000_000
"""Of a file; the longest public rules have 60 kB."""
_MOST_ALIASES = 100  # a few save typing; thousands make a small file explode in memory
_ALIAS = re.compile(r"(?:^|[\s\[,:-])\*[A-Za-z0-9_-]+")
_NESTED = re.compile(r"[\[{][\s\[{]{50,}")  # nothing in Sigma is nested so deep


class BrokenText(ValueError):  # noqa: N818
    """Not YAML, or not what a rule can be."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Document:
    """One YAML document that is a mapping."""

    content: dict[str, Any]
    line: int
    lines: Mapping[str, int] = field(default_factory=dict)
    """Key path (`detection.selection.Image|contains`) → line, from 1."""
    text: Sequence[str] = ()
    """Lines of the whole file."""

    def line_of(self, message: str, section: str | None) -> int:
        """Where a complaint belongs: the deepest key in `section` that it mentions, else the section, else the start.

        pySigma says what is wrong, not on which line.
        """
        mentioned = [
            (path.count("."), line)
            for path, line in self.lines.items()
            if (section is None or path.startswith(section)) and _mentions(message, path.rpartition(".")[2])
        ]
        if mentioned:
            return max(mentioned)[1]
        whole = (section or "").partition(".")[0]
        start = self.lines.get(section or "", self.lines.get(whole, self.line))
        for word in re.findall(r"'([^']+)'", message):
            for number, text in enumerate(self.text[start - 1 :], start):
                if word in text:
                    return number
        return start


def _mentions(message: str, key: str) -> bool:
    words = [w for w in key.split("|") if len(w) > 1]
    return any(re.search(rf"(?<!\w){re.escape(w)}(?!\w)", message) for w in words)


def documents(text: str) -> Iterator[Document]:
    """The documents of a file. Raises BrokenText."""
    if len(_ALIAS.findall(text)) > _MOST_ALIASES or _NESTED.search(text):
        raise BrokenText(1, "too many aliases or brackets in YAML for a rule")
    line = 1
    try:
        loader = SigmaYAMLLoader(text)
        while loader.check_node():
            node = loader.get_node()
            line = node.start_mark.line + 1 if node is not None else line
            content = loader.construct_document(node)
            if content is None:
                continue
            if not isinstance(content, dict):
                raise BrokenText(line, f"a rule is a mapping, not a {type(content).__name__}")
            lines: dict[str, int] = {}
            _walk(node, "", lines, 6)
            yield Document(content, line, lines, text.splitlines())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise BrokenText(mark.line + 1 if mark else line, f"not YAML: {problem}"[:200]) from error
    except (RecursionError, ValueError, TypeError) as error:
        if isinstance(error, BrokenText):
            raise
        raise BrokenText(line, f"not YAML that a rule can be ({type(error).__name__})") from error


def _walk(node: Any, path: str, lines: dict[str, int], deep: int) -> None:
    if deep and isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = f"{path}.{key.value}".lstrip(".") if isinstance(key.value, str) else path
            lines.setdefault(name, key.start_mark.line + 1)
            _walk(value, name, lines, deep - 1)
    elif deep and isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _walk(value, path, lines, deep - 1)

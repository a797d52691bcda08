"""Texts of rule files → the rules that run and the problems of the others."""

import hashlib
import warnings
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sigma.collection import deep_dict_update
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaRule

from pipeline.rules.correlating import compile_correlations
from pipeline.rules.logsource import UnreadSource
from pipeline.rules.problem import Problem
from pipeline.rules.rule import Rule
from pipeline.rules.rule_set import RuleSet
from pipeline.rules.translating import Unsupported, about_of, compile_rule
from pipeline.rules.values import UnsupportedValue
from pipeline.rules.yaml_text import BrokenText, Document, documents

Parsed = tuple[Document, str, Any]
"""Document, path, and what pySigma made of it."""
_PIPE = "an aggregation behind a pipe, which Sigma replaced: write it as a correlation"


def read_rules(texts: Iterable[tuple[str, str]], earlier: Iterable[Problem] = ()) -> RuleSet:
    """Rules of (path, text) pairs; `earlier`: problems of files that could not even be read."""
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        # What `re` says an expression of a rule may mean one day is no news to who runs it.
        return _read_rules(texts, list(earlier))


def _read_rules(texts: Iterable[tuple[str, str]], problems: list[Problem]) -> RuleSet:
    parsed: list[Parsed] = []
    digest = hashlib.blake2b(digest_size=8)
    for path, text in texts:
        digest.update(f"{len(text)}\0{text}".encode(errors="surrogatepass"))
        try:
            parsed += _parse_file(path, text, problems)
        except BrokenText as error:
            problems.append(Problem(path, error.line, "", error.reason, True))
    filters = [made for _, _, made in parsed if isinstance(made, SigmaFilter)]
    rules, seen = _rules(parsed, filters, problems)
    correlations = compile_correlations(
        [(doc, path, made) for doc, path, made in parsed if isinstance(made, SigmaCorrelationRule)],
        rules,
        seen,
        problems,
    )
    silent = correlations.silent
    kept = tuple(r if r.about.key not in silent else _silenced(r) for r in rules.values())
    return RuleSet(kept, correlations.found, tuple(problems), digest.hexdigest())


def _silenced(rule: Rule) -> Rule:
    return replace(rule, silent=True)


def _parse_file(path: str, text: str, problems: list[Problem]) -> list[Parsed]:
    found: list[Parsed] = []
    shared: dict[str, Any] = {}
    before: dict[str, Any] = {}
    empty = True
    for doc in documents(text):
        empty = False
        content, action = dict(doc.content), doc.content.get("action")
        content.pop("action", None)
        if action == "global":
            shared = before = content
            continue
        if action == "reset":
            shared = {}
            continue
        if action == "repeat":
            content = before = deep_dict_update(before, content)
        elif action is not None:
            line = doc.lines.get("action", doc.line)
            problems.append(Problem(path, line, "", f"unknown action {str(action)[:40]!r}", True))
            continue
        elif "correlation" not in content and "filter" not in content:
            content = before = deep_dict_update(content, shared) if shared else content
        made = _made(doc, path, content, problems)
        if made is not None:
            found.append((doc, path, made))
    if empty:
        raise BrokenText(1, "no rule in the file")
    return found


def _made(doc: Document, path: str, content: dict[str, Any], problems: list[Problem]) -> Any:
    """What pySigma makes of a document, or None and a problem."""
    title = str(content.get("title", ""))[:200]
    kind = SigmaCorrelationRule if "correlation" in content else SigmaFilter if "filter" in content else SigmaRule
    if isinstance(content.get("detection"), dict):
        content["detection"] = {k: v for k, v in content["detection"].items() if k != "timeframe"}
    try:
        made = kind.from_dict(content, collect_errors=True)
    except SigmaError as error:
        problems.append(broken(doc, path, title, error))
        return None
    except Exception as error:  # pySigma stumbles over what it does not expect with any error
        problems.append(_slip(doc, path, title, error))
        return None
    if made.errors:
        problems.append(broken(doc, path, title, made.errors[0]))
        return None
    return made


def _slip(doc: Document, path: str, title: str, error: Exception) -> Problem:
    reason = f"not of the form of a Sigma rule ({type(error).__name__}: {str(error)[:80]})"
    return Problem(path, doc.line_of(reason, None), title, reason, True)


def broken(doc: Document, path: str, title: str, error: Exception) -> Problem:
    """The problem that pySigma's error tells, with the line it belongs to."""
    reason = str(error.args[0] if error.args else type(error).__name__)
    name = type(error).__name__.lower()
    sections = {"logsource": "logsource", "level": "level", "status": "status", "date": "date", "identifier": "id",
                "correlation": "correlation", "timespan": "correlation", "condition": "detection.condition",
                "detection": "detection", "modifier": "detection", "tag": "tags", "title": "title"}  # fmt: skip
    section = next((s for word, s in sections.items() if word in name), None)
    if section is None and "detection" in doc.lines:
        section = "detection"
    return Problem(path, doc.line_of(reason, section), title, " ".join(reason.split())[:300], True)


def _rules(
    parsed: list[Parsed], filters: list[SigmaFilter], problems: list[Problem]
) -> tuple[dict[str, Rule], dict[str, str]]:
    """Rules by key, and where each key (of rules that do not run, too) stands."""
    rules: dict[str, Rule] = {}
    seen: dict[str, str] = {}
    for doc, path, made in parsed:
        if not isinstance(made, SigmaRule):
            continue
        about = about_of(made, path, doc.line)
        if about.key in seen:
            line = doc.lines.get("id", doc.line)
            problems.append(Problem(path, line, about.title, f"{about.key} is already in {seen[about.key]}", True))
            continue
        seen[about.key] = f"{path}:{doc.line}"
        try:
            for one in filters:
                made = one.apply_on_rule(made)
            rules[about.key] = compile_rule(made, about)
        except (Unsupported, UnsupportedValue, UnreadSource) as error:
            problems.append(Problem(path, doc.line, about.title, str(error), False))
        except SigmaError as error:
            if "pipe syntax" in str(error):
                problems.append(Problem(path, doc.line, about.title, _PIPE, False))
            else:
                problems.append(broken(doc, path, about.title, error))
        except Exception as error:
            problems.append(_slip(doc, path, about.title, error))
    return rules, seen

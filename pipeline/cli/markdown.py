"""The Markdown of our own pages as HTML: headings, paragraphs, lists, tables, quotes, code. No more than that."""

import re
from collections.abc import Iterator
from html import escape

from pipeline.evaluation.html import raw_table

_CODE, _LINK = re.compile(r"`([^`]+)`"), re.compile(r"\[([^\]]+)\]\(([\w.:/-]+)\)")
_ADDRESS = re.compile(r"(?<![\"'>=])\bhttps://[\w./-]+[\w/]")
_CELL = re.compile(r"(?<!\\)\|")


def to_html(text: str) -> str:
    """The body of a page.

    >>> to_html("# One\\n\\nTwo `three`.")
    '<h1>One</h1><p>Two <code>three</code>.</p>'
    """
    return "".join(_blocks(text.split("\n")))


def _blocks(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("```"):
            end = next((k for k in range(at + 1, len(lines)) if lines[k].startswith("```")), len(lines))
            yield f"<pre>{escape(chr(10).join(lines[at + 1 : end]))}</pre>"
            at = end + 1
            continue
        end = at + 1
        kind = _kind(line)
        while kind and end < len(lines) and _kind(lines[end]) == kind:
            end += 1
        if line:
            yield _block(kind, lines[at:end])
        at = end


def _kind(line: str) -> str:
    """What begins the line, for lines that belong together."""
    return next((mark for mark in ("|", "- ", "> ") if line.startswith(mark)), "")


def _block(kind: str, lines: list[str]) -> str:
    if kind == "|":
        rows = [[_words(cell.strip().replace("\\|", "|")) for cell in _CELL.split(line)[1:-1]] for line in lines]
        heads = [re.sub(r"<[^>]+>", "", cell) for cell in rows[0]]
        return raw_table(heads, rows[2:], "text")
    if kind == "- ":
        return "<ul>" + "".join(f"<li>{_words(line[2:])}</li>" for line in lines) + "</ul>"
    if kind == "> ":
        return f"<blockquote>{'<br>'.join(_words(line[2:]) for line in lines)}</blockquote>"
    (line,) = lines
    level = len(line) - len(line.lstrip("#"))
    if 1 <= level <= 3 and line[level : level + 1] == " ":
        return f"<h{level}>{_words(line[level + 1 :])}</h{level}>"
    return f"<p>{_words(line)}</p>"


def _words(text: str) -> str:
    """Code, links to our own pages, and addresses."""
    out = _CODE.sub(r"<code>\1</code>", escape(text, quote=False))
    out = _LINK.sub(lambda m: f'<a href="{re.sub(r"[.]md$", ".html", m[2])}">{m[1]}</a>', out)
    return _ADDRESS.sub(lambda m: f'<a href="{m[0]}">{m[0]}</a>', out)

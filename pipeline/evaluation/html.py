"""Pages that need nothing else: a head with its style, and tables."""

from collections.abc import Sequence
from html import escape

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1d2b33}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;margin:.5rem 0}
td,th{padding:.25rem .8rem .25rem 0;text-align:right;border-bottom:1px solid #dde3e7;vertical-align:top}
td:first-child,th:first-child{text-align:left}.warn{background:#fff3e0;border-left:4px solid #e08a00;padding:.6rem 1rem}
.big{font-size:2rem;font-weight:600}.cards{display:flex;gap:2.5rem;flex-wrap:wrap}small{color:#5c6f7a}
img{max-width:100%;height:auto}code,pre{background:#f2f5f7;padding:0 .25rem}pre{padding:.6rem;overflow-x:auto}
blockquote{margin:.5rem 0;padding:.4rem 1rem;border-left:4px solid #7f9cab;background:#f6f8f9}
.text td,.text th{text-align:left}.more{color:#a33a00;font-weight:600}.less{color:#1c6b4a;font-weight:600}
"""


def page(title: str, parts: Sequence[str]) -> str:
    """The whole page; `parts` are HTML already."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A table of texts; `kind`: a class of the style, as `text` for columns of words."""
    return raw_table(heads, [[escape(cell) for cell in row] for row in rows], kind)


def raw_table(heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A table whose cells are HTML already."""
    head = "".join(f"<th>{escape(h)}</th>" for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table{f' class={kind!r}' if kind else ''}><tr>{head}</tr>{body}</table>"

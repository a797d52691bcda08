"""Just enough of ClickHouse's SQL lexer to route a statement: where INSERT's data begins, which FORMAT is asked.

What a statement would do is never decided here: the engine's own parser answers that (see clickhouse_access.py).
Texts are handled as latin-1, so that a character is a byte and data after the statement is never decoded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|\#[ !][^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<string>'(?:[^'\\]|\\.|'')*'?|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
      | (?P<quoted>`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*")
      | (?P<word>[A-Za-z_\x80-\xff][\w\x80-\xff]*)
      | (?P<number>\d[\w.]*)
      | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<other>.)""",
    re.DOTALL | re.VERBOSE | re.ASCII,
)
_READERS = {"SELECT", "WITH", "FROM"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL outside comments: its kind, its text, where it starts and how deep in brackets it stands."""

    kind: str
    text: str
    start: int
    depth: int

    @property
    def end(self) -> int:
        """Offset just after the token."""
        return self.start + len(self.text)

    @property
    def keyword(self) -> str:
        """The word in capitals, empty for anything that is not a bare word."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT that carries data: the statement without FORMAT, the data's format and the data's offset."""

    statement: str
    format: str
    data_start: int

    def from_file(self, path: str) -> str:
        """The same INSERT with its data in a file."""
        settings = next((t for t in tokens(self.statement) if not t.depth and t.keyword == "SETTINGS"), None)
        end = settings.start if settings else len(self.statement)
        before, after = self.statement[:end], self.statement[end:]
        return f"{before} FROM INFILE {quote(path)} COMPRESSION 'none' {after} FORMAT {self.format}"


@dataclass(frozen=True, slots=True)
class Query:
    """Any other statement: the text before and after its FORMAT clause, the format asked ('' when none)."""

    before: str
    after: str
    format: str
    rows: bool

    @property
    def text(self) -> str:
        """The statement without its FORMAT clause."""
        return f"{self.before}\n{self.after}" if self.after else self.before

    def into_file(self, path: str, form: str) -> str:
        """The same statement writing its result to `path` (a path we made, free of quotes)."""
        return f"{self.before}\nINTO OUTFILE '{path}' FORMAT {form} {self.after}"


def tokens(sql: str) -> Iterator[Token]:
    """Tokens of `sql` without space and comments."""
    depth = 0
    for match in _TOKEN.finditer(sql):
        kind = match.lastgroup or "other"
        if kind == "tag":
            kind = "string"
        if kind == "close":
            depth = max(0, depth - 1)
        if kind != "skip":
            yield Token(kind, match[0], match.start(), depth)
        if kind == "open":
            depth += 1


def find_insert(head: str) -> Insert | None:
    """The INSERT at the beginning of `head` when data follows it, else None.

    `head` need only reach past the statement: reading stops at FORMAT or VALUES, data is never scanned.
    """
    stream = tokens(head)
    first = next(stream, None)
    if first is None or first.keyword != "INSERT":
        return None
    for token in stream:
        if token.depth or not token.keyword:
            continue
        if token.keyword in _READERS or token.keyword == "WATCH":
            return None
        if token.keyword == "VALUES":
            return Insert(head[: token.start], "Values", token.end)
        if token.keyword == "FORMAT":
            name = next(stream, None)
            if name is None or name.kind != "word":
                return None
            return Insert(head[: token.start], name.text, _after_one_newline(head, name.end))
    return None


def _after_one_newline(head: str, start: int) -> int:
    """Where data begins: after blanks and at most one line end, as in ClickHouse's own parser."""
    while head[start : start + 1] in (" ", "\t", "\f"):
        start += 1
    if head[start : start + 2] == "\r\n":
        return start + 2
    return start + 1 if head[start : start + 1] == "\n" else start


def parse_query(sql: str) -> Query:
    """Split a statement at its trailing FORMAT clause; a closing semicolon is dropped."""
    found = list(tokens(sql))
    while found and found[-1].text == ";":
        found.pop()
    if not found:
        return Query("", "", "", rows=False)
    end = found[-1].end
    rows = next((t.keyword for t in found if t.text != "("), "") in _READERS
    for place in range(len(found) - 2, 0, -1):
        token, name = found[place], found[place + 1]
        if token.depth or token.keyword != "FORMAT" or name.kind not in ("word", "quoted"):
            continue
        tail = found[place + 2] if place + 2 < len(found) else None
        if tail is None or tail.keyword == "SETTINGS":
            return Query(sql[: token.start], sql[name.end : end].strip(), name.text.strip('`"'), rows)
    return Query(sql[:end], "", "", rows)


def writes_outfile(sql: str) -> bool:
    """Whether the statement says INTO OUTFILE outside strings and comments."""
    previous = ""
    for token in tokens(sql):
        if previous == "INTO" and token.keyword == "OUTFILE":
            return True
        previous = token.keyword
    return False


def first_word(sql: str) -> str:
    """The statement's first word in capitals."""
    return next((token.keyword for token in tokens(sql)), "")


def quote(value: str) -> str:
    """`value` as a string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote_name(name: str) -> str:
    """`name` as a quoted identifier."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"

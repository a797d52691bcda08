"""Finding an INSERT's data and a statement's FORMAT."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.clickhouse_sql import (
    find_insert,
    first_word,
    parse_query,
    quote,
    quote_name,
    tokens,
    writes_outfile,
)

NOISE = st.sampled_from(["", " ", "\n", "/* FORMAT x */", "-- VALUES\n", "\t# SELECT\n"])


@given(st.lists(NOISE, min_size=4, max_size=4), st.binary(max_size=50))
def test_data_begins_after_one_line_end(noise: list[str], data: bytes) -> None:
    a, b, c, d = (part + " " for part in noise)
    statement = f"{a}INSERT{b}INTO t ({c}id, `FORMAT x`){d}"
    found = find_insert(f"{statement}FORMAT Native\n".encode().decode() + data.decode("latin-1"))
    assert found is not None
    assert (found.statement, found.format) == (statement, "Native")
    assert found.data_start == len(f"{statement}FORMAT Native\n")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FORMAT CSV",
        "INSERT INTO t SELECT 1 FORMAT CSV",
        "INSERT INTO t WITH 1 AS x SELECT x",
        "INSERT INTO t",
        "-- INSERT INTO t FORMAT CSV\nSELECT 1",
        "",
    ],
)
def test_no_data(sql: str) -> None:
    assert find_insert(sql) is None


def test_values_keep_their_brackets() -> None:
    sql = "INSERT INTO t (a) VALUES (1), ('FORMAT')"
    found = find_insert(sql)
    assert found is not None
    assert (found.statement, found.format, sql[found.data_start :]) == (
        "INSERT INTO t (a) ",
        "Values",
        " (1), ('FORMAT')",
    )


@pytest.mark.parametrize(
    ("sql", "text", "form", "rows"),
    [
        ("SELECT 1", "SELECT 1", "", True),
        ("SELECT 1 ;; ", "SELECT 1", "", True),
        ("SELECT 1 FORMAT JSON", "SELECT 1 ", "JSON", True),
        ("SELECT 1 FORMAT JSON; -- end", "SELECT 1 ", "JSON", True),
        ("SELECT 1 format JSON settings a = 1", "SELECT 1 \nsettings a = 1", "JSON", True),
        ("SELECT (SELECT 1 FORMAT) -- FORMAT CSV", "SELECT (SELECT 1 FORMAT)", "", True),
        ("SELECT 'FORMAT CSV'", "SELECT 'FORMAT CSV'", "", True),
        ("( SELECT 1 )", "( SELECT 1 )", "", True),
        ("SHOW TABLES FORMAT CSV", "SHOW TABLES ", "CSV", False),
        (" ; ", "", "", False),
    ],
)
def test_format_clause(sql: str, text: str, form: str, rows: bool) -> None:
    query = parse_query(sql)
    assert (query.text, query.format, query.rows) == (text, form, rows)


@given(st.text(alphabet="ab'\"`\\/*-#\n$;() FORMAT", max_size=60))
def test_any_text_is_read_to_its_end(sql: str) -> None:
    found = list(tokens(sql))
    assert all(sql[token.start : token.end] == token.text for token in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_outfile_and_first_word() -> None:
    assert writes_outfile("SELECT 1 INTO /* x */ OUTFILE 'a'")
    assert not writes_outfile("SELECT 'INTO OUTFILE' -- INTO OUTFILE")
    assert first_word("/* a */ use x") == "USE"


@given(st.text(max_size=30))
def test_quoted_values_are_one_token(value: str) -> None:
    for text in (quote(value), quote_name(value)):
        assert [token.text for token in tokens(text)] == [text]

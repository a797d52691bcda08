"""Files of many kinds become the same table, and what is none is refused in one line."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.errors import UsageError
from pipeline.tables.cells import numbers
from pipeline.tables.read import read_table
from pipeline.tables.table import Table

PLAIN = b"a,b,label\n1,x,normal\n2,y,attack\n3,,normal\n"


def read(tmp_path: Path, content: bytes, label: str = "label", rows: int | None = None) -> Table:
    path = tmp_path / "file"
    path.write_bytes(content)
    return read_table(path, label, rows)


def texts(table: Table, name: str) -> list[bytes]:
    return table[name].to_pylist()  # type: ignore[no-any-return, union-attr]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b",", b"\t"),
        PLAIN.replace(b",", b";"),
        PLAIN.decode().encode("utf-16"),
        gzip.compress(PLAIN, mtime=0),
        b" a , b , label \n1,x,normal\n2,y,attack\n3,,normal\n",
        b'"a","b","label"\n1,"x","normal"\n2,"y",attack\n3,"",normal\n',
        b"a,b,label,\n1,x,normal,\n2,y,attack,\n3,,normal,\n",
        b"@relation t\n@attribute a numeric\n@attribute 'b' {x,y}\n@attribute label {n}\n@data\n" + PLAIN[10:],
        b"#separator \\x09\n#fields\ta\tb   label\n#types\tint\tstring   string\n1\tx   normal\n2\ty   attack\n"
        b"3\t   normal\n#close\n",
        b'{"a":1,"b":"x","label":"normal"}\n{"a":2,"b":"y","label":"attack"}\n{"a":3,"b":null,"label":"normal"}\n',
        b'[{"a":1,"b":"x","label":"normal"},\n{"a":2,"b":"y","label":"attack"},{"a":3,"label":"normal"}]',
    ],
)
def test_one_table_in_many_dresses(tmp_path: Path, content: bytes) -> None:
    table = read(tmp_path, content)
    assert table.rows == 3
    assert {"a", "b", "label"} <= set(table.names)
    assert numbers(table["a"]).values.tolist() == [1, 2, 3]
    assert texts(table, "b") == [b"x", b"y", b""]
    assert texts(table, "label") == [b"normal", b"attack", b"normal"]


def test_arrays_and_parquet(tmp_path: Path) -> None:
    packed, plain = io.BytesIO(), io.BytesIO()
    np.savez(packed, X=np.arange(6.0).reshape(3, 2), y=np.array(["n", "a", "n"]), other=np.zeros(2))
    table = read(tmp_path, packed.getvalue(), "y")
    assert table.names == ["x1", "x2", "y"] and table.notes == ("other is left out: it has not one entry a row",)
    assert numbers(table["x2"]).values.tolist() == [1, 3, 5] and texts(table, "y") == [b"n", b"a", b"n"]
    parquet.write_table(pa.table({"v": [1, None, 3], "w": ["p", None, "q"]}), plain)
    table = read(tmp_path, plain.getvalue(), "w")
    assert np.array_equal(numbers(table["v"]).values, [1, np.nan, 3], equal_nan=True)
    assert texts(table, "w") == [b"p", b"", b"q"]
    with zipfile.ZipFile(plain := io.BytesIO(), "w") as archive:
        archive.writestr("inside.csv", PLAIN)
    assert read(tmp_path, plain.getvalue()).rows == 3


def test_quoted_cells_may_hold_anything(tmp_path: Path) -> None:
    table = read(tmp_path, b'name,label\n"Doe, J","a ""b""\nc"\n"",x\n')
    assert texts(table, "name") == [b"Doe, J", b""] and texts(table, "label") == [b'a "b"\nc', b"x"]


def test_a_file_without_a_header_gets_numbers_for_names(tmp_path: Path) -> None:
    table = read(tmp_path, b"0,tcp,normal,20\n1,udp,attack,3\n", "3")
    assert table.rows == 2 and table.find("3", "--label") == "c3" == table.find("-2", "--label")
    assert "c1 to c4" in table.notes[0]
    assert read(tmp_path, b"0 1.5 1\n3 2.5 4\n", "3").names == ["c1", "c2", "c3"]


def test_same_names_and_nested_ones(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,a,,label\n1,2,3,4\n").names == ["a", "a.1", "unnamed 3", "label"]
    table = read(tmp_path, b'{"a":{"b":NaN,"c":[1]},"label":true}\n{"a":{"b":-Infinity},"new":2,"label":false}\n')
    assert table.names == ["a.b", "a.c", "label", "new"]
    assert texts(table, "new") == [b"", b"2"] and texts(table, "label") == [b"true", b"false"]


def test_only_the_first_rows(tmp_path: Path) -> None:
    assert read(tmp_path, PLAIN, rows=2).rows == 2
    assert read(tmp_path, b'{"label":1}\n' * 9, rows=4).rows == 4


def test_few_broken_lines_are_told_many_refused(tmp_path: Path) -> None:
    many = b"a,label\n" + b"1,2\n" * 4_000
    table = read(tmp_path, many + b"1,2,3\n")
    assert table.rows == 4_000 and "line 4002 has 3 cells where the header has 2" in table.notes[0]
    with pytest.raises(UsageError, match="line 3 has 1 cells where the header has 2"):
        read(tmp_path, b"a,label\n1,2\n3\n4,5\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (b"a,b,label\n", "no rows"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x93NUMPY\x01\x00", "numpy.savez"),
        (b"PK\x03\x04broken", "archive"),
        (b"PAR1broken", "Parquet"),
        (b'{"a":1}\n{"a":\n', "line 2 is not JSON"),
        (b'{"a":1}\n[1]\n', "line 2 is no JSON object"),
        (b"[{,", "JSON array"),
        (b'{"a":' + b"[" * 300 + b"]" * 300 + b"}\n", "line 1 is nested too deeply"),
        (b"@relation x\n@data\n1,x\n@attribute a numeric\n", "names no attributes"),
        (gzip.compress(PLAIN * 200, mtime=0)[:-30], "ends early"),
    ],
)
def test_what_is_no_table_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_python_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(packed := io.BytesIO(), y=np.array(["a", 1], dtype=object))
    with pytest.raises(UsageError, match="trusted"):
        read(tmp_path, packed.getvalue(), "y")


def test_an_unknown_column_suggests_near_ones(tmp_path: Path) -> None:
    table = read(tmp_path, PLAIN)
    assert table.find(" LABEL", "--label") == "label"
    with pytest.raises(UsageError, match="did you mean label"):
        table.find("lable", "--label")
    with pytest.raises(UsageError, match="there are a, b, label"):
        table.find("zzzzzz", "--label")


def test_windows_dashes_and_lone_returns(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,label\n1,Web Attack \x96 XSS\n2,x\xff\n")
    assert texts(table, "label") == ["Web Attack – XSS".encode(), "xÿ".encode()]
    with pytest.raises(UsageError, match="line 2 has 1 cells"):
        read(tmp_path, b"a,label\n\xe9\n1,2\n")
    assert read(tmp_path, b'a\rb,label\n1,2\n"x\ry",3\n').rows == 2


def test_damaged_archives_are_one_line(tmp_path: Path) -> None:
    np.savez_compressed(packed := io.BytesIO(), X=np.random.default_rng(1).normal(size=(400, 4)), y=np.arange(400) % 2)
    parquet.write_table(pa.table({"naïve": [1, 2], "label": [0, 1]}), columns := io.BytesIO())
    good = packed.getvalue()
    inside = good[:200] + bytes(64) + good[264:]
    named = columns.getvalue().replace("ï".encode(), b"\xff\xff")
    assert named != columns.getvalue()
    for content in (inside, named):
        with pytest.raises(UsageError) as caught:
            read(tmp_path, content)
        assert "\n" not in str(caught.value)


def test_a_date_that_no_calendar_has_is_one_line(tmp_path: Path) -> None:
    beyond = pa.array([2**62], pa.timestamp("ms"))
    parquet.write_table(pa.table({"when": beyond, "label": [0]}), tmp_path / "file")
    with pytest.raises(UsageError, match="'when' holds what cannot be shown"):
        read_table(tmp_path / "file", "label")

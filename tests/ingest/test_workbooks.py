"""Workbooks read as the tables in them do."""

import io
import zipfile
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingested import fields, letters
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from pipeline.ingest import workbooks
from pipeline.ingest.archives import unpacked
from pipeline.ingest.listing import list_files
from pipeline.ingest.merge import Result, read_paths
from pipeline.ingest.reader import Parsed
from pipeline.ingest.streams import SHOWN_AS, display_name
from pipeline.ingest.workbooks import WorkbookError

TEN = datetime(2026, 11, 20, 10)  # noqa: DTZ001 - sheets know no zones
TS = 1795168800.0
ACCESSES: list[list[object]] = [
    ["Activity of November"],
    [],
    ["Access Time", "User ID", "Patient MRN", "Action", "Workstation"],
    [TEN, "anna", 1000001, "View chart", "PC-1"],
    [TEN + timedelta(minutes=15), "nora", 1000002.0, "View chart"],
    ["Total", 2],
]


def workbook(sheets: dict[str, list[list[object]]], *, hidden: str = "", from_1904: bool = False) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
    book.save(out)
    return out.getvalue()


def with_part(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with something else in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            held = source.read(name)
            assert name != part or old in held
            archive.writestr(name, held.replace(old, new, 1) if name == part else held)
    return out.getvalue()


def with_shared_text(content: bytes, text: str) -> bytes:
    """The workbook with one text apart from the cell that shows it, as Excel keeps all of them."""
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    content = with_part(content, SHEET, b't="inlineStr"><is><t>%s</t></is>' % text.encode(), b't="s"><v>0</v>')
    told = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    out = io.BytesIO(with_part(content, "[Content_Types].xml", b"</Types>", told))
    with zipfile.ZipFile(out, "a") as archive:
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}"><si><t>{text}</t></si></sst>')
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
WHOLE = workbook({"Activity": ACCESSES})


def read(folder: Path, content: bytes) -> list[Result]:
    (folder / "report.xlsx").write_bytes(content)
    return list(read_paths([folder / "report.xlsx"]))


def test_a_report_reads_as_its_table(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    assert [(one["ts"], one["user"], one["patient"], one.get("workstation")) for one in map(fields, found)] == [
        (TS, "anna", "1000001", "PC-1"), (TS + 900, "nora", "1000002", None)]  # fmt: skip
    assert all(isinstance(one, Parsed) and b'report.xlsx/Activity.csv"' in one.value for one in found)
    assert not SHOWN_AS


def test_every_visible_sheet_with_a_table_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    content = workbook({"Notes": [["Note"]], "One": ACCESSES, "Two": ACCESSES, "Old": ACCESSES}, hidden="Old")
    assert len(read(tmp_path, content)) == 4
    with unpacked(list_files([tmp_path / "report.xlsx"])) as listing:
        assert sorted(display_name(path).rpartition("/")[2] for path, _ in listing.skipped) == ["Notes", "Old"]


def test_texts_that_lie_apart_from_their_cells(tmp_path: Path) -> None:
    found = read(tmp_path, with_shared_text(WHOLE, "User ID"))
    assert [fields(one)["user"] for one in found] == ["anna", "nora"]


def test_days_that_count_from_1904(tmp_path: Path) -> None:
    found = read(tmp_path, workbook({"A": ACCESSES}, from_1904=True))
    assert fields(found[0])["ts"] == TS


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (TEN.replace(hour=0), "2026-11-20"), (TEN, "2026-11-20 10:00:00"), (time(10), "10:00:00"),
        (TEN + timedelta(seconds=7), "2026-11-20 10:00:07"), (2.5, "2.5"), (3.0, "3"), (1.2e10, "12000000000"),
        (-3, "-3"), (True, "TRUE"), ("#N/A", ""), ("  a\tb ", '"  a\tb "'), ("=1+1", ""),
    ],
)  # fmt: skip
def test_what_cells_hold(value: object, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook({"A": [["a", "b"], [value, "x"]]}))
    ((_, table),) = workbooks.sheets(path)
    assert table is not None
    assert table.read().decode() == f"a\tb\n{expected}\tx\n"


def test_cells_far_away_do_not_swell_the_table(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["B1"], sheet["A2"], sheet["XFD900000"] = "a", "b", "c", "far"
    book.save(path)
    ((_, table),) = workbooks.sheets(path)
    assert table is not None
    assert table.read() == b"a\tb\nc\t\n"


def test_what_would_harm_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'
    reasons = {
        "the workbook is damaged; what follows is missing": (
            with_part(WHOLE, SHEET, b"<worksheet", entities), with_part(WHOLE, SHEET, b"</row>", b"<row>"),
            with_part(WHOLE, workbooks.WORKBOOK, b"<sheets>", b""),
        ),
        "holds no table": (workbook({"A": []}),),
    }  # fmt: skip
    for reason, contents in reasons.items():
        for content in contents:
            assert any(reason in letter.reason for letter in letters(read(tmp_path, content))), reason
    monkeypatch.setattr(workbooks, "BOMB_AFTER_BYTES", 1000)
    monkeypatch.setattr(workbooks, "BOMB_RATIO", 4)
    (letter,) = letters(read(tmp_path, workbook({"A": [[1]] * 1000})))
    assert "swells" in letter.reason
    monkeypatch.undo()
    monkeypatch.setattr(workbooks, "MOST_TEXT_BYTES", 10)
    (letter,) = letters(read(tmp_path, with_shared_text(WHOLE, "User ID")))
    assert "save it as CSV" in letter.reason


def test_a_workbook_of_the_old_kind_is_told_what_to_do(tmp_path: Path) -> None:
    (letter,) = letters(read(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
    assert "save it as .xlsx" in letter.reason


@given(st.binary(min_size=1, max_size=60), st.integers(0, 900))
def test_damage_is_a_workbook_error_at_most(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    path = tmp_path_factory.mktemp("damage") / "a.xlsx"
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        sheet = archive.read(SHEET)
    path.write_bytes(with_part(WHOLE, SHEET, sheet, sheet[:at] + noise + sheet[at + len(noise) :]))
    try:
        tables = [table.read() for _, table in workbooks.sheets(path) if table]
    except WorkbookError:
        return
    assert all(b"\t" in table for table in tables)

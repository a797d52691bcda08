"""Workbooks read as the tables in them do; the parts are laid out as Excel, openpyxl and XlsxWriter write them."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingested import fields, letters

from pipeline.ingest import workbooks
from pipeline.ingest.archives import unpacked
from pipeline.ingest.listing import list_files
from pipeline.ingest.merge import Result, read_paths
from pipeline.ingest.reader import Parsed
from pipeline.ingest.sheet_rows import WorkbookError, sheet_rows
from pipeline.ingest.streams import SHOWN_AS, display_name

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATED = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
STYLES = (
    f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy hh:mm"/><numFmt numFmtId="165"'
    ' formatCode="[Red]0.00&quot; days&quot;"/></numFmts><cellStyleXfs><xf numFmtId="22"/></cellStyleXfs><cellXfs>'
    '<xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)
TEXTS = (
    "Access Time",
    "User ID",
    "Patient MRN",
    "Action",
    "Workstation",
    "View chart",
    "Activity of November",
    "Total",
)
DAY = 46_346.0
"""2026-11-20 as a workbook counts."""


def cell(place: str, value: object, sort: str = "", style: int = 0) -> str:
    return f'<c r="{place}" s="{style}"{f" t={chr(34)}{sort}{chr(34)}" if sort else ""}><v>{value}</v></c>'


def sheet(*rows: str) -> str:
    return f'<?xml version="1.0"?><worksheet {MAIN}><sheetData>{"".join(rows)}</sheetData></worksheet>'


def row(*cells: str) -> str:
    return f"<row>{''.join(cells)}</row>"


ACCESSES = sheet(
    row(cell("A1", 6, "s")),
    row(),
    row(*(cell(f"{letter}3", at, "s") for at, letter in enumerate("ABCDE"))),
    row(cell("A4", DAY + 10 / 24, style=1), '<c r="B4" t="inlineStr"><is><r><t>an</t></r><r><t>na</t></r></is></c>',
        cell("C4", 1000001), cell("D4", 5, "s"), cell("E4", "PC-1", "str")),
    row(cell("A5", DAY + 10.25 / 24, style=1), cell("B5", "nora", "str"), cell("C5", "1000002.0"), cell("D5", 5, "s")),
    row(cell("A6", 7, "s"), cell("B6", 2)),
)  # fmt: skip


def workbook(sheets: dict[str, str], *, hidden: str = "", dates: str = "", texts: tuple[str, ...] = TEXTS) -> bytes:
    out = io.BytesIO()
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}" state="{"hidden" if name == hidden else "visible"}"/>'
        for n, name in enumerate(sheets, 1)
    )
    related = "".join(f'<Relationship Id="rId{n}" Target="worksheets/s{n}.xml"/>' for n in range(1, len(sheets) + 1))
    shared = "".join(f"<si><t>{text}</t><rPh><t>spoken</t></rPh></si>" for text in texts)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            workbooks.WORKBOOK,
            f"<workbook {MAIN} {RELATED}><workbookPr {dates}/><sheets>{listed}</sheets></workbook>",
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{related}</Relationships>")
        archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{shared}</sst>")
        archive.writestr("xl/styles.xml", STYLES)
        archive.writestr("xl/vbaProject.bin", b"never looked at")
        for n, content in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/s{n}.xml", content)
    return out.getvalue()


def read(folder: Path, content: bytes) -> list[Result]:
    (folder / "report.xlsx").write_bytes(content)
    return list(read_paths([folder / "report.xlsx"]))


def test_a_report_reads_as_its_table(tmp_path: Path) -> None:
    found = read(tmp_path, workbook({"Activity": ACCESSES}))
    assert [(one["ts"], one["user"], one["patient"], one.get("workstation")) for one in map(fields, found)] == [
        (1795168800.0, "anna", "1000001", "PC-1"), (1795169700.0, "nora", "1000002", None)]  # fmt: skip
    assert all(isinstance(one, Parsed) and b'report.xlsx/Activity.csv"' in one.value for one in found)
    assert not SHOWN_AS


def test_every_visible_sheet_with_a_table_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    content = workbook({"Notes": sheet(row(cell("A1", 6, "s"))), "One": ACCESSES, "Two": ACCESSES, "Old": ACCESSES},
                       hidden="Old")  # fmt: skip
    assert len(read(tmp_path, content)) == 4
    with unpacked(list_files([tmp_path / "report.xlsx"])) as listing:
        assert sorted(display_name(path).rpartition("/")[2] for path, _ in listing.skipped) == ["Notes", "Old"]


def test_days_that_count_from_1904(tmp_path: Path) -> None:
    found = read(tmp_path, workbook({"A": ACCESSES.replace("46346", "44884")}, dates='date1904="1"'))
    assert fields(found[0])["ts"] == 1795168800.0


@pytest.mark.parametrize(
    ("value", "style", "expected"),
    [
        (DAY, 1, "2026-11-20"), (DAY + 10 / 24, 2, "2026-11-20 10:00:00"), (10 / 24, 1, "10:00:00"),
        ("46346.416747685187", 1, "2026-11-20 10:00:07"), ("46346.4167476968", 1, "2026-11-20 10:00:07.001000"),
        (2.5, 3, "2.5"), ("3.0", 0, "3"), ("1.2E+10", 0, "12000000000"), (-3, 1, "-3"), (1e9, 1, "1000000000.0"),
        ("nan", 1, "nan"), ("1e400", 0, "1e400"),
    ],
)  # fmt: skip
def test_numbers_and_moments(value: object, style: int, expected: str) -> None:
    source = io.BytesIO(sheet(row(cell("A1", value, style=style))).encode())
    assert list(sheet_rows(source, [], frozenset((1, 2)), from_1904=False)) == [[expected]]


def test_what_would_harm_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entity = '<!DOCTYPE x [<!ENTITY a "b">]>'
    reasons = {
        "document type": workbook({"A": ACCESSES.replace('<?xml version="1.0"?>', entity)}),
        "damaged": workbook({"A": ACCESSES[:-40]}),
        "holds no table": workbook({"A": sheet()}),
    }
    for reason, content in reasons.items():
        assert any(reason in letter.reason for letter in letters(read(tmp_path, content))), reason
    monkeypatch.setattr(workbooks, "BOMB_AFTER_BYTES", 1000)
    monkeypatch.setattr(workbooks, "BOMB_RATIO", 4)
    (letter,) = letters(read(tmp_path, workbook({"A": sheet(*[row(cell("A1", 1))] * 1000)})))
    assert "swells" in letter.reason
    monkeypatch.undo()
    monkeypatch.setattr(workbooks, "MOST_TEXT_BYTES", 10)
    (letter,) = letters(read(tmp_path, workbook({"A": ACCESSES})))
    assert "save it as CSV" in letter.reason


def test_a_workbook_of_the_old_kind_is_told_what_to_do(tmp_path: Path) -> None:
    (letter,) = letters(read(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
    assert "save it as .xlsx" in letter.reason


@given(st.binary(max_size=300), st.integers(0, 600))
def test_damage_is_a_workbook_error_at_most(noise: bytes, at: int) -> None:
    whole = ACCESSES.encode()
    source = io.BytesIO(whole[:at] + noise + whole[at + len(noise) :])
    try:
        rows = list(sheet_rows(source, list(TEXTS), frozenset((1,)), from_1904=False))
    except WorkbookError:
        return
    assert all(isinstance(text, str) for one in rows for text in one)

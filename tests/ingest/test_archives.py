"""Archives of several files are read as the folder they were."""

import io
import os
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest

from pipeline.ingest import archives, listing
from pipeline.ingest.merge import Result, read_paths
from pipeline.ingest.reader import Parsed
from pipeline.ingest.streams import SHOWN_AS
from schemas.dead_letter import DeadLetter

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LINE = "2026-11-20T10:00:0{n}Z srv-{n} sshd[7]: Failed password for root from 203.0.113.7 port 4711 ssh2\n"
FILES = {f"logs/sub {n}/auth.log": LINE.format(n=n).encode() for n in range(3)} | {"logs/README.md": b"notes"}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files: dict[str, bytes], packing: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{packing}") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("logs/link.log")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return out.getvalue()


def read(folder: Path, name: str, content: bytes) -> list[Result]:
    (folder / name).write_bytes(content)
    return list(read_paths([folder / name]))


def origins(results: list[Result]) -> list[str]:
    return [
        str(result.value).partition('"origin":"')[2].partition('"')[0]
        for result in results
        if isinstance(result, Parsed)
    ]


def reasons(results: list[Result]) -> list[str]:
    return [result.reason for result in results if isinstance(result, DeadLetter)]


PACKED = {
    "a.zip": zipped(FILES),
    "a.tar": tarred(FILES),
    "a.tar.gz": tarred(FILES, "gz"),
    "a.txz": tarred(FILES, "xz"),
    "a.tar.zst": zstd.compress(tarred(FILES)),
    "nested.zip": zipped({"inner.tar.gz": tarred(FILES, "gz")}),
    "any name": zipped(FILES),
}


@pytest.mark.parametrize("name", list(PACKED))
def test_members_are_read_in_event_time_under_their_names(tmp_path: Path, name: str) -> None:
    before = set(os.listdir(tempfile.gettempdir()))
    results = read(tmp_path, name, PACKED[name])
    inner = "/inner.tar.gz" if name == "nested.zip" else ""
    assert origins(results) == [f"{tmp_path}/{name}{inner}/logs/sub {n}/auth.log" for n in range(3)]
    assert not reasons(results)
    assert not SHOWN_AS
    assert not {one for one in set(os.listdir(tempfile.gettempdir())) - before if one.startswith("wardwatch-")}


def test_an_archive_in_a_folder_and_what_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "day.zip").write_bytes(PACKED["a.zip"])
    (tmp_path / "other.log").write_text(LINE.format(n=9))
    with archives.unpacked(listing.list_files([tmp_path])) as whole:
        assert [path.name for path in whole.files] == ["auth.log"] * 3 + ["other.log"]
        assert [path.name for path, _ in whole.skipped] == ["README.md"]
    assert len(origins(list(read_paths([tmp_path])))) == 4


def test_names_of_many_archives_are_not_mixed_up(tmp_path: Path) -> None:
    for n in range(12):
        (tmp_path / f"{n}.zip").write_bytes(zipped({"a.log": LINE.format(n=n % 10).encode()}))
    assert sorted(origins(list(read_paths([tmp_path])))) == sorted(f"{tmp_path}/{n}.zip/a.log" for n in range(12))


def test_a_file_packed_with_zstd(tmp_path: Path) -> None:
    assert len(origins(read(tmp_path, "auth.log.zst", zstd.compress(FILES["logs/sub 0/auth.log"])))) == 1
    cut = read(tmp_path, "cut.zst", zstd.compress(FILES["logs/sub 0/auth.log"] * 500)[:-5])
    assert "the zstd archive ends early; what is missing could not be read" in reasons(cut)


def test_names_that_lead_out_stay_inside(tmp_path: Path) -> None:
    line = FILES["logs/sub 0/auth.log"]
    names = (
        "../../up.log",
        "/abs.log",
        "a/../../b.log",
        "..",
        "c:\\win\\d.log",
        "x.log",
        "x.log/y.log",
        "n" * 300 + ".log",
        "é" * 190 + ".log",
    )
    results = read(tmp_path, "odd.zip", zipped(dict.fromkeys(names, line)))
    assert len(origins(results)) == len(names)
    assert all(origin.startswith(f"{tmp_path}/odd.zip/") for origin in origins(results))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["odd.zip"]


def test_a_damaged_archive_gives_what_could_be_read(tmp_path: Path) -> None:
    whole = tarred({f"{n}.log": LINE.format(n=n % 10).encode() + os.urandom(20_000).hex().encode() for n in range(9)})
    found = read(tmp_path, "cut.tar", whole[: len(whole) // 2])
    assert 0 < len(origins(found)) < 18
    assert "the archive is damaged" in reasons(found)[0]
    found = read(tmp_path, "cut.zip", zipped(FILES)[:-30])
    assert len(reasons(found)) == 1


def test_a_locked_archive_says_so(tmp_path: Path) -> None:
    content = bytearray(zipped(FILES))
    for at in [k for k in range(len(content)) if content[k : k + 4] in (b"PK\x03\x04", b"PK\x01\x02")]:
        content[at + (6 if content[at + 2] == 3 else 8)] |= 1
    assert reasons(read(tmp_path, "locked.zip", bytes(content))) == [
        "the archive is locked with a password: unpack it first"
    ]


def test_what_swells_or_fills_the_disk_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.log": FILES["logs/sub 0/auth.log"], "bomb": b"0" * 4_000_000}
    monkeypatch.setattr(archives, "BOMB_AFTER_BYTES", 1_000_000)
    found = read(tmp_path, "bomb.zip", zipped(files))
    assert "the archive swells" in reasons(found)[0]
    assert len(origins(found)) == 1
    monkeypatch.setattr(archives, "BOMB_AFTER_BYTES", 10**9)
    monkeypatch.setattr(archives, "SPARE_BYTES", 2**62)
    assert "no room on the disk" in reasons(read(tmp_path, "full.zip", zipped(files)))[0]
    monkeypatch.setattr(archives, "SPARE_BYTES", 0)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 1)
    assert "more than 1 files" in reasons(read(tmp_path, "many.zip", zipped(files)))[0]


def test_documents_are_no_archives(tmp_path: Path) -> None:
    found = read(tmp_path, "report.docx", zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}))
    assert len(reasons(found)) == 1
    assert "binary" in reasons(found)[0]


def test_an_archive_of_nothing_says_so(tmp_path: Path) -> None:
    assert reasons(read(tmp_path, "empty.zip", zipped({}))) == ["the archive holds no file"]
    assert reasons(read(tmp_path, "links.tar", tarred({}))) == ["the archive holds no file"]


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_whatever_is_damaged_ends_no_reading(tmp_path: Path, packing: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        archive.writestr("a/ä.log", FILES["logs/sub 0/auth.log"] * 9)
    (tmp_path / "good.log").write_text(LINE.format(n=9))
    for at in range(4, len(out.getvalue()), 3):
        content = bytearray(out.getvalue())
        content[at] ^= 0xF1
        (tmp_path / "odd.zip").write_bytes(content)
        assert f"{tmp_path}/good.log" in origins(list(read_paths([tmp_path])))

"""Event log files in Windows' own binary form."""

from pathlib import Path

import pytest
from evtx_files import evtx_file, security_event
from ingested import events, fields, letters, read

LOGON = {"TargetUserName": "clerk", "TargetDomainName": "WARD", "LogonType": "3", "IpAddress": "10.0.0.9"}


def _file(*codes: int) -> bytes:
    return evtx_file([(1714557600.0 + k, security_event(code, LOGON)) for k, code in enumerate(codes)])


def test_records_are_events(tmp_path: Path) -> None:
    failed, done = events(tmp_path, "Security.evtx", _file(4625, 4624))
    assert [(e["kind"], e["action"], e["outcome"]) for e in (failed, done)] == [
        ("auth", "logon", "failure"),
        ("auth", "logon", "success"),
    ]
    assert (failed["host"], failed["user"], failed["src_ip"], failed["event_code"]) == (
        "dc1", "clerk", "10.0.0.9", "4625",
    )  # fmt: skip
    assert failed["ts"] == pytest.approx(1714557600.5)  # what the event says, not when it was written


def test_compressed_and_under_another_name(tmp_path: Path) -> None:
    assert len(events(tmp_path, "export.gz", _file(4625))) == 1


def test_values_without_names_and_text_of_any_language(tmp_path: Path) -> None:
    event = security_event(4720, {"TargetUserName": "Prüfer ñ 医"})
    (one,) = events(tmp_path, "a.evtx", evtx_file([(1714557600.0, event)]))
    assert one["target_user"] == "Prüfer ñ 医"


@pytest.mark.parametrize("size", [8, 100, 4096, 4100, 5000])
def test_a_file_cut_off_is_told(tmp_path: Path, size: int) -> None:
    told = letters(read(tmp_path, "cut.evtx", _file(4625)[:size]))
    assert told and all("damaged" in letter.reason for letter in told)


def test_a_damaged_record_does_not_take_the_others_along(tmp_path: Path) -> None:
    data = bytearray(_file(4625, 4624, 4634))
    second = data.index(b"\x2a\x2a\0\0", data.index(b"\x2a\x2a\0\0") + 4)
    data[second + 28 : second + 48] = b"\xff" * 20
    results = read(tmp_path, "d.evtx", bytes(data))
    assert len(letters(results)) == 1
    assert [fields(r)["event_code"] for r in results if r not in letters(results)] == ["4625", "4634"]

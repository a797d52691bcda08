"""Mapping files: tables and JSON that only the user knows, and what is told about a wrong file."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ingested import events, fields, letters, read

from pipeline.errors import ConfigError
from pipeline.ingest.mapping import load_mapping
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import read_path

EXAMPLES = Path(__file__).parents[2] / "infra" / "mappings"
EHR = '''ACCESS_TIME,USER_ID,USER_NAME,ROLE,DEPT,PAT_ID,ACT,RECORD_TYPE,REASON,BTG,RESULT,WORKSTATION,IP
03/14/2025 08:15,u1,"Doe, Ann",RN,ICU,P-1,V,Chart,TREAT,N,OK,WS1,10.0.0.1
03/14/2025 08:16,u1,"Doe, ""A""",RN,ICU,P-2,P,"two
lines",,Y,DENIED,,
'''


def mapping(folder: Path, **changes: Any) -> Path:
    content = {"source": "ehr", "format": "x.y", "fields": {"ts": "t", "user": "u"}, **changes}
    path = folder / "map.yaml"
    path.write_text(yaml.safe_dump({name: value for name, value in content.items() if value is not None}))
    return path


def test_the_example_of_an_ehr(tmp_path: Path) -> None:
    first, second = events(tmp_path, "a.csv", "\ufeff" + EHR, mapping=EXAMPLES / "ehr_access.yaml")
    assert first == {
        "ts": 1741954500.0,
        "format": "vendor.ehr_access",
        "kind": "access",
        "user": "u1",
        "user_name": "Doe, Ann",
        "role": "RN",
        "department": "ICU",
        "patient": "P-1",
        "action": "read",
        "resource": "Chart",
        "purpose": "TREAT",
        "break_glass": False,
        "outcome": "success",
        "workstation": "WS1",
        "src_ip": "10.0.0.1",
        "application": "ehr",
    }
    assert (second["user_name"], second["resource"], second["action"]) == ('Doe, "A"', "two\nlines", "print")
    assert second["break_glass"] is True
    assert "purpose" not in second


def test_the_example_of_flows(tmp_path: Path) -> None:
    text = "start,duration_ms,src,sport,dst,dport,proto,kib_out,kib_in,packets_out,packets_in,extra\n"
    text += "1710403200.250,1532,10.0.0.1,51544,10.0.0.2,443,TCP,12.5,310,18,240,x\n"
    (one,) = events(tmp_path, "f.csv", text, mapping=EXAMPLES / "netflow.yaml")
    assert (one["ts"], one["duration_s"], one["bytes_out"], one["proto"]) == (1710403200.25, 1.532, 12800, "tcp")


@pytest.mark.parametrize("array", [True, False])
def test_json_by_dotted_path(tmp_path: Path, array: bool) -> None:
    rows = [
        {"when": 5, "actor": {"id": "u1"}, "items": [{"code": "P-1"}], "tags": ["a"]},
        {"when": 6, "actor": None},
    ]
    content = json.dumps(rows, indent=1) if array else "\n".join(map(json.dumps, rows))
    path = mapping(tmp_path, fields={"ts": "when", "user": "actor.id", "patient": "items.0.code"})
    first, second = events(tmp_path, "a.json", content, mapping=path)
    assert (first["user"], first["patient"]) == ("u1", "P-1")
    assert "user" not in second


def test_types(tmp_path: Path) -> None:
    path = mapping(
        tmp_path,
        source="claims",
        unset=["", "none"],
        fields={
            "ts": {"column": "t", "type": "time", "timezone": "Europe/Vienna"},
            "diagnoses": {"column": "d", "type": "list"},
            "total_amount": {"column": "a", "type": "float", "unit": "cent"},
            "birth_year": {"column": "b", "type": "int"},
        },
    )
    text = "t\td\ta\tb\n2024-07-01T02:00:00\tA1; B2;\t12,345\t1950\n2024-07-01T00:00:00Z\tnone\tnone\tnone\n"
    first, second = events(tmp_path, "a.tsv", text, mapping=path)
    assert first == {
        "ts": 1719792000.0,
        "format": "x.y",
        "kind": "claim",
        "diagnoses": ["A1", "B2"],
        "total_amount": 123.45,
        "birth_year": 1950,
    }
    assert second == {"ts": 1719792000.0, "format": "x.y", "kind": "claim"}


def test_bad_rows_are_alone_and_masked(tmp_path: Path) -> None:
    good = "5,u1\n"
    text = "t,u\n" + good + "soon,u2\n" + "1,2,3\n" + '6,"open quote\n' + good + "t,u\n" + good
    results = read(tmp_path, "a.csv", text, mapping=mapping(tmp_path))
    assert [letter.position for letter in letters(results)] == ["line 3", "line 4", "line 5"]
    assert letters(results)[0].excerpt == "xxxx,x9"
    assert len(results) == 6


def test_columns_without_a_header_and_a_missing_column(tmp_path: Path) -> None:
    path = mapping(tmp_path, columns=["t", "u"], delimiter="|")
    assert [one["user"] for one in events(tmp_path, "a.txt", "5|u1\n6|u2\n", mapping=path)] == ["u1", "u2"]
    results = read(tmp_path, "b.csv", "time,user\n5,u1\n6,u2\n", mapping=mapping(tmp_path))
    assert [letter.reason for letter in letters(results)] == [
        "the table has no column 't'; correct the mapping file or the delimiter"
    ]


def test_in_folders_a_mapping_takes_its_own_files_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.csv").write_text("t,u\n5,u1\n")
    (folder / "b.log").write_text('{"_path":"ssl","ts":1.0,"uid":"C1"}\n')
    found = [fields(result) for result in read_paths([folder], mapping=mapping(tmp_path))]
    assert [one["format"] for one in found] == ["zeek.ssl", "x.y"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"source": "nowhere"}, "source: unknown"),
        ({"source": "network"}, "kind: missing"),
        ({"source": "network", "kind": "nothing"}, "kind: unknown"),
        ({"fields": {"ts": "t", "usr": "u"}}, "fields.usr: no such field"),
        ({"fields": {"user": "u"}}, "fields.ts: missing"),
        ({"fields": {"ts": {"column": "t", "unit": "furlong"}}}, "fields.ts.unit"),
        ({"fields": {"ts": {"column": "t", "timezone": "Mars/Base"}}}, "fields.ts.timezone"),
        ({"fields": {"ts": {"column": "t", "typ": "time"}}}, "fields.ts.typ"),
        ({"fields": {"ts": 5}}, "fields.ts"),
        ({"fields": []}, "fields"),
        ({"format": None}, "format"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_mapping(mapping(tmp_path, **changes))
    assert told in str(raised.value)
    assert "map.yaml" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"- 1", b"a: [", b"\xff\xfe\x00", b"source: !!python/object:os.system x"])
def test_what_is_no_mapping(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"m\.yaml"):
        load_mapping(path)
    with pytest.raises(ConfigError):
        read_path(tmp_path / "m.yaml", mapping=tmp_path / "absent.yaml")

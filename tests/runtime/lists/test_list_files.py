"""Lists read from files: what every row must say, and what tells one content from another."""

from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from pipeline.errors import UsageError
from pipeline.features.lists import UserList, content_version
from pipeline.features.pseudonyms import Pseudonymiser
from pipeline.runtime.lists.files import indexed, read_lists, read_rows
from pipeline.runtime.lists.versions import LoadedList, all_loaded

PSEUDONYM = Pseudonymiser(b"a key of the tests").of
HEAD = "detector,entity,until,owner,reason\n"
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x1e\x1f"), max_size=6)
rows = st.lists(st.dictionaries(st.sampled_from(("value", "name", "until")), texts, max_size=3), max_size=8)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("network.port_scan,10.0.0.1,2026-12-01,,yearly test", "owner is missing"),
        ("network.port_scan,10.0.0.1,2026-12-01,it,", "reason is missing"),
        ("network.port_scan,10.0.0.1,,it,yearly test", "until is missing"),
        ("network.port_scan,10.0.0.1,next year,it,yearly test", "until is no date"),
        ("network.port_scan,10.0.0.1,2026-13-01,it,yearly test", "until is no date"),
        ("network.port_scan,,2026-12-01,it,yearly test", "entity is missing"),
        (",10.0.0.1,2026-12-01,it,yearly test", "detector is missing"),
        ("network.port_scan,10.0.0.1", "owner is missing"),
    ],
)
def test_an_entry_that_nobody_answers_for_is_refused_with_its_line(tmp_path: Path, row: str, says: str) -> None:
    path = tmp_path / "allow.csv"
    path.write_text(f"{HEAD}*,10.0.0.9,2027-01-01T12:00:00Z,it,scanner\n{row}\n")
    with pytest.raises(UsageError) as told:
        read_rows("allow", path)
    assert f"{path}, line 3: " in str(told.value) and says in str(told.value)
    path.write_text(f"{HEAD}*,10.0.0.9,2027-01-01T12:00:00Z,it,scanner\n")
    assert len(read_rows("allow", path)) == 1


def test_a_peer_group_needs_both_its_names(tmp_path: Path) -> None:
    path = tmp_path / "peers.csv"
    path.write_text("provider,group\n1000000012,cardiology\n1000000020,\n")
    with pytest.raises(UsageError, match="line 3: provider or group is missing"):
        read_rows("peer_groups", path)


def test_pairs_of_codes_are_read_from_the_workbook_that_is_published(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Copyright"])
    sheet.append(["Column 1", "Column 2", "Effective\nDate", "Deletion\nDate\n*=no data",
                  "Modifier\n0=not allowed\n1=allowed\n9=not applicable"])  # fmt: skip
    sheet.append(["80053", "82947", 20010101, "*", "1"])
    sheet.append(["11042", "97597", 20010101, 20100101, "0"])
    path = tmp_path / "ptp.xlsx"
    book.save(path)
    first, deleted = read_rows("code_pairs", path)
    assert (first["column1"], first["column2"], first["modifier_allowed"]) == ("80053", "82947", "1")
    assert deleted["modifier_allowed"] == "9"
    path.write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(UsageError, match="is no text: export it as CSV"):
        read_rows("code_pairs", path)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("vip", "Access Time,User ID,MRN,Action\n2025-03-14 08:30,u7,P1,View\n", "is a table of accesses and no list"),
        ("excluded_providers", "claim_id,dos,patient_id,npi\nC1,2025-03-14,P1,1\n", "is a table of claims and no list"),
        ("excluded_providers", "NPI,Name,City,Taxonomy,State\n1234567893,Doe,x,207R,NY\n", "not since when"),
    ],
)
def test_another_file_than_the_list_is_refused(tmp_path: Path, name: str, text: str, says: str) -> None:
    """Taken for one, every patient would be a VIP and every provider excluded."""
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=says):
        read_rows(name, path)


@given(rows=rows, order=st.randoms(use_true_random=False))
def test_a_version_stands_for_the_rows_in_whatever_order(rows: list[Mapping[str, str]], order: Random) -> None:
    mixed = [*rows]
    order.shuffle(mixed)
    assert content_version(rows) == content_version(mixed)
    assert bool(content_version(rows)) == bool(rows)
    for k in range(len(rows)):
        less, other = [*rows[:k], *rows[k + 1 :]], [*rows[:k], {**rows[k], "value": "another value"}, *rows[k + 1 :]]
        assert content_version(less) != content_version(rows) != content_version(other)


def test_lists_tell_their_versions_and_patients_do_not_enter_them(tmp_path: Path) -> None:
    vip, scanners, inventory = tmp_path / "vip.csv", tmp_path / "scanners.txt", tmp_path / "inventory.csv"
    vip.write_text("patient,mrn\nMRN1,77\nMRN2,78\n")
    scanners.write_text("10.0.0.1\n# a comment\n10.0.0.2\n")
    inventory.write_text("mac,ip,class\n,10.0.0.5,pump\naa:bb:cc:00:11:22,10.0.0.6,pump\n")
    lists = read_lists({"vip": vip, "scanners": scanners}, inventory, PSEUDONYM)
    found = {each.name: each for each in all_loaded(lists)}
    assert {name: each.rows for name, each in found.items()} == {"vip": 2, "scanners": 2, "inventory": 2}
    plain = indexed("vip", read_rows("vip", vip), None).version
    assert found["vip"].version != plain, "a hash of plain identifiers could be guessed"
    vip.write_text("patient,mrn\nMRN2,78\nMRN1,77\n")
    assert indexed("vip", read_rows("vip", vip), PSEUDONYM).version == found["vip"].version
    assert all_loaded(read_lists({}, None, None)) == []
    assert found["scanners"] == LoadedList(
        "scanners", content_version([{"value": "10.0.0.1"}, {"value": "10.0.0.2"}]), 2
    )
    assert UserList().version == ""


def test_lists_as_their_makers_publish_them(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(
        "CPT only copyright. All rights reserved.\n"
        '"Column 1"\t"Column 2"\t"*=In existence prior to 1996"\t"Effective Date"\t"Deletion Date *=no data"'
        '\t"Modifier 0=not allowed 1=allowed 9=not applicable"\n'
        "80053\t80048\t\t20100101\t*\t0\n97530\t97116\t\t20100101\t20200101\t1\n\n",
        encoding="utf-16",
    )
    pairs = read_rows("code_pairs", path)
    assert [[row[name] for name in ("column1", "column2", "modifier_allowed")] for row in pairs] == [
        ["80053", "80048", "0"], ["97530", "97116", "9"]]  # fmt: skip
    path.write_text(
        '"LASTNAME","FIRSTNAME","NPI","EXCLDATE","REINDATE"\n"EXAMPLE","NORA","1000000012","20200101","00000000"\n'
    )
    assert read_rows("excluded_providers", path)[0]["npi"] == "1000000012"
    path.write_bytes("Patientennummer;Name\r\nP-1;Müller\r\n".encode("cp1252"))
    assert read_rows("vip", path) == [{"patient": "P-1", "name": "Müller"}]
    path.write_text("NPI|Specialty\n1000000012|Cardiology\n")
    assert read_rows("peer_groups", path) == [{"provider": "1000000012", "group": "Cardiology"}]
    path.write_text("cveID,vendorProject,product\nCVE-2020-1,Acme,Pump\n")
    assert read_rows("known_exploited", path)[0]["model"] == "Pump"
    path.write_text("# a title\nname,value\nx,1\n")
    with pytest.raises(UsageError, match="has to name a column patient or mrn"):
        read_rows("vip", path)

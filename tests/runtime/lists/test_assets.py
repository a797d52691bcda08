"""What the inventory says of a device is weighed; what it does not say follows from its class."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.features.lists import Lists
from pipeline.incidents.asset import Asset
from pipeline.runtime.lists.assets import asset_of, asset_of_row
from pipeline.runtime.lists.files import read_lists


@pytest.mark.parametrize(
    ("word", "criticality", "life_support"),
    [
        ("infusion_pump", 5, True), ("Ventilator", 5, True), ("Patient monitor", 5, True), ("Dialysis", 5, True),
        ("Anaesthesia workstation", 5, True), ("Defibrillator", 5, True), ("CT", 4, False), ("PACS", 4, False),
        ("Domain controller", 4, False), ("Desktop PC", 2, False), ("printer", 1, False), ("", 2, False),
    ],
)  # fmt: skip
def test_a_class_has_its_usual_weight(word: str, criticality: int, life_support: bool) -> None:
    asset = asset_of_row({"class": word})
    assert (asset.criticality, asset.life_support) == (criticality, life_support)


def test_columns_come_before_the_class(tmp_path: Path) -> None:
    path = tmp_path / "inventory.csv"
    path.write_text(
        "mac,ip,class,criticality,life_support,name,department\n"
        "3C:A1:0E:00:00:01,10.4.1.1,infusion_pump,2,no,Training pump,School\n"
        ",10.4.1.2,workstation,5,yes,ICU-Station.hosp.example,ICU\n"
    )
    look_up = asset_of(read_lists({}, path, None))
    trained = Asset(2, False, "infusion_pump", "Training pump", "School")
    assert look_up("ip", "10.4.1.1") == look_up("mac", "3c:a1:0e:00:00:01") == trained
    station = look_up("host", "icu-station")
    assert station is not None
    assert (station.criticality, station.life_support, station.department) == (5, True, "ICU")
    assert look_up("ip", "10.4.1.3") is None
    assert look_up("user", "10.4.1.1") is None


@pytest.mark.parametrize(
    ("column", "value"), [("criticality", "purple"), ("criticality", "6"), ("life_support", "maybe")]
)
def test_a_value_that_means_nothing_is_refused_with_its_line(tmp_path: Path, column: str, value: str) -> None:
    path = tmp_path / "inventory.csv"
    path.write_text(f"ip,{column}\n10.4.1.1,\n10.4.1.2,{value}\n")
    with pytest.raises(UsageError, match=f"line 3: {column} '{value}'"):
        read_lists({}, path, None)


def test_an_inventory_that_changes_while_it_runs_counts() -> None:
    lists = Lists()
    look_up = asset_of(lists)
    assert look_up("ip", "10.4.1.7") is None
    row = {"ip": "10.4.1.7", "class": "ventilator"}
    lists.replace_devices({"10.4.1.7": row})
    found = look_up("ip", "10.4.1.7")
    assert found is not None and found.life_support
    lists.replace_devices({"10.4.1.7": row | {"class": "printer"}})
    found = look_up("ip", "10.4.1.7")
    assert found is not None and not found.life_support

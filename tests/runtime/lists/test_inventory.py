"""Inventories as asset systems and spreadsheets export them."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.features.known_devices import inventory_class
from pipeline.runtime.lists.inventory import read_inventory

MAC = "00:03:b1:00:00:01"
EXPORTS = {
    "ours": "mac,ip,class,vendor,model,name,department\n00:03:b1:00:00:01,10.1.1.5,infusion_pump,BD,Alaris,P1,ICU\n",
    "an asset system": "Asset Name;IP Address;MAC Address;Device Type;Manufacturer;Model;Department\n"
                       "P1;10.1.1.5;00-03-B1-00-00-01;Infusion Pump;BD;Alaris;ICU\n",
    "a sensor": "Device Name\tIP\tMAC\tCategory\tType\tVendor\tModel\tLocation\n"
                "P1\t10.1.1.5\t0003.b100.0001\tMedical\tInfusion Pump\tBD\tAlaris\tICU\n",
    "German": "Gerät;IP-Adresse;MAC-Adresse;Geräteart;Hersteller;Modell;Station\n"
              "P1;10.1.1.5;00:03:B1:00:00:01;Spritzenpumpe;BD;Alaris;ICU\n",
}  # fmt: skip


@pytest.mark.parametrize("export", list(EXPORTS))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_exports_read_alike(tmp_path: Path, export: str, encoding: str) -> None:
    path = tmp_path / "devices.csv"
    path.write_bytes(EXPORTS[export].replace("\n", "\r\n").encode(encoding))
    (row,) = read_inventory(path)
    assert [row[name] for name in ("mac", "ip", "vendor", "model", "name", "department")] == [
        MAC, "10.1.1.5", "BD", "Alaris", "P1", "ICU"]  # fmt: skip
    assert inventory_class(row) == "infusion_pump"


def test_a_row_with_several_addresses_is_one_device_under_each(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text(f'Hostname,IP Addresses,MAC Addresses,Class\nP1,"10.1.1.5, 10.1.1.6",{MAC},pump\nP2,,,printer\n')
    assert [(row["name"], row["ip"], row["mac"]) for row in read_inventory(path)] == [
        ("P1", "10.1.1.5", MAC), ("P1", "10.1.1.6", MAC), ("P2", "", "")]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Drucker", "printer"),
        ("Poste de travail", "workstation"),
        ("Beatmungsgerät", "ventilator"),
        ("Röntgen C-Bogen", "imaging"),
        ("Laptop", "workstation"),
        ("Bomba de infusión", "infusion_pump"),
        ("Wärmebett", "medical"),
        ("Computertomograph", "imaging"),
        ("Scanner", "imaging"),
        ("Barcode scanner", "medical"),
        ("Microscope", "medical"),
    ],
)
def test_words_of_classes(tmp_path: Path, word: str, expected: str) -> None:
    path = tmp_path / "devices.csv"
    path.write_text(f"ip,type\n10.1.1.5,{word}\n")
    assert inventory_class(read_inventory(path)[0]) == expected


def test_criticality_in_words_and_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text("ip,criticality\n10.1.1.5,High\n10.1.1.6,2\n")
    assert [row["criticality"] for row in read_inventory(path)] == ["4", "2"]
    path.write_text("device,serial\nP1,7\n")
    with pytest.raises(UsageError, match=r"name a column mac or ip .its columns are device, serial"):
        read_inventory(path)
    path.write_bytes(b"PK\x03\x04\0\0")
    with pytest.raises(UsageError, match="is no text: export it as CSV"):
        read_inventory(path)
    path.write_text("")
    with pytest.raises(UsageError, match="its columns are none"):
        read_inventory(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_inventory(tmp_path)


@pytest.mark.parametrize(
    ("mac", "ip", "expected"),
    [
        (f"{MAC} (eth0)", "10.1.1.5 / 10.1.1.6", [(MAC, "10.1.1.5"), (MAC, "10.1.1.6")]),
        ("N/A", "N/A", [("", "")]),
        ("unknown", "10.1.1.0/24", [("", "10.1.1.0")]),
    ],
)
def test_what_is_no_address_makes_no_device(tmp_path: Path, mac: str, ip: str, expected: list[tuple[str, str]]) -> None:
    path = tmp_path / "devices.csv"
    path.write_text(f"mac,ip,class,priority\n{mac},{ip},printer,1\n")
    rows = read_inventory(path)
    assert [(row["mac"], row["ip"]) for row in rows] == expected
    assert not any("criticality" in row for row in rows)  # the first priority is the highest, not the lowest


def test_titles_and_sums_are_no_devices(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text(f"sep=;\nDevices of ward 3;;;\n\nHostname;IP;MAC;Class\nP1;10.1.1.5;{MAC};pump\n;;;\nTotal;1;;\n")
    assert [(row["name"], row["ip"], row["mac"]) for row in read_inventory(path)] == [("P1", "10.1.1.5", MAC)]
    path.write_text(f"Devices\n\nHostname,IP,MAC,life_support\nP1,10.1.1.5,{MAC},no\nP2,10.1.1.6,{MAC},perhaps\n")
    with pytest.raises(UsageError, match="line 5"):
        read_inventory(path)

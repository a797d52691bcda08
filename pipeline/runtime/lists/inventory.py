"""Reads the inventory of devices, as asset systems and spreadsheets export it: names, signs and words are theirs."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.features.device_classes import class_of_word
from pipeline.ingest.table_edges import is_aside, table_start
from pipeline.ingest.tables import delimiter_of, first_of, folded, plain_name
from pipeline.runtime.lists.assets import fault_of_device
from pipeline.runtime.lists.list_text import MOST_ROWS, list_text

_NAMES = {ours: tuple(theirs.split()) for ours, theirs in {
    "mac": "mac macaddress macaddresses macaddr ethernetaddress hwaddress physicaladdress macadresse adressemac "
           "direccionmac macadres indirizzomac",
    "ip": "ip ipaddress ipaddresses ipaddr ipv4 ipv4address ipadresse adresseip direccionip ipadres ipadress "
          "indirizzoip enderecoip",
    "class": "class deviceclass devicetype assettype equipmenttype devicecategory type category modality "
             "deviceclassification sysclassname gerateart geratetyp gerateklasse typ typeappareil categorie tipo "
             "tipodispositivo apparaattype soort enhetstyp laitetyyppi",
    "vendor": "vendor manufacturer make maker brand oem hersteller fabricant fabricante fabrikant tillverkare "
              "produttore",
    "model": "model modelname modelid modelnumber modell modele modelo modello",
    "firmware": "firmware firmwareversion fwversion softwareversion swversion",
    "name": "name devicename assetname hostname computername displayname gerat geratename bezeichnung nom nombre "
            "naam namn",
    "department": "department dept ward unit location abteilung station service servicio afdeling avdelning reparto",
    "criticality": "criticality criticalitylevel risklevel",
    "life_support": "lifesupport lifesustaining lifesaving",
}.items()}  # fmt: skip
"""Our column → plain names (`tables.plain_name`) of theirs, the surest first."""
_CRITICALITY = {"critical": "5", "veryhigh": "5", "high": "4", "medium": "3", "moderate": "3", "low": "2",
                "verylow": "1", "negligible": "1", "none": "1"}  # fmt: skip
_TONGUES = (
    ("printer", r"drucker|imprimante|impresora|stampante|skrivare|tulostin"),
    ("camera", r"kamera|camara|telecamera"),
    ("phone", r"telefon|telephone|puhelin"),
    ("infusion_pump", r"spritze|pompe|bomba|pompa|infusor|perfus"),
    ("ventilator", r"beatmung|respirat|ventilador|narkose|anestes"),
    (
        "imaging",
        r"rontgen|ultraschall|sonogra|echogra|ecogra|tomogra|kernspin|\bmrt\b|\birm\b|\btac\b|\btdm\b|^scanner\b|bildgebung"
        r"|imagerie|mammogra",
    ),
    ("lab_analyzer", r"labor|analys|analis"),
    ("patient_monitor", r"uberwachung|moniteur|\bscope\b|bewaking"),
    ("server", r"serveur|servidor"),
    ("workstation", r"rechner|arbeitsplatz|ordinateur|ordenador|poste de travail|werkplek|\bdator\b|computer|notebook"),
)
"""Words of other languages for a class, without accents."""
_BETWEEN = re.compile(r"[\s,;|/]+")
_HEX = re.compile(r"[^0-9a-fA-F]")
_UNKNOWN = "medical"


def read_inventory(path: Path) -> list[dict[str, str]]:
    """Rows with our columns (mac, ip, class, vendor, model, firmware, name, department, criticality, life_support)
    and all others under their own names in small letters; a row with several addresses gives one for each.

    Commas, semicolons, tabs and bars, UTF-8, UTF-16 and Windows' letters are told by the file; titles above and sums
    below the rows are passed over. Raises UsageError when it cannot be used.
    """
    text = list_text(path, "inventory")
    head = text[:65_536].encode()
    below = table_start(head)
    above = head[:below].count(b"\n")
    text = "\n" * above + text.split("\n", above)[above]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(head[below:]))
    try:
        header = next((cells for cells in reader if cells), [])
        names = [name.strip().lower() for name in header]
        plain = {plain_name(header[at]): at for at in reversed(range(len(header)))}
        places = first_of(plain, _NAMES)
        if not {"mac", "ip"} & places.keys():
            raise UsageError(
                f"inventory {path}: the first line has to name a column mac or ip"
                f" (its columns are {', '.join(names)[:300] or 'none'})"
            )
        # All columns that may tell the class: one says `Medical`, the next what it is.
        classes = [plain[name] for name in _NAMES["class"] if name in plain]
        rows: list[dict[str, str]] = []
        for cells in reader:
            if is_aside(cells, len(header)):
                continue
            row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
            row |= {ours: row[names[at]] for ours, at in places.items() if at < len(cells)}
            row |= _words(row, [row[names[at]] for at in classes if at < len(cells)])
            wrong = fault_of_device(row)
            if wrong:
                raise UsageError(f"inventory {path}, line {reader.line_num}: {wrong}")
            rows.extend(_each(row))
            if len(rows) > MOST_ROWS:
                raise UsageError(f"inventory {path} has more than {MOST_ROWS:,} rows")
    except csv.Error as error:
        raise UsageError(f"inventory {path} cannot be read ({error})") from error
    return rows


def _words(row: Mapping[str, str], told: list[str]) -> dict[str, str]:
    """The class that is told best, and a criticality in words as its number."""
    known = next((word for word in told if word and class_of_word(word) != _UNKNOWN), "")
    foreign = next((name for word in told for name, pattern in _TONGUES if re.search(pattern, folded(word))), "")
    word = known or foreign or next(filter(None, told), "")
    number = _CRITICALITY.get(plain_name(row.get("criticality", "")), "")
    return ({"class": word} if word else {}) | ({"criticality": number} if number else {})


def _each(row: dict[str, str]) -> Iterator[dict[str, str]]:
    """One row for each of the addresses in the two cells; what is none (`N/A`, `(eth0)`) is passed over."""
    macs = [mac for text in _BETWEEN.split(row.get("mac", "")) if (mac := _mac(text))]
    ips = [ip for ip in _BETWEEN.split(row.get("ip", "")) if _is_ip(ip)]
    for number in range(max(len(macs), len(ips), 1)):
        mac = macs[min(number, len(macs) - 1)] if macs else ""
        ip = ips[min(number, len(ips) - 1)] if ips else ""
        yield {**row, "mac": mac, "ip": ip}


def _mac(text: str) -> str:
    """`00-03-B1-00-00-01` and `0003.b100.0001` as sensors write it; nothing for what is none."""
    digits = _HEX.sub("", text).lower()
    if len(digits) != 12 or len(text) > 17:
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
